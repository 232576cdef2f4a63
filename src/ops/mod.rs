//! The use cases: where files, cluster, state, decisions and reports meet, and nowhere else.

mod access;
mod adopt_statements;
mod adopted;
mod agent_keys;
mod agent_page;
mod agents;
mod apply;
mod capacity;
mod cluster_events;
mod digest_key;
mod drift;
mod error;
mod fallbacks;
mod fitness;
mod gateway;
mod hidden;
mod history;
mod import;
mod isolation;
mod kept_keys;
mod key_exposure;
mod kind_roles;
mod left_out;
mod live_objects;
mod log_tail;
mod may_call;
mod namespaces;
mod not_permitted;
mod observe;
mod opened;
mod outage;
mod placement;
mod plan;
mod rbac;
mod rebuild;
mod resolved;
mod rollback;
mod rotation;
pub(crate) mod saved;
mod secrets;
mod standing;
mod status;
mod target;
mod targeting;
mod terminating;
mod unmanaged;

#[cfg(test)]
pub(crate) use access::AgentCalls;
pub(crate) use access::{Access, Call as ModelCall, Calls, ClusterAccess, Ends, access};
pub(crate) use adopt_statements::adopt_statements;
pub(crate) use agent_page::{AgentPage, PageKey, PageModel, PageTool, agent_page};
pub(crate) use agents::MemberState;
pub(crate) use apply::{Applied, ApplyOptions, apply};
pub(crate) use cluster_events::{ClusterEvent, cluster_events};
pub(crate) use drift::{DriftReport, DriftedObject, drift};
pub(crate) use error::OpsError;
pub(crate) use fitness::{Finding, Fitness, Topic, fitness};
pub(crate) use gateway::{
    BudgetState, Call, CallFault, CheckRequest, ClusterCheck, Fault, GatewayPod, Lack, LogEvent, LogSource,
    Nanodollars, Read, Spending, Verdict, check, container_pod, endpoints, follow_logs, gateway_pod, logs,
    reset_budget, spending,
};
#[cfg(test)]
pub(crate) use gateway::{Listing, Spent};
#[cfg(test)]
pub(crate) use import::ImportError;
pub(crate) use import::{ClusterRequest, ImportedNamespace, NamespaceRequest, import_cluster, import_namespace};
pub(crate) use isolation::{daemon_sets, isolation};
pub(crate) use key_exposure::{KeyExposure, Way, add_target as add_key_subjects, key_exposure};
pub(crate) use left_out::left_out;
pub(crate) use live_objects::add_live_objects;
pub(crate) use log_tail::log_tail;
pub(crate) use may_call::{AccessQuestion, ClusterCallers, NotThere, may_call};
pub(crate) use observe::Refresh;
pub(crate) use opened::opened;
pub(crate) use outage::{CallOutage, ClusterOutage, Fate, Outage, OutageTerm, outage, possible_outages};
pub(crate) use placement::place;
pub(crate) use plan::{PlanRequest, Planned, plan};
pub(crate) use rbac::{RbacRequest, roles};
pub(crate) use rebuild::rebuild;
pub(crate) use resolved::{Open, resolved};
pub(crate) use rollback::{Goal as RollbackGoal, choose, go_back};
pub(crate) use rotation::{RotationStep, pods_with_old_keys, rotate, steps as rotation_steps};
pub(crate) use secrets::{Missing, Values};
pub(crate) use status::{ClusterState, ask_for_budgets, cluster_names, status};
pub(crate) use target::target;
