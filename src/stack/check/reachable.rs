//! Whether an agent can call any model at all: one that cannot is of no use.

use super::Index;
use crate::stack::diagnostic::{Code, Diagnostic};
use crate::stack::draft::{Draft, Kind};
use crate::stack::tree::Node;

pub(super) fn check<'a>(agent: &'a Draft, index: &Index<'a>, found: &mut Vec<Diagnostic>) {
    // Models that are listed are references, each of which is reported by itself.
    if !agent.node.items_of("models").is_empty() {
        return;
    }
    for name in &agent.clusters {
        let Some(cluster) = index.cluster(name) else { continue };
        let restricts = cluster.node.at(&["gateway", "auth", "restrictModels"]).and_then(Node::boolean);
        let (why, hint) = if index.of(name, Kind::Model).next().is_none() {
            (format!("cluster `{name}` has none"), "describe one: `[models.NAME]`")
        } else if restricts == Some(true) {
            let why = format!("in cluster `{name}` agents call those alone that they list");
            (why, "list them: `models = [{ name = \"…\" }]`")
        } else {
            continue;
        };
        let message = format!("{} can call no model: {why}", agent.called());
        found.push(Diagnostic::error(Code::NoModel, message).at(agent.named, "").hint(hint));
    }
}
