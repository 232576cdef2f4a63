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
    let bound = ObjectRef { group: GROUP.to_owned(), kind: kind.to_owned(), namespace, name: name.to_owned() };
    let known = all.iter().find(|other| other.reference == bound);
    match known.filter(|role| role.object.pointer("/aggregationRule").is_none_or(serde_json::Value::is_null)) {
        Some(role) => rules.carry(items(&role.object, "/rules")),
        None => {
            let plural = if kind == "Role" { "roles" } else { "clusterroles" };
            rules.allow_named(&Resource::new(GROUP, plural), &[Verb::Bind], name);
        }
    }
}
