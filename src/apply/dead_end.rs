//! Looks behind a workload that does not become ready: its pods and their events.

use std::time::Duration;

use serde_json::Value;

use crate::cluster::{ClusterError, Reader};
use crate::object::{GroupKind, ObjectRef};
use crate::readiness;

/// How long a workload may look bad before its pods are looked at.
pub(super) const GRACE: Duration = Duration::from_secs(10);

/// The chain of causes, when waiting cannot help any more.
pub(super) async fn of(reader: &Reader, object: &ObjectRef, live: &Value) -> Result<Option<String>, ClusterError> {
    let (Some(namespace), Some(selector)) = (&object.namespace, selector(live)) else { return Ok(None) };
    let pods = list(reader, "Pod", namespace, Some(&selector)).await?;
    let events = list(reader, "Event", namespace, None).await?;
    let chain = readiness::dead_end(&pods, &events);
    Ok(chain.map(|chain| format!("{}/{} → {chain}", object.kind, object.name)))
}

async fn list(reader: &Reader, kind: &str, namespace: &str, selector: Option<&str>) -> Result<Vec<Value>, ClusterError> {
    let resource = reader.resource(&GroupKind::new("", kind), None)?;
    match reader.list(&resource, Some(namespace), selector).await {
        // Seeing the cause is a favour, not a right.
        Err(ClusterError::Forbidden(_)) => Ok(Vec::new()),
        answer => answer,
    }
}

fn selector(live: &Value) -> Option<String> {
    let labels = live.pointer("/spec/selector/matchLabels")?.as_object()?;
    let pairs: Option<Vec<_>> = labels.iter().map(|(key, value)| Some(format!("{key}={}", value.as_str()?))).collect();
    pairs.map(|pairs| pairs.join(",")).filter(|selector| !selector.is_empty())
}
