//! Which cluster a description is for. Knows no kubeconfig and no server: who connects holds the two against each
//! other.

use super::diagnostic::Files;
use super::environment::Environments;
use super::tree::Node;
use crate::object::Source;

/// The `[target]` of a description: all that is said of it must be so.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExpectedTarget {
    /// Context of the kubeconfig.
    pub context: Option<String>,
    /// URL of the API server.
    pub server: Option<String>,
    /// uid of the namespace `kube-system`.
    pub cluster_id: Option<String>,
    /// Whether the environment that was asked for names the context: then that is the one that is used.
    pub selects: bool,
    /// Where it is written.
    pub source: Source,
}

impl ExpectedTarget {
    /// The target of a description, if it says one.
    pub(super) fn of(root: &Node, environments: &Environments, files: &Files) -> Option<Self> {
        let entry = root.entry("target")?;
        let text = |key: &str| entry.node.get(key).and_then(Node::text).map(str::to_owned);
        Some(Self {
            context: text("context"),
            server: text("server"),
            cluster_id: text("clusterId"),
            selects: environments.context().is_some(),
            source: files.source(entry.key),
        })
    }
}
