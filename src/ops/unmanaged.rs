//! Unmanaged objects: what is in a namespace that is deleted, and that this stack did not make.

use std::collections::{BTreeMap, BTreeSet};

use futures::stream::{self, StreamExt as _};

use super::observe::AT_ONCE;
use crate::cluster::{ClusterError, Reader};
use crate::object::Meta;

/// Counts by kind of what is in a namespace and is neither this stack's nor made from something that is.
pub(super) async fn count_by_kind(
    reader: &Reader,
    stack: &str,
    namespace: &str,
) -> Result<BTreeMap<String, usize>, ClusterError> {
    let resources = reader.resources();
    let kinds: Vec<_> = resources
        .listable()
        .filter(|resource| resource.namespaced && counts(&resource.api.group, &resource.api.kind))
        .collect();
    let lists = kinds.into_iter().map(async |resource| reader.list_metadata(resource, Some(namespace), None).await);
    let answers: Vec<_> = stream::iter(lists).buffer_unordered(AT_ONCE).collect().await;
    let mut all = Vec::new();
    for answer in answers {
        match answer {
            Ok(metas) => all.extend(metas),
            // What may not be seen cannot be counted; an aggregated API that is down holds nothing here.
            Err(
                ClusterError::Forbidden(_)
                | ClusterError::NotFound(_)
                | ClusterError::Rejected { .. }
                | ClusterError::Unavailable { .. },
            ) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(count(stack, &all))
}

/// Records of what happens, and views of other objects, are nobody's loss.
fn counts(group: &str, kind: &str) -> bool {
    !matches!(kind, "Event" | "EndpointSlice" | "Endpoints" | "PodMetrics" | "Lease") && group != "metrics.k8s.io"
}

fn count(stack: &str, all: &[Meta]) -> BTreeMap<String, usize> {
    let mut ours: BTreeSet<&str> = BTreeSet::new();
    ours.extend(all.iter().filter(|meta| meta.stack() == Some(stack)).map(|meta| meta.uid.as_str()));
    // Deployment → ReplicaSet → Pod: what is made from ours is ours.
    loop {
        let made_from_ours =
            all.iter().filter(|meta| meta.owners.iter().any(|owner| ours.contains(owner.uid.as_str())));
        let derived: BTreeSet<_> = made_from_ours.map(|meta| meta.uid.as_str()).collect();
        let before = ours.len();
        ours.extend(derived);
        if ours.len() == before {
            break;
        }
    }
    let mut counts = BTreeMap::new();
    for meta in all.iter().filter(|meta| !ours.contains(meta.uid.as_str()) && !comes_with_every_namespace(meta)) {
        *counts.entry(meta.reference.group_kind().to_string()).or_insert(0) += 1;
    }
    counts
}

fn comes_with_every_namespace(meta: &Meta) -> bool {
    let object = &meta.reference;
    object.is("", "ServiceAccount") && object.name == "default"
        || object.is("", "ConfigMap") && object.name == "kube-root-ca.crt"
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn meta(kind: &str, name: &str, uid: &str, owner: Option<&str>, stack: Option<&str>) -> Meta {
        let labels = stack.map(|stack| json!({"app.kubernetes.io/managed-by": "langop", "langop.io/stack": stack}));
        let owners = owner.map(|uid| json!([{"uid": uid, "kind": "X", "name": "x"}]));
        let object = json!({"metadata": {"name": name, "namespace": "n", "uid": uid, "labels": labels, "ownerReferences": owners}});
        Meta::from_object("", kind, &object).unwrap()
    }

    #[test]
    fn what_is_made_from_ours_is_ours_and_the_rest_is_counted() {
        let all = [
            meta("Deployment", "gateway", "1", None, Some("s")),
            meta("ReplicaSet", "gateway-a", "2", Some("1"), None),
            meta("Pod", "gateway-a-b", "3", Some("2"), None),
            meta("ConfigMap", "kube-root-ca.crt", "4", None, None),
            meta("ConfigMap", "theirs", "5", None, None),
            meta("Pod", "other", "6", None, Some("another")),
        ];
        assert_eq!(count("s", &all), BTreeMap::from([("ConfigMap".to_owned(), 1), ("Pod".to_owned(), 1)]));
    }
}
