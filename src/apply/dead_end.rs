//! Looks behind a workload that does not become ready: its pods and their events.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::cluster::{ClusterError, Reader};
use crate::object::{GroupKind, ObjectRef};
use crate::readiness;

/// How long a workload may take before its pods are looked at.
const GRACE: Duration = Duration::from_secs(5);

/// What the pods of one workload looked like, poll after poll.
pub(super) struct Verdict {
    begun: Instant,
    cause: Option<(String, Instant)>,
}

impl Default for Verdict {
    fn default() -> Self {
        Self { begun: Instant::now(), cause: None }
    }
}

impl Verdict {
    /// The chain of causes, once the same one has stood for as long as it needs to be believed.
    pub(super) async fn stands(
        &mut self,
        reader: &Reader,
        object: &ObjectRef,
        live: &Value,
    ) -> Result<Option<String>, ClusterError> {
        let (Some(namespace), Some(selector)) = (&object.namespace, selector(live)) else { return Ok(None) };
        if self.begun.elapsed() < GRACE {
            return Ok(None);
        }
        let pods = list(reader, "Pod", namespace, Some(&selector)).await?;
        let events = list(reader, "Event", namespace, None).await?;
        let Some(end) = readiness::dead_end(&pods, &events) else {
            self.cause = None;
            return Ok(None);
        };
        // The cause counts restarts; the chain says whether it is the same one.
        let chain = end.chain.join(" → ");
        let since = match &self.cause {
            Some((old, since)) if *old == chain => *since,
            _ => Instant::now(),
        };
        self.cause = Some((chain, since));
        Ok((since.elapsed() >= end.patience).then(|| end.to_string()))
    }
}

async fn list(
    reader: &Reader,
    kind: &str,
    namespace: &str,
    selector: Option<&str>,
) -> Result<Vec<Value>, ClusterError> {
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
