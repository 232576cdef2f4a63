//! The use cases: where files, cluster, state, decisions and reports meet, and nowhere else.

mod apply;
mod capacity;
mod error;
mod gateway;
mod isolation;
mod namespaces;
mod observe;
mod opened;
mod plan;
mod rebuild;
mod secrets;
mod status;
mod surroundings;
mod target;
mod unmanaged;

pub use apply::{ApplyOptions, apply};
pub use error::OpsError;
pub use gateway::{
    Call, CallFault, CheckRequest, ClusterCheck, Fault, GatewayPod, Lack, Listing, Verdict, agent_key, check,
    endpoints, gateway_pod,
};
pub use isolation::isolation;
pub use observe::Refresh;
pub use opened::opened;
pub use plan::{PlanRequest, Planned, plan};
pub use rebuild::rebuild;
pub use secrets::{Missing, Values};
pub use status::{ClusterState, status};
pub use surroundings::read_surroundings;
pub use target::target;
