//! Reads what stands around an object that does not become ready: its pods, their revisions, events. Judges nothing.

use serde_json::Value;

use crate::cluster::{ClusterError, Reader};
use crate::object::field::{items, names, text, text_map};
use crate::object::{GroupKind, ObjectRef};
use crate::readiness::Evidence;

/// What was found. What this identity may not see is empty: seeing the cause is a favour, not a right.
pub(super) struct Surroundings {
    revisions: Vec<Value>,
    pods: Vec<Value>,
    events: Vec<Value>,
}

/// What an object that is not ready waits for behind its own words. Up to three LISTs.
pub(crate) async fn cause(reader: &Reader, object: &ObjectRef, live: &Value) -> Result<Option<String>, ClusterError> {
    Ok(Surroundings::read(reader, object, live).await?.evidence(live).cause())
}

impl Surroundings {
    /// Up to three LISTs in the object's namespace; none for an object without one.
    pub(super) async fn read(reader: &Reader, object: &ObjectRef, live: &Value) -> Result<Self, ClusterError> {
        let mut found = Self { revisions: Vec::new(), pods: Vec::new(), events: Vec::new() };
        let Some(namespace) = &object.namespace else { return Ok(found) };
        let list = async |group: &str, kind: &str, selector: Option<&str>| {
            list(reader, &GroupKind::new(group, kind), namespace, selector).await
        };
        let selector = selector(object, live);
        match (object.group.as_str(), object.kind.as_str(), selector.as_deref()) {
            ("", "Pod", _) => found.pods.push(live.clone()),
            ("apps", "Deployment", Some(selector)) => {
                found.revisions = list("apps", "ReplicaSet", Some(selector)).await?;
            }
            ("apps", "DaemonSet", Some(selector)) => {
                found.revisions = list("apps", "ControllerRevision", Some(selector)).await?;
            }
            _ => {}
        }
        if let Some(selector) = &selector {
            found.pods = list("", "Pod", Some(selector)).await?;
        }
        found.events = list("", "Event", None).await?;
        Ok(found)
    }

    /// The same as evidence about the object.
    pub(super) fn evidence<'a>(&'a self, live: &'a Value) -> Evidence<'a> {
        Evidence { object: live, revisions: &self.revisions, pods: &self.pods, events: &self.events }
    }
}

async fn list(
    reader: &Reader,
    kind: &GroupKind,
    namespace: &str,
    selector: Option<&str>,
) -> Result<Vec<Value>, ClusterError> {
    let resource = reader.resource(kind, None)?;
    match reader.list(&resource, Some(namespace), selector).await {
        Err(ClusterError::Forbidden(_)) => Ok(Vec::new()),
        answer => answer,
    }
}

/// The pods of a workload as a label selector; none for what makes no pods of its own.
fn selector(object: &ObjectRef, live: &Value) -> Option<String> {
    if object.is("", "ReplicationController") {
        return joined(labels(live, "/spec/selector"));
    }
    if !matches!(object.group.as_str(), "apps" | "batch") {
        return None;
    }
    let expressions = items(live, "/spec/selector/matchExpressions").iter().filter_map(expression);
    joined(labels(live, "/spec/selector/matchLabels").into_iter().chain(expressions))
}

fn labels(live: &Value, pointer: &str) -> Vec<String> {
    text_map(live, pointer).into_iter().map(|(key, value)| format!("{key}={value}")).collect()
}

/// One requirement in the form of a query (Kubernetes, *Labels and Selectors*).
fn expression(requirement: &Value) -> Option<String> {
    let key = text(requirement, "/key")?;
    let values = names(requirement, "/values").join(",");
    match text(requirement, "/operator")? {
        "In" => Some(format!("{key} in ({values})")),
        "NotIn" => Some(format!("{key} notin ({values})")),
        "Exists" => Some(key.to_owned()),
        "DoesNotExist" => Some(format!("!{key}")),
        _ => None,
    }
}

/// An empty selector would match everything.
fn joined(requirements: impl IntoIterator<Item = String>) -> Option<String> {
    let all: Vec<_> = requirements.into_iter().collect();
    (!all.is_empty()).then(|| all.join(","))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn selectors_are_queries() {
        let of = |group: &str, kind: &str, spec: Value| {
            selector(&ObjectRef::namespaced(group, kind, "n", "x"), &json!({"spec": spec}))
        };
        let spec = json!({"selector": {"matchLabels": {"b": "2", "a": "1"}, "matchExpressions": [
            {"key": "c", "operator": "In", "values": ["x", "y"]}, {"key": "d", "operator": "NotIn", "values": ["z"]},
            {"key": "e", "operator": "Exists"}, {"key": "f", "operator": "DoesNotExist"}]}});
        assert_eq!(of("apps", "Deployment", spec).as_deref(), Some("a=1,b=2,c in (x,y),d notin (z),e,!f"));
        assert_eq!(of("", "ReplicationController", json!({"selector": {"a": "1"}})).as_deref(), Some("a=1"));
        assert_eq!(of("batch", "CronJob", json!({})), None);
        assert_eq!(of("", "Service", json!({"selector": {"a": "1"}})), None);
    }
}
