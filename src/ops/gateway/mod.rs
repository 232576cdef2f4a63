//! The use cases of a running gateway: what its pod is given, whether it serves what is described, where it answers,
//! what its cluster's status says, what it logs, and the keys of its agents.

mod check;
mod cluster_status;
mod endpoints;
mod logs;
mod pod;

#[cfg(test)]
pub(crate) use check::Listing;
pub(crate) use check::{Call, CallFault, CheckRequest, ClusterCheck, Fault, Verdict, check};
pub(crate) use endpoints::endpoints;
pub(crate) use logs::{LogEvent, LogSource, Read, follow_logs, logs};
pub(crate) use pod::{GatewayPod, Lack, container_pod, gateway_pod};

pub(super) use cluster_status::write_cluster_status;
