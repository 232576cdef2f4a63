//! `check --json`: one document with every cluster that was asked.

use schemars::JsonSchema;
use serde::Serialize;

use super::FORMAT_VERSION;
use crate::ops::{Call, CallFault, ClusterCheck, Fault, Verdict};
use crate::report::human::check::{reason, words};

use std::collections::{BTreeMap, BTreeSet};

/// A check.
#[derive(Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub(crate) struct CheckDocument<'a> {
    /// Version of this document.
    pub format_version: &'static str,
    /// Whether all is as described.
    pub good: bool,
    /// Every cluster, by name.
    pub clusters: Vec<ClusterDocument<'a>>,
}

/// The gateway of one cluster.
#[derive(Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub(crate) struct ClusterDocument<'a> {
    /// The cluster.
    pub cluster: &'a str,
    /// `good`, `not-ready`, `failed`.
    pub verdict: &'static str,
    /// The pod that was asked.
    pub pod: Option<&'a str>,
    /// Whether the pod runs another configuration than the description's.
    pub stale: bool,
    /// `not-ready`, `silent`, `unhealthy`, `no-key`, `refused`: why there is no list of models.
    pub fault: Option<&'static str>,
    /// The same for a person.
    pub reason: Option<String>,
    /// Names that are described and listed.
    pub listed: &'a BTreeSet<String>,
    /// Names that are described and not listed.
    pub missing: &'a BTreeSet<String>,
    /// Names that are listed and not described.
    pub extra: &'a BTreeSet<String>,
    /// How many listed names each catalogue stands for.
    pub catalogues: &'a BTreeMap<String, usize>,
    /// One completion a model, with `--call`.
    pub calls: Vec<CallDocument<'a>>,
}

/// One completion.
#[derive(Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub(crate) struct CallDocument<'a> {
    /// The model.
    pub model: &'a str,
    /// Whether it answered.
    pub good: bool,
    /// How long it took.
    pub milliseconds: u64,
    /// What it cost in dollars, where the gateway knows.
    pub cost: Option<f64>,
    /// HTTP status of a failure.
    pub status: Option<u16>,
    /// Why it failed.
    pub reason: Option<String>,
}

/// The document of a check.
#[must_use]
pub(crate) fn check(checks: &[ClusterCheck]) -> CheckDocument<'_> {
    let good = checks.iter().all(|check| check.verdict() == Verdict::Good);
    CheckDocument { format_version: FORMAT_VERSION, good, clusters: checks.iter().map(cluster).collect() }
}

fn cluster(check: &ClusterCheck) -> ClusterDocument<'_> {
    ClusterDocument {
        cluster: &check.cluster,
        verdict: match check.verdict() {
            Verdict::Good => "good",
            Verdict::NotReady => "not-ready",
            Verdict::Failed => "failed",
        },
        pod: check.pod.as_deref(),
        stale: check.stale,
        fault: check.fault.as_ref().map(name),
        reason: check.fault.as_ref().map(words),
        listed: &check.listing.listed,
        missing: &check.listing.missing,
        extra: &check.listing.extra,
        catalogues: &check.listing.catalogues,
        calls: check.calls.iter().map(call).collect(),
    }
}

fn name(fault: &Fault) -> &'static str {
    match fault {
        Fault::NotReady(_) => "not-ready",
        Fault::Silent(_) => "silent",
        Fault::Unhealthy(_) => "unhealthy",
        Fault::NoKey => "no-key",
        Fault::Refused(_) => "refused",
    }
}

fn call(call: &Call) -> CallDocument<'_> {
    let fault = call.answer.as_ref().err();
    CallDocument {
        model: &call.model,
        good: fault.is_none(),
        milliseconds: u64::try_from(call.took.as_millis()).unwrap_or(u64::MAX),
        cost: call.answer.as_ref().ok().copied().flatten(),
        status: match fault {
            Some(CallFault::Status(status, _)) => Some(*status),
            _ => None,
        },
        reason: fault.map(reason),
    }
}

#[cfg(test)]
mod tests {
    use crate::report::samples::checks;

    use super::*;

    #[test]
    fn every_cluster_and_call_is_in_it() {
        insta::assert_json_snapshot!(check(&checks()));
    }
}
