//! `status --json`: one document with every language cluster.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::FORMAT_VERSION;
use crate::report::human::{MemberRow, StatusRow};

/// Language clusters, as they are.
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

/// One language cluster. What is not known is null.
#[derive(Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub(crate) struct ClusterStatus<'a> {
    /// Its name.
    pub cluster: &'a str,
    /// `Pending`, `Ready` or `Failed`; `Absent` when it is described and not there.
    pub phase: &'a str,
    /// Where its gateway answers.
    pub endpoint: Option<&'a str>,
    /// Names of its models.
    pub models: &'a [String],
    /// What its quota limits: `agents`, `models`, `cpu`, … → what is used, and how much there may be.
    pub capacity: BTreeMap<&'a str, Usage<'a>>,
    /// Why it is not ready.
    pub reason: Option<&'a str>,
    /// Its agents and tools.
    pub members: Vec<MemberStatus<'a>>,
}

/// One limit of a cluster, as Kubernetes writes quantities.
#[derive(Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub(crate) struct Usage<'a> {
    /// How much of it is in use.
    pub used: &'a str,
    /// How much there may be.
    pub hard: &'a str,
}

/// One agent or tool, as it runs.
#[derive(Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub(crate) struct MemberStatus<'a> {
    /// `agent` or `tool`.
    pub kind: &'a str,
    /// Its name.
    pub name: &'a str,
    /// How far it is.
    pub phase: &'a str,
    /// Names of its models.
    pub models: &'a [String],
    /// Its group, if it is in one.
    pub group: Option<&'a str>,
    /// How often its containers were started again.
    pub restarts: i64,
    /// How its last run ended, and when.
    pub last_run: Option<&'a str>,
    /// Why it does not run.
    pub reason: Option<&'a str>,
}

/// The document of clusters that are all healthy, or not.
#[must_use]
pub(crate) fn status(rows: &[StatusRow], healthy: bool) -> StatusDocument<'_> {
    StatusDocument { format_version: FORMAT_VERSION, healthy, clusters: rows.iter().map(cluster).collect() }
}

fn cluster(row: &StatusRow) -> ClusterStatus<'_> {
    let usage = row.capacity.iter().map(|one| (one.resource.as_str(), Usage { used: &one.used, hard: &one.hard }));
    ClusterStatus {
        cluster: &row.cluster,
        phase: &row.phase,
        endpoint: row.endpoint.as_deref(),
        models: &row.models,
        capacity: usage.collect(),
        reason: row.reason.as_deref(),
        members: row.members.iter().map(member).collect(),
    }
}

fn member(row: &MemberRow) -> MemberStatus<'_> {
    MemberStatus {
        kind: &row.noun,
        name: &row.name,
        phase: &row.phase,
        models: &row.models,
        group: row.group.as_deref(),
        restarts: row.restarts,
        last_run: row.last_run.as_deref(),
        reason: row.reason.as_deref(),
    }
}
