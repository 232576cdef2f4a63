//! The identity of one object. Without a version: the same object may be served under several.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::field::text;
use super::word::Word;

const CRD_GROUP: &str = "apiextensions.k8s.io";
const CRD_KIND: &str = "CustomResourceDefinition";

/// Group and kind. The core group is the empty string.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct GroupKind {
    /// API group, `""` for core.
    pub group: Word,
    /// Kind, as in `kind:`.
    pub kind: Word,
}

impl GroupKind {
    /// A kind of a group; `""` is the core group.
    #[must_use]
    pub fn new(group: &str, kind: &str) -> Self {
        Self { group: group.into(), kind: kind.into() }
    }

    /// The kind of CRDs themselves.
    #[must_use]
    pub fn of_crds() -> Self {
        Self::new(CRD_GROUP, CRD_KIND)
    }

    /// The kind that a `CustomResourceDefinition` defines.
    #[must_use]
    pub fn defined_by(crd: &Value) -> Self {
        let part = |pointer: &str| text(crd, pointer).unwrap_or_default();
        Self::new(part("/spec/group"), part("/spec/names/kind"))
    }
}

/// `Deployment.apps`; core kinds without a dot, as `kubectl` prints them.
impl fmt::Display for GroupKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.group.is_empty() { f.write_str(&self.kind) } else { write!(f, "{}.{}", self.kind, self.group) }
    }
}

/// Group, kind, namespace and name of one object. Ordered by group, kind, namespace, name: the total
/// order in which everything is printed and written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct ObjectRef {
    /// API group, `""` for core.
    pub group: Word,
    /// Kind, as in `kind:`.
    pub kind: Word,
    /// Namespace; none for cluster-scoped kinds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Word>,
    /// `metadata.name`.
    pub name: Word,
}

impl ObjectRef {
    /// A cluster-scoped object.
    #[must_use]
    pub fn cluster_scoped(group: &str, kind: &str, name: &str) -> Self {
        Self { group: group.into(), kind: kind.into(), namespace: None, name: name.into() }
    }

    /// An object in a namespace.
    #[must_use]
    pub fn namespaced(group: &str, kind: &str, namespace: &str, name: &str) -> Self {
        Self { namespace: Some(namespace.into()), ..Self::cluster_scoped(group, kind, name) }
    }

    /// The namespace called `name`.
    #[must_use]
    pub fn of_namespace(name: &str) -> Self {
        Self::cluster_scoped("", "Namespace", name)
    }

    /// The CRD called `name`, which is `plural.group`.
    #[must_use]
    pub fn of_crd(name: &str) -> Self {
        Self::cluster_scoped(CRD_GROUP, CRD_KIND, name)
    }

    /// Whether this is a CRD.
    #[must_use]
    pub fn is_crd(&self) -> bool {
        self.is(CRD_GROUP, CRD_KIND)
    }

    /// Group and kind alone.
    #[must_use]
    pub fn group_kind(&self) -> GroupKind {
        GroupKind { group: self.group.clone(), kind: self.kind.clone() }
    }

    /// Whether the kind is served from a CRD (or an aggregated API) and not by Kubernetes itself.
    #[must_use]
    pub fn is_custom(&self) -> bool {
        is_custom_group(&self.group)
    }

    /// Whether this is of `kind` in `group`.
    #[must_use]
    pub fn is(&self, group: &str, kind: &str) -> bool {
        self.group == group && self.kind == kind
    }
}

/// `Deployment/gateway in prod`; without the namespace for cluster-scoped objects.
impl fmt::Display for ObjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.name)?;
        match &self.namespace {
            Some(namespace) => write!(f, " in {namespace}"),
            None => Ok(()),
        }
    }
}

/// The group of an `apiVersion`: `apps` of `apps/v1`, `""` of `v1`.
#[must_use]
pub fn group_of(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}

/// Groups with a dot in their name that belong to Kubernetes itself (Kubernetes API reference). Other
/// `*.k8s.io` groups are CRDs: `gateway.networking.k8s.io`, `snapshot.storage.k8s.io`.
const BUILT_IN: [&str; 18] = [
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "certificates.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
    "flowcontrol.apiserver.k8s.io",
    "internal.apiserver.k8s.io",
    "networking.k8s.io",
    "node.k8s.io",
    "rbac.authorization.k8s.io",
    "resource.k8s.io",
    "scheduling.k8s.io",
    "storage.k8s.io",
    "storagemigration.k8s.io",
];

/// Whether objects of this group are custom resources.
#[must_use]
pub fn is_custom_group(group: &str) -> bool {
    group.contains('.') && !BUILT_IN.contains(&group)
}
