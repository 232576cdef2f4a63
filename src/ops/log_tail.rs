//! The end of what a workload logs that is waited for: of the newest of its pods that are not ready. For people who watch;
//! nothing is decided by it.

use serde_json::Value;

use super::OpsError;
use crate::cluster::{ClusterError, LogQuery, Reader};
use crate::object::credential::masked;
use crate::object::field::{flag, items, text};
use crate::object::{GroupKind, ObjectRef};

/// The last lines of the log, as many as asked for at most, without what looks like a credential; none where nothing was
/// logged yet. A GET of the workload, a LIST of its pods, and one log.
///
/// # Errors
/// The server does not answer, or this identity may not look.
pub(crate) async fn log_tail(reader: &Reader, object: &ObjectRef, lines: u32) -> Result<Vec<String>, OpsError> {
    let Some(namespace) = object.namespace.as_deref() else { return Ok(Vec::new()) };
    let Some(live) = reader.find(object).await? else { return Ok(Vec::new()) };
    let pods = if object.is("", "Pod") {
        vec![live]
    } else {
        let Some(selector) = selector(&live) else { return Ok(Vec::new()) };
        let resource = reader.resource(&GroupKind::new("", "Pod"), None)?;
        reader.list(&resource, Some(namespace), Some(&selector)).await?
    };
    let Some((pod, container)) = newest(&pods) else { return Ok(Vec::new()) };
    let query = LogQuery { tail: Some(lines), ..LogQuery::default() };
    let mut log = match reader.logs().open((namespace, pod), container, query).await {
        // A container that has not started has logged nothing.
        Err(ClusterError::Rejected { .. } | ClusterError::NotFound(_)) => return Ok(Vec::new()),
        log => log?,
    };
    let mut tail = Vec::new();
    while let Some(line) = log.next().await? {
        tail.push(masked(&line).into_owned());
    }
    Ok(tail)
}

/// What tells the pods of a workload; none where it says so in another way than by labels.
fn selector(workload: &Value) -> Option<String> {
    let labels = workload.pointer("/spec/selector/matchLabels")?.as_object().filter(|labels| !labels.is_empty())?;
    let each = labels.iter().filter_map(|(key, value)| Some(format!("{key}={}", value.as_str()?)));
    Some(each.collect::<Vec<_>>().join(","))
}

/// The newest pod that is not ready, and its container that keeps it from being so.
fn newest(pods: &[Value]) -> Option<(&str, &str)> {
    let waiting = pods.iter().filter_map(|pod| {
        let mut statuses =
            items(pod, "/status/initContainerStatuses").iter().chain(items(pod, "/status/containerStatuses"));
        let status = statuses.find(|status| flag(status, "/ready") != Some(true) && has_run(status))?;
        let made = text(pod, "/metadata/creationTimestamp")?;
        Some((made, text(pod, "/metadata/name")?, text(status, "/name")?))
    });
    waiting.max().map(|(_, pod, container)| (pod, container))
}

/// Whether the container has started once.
fn has_run(status: &Value) -> bool {
    ["/state/running", "/state/terminated", "/lastState/terminated"].iter().any(|state| status.pointer(state).is_some())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pod(name: &str, made: &str, statuses: &Value) -> Value {
        json!({"metadata": {"name": name, "creationTimestamp": made}, "status": {"containerStatuses": statuses}})
    }

    #[test]
    fn the_newest_pod_speaks_whose_container_runs_and_is_not_ready() {
        let running = |name: &str, ready: bool| json!({"name": name, "ready": ready, "state": {"running": {}}});
        let crashed = json!({"name": "c", "ready": false, "state": {"waiting": {}}, "lastState": {"terminated": {}}});
        let pulling = json!({"name": "c", "ready": false, "state": {"waiting": {}}});
        let pods = [
            pod("old", "2026-01-01T00:00:00Z", &json!([running("a", true), running("b", false)])),
            pod("fine", "2026-01-03T00:00:00Z", &json!([running("a", true)])),
            pod("crashed", "2026-01-02T00:00:00Z", &json!([crashed])),
            pod("pulling", "2026-01-04T00:00:00Z", &json!([pulling])),
        ];
        assert_eq!(newest(&pods), Some(("crashed", "c")));
        assert_eq!(newest(&pods[..2]), Some(("old", "b")));
        assert_eq!(newest(&pods[3..]), None);
    }

    #[test]
    fn a_workload_names_its_pods_by_all_of_its_labels() {
        let workload = json!({"spec": {"selector": {"matchLabels": {"app": "a", "tier": "b"}}}});
        assert_eq!(selector(&workload).as_deref(), Some("app=a,tier=b"));
        assert_eq!(selector(&json!({"spec": {"selector": {"matchLabels": {}}}})), None);
    }
}
