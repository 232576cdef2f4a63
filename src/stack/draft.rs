//! A thing of the description before it is proved: its kind, its name, its tree. Written in a
//! description file or as a Kubernetes document, from here on it is the same.

use std::collections::BTreeMap;

use super::diagnostic::Span;
use super::tree::Node;
use crate::object::Address;

/// What a description is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    Cluster,
    Model,
    Agent,
    Tool,
    Persona,
    Team,
    Secret,
}

impl Kind {
    pub(super) const ALL: [Self; 7] =
        [Self::Cluster, Self::Model, Self::Agent, Self::Tool, Self::Persona, Self::Team, Self::Secret];

    /// What a person calls it, and the first part of its address.
    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::Cluster => "cluster",
            Self::Model => "model",
            Self::Agent => "agent",
            Self::Tool => "tool",
            Self::Persona => "persona",
            Self::Team => "team",
            Self::Secret => "secret",
        }
    }

    /// The table of a description that holds it.
    pub(super) fn section(self) -> &'static str {
        match self {
            Self::Cluster => "clusters",
            Self::Model => "models",
            Self::Agent => "agents",
            Self::Tool => "tools",
            Self::Persona => "personas",
            Self::Team => "teams",
            Self::Secret => "secrets",
        }
    }

    /// The kind of `langop.io` that it is; none for secrets, which are Kubernetes' own.
    pub(super) fn api_kind(self) -> Option<&'static str> {
        match self {
            Self::Cluster => Some("LanguageCluster"),
            Self::Model => Some("LanguageModel"),
            Self::Agent => Some("LanguageAgent"),
            Self::Tool => Some("LanguageTool"),
            Self::Persona => Some("LanguagePersona"),
            Self::Team => Some("LanguageTeam"),
            Self::Secret => None,
        }
    }

    /// The kind of a document.
    pub(super) fn of_api(kind: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|own| own.api_kind() == Some(kind))
    }
}

/// A cluster that a thing goes to, and where that is written.
#[derive(Clone, Debug)]
pub(super) struct Membership {
    pub cluster: String,
    pub span: Span,
}

/// A thing of the description.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub kind: Kind,
    pub name: String,
    /// Where the name is written.
    pub named: Span,
    /// Its spec; in a description with the key `clusters` among it.
    pub node: Node,
    /// How messages call it: `models.claude`, `LanguageModel/claude`.
    pub path: String,
    /// Written in which clusters; none when that is left out. Of a cluster: always none.
    pub written: Option<Vec<Membership>>,
    /// The clusters it goes to, all of them described. Of a cluster: none.
    pub clusters: Vec<String>,
    /// Labels of its document.
    pub labels: BTreeMap<String, String>,
    /// Annotations of its document.
    pub annotations: BTreeMap<String, String>,
}

impl Draft {
    /// What the user calls it.
    pub(super) fn address(&self) -> Address {
        match self.kind {
            Kind::Cluster => Address::cluster(&self.name),
            kind => Address::member(kind.noun(), &self.name),
        }
    }

    /// Kind and name, in a message.
    pub(super) fn called(&self) -> String {
        format!("{} `{}`", self.kind.noun(), self.name)
    }

    /// Where a key of the spec is written, else where the thing is named.
    pub(super) fn place(&self, key: &str) -> Span {
        self.node.entry(key).map_or(self.named, |entry| entry.key)
    }
}

/// The things that the merged description holds. What is no table is no thing; its shape is reported.
pub(super) fn of_description(root: &Node) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for kind in Kind::ALL {
        let section = root.get(kind.section()).into_iter().flat_map(Node::entries);
        for (name, entry) in section {
            drafts.push(Draft {
                kind,
                name: name.to_owned(),
                named: entry.key,
                written: written(kind, &entry.node),
                path: format!("{}.{name}", kind.section()),
                node: entry.node.clone(),
                clusters: Vec::new(),
                labels: BTreeMap::new(),
                annotations: BTreeMap::new(),
            });
        }
    }
    drafts
}

fn written(kind: Kind, node: &Node) -> Option<Vec<Membership>> {
    let clusters = node.get("clusters").filter(|_| kind != Kind::Cluster)?;
    let members = clusters
        .items()
        .iter()
        .filter_map(|item| Some(Membership { cluster: item.text()?.to_owned(), span: item.span }));
    Some(members.collect())
}
