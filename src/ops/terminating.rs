//! Namespaces on their way out: one error for each, with what holds it, instead of one for each object in it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::cluster::Reader;
use crate::object::ObjectRef;
use crate::object::field::{items, names, text};
use crate::plan::{NAMESPACE_TERMINATING, Plan, Problem, Severity, TERMINATING};

/// Puts the errors about objects in a namespace that is being deleted together. One GET for each such namespace.
pub(super) async fn gather(reader: &Reader, plan: &mut Plan) {
    let mut gathered: BTreeMap<String, Vec<Problem>> = BTreeMap::new();
    for problem in &plan.problems {
        if let Some(namespace) = namespace(problem) {
            gathered.entry(namespace.to_owned()).or_default();
        }
    }
    let mut others = Vec::new();
    for problem in std::mem::take(&mut plan.problems) {
        match gathered.iter_mut().find(|(name, _)| is_about(&problem, name)) {
            Some((_, problems)) => problems.push(problem),
            None => others.push(problem),
        }
    }
    for (name, problems) in gathered {
        // Who may not look at it hears at least that it goes.
        let live = reader.find(&ObjectRef::of_namespace(&name)).await.ok().flatten().unwrap_or_default();
        others.push(one(&name, &problems, &live));
    }
    plan.problems = others;
}

/// The namespace that is being deleted, as far as a problem says so.
fn namespace(problem: &Problem) -> Option<&str> {
    let object = problem.object.as_ref()?;
    match problem.code.as_str() {
        NAMESPACE_TERMINATING => object.namespace.as_deref(),
        TERMINATING if object.is("", "Namespace") => Some(&object.name),
        _ => None,
    }
}

fn is_about(problem: &Problem, namespace: &str) -> bool {
    let is_code = [NAMESPACE_TERMINATING, TERMINATING].contains(&problem.code.as_str());
    is_code
        && problem.object.as_ref().is_some_and(|object| {
            object.namespace.as_deref() == Some(namespace) || *object == ObjectRef::of_namespace(namespace)
        })
}

fn one(name: &str, problems: &[Problem], live: &Value) -> Problem {
    let namespace = ObjectRef::of_namespace(name);
    let objects = problems.iter().filter(|problem| problem.object.as_ref() != Some(&namespace)).count();
    let waiting = match objects {
        0 => String::new(),
        1 => ", and 1 object of this stack waits for that".to_owned(),
        some => format!(", and {some} objects of this stack wait for that"),
    };
    let mut message = format!("the namespace `{name}` is being deleted{waiting}");
    for cause in causes(live) {
        message.push('\n');
        message.push_str(&cause);
    }
    let own = problems.iter().find(|problem| problem.object.as_ref() == Some(&namespace)).or(problems.first());
    let (address, source) = own.map_or((None, None), |own| (own.address.clone(), own.source.clone()));
    let address = address.filter(|_| own.is_some_and(|own| own.object.as_ref() == Some(&namespace)));
    let hint = format!("wait until it is gone (`kubectl wait --for=delete namespace/{name}`), then run again");
    Problem::new(Severity::Error, NAMESPACE_TERMINATING, message).about(&namespace, address, source).with_hint(hint)
}

/// What holds a namespace, in the words of its conditions (`namespace.status.conditions`); else its finalizers.
fn causes(live: &Value) -> Vec<String> {
    let conditions = items(live, "/status/conditions").iter();
    let holding = conditions.filter(|one| text(one, "/status") == Some("True"));
    let causes: Vec<_> = holding.filter_map(|one| text(one, "/message")).map(str::to_owned).collect();
    let finalizers: Vec<_> = names(live, "/metadata/finalizers")
        .into_iter()
        .map(|name| format!("it waits for the finalizer `{name}`"))
        .collect();
    [causes, finalizers].concat()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn one_error_says_what_waits_and_what_holds_the_namespace() {
        let problem = |object: &ObjectRef, code: &str| {
            Problem::new(Severity::Error, code, String::new()).about(object, None, None)
        };
        let map = ObjectRef::namespaced("", "ConfigMap", "shop", "a");
        let live = json!({"metadata": {"finalizers": ["x/y"]}, "status": {"conditions": [
            {"type": "NamespaceContentRemaining", "status": "True", "message": "Some resources are remaining: pods. has 1 resource instances"},
            {"type": "NamespaceDeletionDiscoveryFailure", "status": "False", "message": "All resources successfully discovered"},
        ]}});
        let problems = [problem(&map, NAMESPACE_TERMINATING), problem(&ObjectRef::of_namespace("shop"), TERMINATING)];
        assert!(problems.iter().all(|problem| is_about(problem, "shop") && namespace(problem) == Some("shop")));
        assert!(!is_about(&problem(&map, "refused"), "shop") && namespace(&problem(&map, TERMINATING)).is_none());
        let said = one("shop", &problems, &live);
        assert_eq!(
            said.message,
            "the namespace `shop` is being deleted, and 1 object of this stack waits for that\nSome resources are remaining: \
             pods. has 1 resource instances\nit waits for the finalizer `x/y`"
        );
    }
}
