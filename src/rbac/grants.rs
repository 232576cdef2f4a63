//! Roles and bindings in the description: whoever makes them must hold what they give, or the verbs that stand for it
//! (Kubernetes, *Using RBAC Authorization*, "Privilege escalation prevention and bootstrapping").

use std::collections::BTreeMap;

use super::Scope;
use super::rule::{Resource, Rules, Verb};
use crate::object::field::{items, text};
use crate::object::{Manifest, ObjectRef};

pub(super) const GROUP: &str = "rbac.authorization.k8s.io";

/// Whether the object gives rights.
pub(super) fn gives_rights(object: &ObjectRef) -> bool {
    object.group == GROUP
}

/// Adds what the maker of this object must hold.
pub(super) fn add(manifest: &Manifest, all: &[Manifest], scope: &Scope, rules: &mut BTreeMap<Scope, Rules>) {
    let object = &manifest.reference;
    match object.kind.as_str() {
        "Role" => rules.entry(scope.clone()).or_default().carry(items(&manifest.object, "/rules")),
        "ClusterRole" => cluster_role(manifest, rules.entry(Scope::Cluster).or_default()),
        "RoleBinding" | "ClusterRoleBinding" => binding(manifest, all, rules.entry(scope.clone()).or_default()),
        _ => {}
    }
}

/// What an aggregating role will hold nobody can know.
fn cluster_role(manifest: &Manifest, rules: &mut Rules) {
    if manifest.object.pointer("/aggregationRule").is_some_and(|rule| !rule.is_null()) {
        rules.allow_named(&Resource::new(GROUP, "clusterroles"), &[Verb::Escalate], &manifest.reference.name);
    } else {
        rules.carry(items(&manifest.object, "/rules"));
    }
}

/// A role of the description is held already; of another one nobody knows here what it gives.
fn binding(manifest: &Manifest, all: &[Manifest], rules: &mut Rules) {
    let role = |field: &str| text(&manifest.object, &format!("/roleRef/{field}")).unwrap_or_default();
    let (kind, name) = (role("kind"), role("name"));
    let namespace = manifest.reference.namespace.clone().filter(|_| kind == "Role");
    let bound = ObjectRef { group: GROUP.into(), kind: kind.into(), namespace, name: name.into() };
    let known = all.iter().find(|other| other.reference == bound);
    let held = known.filter(|role| role.object.pointer("/aggregationRule").is_none_or(serde_json::Value::is_null));
    if let Some(role) = held {
        rules.carry(items(&role.object, "/rules"));
    } else {
        let plural = if kind == "Role" { "roles" } else { "clusterroles" };
        rules.allow_named(&Resource::new(GROUP, plural), &[Verb::Bind], name);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn manifest(kind: &str, name: &str, namespace: Option<&str>, mut object: Value) -> Manifest {
        object["apiVersion"] = json!("rbac.authorization.k8s.io/v1");
        object["kind"] = json!(kind);
        object["metadata"] = json!({"name": name, "namespace": namespace});
        Manifest::new(object, None, None).unwrap()
    }

    fn needed(all: &[Manifest]) -> Vec<Value> {
        let mut rules = BTreeMap::new();
        for manifest in all {
            add(manifest, all, &Scope::Cluster, &mut rules);
        }
        rules.remove(&Scope::Cluster).unwrap_or_default().to_json()
    }

    #[test]
    fn who_makes_a_role_holds_it_and_who_binds_another_may_bind_it() {
        let rule = json!({"apiGroups": [""], "resources": ["pods/log"], "verbs": ["get"]});
        let own = manifest("Role", "reader", Some("n"), json!({"rules": [rule]}));
        let bind = |kind: &str, role: &str| {
            let reference = json!({"apiGroup": GROUP, "kind": kind, "name": role});
            manifest("RoleBinding", "b", Some("n"), json!({"roleRef": reference}))
        };
        assert_eq!(needed(&[own.clone(), bind("Role", "reader")]), [rule]);
        let theirs =
            json!({"apiGroups": [GROUP], "resources": ["clusterroles"], "resourceNames": ["view"], "verbs": ["bind"]});
        assert_eq!(needed(&[bind("ClusterRole", "view")]), [theirs]);
    }

    #[test]
    fn what_an_aggregating_role_will_hold_nobody_can_hold_before() {
        let aggregation = json!({"clusterRoleSelectors": [{"matchLabels": {"a": "b"}}]});
        let role = manifest("ClusterRole", "all", None, json!({"aggregationRule": aggregation, "rules": []}));
        let escalate = json!({"apiGroups": [GROUP], "resources": ["clusterroles"], "resourceNames": ["all"], "verbs": ["escalate"]});
        assert_eq!(needed(&[role]), [escalate]);
    }
}
