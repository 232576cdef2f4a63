//! Which pods a gateway has, and why it has none.

use serde_json::Value;

use super::LogSource;
use crate::object::field::{count, items, text};
use crate::object::names::GATEWAY;
use crate::object::role::gateway_deployment;
use crate::object::{GroupKind, labels};
use crate::ops::OpsError;
use crate::readiness;

/// A pod, in one life of its container.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct GatewayPod {
    pub(super) name: String,
    /// Its uid: a name may come back.
    uid: String,
    /// How often its container was started again.
    pub(super) restarts: i64,
}

/// The pods by name.
///
/// # Errors
/// There is none: why.
pub(super) async fn gateway_pods(source: &LogSource) -> Result<Vec<GatewayPod>, OpsError> {
    let found = present(source).await?;
    if !found.is_empty() {
        return Ok(found);
    }
    let because = match source.reader.find(&gateway_deployment(&source.cluster)).await? {
        None => "it is not there".to_owned(),
        Some(deployment) => format!("it has no pod: {}", readiness::assess(&deployment).reason),
    };
    Err(OpsError::NoGatewayLog { cluster: source.cluster.clone(), because })
}

/// The same where none is no mistake.
pub(super) async fn present(source: &LogSource) -> Result<Vec<GatewayPod>, OpsError> {
    let LogSource { reader, cluster, .. } = source;
    let resource = reader.resource(&GroupKind::new("", "Pod"), None)?;
    let selector = format!("{}={GATEWAY},{}={cluster}", labels::KIND, labels::CLUSTER);
    let mut pods: Vec<_> =
        reader.list(&resource, Some(cluster), Some(&selector)).await?.iter().filter_map(pod).collect();
    pods.sort();
    Ok(pods)
}

fn pod(object: &Value) -> Option<GatewayPod> {
    let mut statuses = items(object, "/status/containerStatuses").iter();
    let own = statuses.find(|status| text(status, "/name") == Some(GATEWAY));
    Some(GatewayPod {
        name: text(object, "/metadata/name")?.to_owned(),
        uid: text(object, "/metadata/uid").unwrap_or_default().to_owned(),
        restarts: own.map_or(0, |status| count(status, "/restartCount")),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn restarts_are_those_of_the_gateway_and_not_of_what_runs_beside_it() {
        let object = json!({"metadata": {"name": "gateway-1", "uid": "u"}, "status": {"containerStatuses": [
            {"name": "beside", "restartCount": 7}, {"name": "gateway", "restartCount": 2}]}});
        assert_eq!(pod(&object).map(|pod| pod.restarts), Some(2));
        let young = json!({"metadata": {"name": "gateway-1", "uid": "u"}});
        assert_eq!(pod(&young).map(|pod| pod.restarts), Some(0));
    }
}
