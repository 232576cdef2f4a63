//! The use cases: where files, cluster, state, decisions and reports meet, and nowhere else.

mod adopt;
mod agent_key;
mod apply;
mod blast;
mod check;
mod cluster_status;
mod error;
mod foreign;
mod gateway_pod;
mod isolation;
mod local_schema;
mod observe;
mod opened;
mod plan;
mod probe;
mod prove;
mod rebuild;
mod secrets;
mod status;
mod surround;
mod surroundings;
mod survey;
mod target;

pub use agent_key::agent_key;
pub use apply::{Manner, apply, endpoints};
pub use check::{Call, CallFault, CheckRequest, ClusterCheck, Fault, Listing, Verdict, check};
pub use error::OpsError;
pub use gateway_pod::{GatewayPod, Lack, gateway_pod};
pub use isolation::isolation;
pub use opened::opened;
pub use plan::{PlanRequest, Planned, plan};
pub use rebuild::rebuild;
pub use secrets::{Missing, Values};
pub use status::{ClusterState, status};
pub use surround::surround;
pub use target::target;
