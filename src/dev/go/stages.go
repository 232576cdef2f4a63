package main

import (
	"context"
	_ "embed"
	"strings"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	nodefast "sigs.k8s.io/kwok/kustomize/stage/node/fast"
	heartbeat "sigs.k8s.io/kwok/kustomize/stage/node/heartbeat-with-lease"
	podfast "sigs.k8s.io/kwok/kustomize/stage/pod/fast"
)

// Stages of our own: pods that fail or take their time, told by their image, and volumes.
var (
	//go:embed stages/image-missing.yaml
	imageMissing string
	//go:embed stages/crash-loop.yaml
	crashLoop string
	//go:embed stages/slow-start.yaml
	slowStart string
	//go:embed stages/volumes.yaml
	volumes string
)

// writeStages says how simulated nodes and pods live: nodes are ready at once and keep a lease, pods are
// ready as soon as they have a node, those of Jobs complete.
func writeStages(home layout) error {
	stages := []string{
		nodefast.DefaultNodeInit,
		heartbeat.DefaultNodeHeartbeatWithLease,
		podfast.DefaultPodReady,
		podfast.DefaultPodComplete,
		podfast.DefaultPodDelete,
		imageMissing,
		crashLoop,
		slowStart,
		volumes,
	}
	return writeWhole(home.path("stages.yaml"), []byte(strings.Join(stages, "\n---\n")))
}

// offerStorage makes the class of volumes that the stages provide the default one.
func offerStorage(ctx context.Context, client kubernetes.Interface) error {
	policy := corev1.PersistentVolumeReclaimDelete
	_, err := client.StorageV1().StorageClasses().Create(ctx, &storagev1.StorageClass{
		ObjectMeta: metav1.ObjectMeta{
			Name:        "standard",
			Annotations: map[string]string{"storageclass.kubernetes.io/is-default-class": "true"},
		},
		Provisioner:   "dev.langop.io/volume",
		ReclaimPolicy: &policy,
	}, metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		return nil
	}
	return err
}
