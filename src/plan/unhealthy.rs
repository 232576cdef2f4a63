//! An object that needs no change and is not ready all the same: in sync, but not healthy.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::object::ObjectRef;
use crate::readiness::State;

/// An object that is as described and was never seen ready.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Unhealthy {
    /// The object.
    pub object: ObjectRef,
    /// Its state.
    pub state: State,
    /// Why, with what is behind it.
    pub reason: String,
}
