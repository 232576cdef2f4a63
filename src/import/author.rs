//! Who wrote an object on purpose: everybody but Kubernetes' own controllers, and nobody through a subresource. What no
//! author owns the server picked (an address, a port), and is picked again when the object is made again. The sets are
//! those of `metadata.managedFields` (`FieldsV1`, structured-merge-diff).

use serde_json::{Value, json};

use crate::object::takeover::unite;
use crate::object::{ManagedFields, Meta};

/// Managers of the processes that a cluster consists of, also of distributions that run them all in one.
const CONTROLLERS: [&str; 10] = [
    "cloud-controller-manager",
    "cluster-autoscaler",
    "k0s",
    "k3s",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-proxy",
    "kube-scheduler",
    "kubelet",
    "kubelite",
];

/// What the authors of an object own.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Authorship {
    /// Nobody keeps account: all of it may be somebody's.
    Unknown,
    /// Controllers alone wrote it.
    Generated,
    /// The fields of all authors together.
    Fields(Value),
}

impl Authorship {
    pub(super) fn of_object(meta: &Meta) -> Self {
        let mut entries = meta.managed_fields.iter().filter(|entry| entry.subresource.is_empty()).peekable();
        if entries.peek().is_none() {
            return Self::Unknown;
        }
        let mut fields = json!({});
        entries.filter(|entry| is_author(entry)).for_each(|entry| unite(&mut fields, &entry.fields));
        if fields == json!({}) { Self::Generated } else { Self::Fields(fields) }
    }
}

fn is_author(entry: &ManagedFields) -> bool {
    !CONTROLLERS.contains(&entry.manager.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn authorship(managers: &Value) -> Authorship {
        let object = json!({"metadata": {"name": "x", "managedFields": managers}});
        Authorship::of_object(&Meta::from_object("", "ConfigMap", &object).unwrap())
    }

    #[test]
    fn what_controllers_and_subresources_own_is_nobodys() {
        let controller = json!({"manager": "kube-controller-manager", "fieldsV1": {"f:data": {"f:ca.crt": {}}}});
        let scaled = json!({"manager": "kubectl", "subresource": "scale", "fieldsV1": {"f:spec": {}}});
        let author = json!({"manager": "kubectl-patch", "fieldsV1": {"f:data": {"f:mine": {}}}});
        assert_eq!(authorship(&json!([controller, scaled])), Authorship::Generated);
        let both = authorship(&json!([controller, scaled, author]));
        assert_eq!(both, Authorship::Fields(json!({"f:data": {"f:mine": {}}})));
        assert_eq!(authorship(&json!([])), Authorship::Unknown);
    }
}
