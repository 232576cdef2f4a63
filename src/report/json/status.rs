//! `status --json`: one document with each language cluster, its agents and its tools, as they are.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::FORMAT_VERSION;
use super::spend::{BudgetDocument, budgets};
use crate::ops::{ClusterState, MemberState};

/// All clusters that were asked for.
#[derive(Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub(crate) struct StatusDocument<'a> {
    /// Version of this document.
    pub format_version: &'static str,
    /// Whether all clusters are ready, and their agents and tools run.
    pub healthy: bool,
    /// The clusters, by name.
    pub clusters: Vec<ClusterStatus<'a>>,
}

/// One language cluster.
#[derive(Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub(crate) struct ClusterStatus<'a> {
    /// Its name.
    pub name: &'a str,
    /// The stack that it belongs to.
    pub stack: Option<&'a str>,
    /// `Pending`, `Ready`, `Failed`.
    pub phase: &'a str,
    /// Why it is not ready.
    pub reason: Option<&'a str>,
    /// Where its gateway answers.
    pub endpoint: Option<&'a str>,
    /// Names of its models.
    pub models: &'a [String],
    /// What its quota limits, by the keys of a `ResourceQuota`.
    pub capacity: BTreeMap<&'a str, LimitStatus<'a>>,
    /// Its agents and tools.
    pub members: Vec<MemberStatus<'a>>,
    /// What is left of budgets; none where its gateway has no store, or does not say.
    pub budgets: Vec<BudgetDocument<'a>>,
}

/// One limit of a quota, in quantities.
#[derive(Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub(crate) struct LimitStatus<'a> {
    /// How much is in use.
    pub used: &'a str,
    /// How much there may be.
    pub hard: &'a str,
}

/// One agent or tool.
#[derive(Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub(crate) struct MemberStatus<'a> {
    /// `agent`, `tool`.
    pub kind: &'a str,
    /// Its name.
    pub name: &'a str,
    /// How far it is.
    pub phase: &'a str,
    /// Why it does not run.
    pub reason: Option<&'a str>,
    /// Its group.
    pub group: Option<&'a str>,
    /// Names of its models.
    pub models: &'a [String],
    /// How often its containers were started again.
    pub restarts: i64,
    /// How its last run ended or how far it is.
    pub last_run: Option<&'a str>,
    /// Since when, RFC 3339.
    pub last_run_at: Option<&'a str>,
}

/// The document of clusters that are all healthy, or not.
#[must_use]
pub(crate) fn status(clusters: &[ClusterState], healthy: bool) -> StatusDocument<'_> {
    StatusDocument { format_version: FORMAT_VERSION, healthy, clusters: clusters.iter().map(cluster).collect() }
}

fn cluster(state: &ClusterState) -> ClusterStatus<'_> {
    ClusterStatus {
        name: &state.name,
        stack: state.stack.as_deref(),
        phase: state.phase,
        reason: state.reason.as_deref(),
        endpoint: state.endpoint.as_deref(),
        models: &state.models,
        capacity: state.capacity.iter().map(|(key, (used, hard))| (key.as_str(), LimitStatus { used, hard })).collect(),
        members: state.members.iter().map(member).collect(),
        budgets: budgets(state.budgets.as_deref().unwrap_or_default()),
    }
}

fn member(state: &MemberState) -> MemberStatus<'_> {
    MemberStatus {
        kind: state.noun,
        name: &state.name,
        phase: &state.phase,
        reason: state.reason.as_deref(),
        group: state.group.as_deref(),
        models: &state.models,
        restarts: state.restarts,
        last_run: state.last_run.as_ref().map(|(phase, _)| phase.as_str()),
        last_run_at: state.last_run.as_ref().and_then(|(_, at)| at.as_deref()),
    }
}
