//! Whom access control by roles lets get a Secret of a namespace: who may read it, run a pod that names it, or get into one
//! that holds it (Kubernetes, *Using RBAC Authorization* and *Good practices for Secrets*). Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Way;
use crate::object::field::{items, names, text};

/// Roles and bindings of a target, as far as they could be listed.
#[derive(Debug, Default)]
pub(super) struct AccessControl {
    /// `ClusterRole`s.
    pub cluster_roles: Vec<Value>,
    /// `ClusterRoleBinding`s.
    pub cluster_bindings: Vec<Value>,
    /// `Role`s of all namespaces.
    pub roles: Vec<Value>,
    /// `RoleBinding`s of all namespaces.
    pub bindings: Vec<Value>,
}

/// What makes pods, by group and resource; who changes one changes its pods.
const WORKLOADS: [(&str, &str); 7] = [
    ("apps", "daemonsets"),
    ("apps", "deployments"),
    ("apps", "replicasets"),
    ("apps", "statefulsets"),
    ("batch", "cronjobs"),
    ("batch", "jobs"),
    ("", "replicationcontrollers"),
];

/// What is needed for a way: verbs, group, resource.
type Right = (&'static [&'static str], &'static str, &'static str);

const READS: [Right; 1] = [(&["get", "list", "watch"], "", "secrets")];
const RUNS: [Right; 1] = [(&["create"], "", "pods")];
const ENTERS: [Right; 3] = [
    (&["create", "get"], "", "pods/exec"),
    (&["create", "get"], "", "pods/attach"),
    (&["update", "patch"], "", "pods/ephemeralcontainers"),
];

/// Who gets a Secret, by kind and name as "User `jane`", and how.
pub(super) fn subjects(control: &AccessControl, namespace: &str, secret: &str) -> BTreeMap<String, BTreeSet<Way>> {
    let mut all: BTreeMap<String, BTreeSet<Way>> = BTreeMap::new();
    let here = control.bindings.iter().filter(|binding| text(binding, "/metadata/namespace") == Some(namespace));
    for binding in control.cluster_bindings.iter().chain(here) {
        let name = text(binding, "/roleRef/name");
        let is_named = |role: &&Value| text(role, "/metadata/name") == name;
        let role = match text(binding, "/roleRef/kind") {
            Some("Role") => {
                let here = |role: &&Value| text(role, "/metadata/namespace") == Some(namespace);
                control.roles.iter().filter(here).find(is_named)
            }
            _ => control.cluster_roles.iter().find(is_named),
        };
        let ways = role.map(|role| ways(role, secret)).unwrap_or_default();
        for subject in items(binding, "/subjects").iter().filter(|_| !ways.is_empty()) {
            all.entry(called(subject, namespace)).or_default().extend(&ways);
        }
    }
    all
}

/// What a role lets do.
fn ways(role: &Value, secret: &str) -> BTreeSet<Way> {
    let rules = items(role, "/rules");
    let any = |rights: &[Right], name: Option<&str>| {
        rights.iter().any(|right| rules.iter().any(|rule| lets(rule, right, name)))
    };
    let workloads = WORKLOADS.map(|(group, resource)| -> Right { (&["create", "update", "patch"], group, resource) });
    let all = [
        (Way::Reads, any(&READS, Some(secret))),
        (Way::RunsPods, any(&RUNS, None) || any(&workloads, None)),
        (Way::EntersPods, any(&ENTERS, None)),
    ];
    all.into_iter().filter(|(_, is_let)| *is_let).map(|(way, _)| way).collect()
}

/// Whether a rule has a right. Pods and workloads may have any name, so that a rule with names lets them all the same.
fn lets(rule: &Value, (verbs, group, resource): &Right, name: Option<&str>) -> bool {
    let has = |place: &str, wanted: &str| names(rule, place).iter().any(|own| *own == "*" || *own == wanted);
    let parts = resource.split_once('/').map(|(_, part)| format!("*/{part}"));
    let resources = has("/resources", resource) || parts.is_some_and(|part| has("/resources", &part));
    let only = names(rule, "/resourceNames");
    let is_meant = only.is_empty() || name.is_none_or(|name| only.contains(&name));
    verbs.iter().any(|verb| has("/verbs", verb)) && has("/apiGroups", group) && resources && is_meant
}

fn called(subject: &Value, namespace: &str) -> String {
    let name = text(subject, "/name").unwrap_or_default();
    match text(subject, "/kind") {
        Some("ServiceAccount") => {
            format!("ServiceAccount `{}/{name}`", text(subject, "/namespace").unwrap_or(namespace))
        }
        Some(kind) => format!("{kind} `{name}`"),
        None => format!("`{name}`"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn role(namespace: Option<&str>, name: &str, rule: &Value) -> Value {
        json!({ "metadata": { "name": name, "namespace": namespace }, "rules": [rule] })
    }

    fn binding(namespace: Option<&str>, kind: &str, role: &str, subject: &Value) -> Value {
        json!({ "metadata": { "namespace": namespace }, "roleRef": { "kind": kind, "name": role }, "subjects": [subject] })
    }

    fn rule(group: &str, resource: &str, verb: &str) -> Value {
        json!({ "apiGroups": [group], "resources": [resource], "verbs": [verb] })
    }

    fn user(name: &str) -> Value {
        json!({ "kind": "User", "name": name })
    }

    #[test]
    fn who_reads_runs_or_enters_gets_it() {
        let mut named = rule("", "secrets", "get");
        named["resourceNames"] = json!(["other"]);
        let control = AccessControl {
            cluster_roles: vec![
                role(None, "admin", &rule("*", "*", "*")),
                role(None, "reader", &rule("", "secrets", "list")),
                role(None, "deployer", &rule("apps", "deployments", "patch")),
                role(None, "debugger", &rule("", "*/exec", "create")),
                role(None, "viewer", &rule("", "pods", "get")),
            ],
            cluster_bindings: vec![
                binding(None, "ClusterRole", "admin", &json!({ "kind": "Group", "name": "system:masters" })),
                binding(None, "ClusterRole", "viewer", &user("viewer")),
                binding(None, "ClusterRole", "gone", &user("nobody")),
            ],
            roles: vec![role(Some("prod"), "named", &named), role(Some("dev"), "reader", &rule("", "secrets", "get"))],
            bindings: vec![
                binding(Some("prod"), "ClusterRole", "reader", &user("jane")),
                binding(
                    Some("prod"),
                    "ClusterRole",
                    "deployer",
                    &json!({ "kind": "ServiceAccount", "name": "ci", "namespace": "ci" }),
                ),
                binding(Some("prod"), "ClusterRole", "debugger", &user("jane")),
                binding(Some("prod"), "Role", "named", &user("other")),
                binding(Some("dev"), "Role", "reader", &user("dev")),
                binding(Some("prod"), "Role", "reader", &user("misled")),
            ],
        };
        let found = subjects(&control, "prod", "keys");
        let wanted = BTreeMap::from([
            ("Group `system:masters`".to_owned(), BTreeSet::from([Way::Reads, Way::RunsPods, Way::EntersPods])),
            ("User `jane`".to_owned(), BTreeSet::from([Way::Reads, Way::EntersPods])),
            ("ServiceAccount `ci/ci`".to_owned(), BTreeSet::from([Way::RunsPods])),
        ]);
        assert_eq!(found, wanted);
    }
}
