//! Whether objects of a kind live in a namespace, as far as that is known without a server: of the kinds of
//! Kubernetes itself (Kubernetes API reference), of Cilium's policies, and of what a CRD defines. Knows no server.

use serde_json::Value;

use super::field::text;
use super::object_ref::GroupKind;

/// Where the objects of a kind live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Each in a namespace.
    Namespaced,
    /// In none.
    Cluster,
}

/// Kinds whose objects are in no namespace, by group.
const CLUSTER: [(&str, &[&str]); 15] = [
    ("", &["ComponentStatus", "Namespace", "Node", "PersistentVolume"]),
    (
        "admissionregistration.k8s.io",
        &[
            "MutatingAdmissionPolicy",
            "MutatingAdmissionPolicyBinding",
            "MutatingWebhookConfiguration",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionPolicyBinding",
            "ValidatingWebhookConfiguration",
        ],
    ),
    ("apiextensions.k8s.io", &["CustomResourceDefinition"]),
    ("apiregistration.k8s.io", &["APIService"]),
    ("certificates.k8s.io", &["CertificateSigningRequest", "ClusterTrustBundle"]),
    ("cilium.io", &["CiliumClusterwideNetworkPolicy"]),
    ("flowcontrol.apiserver.k8s.io", &["FlowSchema", "PriorityLevelConfiguration"]),
    ("internal.apiserver.k8s.io", &["StorageVersion"]),
    ("networking.k8s.io", &["IPAddress", "IngressClass", "ServiceCIDR"]),
    ("node.k8s.io", &["RuntimeClass"]),
    ("rbac.authorization.k8s.io", &["ClusterRole", "ClusterRoleBinding"]),
    ("resource.k8s.io", &["DeviceClass", "DeviceTaintRule", "ResourceSlice"]),
    ("scheduling.k8s.io", &["PriorityClass"]),
    ("storage.k8s.io", &["CSIDriver", "CSINode", "StorageClass", "VolumeAttachment", "VolumeAttributesClass"]),
    ("storagemigration.k8s.io", &["StorageVersionMigration"]),
];

/// Kinds whose objects are each in a namespace, by group.
const NAMESPACED: [(&str, &[&str]); 14] = [
    (
        "",
        &[
            "ConfigMap",
            "Endpoints",
            "Event",
            "LimitRange",
            "PersistentVolumeClaim",
            "Pod",
            "PodTemplate",
            "ReplicationController",
            "ResourceQuota",
            "Secret",
            "Service",
            "ServiceAccount",
        ],
    ),
    ("apps", &["ControllerRevision", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"]),
    ("autoscaling", &["HorizontalPodAutoscaler"]),
    ("batch", &["CronJob", "Job"]),
    ("certificates.k8s.io", &["PodCertificateRequest"]),
    ("cilium.io", &["CiliumNetworkPolicy"]),
    ("coordination.k8s.io", &["Lease", "LeaseCandidate"]),
    ("discovery.k8s.io", &["EndpointSlice"]),
    ("events.k8s.io", &["Event"]),
    ("networking.k8s.io", &["Ingress", "NetworkPolicy"]),
    ("policy", &["PodDisruptionBudget"]),
    ("rbac.authorization.k8s.io", &["Role", "RoleBinding"]),
    ("resource.k8s.io", &["ResourceClaim", "ResourceClaimTemplate"]),
    ("storage.k8s.io", &["CSIStorageCapacity"]),
];

impl Scope {
    /// The scope of a kind that every server of some version has; none of all others.
    #[must_use]
    pub fn built_in(kind: &GroupKind) -> Option<Self> {
        let has = |table: &[(&str, &[&str])]| {
            table.iter().any(|(group, kinds)| *group == kind.group && kinds.contains(&kind.kind.as_str()))
        };
        match (has(&CLUSTER), has(&NAMESPACED)) {
            (true, _) => Some(Self::Cluster),
            (_, true) => Some(Self::Namespaced),
            _ => None,
        }
    }

    /// The scope of the kind that a `CustomResourceDefinition` defines; none when it does not say.
    #[must_use]
    pub fn defined_by(crd: &Value) -> Option<Self> {
        match text(crd, "/spec/scope")? {
            "Namespaced" => Some(Self::Namespaced),
            "Cluster" => Some(Self::Cluster),
            _ => None,
        }
    }
}
