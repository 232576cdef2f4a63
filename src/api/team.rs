//! `LanguageTeam`: callers of a gateway that share what they may call and spend.

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::budget::Budget;
use super::model::RateLimits;
use super::schema::{DNS_LABEL, LABEL_VALUE};
use super::status::MemberStatus;

/// Callers of a gateway that share what they may call and spend: agents, and with `gateway.auth.jwt` whoever has a token
/// of the team.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "langop.io",
    version = "v1alpha1",
    kind = "LanguageTeam",
    namespaced,
    status = "MemberStatus",
    derive = "PartialEq",
    category = "langop",
    label("app.kubernetes.io/managed-by", "langop"),
    doc = "Callers of the gateway of a language cluster that share what they may call and spend.",
    printcolumn(name = "Phase", type_ = "string", json_path = ".status.phase"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp")
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LanguageTeamSpec {
    /// Agents that belong to it. An agent is in one team at most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        length(max = 1024),
        inner(regex(pattern = DNS_LABEL), length(max = 63)),
        extend("x-kubernetes-list-type" = "set")
    )]
    pub agents: Vec<String>,
    /// Groups whose agents belong to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        length(max = 64),
        inner(regex(pattern = LABEL_VALUE), length(max = 63)),
        extend("x-kubernetes-list-type" = "set")
    )]
    pub groups: Vec<String>,
    /// Values of the token's `teamClaim` by which callers with a token belong to it; left out, its name. Needs
    /// `gateway.auth.jwt`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(min = 1, max = 64),
        inner(length(min = 1, max = 253)),
        extend("x-kubernetes-list-type" = "set")
    )]
    pub claims: Option<Vec<String>>,
    /// Names that it may call: of models, of aliases, of a catalogue's models. `*` stands for any characters. Left out, all
    /// names of the gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(min = 1, max = 256),
        inner(length(min = 1, max = 253)),
        extend("x-kubernetes-list-type" = "set")
    )]
    pub models: Option<Vec<String>>,
    /// Regions in which models may answer its members, in which `*` stands for any characters; beside the policy of the
    /// cluster. Left out, all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(min = 1, max = 64),
        inner(length(min = 1, max = 253)),
        extend("x-kubernetes-list-type" = "set")
    )]
    pub regions: Option<Vec<String>>,
    /// Limits of the calls of all its members together, that the gateway enforces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_limits: Option<RateLimits>,
    /// How much the calls of all its members together may cost. Needs the cluster's `gateway.store`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<Budget>,
    /// Whether the gateway refuses calls of all its members.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false))]
    pub blocked: Option<bool>,
}

impl LanguageTeamSpec {
    /// Whether an agent belongs to it, by its name or its group.
    #[must_use]
    pub fn has_agent(&self, name: &str, group: Option<&str>) -> bool {
        let is_in = |group: &str| self.groups.iter().any(|own| own == group);
        self.agents.iter().any(|own| own == name) || group.is_some_and(is_in)
    }
}

/// Whether a pattern may stand for a name of a catalogue, which are those that begin with its own name and `/`.
#[must_use]
pub fn may_match_within(pattern: &str, catalogue: &str) -> bool {
    let start = format!("{catalogue}/");
    match pattern.split_once('*') {
        Some((literal, _)) => literal.starts_with(&start) || start.starts_with(literal),
        None => pattern.len() > start.len() && pattern.starts_with(&start),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_stands_for_names_of_a_catalogue_if_they_may_begin_so() {
        for pattern in ["all/gpt", "all/*", "*", "a*", "all/gpt-*-mini", "*mini"] {
            assert!(may_match_within(pattern, "all"), "{pattern}");
        }
        for pattern in ["all/", "all", "gpt", "allx*", "other/*"] {
            assert!(!may_match_within(pattern, "all"), "{pattern}");
        }
    }

    #[test]
    fn an_agent_belongs_by_its_name_or_its_group() {
        let team =
            LanguageTeamSpec { agents: vec!["a".into()], groups: vec!["g".into()], ..LanguageTeamSpec::default() };
        assert!(team.has_agent("a", None) && team.has_agent("b", Some("g")));
        assert!(!team.has_agent("b", None) && !team.has_agent("b", Some("a")));
    }
}
