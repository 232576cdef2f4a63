//! What is out: a provider, a model, a region or a host, and which deployments that takes along.

use std::collections::BTreeSet;

use super::deployment::Deployment;
use crate::object::glob::matches;

/// One thing that is out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OutageTerm {
    kind: TermKind,
    name: String,
}

/// What a thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TermKind {
    Provider,
    Model,
    Region,
    Host,
}

/// A term that nothing of a description is meant by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UnknownTerm {
    /// The term.
    pub term: String,
    /// What there is of its kind.
    pub has: Vec<String>,
}

impl OutageTerm {
    /// Every kind, as it is written.
    const KINDS: [(&str, TermKind); 4] = [
        ("provider", TermKind::Provider),
        ("model", TermKind::Model),
        ("region", TermKind::Region),
        ("host", TermKind::Host),
    ];

    /// Reads `KIND=NAME`.
    #[must_use]
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (kind, name) = text.split_once('=')?;
        let (_, kind) = Self::KINDS.into_iter().find(|(word, _)| *word == kind)?;
        let name = if kind == TermKind::Host { bare_host(name) } else { name.to_owned() };
        (!name.is_empty()).then_some(Self { kind, name })
    }

    /// As it is written.
    #[must_use]
    pub(crate) fn text(&self) -> String {
        let word = Self::KINDS.iter().find(|(_, kind)| *kind == self.kind).map_or("", |(word, _)| word);
        format!("{word}={}", self.name)
    }

    /// Whether it is a host.
    pub(super) fn is_host(&self) -> bool {
        self.kind == TermKind::Host
    }

    /// The deployments that it takes along, by their places: of several clusters one after the other. A model is meant
    /// by the name of its `LanguageModel`, and only where there is none, by the name that it is called by.
    pub(super) fn takes(&self, all: &[(&str, Vec<Deployment>)]) -> Result<Vec<Vec<bool>>, UnknownTerm> {
        let by = |means: &dyn Fn(&str, &Deployment) -> bool| -> Vec<Vec<bool>> {
            all.iter().map(|(cluster, own)| own.iter().map(|one| means(cluster, one)).collect()).collect()
        };
        let mut taken = by(&|cluster, one| self.names(cluster, one));
        if self.kind == TermKind::Model && !taken.iter().flatten().any(|out| *out) {
            taken = by(&|_, one| matches(&self.name, &one.name));
        }
        if taken.iter().flatten().any(|out| *out) { Ok(taken) } else { Err(self.unknown(all)) }
    }

    fn names(&self, cluster: &str, deployment: &Deployment) -> bool {
        match self.kind {
            TermKind::Provider => matches(&self.name, &deployment.provider),
            TermKind::Model => {
                let label = &deployment.label;
                matches(&self.name, label) || self.name.split_once('/') == Some((cluster, label.as_str()))
            }
            TermKind::Region => deployment.regions.iter().any(|region| matches(&self.name, region)),
            // A host of a deployment may be a pattern itself.
            TermKind::Host => {
                deployment.hosts.iter().any(|host| matches(&self.name, host) || matches(host, &self.name))
            }
        }
    }

    fn unknown(&self, all: &[(&str, Vec<Deployment>)]) -> UnknownTerm {
        UnknownTerm { term: self.text(), has: self.kind.named_by(all).into_iter().collect() }
    }

    /// Every term that takes some deployment along.
    pub(super) fn all(deployments: &[(&str, Vec<Deployment>)]) -> Vec<Self> {
        let of = |(_, kind): (_, TermKind)| kind.named_by(deployments).into_iter().map(move |name| Self { kind, name });
        Self::KINDS.into_iter().flat_map(of).collect()
    }
}

impl TermKind {
    /// The names of this kind that deployments have.
    fn named_by(self, all: &[(&str, Vec<Deployment>)]) -> BTreeSet<String> {
        let deployments = all.iter().flat_map(|(_, own)| own);
        match self {
            Self::Provider => deployments.map(|one| one.provider.clone()).collect(),
            Self::Model => deployments.map(|one| one.label.clone()).collect(),
            Self::Region => deployments.flat_map(|one| one.regions.clone()).collect(),
            Self::Host => deployments.flat_map(|one| one.hosts.clone()).collect(),
        }
    }
}

/// A host without what a URL has beside it.
fn bare_host(text: &str) -> String {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let host = rest.split('/').next().unwrap_or_default();
    let host = host.strip_prefix('[').map_or_else(
        // An address of IPv6 has more colons than the one before a port.
        || host.rsplit_once(':').filter(|(name, _)| !name.contains(':')).map_or(host, |(name, _)| name),
        |rest| rest.split(']').next().unwrap_or_default(),
    );
    host.trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_is_a_kind_and_a_name() {
        let text = |text| OutageTerm::parse(text).map(|term| term.text());
        assert_eq!(text("provider=anthropic").as_deref(), Some("provider=anthropic"));
        assert_eq!(text("host=https://API.example.com:8443/v1").as_deref(), Some("host=api.example.com"));
        assert_eq!(text("host=[fd00::1]:443").as_deref(), Some("host=fd00::1"));
        assert_eq!(text("host=fd00::1").as_deref(), Some("host=fd00::1"));
        assert_eq!((text("vendor=a"), text("model="), text("anthropic")), (None, None, None));
    }
}
