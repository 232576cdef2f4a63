//! What keeps an object from going once its deletion was accepted: finalizers and who put them there, what is left in a
//! namespace or of a kind, APIs that do not answer. Asks only when a wait has ended in vain; what it may not see it leaves out.

use std::time::Duration;

use futures::stream::{self, StreamExt as _};
use serde_json::Value;

use crate::cluster::Reader;
use crate::object::field::{items, text};
use crate::object::{GroupKind, Meta, ObjectRef};

/// The finalizer of an object whose dependents go first (Kubernetes, *Garbage Collection*).
pub(super) const FOREGROUND: &str = "foregroundDeletion";
/// How long the search may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// LISTs at once.
const AT_ONCE: usize = 8;
/// How many objects are named.
const NAMED: usize = 5;

/// What keeps the object from going, as far as it can be seen; `last` is what it said of itself. Nothing is asked but for
/// a namespace, one LIST of metadata a kind and one of APIs, and for a CRD, one of its objects.
pub(super) async fn cause(reader: &Reader, object: &ObjectRef, last: &str) -> String {
    let found = tokio::time::timeout(PATIENCE, found(reader, object)).await.unwrap_or_default();
    if found.is_empty() { last.to_owned() } else { found.join("; ") }
}

async fn found(reader: &Reader, object: &ObjectRef) -> Vec<String> {
    if object.is("", "Namespace") {
        let mut all = silent_apis(reader).await;
        all.extend(named(content(reader, &object.name).await));
        return all;
    }
    let Some(live) = reader.find(object).await.ok().flatten() else { return Vec::new() };
    let instances = if object.is_crd() { named(instances(reader, &live).await) } else { Vec::new() };
    if !instances.is_empty() {
        return instances;
    }
    Meta::from_object(&object.group, &object.kind, &live).iter().filter_map(finalizers).collect()
}

/// The first of what is left, with what each waits for.
fn named(mut left: Vec<Meta>) -> Vec<String> {
    left.sort_by(|one, other| one.reference.cmp(&other.reference));
    let words = left.iter().take(NAMED).map(|meta| match finalizers(meta) {
        Some(words) => format!("{} {words}", meta.reference),
        None => format!("{} is terminating", meta.reference),
    });
    let mut all: Vec<_> = words.collect();
    if left.len() > NAMED {
        all.push(format!("and {} more", left.len() - NAMED));
    }
    all
}

/// The objects of a CRD's kind that are being deleted: it goes when they are gone (`customresourcecleanup` finalizer).
async fn instances(reader: &Reader, crd: &Value) -> Vec<Meta> {
    let Ok(resource) = reader.resource(&GroupKind::defined_by(crd), None) else { return Vec::new() };
    let listed = reader.list_metadata(&resource, None, None).await.unwrap_or_default();
    listed.into_iter().filter(|meta| meta.terminating).collect()
}

/// What is being deleted in a namespace and still there.
async fn content(reader: &Reader, namespace: &str) -> Vec<Meta> {
    let resources = reader.resources();
    let kinds: Vec<_> = resources.listable().filter(|kind| kind.namespaced).cloned().collect();
    let lists = kinds.into_iter().map(async |kind| reader.list_metadata(&kind, Some(namespace), None).await);
    let answers: Vec<_> = stream::iter(lists).buffer_unordered(AT_ONCE).collect().await;
    answers.into_iter().flatten().flatten().filter(|meta| meta.terminating).collect()
}

/// APIs whose server does not answer: nobody knows what they have in a namespace, so that none ends before they do.
async fn silent_apis(reader: &Reader) -> Vec<String> {
    let Ok(resource) = reader.resource(&GroupKind::new("apiregistration.k8s.io", "APIService"), None) else {
        return Vec::new();
    };
    let services = reader.list(&resource, None, None).await.unwrap_or_default();
    services.iter().filter_map(silence).collect()
}

fn silence(service: &Value) -> Option<String> {
    let available = items(service, "/status/conditions").iter().find(|one| text(one, "/type") == Some("Available"))?;
    if text(available, "/status") == Some("True") {
        return None;
    }
    let why = text(available, "/message").unwrap_or("it does not say why");
    Some(format!("APIService/{} does not answer: {why}", text(service, "/metadata/name")?))
}

/// The finalizers that an object waits for; none when there is none but that of the garbage collector.
fn finalizers(meta: &Meta) -> Option<String> {
    let names: Vec<_> = meta.finalizers.iter().filter(|name| *name != FOREGROUND).collect();
    let each: Vec<_> = names.iter().map(|name| finalizer(meta, name)).collect();
    let noun = if each.len() == 1 { "finalizer" } else { "finalizers" };
    (!each.is_empty()).then(|| format!("waits for the {noun} {}", each.join(", ")))
}

fn finalizer(meta: &Meta, name: &str) -> String {
    match name {
        "kubernetes.io/pvc-protection" => format!("`{name}`, until no pod uses the claim"),
        "kubernetes.io/pv-protection" => format!("`{name}`, until no claim is bound to the volume"),
        name => {
            let entry = meta.managed_fields.iter().find(|entry| sets(&entry.fields, name));
            let by = entry.map(|entry| format!(" (set by `{}`)", entry.manager)).unwrap_or_default();
            format!("`{name}`{by}, which its controller has to take off")
        }
    }
}

/// Whether a set of fields has a finalizer: `f:metadata`, `f:finalizers`, `v:"name"`.
fn sets(fields: &Value, name: &str) -> bool {
    let set = fields.pointer("/f:metadata/f:finalizers");
    set.is_some_and(|set| set.get(format!("v:\"{name}\"")).is_some())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn meta(finalizers: &Value) -> Meta {
        let object = json!({"metadata": {"name": "x", "uid": "1", "finalizers": finalizers, "managedFields": [
            {"manager": "guard", "operation": "Update", "fieldsV1": {"f:metadata": {"f:finalizers": {"v:\"a.io/hold\"": {}}}}}]}});
        Meta::from_object("", "ConfigMap", &object).unwrap()
    }

    #[test]
    fn a_finalizer_is_named_with_who_set_it() {
        let words = |names: &Value| finalizers(&meta(names));
        assert_eq!(words(&json!([])), None);
        assert_eq!(words(&json!(["foregroundDeletion"])), None);
        let one = "waits for the finalizer `a.io/hold` (set by `guard`), which its controller has to take off";
        assert_eq!(words(&json!(["foregroundDeletion", "a.io/hold"])).unwrap(), one);
        let two = "waits for the finalizers `b`, which its controller has to take off, `kubernetes.io/pvc-protection`, \
                   until no pod uses the claim";
        assert_eq!(words(&json!(["b", "kubernetes.io/pvc-protection"])).unwrap(), two);
    }

    #[test]
    fn an_api_that_does_not_answer_is_named_with_its_reason() {
        let service = |status: &str| {
            json!({"metadata": {"name": "v1.a.io"}, "status": {"conditions": [
                {"type": "Available", "status": status, "message": "no endpoints"}]}})
        };
        assert_eq!(silence(&service("False")).unwrap(), "APIService/v1.a.io does not answer: no endpoints");
        assert_eq!(silence(&service("True")), None);
        assert_eq!(silence(&json!({"metadata": {"name": "v1.a.io"}})), None);
    }
}
