//! The use cases of a running gateway: what its pod is given, whether it serves what is described, where it answers,
//! what its cluster's status says, what it logs, what its callers spent, and the keys of its agents.

mod check;
mod cluster_status;
mod endpoints;
mod logs;
mod pod;
mod spend;

#[cfg(test)]
pub(crate) use check::Listing;
pub(crate) use check::{Call, CallFault, CheckRequest, ClusterCheck, Fault, Verdict, check};
pub(crate) use endpoints::endpoints;
pub(crate) use logs::{LogEvent, LogSource, Read, follow_logs, logs};
pub(crate) use pod::{GatewayPod, Lack, container_pod, gateway_pod};
#[cfg(test)]
pub(crate) use spend::Spent;
pub(crate) use spend::{BudgetState, Nanodollars, Spending, reset_budget, spending};

pub(super) use cluster_status::write_cluster_status;
