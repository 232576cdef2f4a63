//! The use cases: where files, cluster, state, decisions and reports meet, and nowhere else.

mod adopt;
mod apply;
mod cluster_status;
mod blast;
mod error;
mod local_schema;
mod observe;
mod plan;
mod probe;
mod prove;
mod secrets;
mod survey;

pub use apply::{Manner, apply};
pub use error::OpsError;
pub use plan::{PlanRequest, Planned, plan};
pub use secrets::{Missing, Values};
