//! What a plan could not have the API server run because this identity may not write: said once for all objects.

use std::collections::{BTreeMap, BTreeSet};

use crate::cluster::{Reader, Right};
use crate::plan::{Action, Change, Plan, Problem, Severity};

/// The warning; none where nothing was denied that the plan changes.
pub(super) fn warning(reader: &Reader, plan: &Plan) -> Option<Problem> {
    let changed = plan.changes.iter().filter(|change| change.action != Action::NoOp);
    let resource = |change: &Change| Some(reader.resource(&change.object.group_kind(), None).ok()?.qualified());
    let changed: BTreeSet<_> = changed.filter_map(resource).collect();
    let mut denied = reader.denied();
    denied.retain(|right| changed.contains(&right.resource));
    let message = message(&denied)?;
    let hint = "the changes are those of the description all the same; `langop rbac plan --dry-run` prints the roles that \
                dry-runs ask for, and `--require=server` refuses a plan without them";
    Some(Problem::new(Severity::Warning, "not-permitted", message).with_hint(hint.to_owned()))
}

/// Verbs that miss the same resources are named together.
fn message(denied: &BTreeSet<Right>) -> Option<String> {
    let mut verbs: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for right in denied {
        verbs.entry(&right.resource).or_default().insert(right.verb);
    }
    let mut resources: BTreeMap<BTreeSet<&str>, Vec<&str>> = BTreeMap::new();
    for (resource, verbs) in verbs {
        resources.entry(verbs).or_default().push(resource);
    }
    let parts = resources.into_iter().map(|(verbs, resources)| {
        format!("`{}` {}", verbs.into_iter().collect::<Vec<_>>().join("` and `"), resources.join(", "))
    });
    let parts: Vec<_> = parts.collect();
    let what = parts.join("; ");
    (!parts.is_empty()).then(|| format!("this identity may not {what}: such changes were not tried on the server"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verb_is_named_once_with_all_that_it_misses() {
        let right = |verb, resource: &str, namespace: Option<&str>| Right {
            verb,
            resource: resource.to_owned(),
            namespace: namespace.map(str::to_owned),
        };
        let denied = BTreeSet::from([
            right("patch", "configmaps", Some("a")),
            right("patch", "configmaps", Some("b")),
            right("create", "configmaps", Some("a")),
            right("patch", "deployments.apps", Some("a")),
            right("create", "deployments.apps", Some("a")),
            right("create", "namespaces", None),
        ]);
        assert_eq!(
            message(&denied).as_deref(),
            Some(
                "this identity may not `create` namespaces; `create` and `patch` configmaps, deployments.apps: such \
                 changes were not tried on the server"
            )
        );
        assert_eq!(message(&BTreeSet::new()), None);
    }
}
