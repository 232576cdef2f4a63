package main

import (
	"context"
	"encoding/json"
	"net/http"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/kwok/kustomize/crd"
)

const (
	definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
	forwards    = "/apis/kwok.x-k8s.io/v1alpha1/clusterportforwards"
)

// offerForwards makes the kind that says where a port of simulated pods leads, and waits until it is served:
// kwok watches it from its start.
func offerForwards(ctx context.Context, client kubernetes.Interface) error {
	rest := client.Discovery().RESTClient()
	made := rest.Post().AbsPath(definitions).SetHeader("Content-Type", "application/yaml").Body(crd.ClusterPortForward).Do(ctx)
	if err := made.Error(); err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}
	return poll(ctx, func() (bool, error) {
		var code int
		rest.Get().AbsPath(forwards).Do(ctx).StatusCode(&code)
		return code == http.StatusOK, nil
	})
}

// tellKubelet writes where its kubelet listens into each node that was initialized with another port, or with
// none.
func tellKubelet(ctx context.Context, client kubernetes.Interface, port int) error {
	list, err := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	for _, node := range list.Items {
		if int(node.Status.DaemonEndpoints.KubeletEndpoint.Port) == port {
			continue
		}
		patch, err := json.Marshal(map[string]any{"status": map[string]any{
			"addresses": []corev1.NodeAddress{
				{Type: corev1.NodeInternalIP, Address: "127.0.0.1"},
				{Type: corev1.NodeHostName, Address: node.Name},
			},
			"daemonEndpoints": map[string]any{"kubeletEndpoint": map[string]any{"Port": port}},
		}})
		if err != nil {
			return err
		}
		_, err = client.CoreV1().Nodes().Patch(ctx, node.Name, types.MergePatchType, patch, metav1.PatchOptions{}, "status")
		if err != nil {
			return err
		}
	}
	return nil
}
