//! Which clusters a thing goes to: those it names, or the only one there is.

use crate::stack::diagnostic::{Code, Diagnostic};
use crate::stack::draft::{Draft, Kind, Membership};
use crate::stack::names::nearest;

/// Fills in [`Draft::clusters`].
pub(crate) fn assign_clusters(drafts: &mut [Draft], found: &mut Vec<Diagnostic>) {
    let clusters = drafts.iter().filter(|draft| draft.kind == Kind::Cluster);
    let mut clusters: Vec<String> = clusters.map(|cluster| cluster.name.clone()).collect();
    clusters.sort();
    clusters.dedup();
    for draft in drafts.iter_mut().filter(|draft| draft.kind != Kind::Cluster) {
        draft.clusters = match (&draft.written, clusters.as_slice()) {
            (Some(written), _) => {
                let written = written.iter();
                written.filter_map(|member| known(member, &clusters, found)).collect()
            }
            (None, [only]) => vec![only.clone()],
            (None, _) => {
                found.push(homeless(draft, &clusters));
                Vec::new()
            }
        };
        draft.clusters.sort();
        draft.clusters.dedup();
    }
}

fn known(member: &Membership, clusters: &[String], found: &mut Vec<Diagnostic>) -> Option<String> {
    if clusters.contains(&member.cluster) {
        return Some(member.cluster.clone());
    }
    let shown: String = member.cluster.chars().filter(|c| !c.is_control()).take(63).collect();
    let message = format!("no cluster is called `{shown}`");
    let error = Diagnostic::error(Code::UnknownCluster, message).at(member.span, "");
    found.push(match nearest(&member.cluster, clusters.iter().map(String::as_str)) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None if clusters.is_empty() => error.hint("the stack describes no cluster"),
        None => error.hint(format!("there are `{}`", clusters.join("`, `"))),
    });
    None
}

fn homeless(draft: &Draft, clusters: &[String]) -> Diagnostic {
    let (message, hint) = match clusters {
        [] => (
            format!("{} is in no cluster: the stack describes none", draft.called()),
            "describe one under `clusters`".to_owned(),
        ),
        several => (
            format!("{} does not say which clusters it goes to", draft.called()),
            format!("add `clusters`, out of `{}`", several.join("`, `")),
        ),
    };
    Diagnostic::error(Code::MissingCluster, message).at(draft.named, "").hint(hint)
}
