package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

const (
	nodePrefix = "langop-dev-"
	// Each node has a /16 of 10.128.0.0/9 for its pods.
	mostNodes = 128
)

// waitForServer waits for `/readyz`, which includes the built-in roles.
func waitForServer(ctx context.Context, client kubernetes.Interface) error {
	return poll(ctx, func() (bool, error) {
		var code int
		client.Discovery().RESTClient().Get().AbsPath("/readyz").Do(ctx).StatusCode(&code)
		return code == http.StatusOK, nil
	})
}

// settleNodes makes the number of simulated nodes equal to `count`, or to what it is when `count` is 0,
// and waits until pods may run on them.
func settleNodes(ctx context.Context, client kubernetes.Interface, count int) error {
	list, err := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	there := map[string]bool{}
	for _, n := range list.Items {
		there[n.Name] = strings.HasPrefix(n.Name, nodePrefix)
	}
	if count == 0 {
		count = max(1, len(there))
	}
	for i := range count {
		if !there[nodeName(i)] {
			if _, err := client.CoreV1().Nodes().Create(ctx, node(i), metav1.CreateOptions{}); err != nil {
				return fmt.Errorf("node %d: %w", i, err)
			}
		}
		delete(there, nodeName(i))
	}
	for name, ours := range there {
		if ours {
			if err := client.CoreV1().Nodes().Delete(ctx, name, metav1.DeleteOptions{}); err != nil {
				return fmt.Errorf("node `%s`: %w", name, err)
			}
		}
	}
	return poll(ctx, func() (bool, error) { return areUsable(ctx, client, count) })
}

func areUsable(ctx context.Context, client kubernetes.Interface, count int) (bool, error) {
	list, err := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{ResourceVersion: "0"})
	if err != nil {
		return false, err
	}
	usable := 0
	for i := range list.Items {
		if isUsable(&list.Items[i]) {
			usable++
		}
	}
	return usable >= count, nil
}

// isUsable says whether the scheduler would place a pod here.
func isUsable(n *corev1.Node) bool {
	for _, condition := range n.Status.Conditions {
		if condition.Type == corev1.NodeReady {
			return condition.Status == corev1.ConditionTrue && len(n.Spec.Taints) == 0
		}
	}
	return false
}

func nodeName(i int) string { return nodePrefix + strconv.Itoa(i) }

// node is large enough for any example, and one of three zones, so that spreading can be seen.
func node(i int) *corev1.Node {
	name := nodeName(i)
	cidr := fmt.Sprintf("10.%d.0.0/16", 128+i%mostNodes)
	room := corev1.ResourceList{
		corev1.ResourceCPU:              resource.MustParse("64"),
		corev1.ResourceMemory:           resource.MustParse("512Gi"),
		corev1.ResourceEphemeralStorage: resource.MustParse("2Ti"),
		corev1.ResourcePods:             resource.MustParse("1000"),
	}
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{
			Name:        name,
			Annotations: map[string]string{"kwok.x-k8s.io/node": "fake"},
			Labels: map[string]string{
				corev1.LabelHostname:             name,
				corev1.LabelArchStable:           "amd64",
				corev1.LabelOSStable:             "linux",
				corev1.LabelTopologyRegion:       "dev",
				corev1.LabelTopologyZone:         "dev-" + string(rune('a'+i%3)),
				"node-role.kubernetes.io/worker": "",
			},
		},
		// Pods of different nodes must not share an address.
		Spec:   corev1.NodeSpec{PodCIDR: cidr, PodCIDRs: []string{cidr}},
		Status: corev1.NodeStatus{Capacity: room, Allocatable: room},
	}
}

// nodes is the subcommand that changes the number of nodes of a running control plane.
func nodes(args []string) int {
	var dir string
	var count int
	flags := flag.NewFlagSet("nodes", flag.ContinueOnError)
	flags.StringVar(&dir, "dir", "", "directory of the control plane")
	flags.IntVar(&count, "count", 1, "number of simulated nodes")
	if err := flags.Parse(args); err != nil || dir == "" {
		fmt.Fprintln(os.Stderr, "langop-dev nodes: --dir and --count are needed")
		return 2
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	client, err := layout(dir).client()
	if err == nil {
		err = settleNodes(ctx, client, count)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "langop-dev nodes:", err)
		return 1
	}
	return 0
}

func poll(ctx context.Context, done func() (bool, error)) error {
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		if ok, err := done(); ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-ticker.C:
		}
	}
}
