//! What holds for every call of a cluster's gateway.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What must hold for whatever answers a call of the gateway. Held against the description, before anything is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClusterPolicy {
    /// Regions in which models may answer, in which `*` stands for any characters: `eu-*`. Those of models are their `region`
    /// or `location`. Left out, all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(min = 1, max = 64),
        inner(length(min = 1, max = 253)),
        extend("x-kubernetes-list-type" = "set")
    )]
    pub regions: Option<Vec<String>>,
}
