//! What the language clusters on a target, their agents and their tools look like now. Reads only.

use std::collections::BTreeMap;

use futures::stream::{self, StreamExt as _};
use serde_json::Value;

use super::OpsError;
use super::agents::{Live, MemberState, member_states};
use super::gateway::{BudgetState, spending};
use super::observe::AT_ONCE;
use crate::cluster::{ClusterError, Forwarder, Reader};
use crate::object::field::text;
use crate::object::names::{CLUSTER_KIND, GROUP, MODEL_KIND};
use crate::object::{GroupKind, labels, role};
use crate::readiness::{self, State};

/// One language cluster, as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClusterState {
    /// Name.
    pub name: String,
    /// The stack it belongs to.
    pub stack: Option<String>,
    /// `Pending`, `Ready` or `Failed`, by what is live now.
    pub phase: &'static str,
    /// Where the gateway answers.
    pub endpoint: Option<String>,
    /// Names of its models.
    pub models: Vec<String>,
    /// Quota key → used and hard.
    pub capacity: BTreeMap<String, (String, String)>,
    /// Why it is not ready.
    pub reason: Option<String>,
    /// Its agents and tools.
    pub members: Vec<MemberState>,
    /// Whether its gateway counts what calls cost.
    pub counts_cost: bool,
    /// What is left of its budgets, or why that is not known; for who asks the gateway.
    pub budgets: Result<Vec<BudgetState>, String>,
}

impl ClusterState {
    /// A cluster that is described and not there.
    #[must_use]
    pub(crate) fn absent(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            stack: None,
            phase: "Absent",
            endpoint: None,
            models: Vec::new(),
            capacity: BTreeMap::new(),
            reason: Some("it is described and not there".to_owned()),
            members: Vec::new(),
            counts_cost: false,
            budgets: Ok(Vec::new()),
        }
    }

    /// Whether its gateway is ready, and all of its agents and tools run as they should.
    #[must_use]
    pub(crate) fn is_healthy(&self) -> bool {
        self.phase == "Ready" && self.members.iter().all(|member| member.healthy)
    }
}

/// The clusters of a stack, or of all stacks: one LIST, and for each cluster three requests and those of [`Live::read`].
///
/// # Errors
/// The API server does not answer, refuses, or cannot say whether it has the kinds.
pub(crate) async fn status(reader: &Reader, stack: Option<&str>) -> Result<Vec<ClusterState>, OpsError> {
    // A target without the kind has no clusters.
    let Some(resource) = reader.served(&GroupKind::new(GROUP, CLUSTER_KIND)).await? else {
        return Ok(Vec::new());
    };
    let clusters = reader.list(&resource, None, Some(&selector(stack))).await?;
    let states = clusters.iter().map(async |cluster| Box::pin(state(reader, cluster)).await);
    let answers: Vec<_> = stream::iter(states).buffered(AT_ONCE).collect().await;
    Ok(answers.into_iter().collect::<Result<_, _>>()?)
}

/// Asks the gateways of these clusters, where they count, what is left of budgets. One that does not say fails nothing.
pub(crate) async fn ask_for_budgets(reader: &Reader, forwarder: &Forwarder, clusters: &mut [ClusterState]) {
    let asked = clusters.iter_mut().filter(|cluster| cluster.counts_cost).map(async |cluster| {
        let answer = Box::pin(spending(reader, forwarder, &cluster.name)).await;
        cluster.budgets = answer.map(|spending| spending.budgets).map_err(|error| error.to_string());
    });
    stream::iter(asked).buffer_unordered(AT_ONCE).collect::<()>().await;
}

