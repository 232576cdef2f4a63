//! Whether the gateways of a stack do where they run what the description says: seen through a port-forward,
//! as an agent sees them.

mod gateway;
mod pod;
mod promise;

use std::collections::BTreeMap;
use std::time::Duration;

use futures::stream::{self, StreamExt as _};

use crate::cluster::{ForwardError, Forwarder, Reader};
use crate::ops::OpsError;
use crate::render;
use crate::stack::Stack;

pub(super) use gateway::Gateway;
pub(super) use pod::{Caller, key, ready};
use promise::{Promise, Way};

pub(crate) use promise::Listing;

/// What is asked at once, of the API server and of each gateway.
const AT_ONCE: usize = 4;

/// What to look at.
#[derive(Clone, Debug)]
pub(crate) struct CheckRequest {
    /// Only this cluster.
    pub cluster: Option<String>,
    /// Also one small completion of each model.
    pub call: bool,
    /// How long a completion may take.
    pub within: Duration,
}

/// What was seen of the gateway of one cluster.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ClusterCheck {
    /// The cluster.
    pub cluster: String,
    /// The pod that was asked.
    pub pod: Option<String>,
    /// Whether the pod runs another configuration than the description's.
    pub stale: bool,
    /// What stood in the way of a list of models.
    pub fault: Option<Fault>,
    /// The list of models against the description.
    pub listing: Listing,
    /// One call a model, when calls were asked for; ordered by model.
    pub calls: Vec<Call>,
}

/// Why there is no list of models.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) enum Fault {
    /// No pod is ready, and why.
    NotReady(String),
    /// The pod cannot be talked to, or answers nonsense.
    Silent(String),
    /// It answers `/health/readiness` with this status.
    Unhealthy(u16),
    /// There is nothing to make a key from.
    NoKey,
    /// It answers `/v1/models` with this status, although the key is right.
    Refused(u16),
}

/// One completion.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Call {
    /// The model of the description.
    pub model: String,
    /// How long it took.
    pub took: Duration,
    /// What came of it.
    pub answer: Result<Option<f64>, CallFault>,
}

/// Why a completion failed. No words of the provider: they may quote a key.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) enum CallFault {
    /// An answer with another status than 200, and the kind of error that the gateway names.
    Status(u16, Option<String>),
    /// Another model answered.
    Other(String),
    /// No answer, and why.
    Silent(String),
}

/// How a check ended, the worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    /// All is as described.
    Good,
    /// No pod is ready.
    NotReady,
    /// Something is not as described, or does not answer.
    Failed,
}

impl ClusterCheck {
    /// Whether all is as described.
    #[must_use]
    pub(crate) fn verdict(&self) -> Verdict {
        match &self.fault {
            Some(Fault::NotReady(_)) => Verdict::NotReady,
            None if self.lists_what_is_promised() && self.calls.iter().all(|call| call.answer.is_ok()) => Verdict::Good,
            _ => Verdict::Failed,
        }
    }

    fn lists_what_is_promised(&self) -> bool {
        self.listing.missing.is_empty() && self.listing.extra.is_empty()
    }
}

/// Checks the gateways of a stack, ordered by cluster. For each two requests to the API server, one more where it wants
/// a key, and two to the gateway; with `call` one completion for each model. Writes nothing.
///
/// # Errors
/// The API server cannot be reached or refuses. What is wrong with a gateway is in the result.
pub(crate) async fn check(
    reader: &Reader,
    forwarder: &Forwarder,
    stack: &Stack,
    request: &CheckRequest,
) -> Result<Vec<ClusterCheck>, OpsError> {
    let manifests = render::render(stack, &crate::ops::target(reader, &render::needs(stack)).await?);
    let clusters = stack.clusters.iter().filter(|(name, _)| request.cluster.as_ref().is_none_or(|only| only == *name));
    let checks = clusters.map(async |(name, item)| {
        let promise = Promise::from_manifests(&manifests, name);
        let caller = Caller::for_gateway(&item.spec.gateway.clone().unwrap_or_default());
        check_cluster(reader, forwarder, &promise, (name, caller), request).await
    });
    let results: Vec<_> = stream::iter(checks).buffered(AT_ONCE).collect().await;
    results.into_iter().collect()
}

async fn check_cluster(
    reader: &Reader,
    forwarder: &Forwarder,
    promise: &Promise,
    (cluster, caller): (&str, Caller),
    request: &CheckRequest,
) -> Result<ClusterCheck, OpsError> {
    let mut check = ClusterCheck { cluster: cluster.to_owned(), ..ClusterCheck::default() };
    let pod = match pod::ready(reader, cluster, &promise.config_maps).await? {
        Ok(pod) => pod,
        Err(reason) => return Ok(ClusterCheck { fault: Some(Fault::NotReady(reason)), ..check }),
    };
    check.pod = Some(pod.name.clone());
    check.stale = pod.stale;
    let key = match caller {
        Caller::Anyone => None,
        named => match pod::key(reader, cluster, named).await? {
            Some(key) => Some(key),
            None => return Ok(ClusterCheck { fault: Some(Fault::NoKey), ..check }),
        },
    };
    let gateway = Gateway { forwarder, cluster, pod: &pod.name, key };
    match gateway.models().await? {
        Ok(names) => check.listing = promise.compare(&names),
        Err(fault) => return Ok(ClusterCheck { fault: Some(fault), ..check }),
    }
    if request.call {
        check.calls = calls(&gateway, &promise.models, request.within).await?;
    }
    Ok(check)
}

async fn calls(gateway: &Gateway<'_>, models: &BTreeMap<String, Way>, within: Duration) -> Result<Vec<Call>, OpsError> {
    let asked = models.iter().map(async |(model, way)| gateway.call(model, way, within).await);
    let results: Vec<_> = stream::iter(asked).buffered(AT_ONCE).collect().await;
    results.into_iter().collect()
}

/// What is the API server's fault ends the check; what is the pod's is a finding.
pub(super) fn told<T>(answer: Result<T, ForwardError>) -> Result<Result<T, String>, OpsError> {
    match answer {
        Ok(answer) => Ok(Ok(answer)),
        Err(ForwardError::Cluster(error)) => Err(error.into()),
        Err(other) => Ok(Err(other.to_string())),
    }
}
