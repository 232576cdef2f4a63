//! The stack: everything that was described, proved and typed. What becomes of it is not decided here.

use std::collections::BTreeMap;

use crate::api::{
    LanguageAgentSpec, LanguageClusterSpec, LanguageModelSpec, LanguagePersonaSpec, LanguageTeamSpec, LanguageToolSpec,
};
use crate::object::{Address, Manifest, SecretSource, Source};

use super::default_namespace::DefaultNamespace;
use super::expected_target::ExpectedTarget;
use super::object_rules::AddressedRules;
use super::rule_places::RulePlaces;
use super::statements::Statements;
use super::unread::Unread;

/// Everything that one use of langop is about.
#[derive(Clone, Debug, Default)]
pub struct Stack {
    /// Its name, a legal value of a label.
    pub name: String,
    /// The environment that it is of, if one was asked for.
    pub environment: Option<String>,
    /// Which cluster it is for, if it says so.
    pub target: Option<ExpectedTarget>,
    /// What is said of things beside describing them.
    pub statements: Statements,
    /// Clusters by name.
    pub clusters: BTreeMap<String, Item<LanguageClusterSpec>>,
    /// Models, one entry for each cluster a model goes to.
    pub models: BTreeMap<MemberKey, Item<LanguageModelSpec>>,
    /// Agents, likewise.
    pub agents: BTreeMap<MemberKey, Item<LanguageAgentSpec>>,
    /// Tools, likewise.
    pub tools: BTreeMap<MemberKey, Item<LanguageToolSpec>>,
    /// Personas, likewise.
    pub personas: BTreeMap<MemberKey, Item<LanguagePersonaSpec>>,
    /// Teams, likewise.
    pub teams: BTreeMap<MemberKey, Item<LanguageTeamSpec>>,
    /// Secrets, likewise.
    pub secrets: BTreeMap<MemberKey, Item<SecretSpec>>,
    /// Kubernetes documents of other kinds, carried along, ordered by [`crate::object::ObjectRef`].
    pub manifests: Vec<Manifest>,
    /// Where those of them go that name no namespace and of whose kind it is not known whether it needs one.
    pub namespace: DefaultNamespace,
    /// What is said of objects beside their content, by their addresses.
    pub rules: Vec<AddressedRules>,
    /// Description files beside the one that was read.
    pub unread: Vec<Unread>,
}

impl Stack {
    /// The team of an agent of a cluster: a description in which it has two is refused.
    #[must_use]
    pub(crate) fn team_of(
        &self,
        cluster: &str,
        name: &str,
        agent: &LanguageAgentSpec,
    ) -> Option<(&MemberKey, &Item<LanguageTeamSpec>)> {
        let group = agent.group.as_deref();
        members(&self.teams, cluster).find(|(_, team)| team.spec.has_agent(name, group))
    }
}

/// A name in a cluster, which is a namespace. Every cluster that is named here is in
/// [`Stack::clusters`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MemberKey {
    /// The cluster.
    pub cluster: String,
    /// The name in the cluster.
    pub name: String,
}

/// Those of one cluster, sorted by name. Looks at no other: a stack may have hundreds.
pub(crate) fn members<'a, T>(
    all: &'a BTreeMap<MemberKey, T>,
    cluster: &str,
) -> impl Iterator<Item = (&'a MemberKey, &'a T)> + use<'a, T> {
    let first = MemberKey { cluster: cluster.to_owned(), name: String::new() };
    let cluster = first.cluster.clone();
    all.range(first..).take_while(move |(key, _)| key.cluster == cluster)
}

/// A thing of the stack.
#[derive(Clone, Debug)]
pub struct Item<T> {
    /// What it is.
    pub spec: T,
    /// The spec as written: variables substituted, nulls and empty tables left out, `clusters` taken away, quantities
    /// that were written as numbers as text.
    pub written: serde_json::Value,
    /// What the user calls it: `cluster.prod`, `model.claude`. The same in each of its clusters.
    pub address: Address,
    /// Where it is named.
    pub source: Source,
    /// Where the keys of its tables are written, by dotted path: `capacity.maxCPU`. Not those within lists.
    pub places: BTreeMap<String, Source>,
    /// Where its network rules are written.
    pub rule_places: RulePlaces,
    /// Labels of its `langop.io` document; none in a description.
    pub labels: BTreeMap<String, String>,
    /// Annotations of its `langop.io` document; none in a description.
    pub annotations: BTreeMap<String, String>,
}

/// A Secret whose values are read on the way to the API server.
#[derive(Clone, Debug, Default)]
pub struct SecretSpec {
    /// Where the value of each key comes from.
    pub sources: BTreeMap<String, SecretSource>,
}