/// The names of the clusters of a stack, or of all stacks: one LIST.
///
/// # Errors
/// As of [`status`].
pub(crate) async fn cluster_names(reader: &Reader, stack: Option<&str>) -> Result<Vec<String>, OpsError> {
    let Some(resource) = reader.served(&GroupKind::new(GROUP, CLUSTER_KIND)).await? else {
        return Ok(Vec::new());
    };
    let clusters = reader.list_metadata(&resource, None, Some(&selector(stack))).await?;
    let mut names: Vec<_> = clusters.into_iter().map(|meta| meta.reference.name.to_string()).collect();
    names.sort();
    Ok(names)
}

fn selector(stack: Option<&str>) -> String {
    match stack {
        Some(stack) => format!("{}={stack}", labels::STACK),
        None => format!("{}={}", labels::MANAGED_BY, labels::MANAGED_BY_LANGOP),
    }
}

async fn state(reader: &Reader, cluster: &Value) -> Result<ClusterState, ClusterError> {
    let field = |pointer: &str| text(cluster, pointer).map(str::to_owned);
    let name = field("/metadata/name").unwrap_or_default();
    let gateway = role::gateway_deployment(&name);
    let quota = role::quota(&name);
    let (gateway, quota, models, live) =
        tokio::try_join!(reader.find(&gateway), reader.find(&quota), models(reader, &name), Live::read(reader, &name))?;
    let (phase, reason) = phase(gateway.as_ref());
    let stack = cluster.pointer("/metadata/labels").and_then(|all| all.get(labels::STACK)?.as_str());
    Ok(ClusterState {
        stack: stack.map(str::to_owned),
        phase,
        endpoint: field("/status/gatewayEndpoint"),
        models,
        capacity: quota.as_ref().map(|quota| capacity(quota, cluster)).unwrap_or_default(),
        reason,
        members: member_states(&live),
        counts_cost: cluster.pointer("/spec/gateway/store").is_some(),
        budgets: Ok(Vec::new()),
        name,
    })
}

fn phase(gateway: Option<&Value>) -> (&'static str, Option<String>) {
    let Some(gateway) = gateway else { return ("Failed", Some("its gateway is not there".to_owned())) };
    let readiness = readiness::assess(gateway);
    match readiness.state {
        State::Current => ("Ready", None),
        State::Failed => ("Failed", Some(readiness.reason)),
        _ => ("Pending", Some(readiness.reason)),
    }
}

/// Used and hard. What a quota's controller has not counted yet, the last apply has.
fn capacity(quota: &Value, cluster: &Value) -> BTreeMap<String, (String, String)> {
    let of = |object: &Value, part: &str, key: &str| Some(object.pointer(part)?.get(key)?.as_str()?.to_owned());
    let used = |key: &str| of(quota, "/status/used", key).or_else(|| of(cluster, "/status/capacity/used", key));
    let amounts = |key: &str| [used(key), of(quota, "/spec/hard", key)].map(|amount| amount.unwrap_or("?".to_owned()));
    let keys = quota.pointer("/spec/hard").and_then(Value::as_object).into_iter().flatten().map(|(key, _)| key);
    keys.map(|key| (key.clone(), amounts(key).into())).collect()
}

async fn models(reader: &Reader, namespace: &str) -> Result<Vec<String>, ClusterError> {
    let Some(resource) = reader.served(&GroupKind::new(GROUP, MODEL_KIND)).await? else {
        return Ok(Vec::new());
    };
    let models = reader.list_metadata(&resource, Some(namespace), None).await?;
    Ok(models.into_iter().map(|meta| meta.reference.name.into()).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_the_quota_has_not_counted_the_status_of_the_cluster_has() {
        let quota = json!({"spec": {"hard": {"a": "4", "b": "5", "c": "6"}}, "status": {"used": {"a": "1"}}});
        let cluster = json!({"status": {"capacity": {"used": {"a": "9", "b": "2"}}}});
        let found = capacity(&quota, &cluster);
        let amounts: Vec<_> = found.values().map(|(used, hard)| (used.as_str(), hard.as_str())).collect();
        assert_eq!(amounts, [("1", "4"), ("2", "5"), ("?", "6")]);
    }
}
