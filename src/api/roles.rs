//! `ClusterRole`s for people who use the kinds. Kubernetes adds their rules to its own roles `view`, `edit` and `admin`
//! (*Using RBAC Authorization*, "Aggregated `ClusterRole`s"), which know nothing of custom kinds by themselves.

use serde_json::{Value, json};

use super::crds::{SCHEMA, crds};
use crate::object::field::{owned, text};
use crate::object::labels;
use crate::object::names::GROUP;

const VIEW: &str = "view";
const EDIT: &str = "edit";
const ADMIN: &str = "admin";

/// `langop-view` and `langop-edit`. Who may edit a namespace may edit what is in it, but no language cluster: that has no
/// namespace, and makes one.
#[must_use]
pub fn roles() -> Vec<Value> {
    let resources = |wanted: fn(&str) -> bool| {
        let kinds = crds().iter().filter(|crd| text(crd, "/spec/scope").is_some_and(wanted));
        kinds.filter_map(|crd| owned(crd, "/spec/names/plural")).collect::<Vec<_>>()
    };
    vec![
        role(VIEW, &[VIEW, EDIT, ADMIN], &resources(|_| true), &["get", "list", "watch"]),
        role(
            EDIT,
            &[EDIT, ADMIN],
            &resources(|scope| scope == "Namespaced"),
            &["create", "delete", "deletecollection", "patch", "update"],
        ),
    ]
}

fn role(name: &str, into: &[&str], resources: &[String], verbs: &[&str]) -> Value {
    let mut labels = json!({labels::MANAGED_BY: labels::MANAGED_BY_LANGOP});
    for role in into {
        labels[format!("rbac.authorization.k8s.io/aggregate-to-{role}")] = json!("true");
    }
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {
            "name": format!("langop-{name}"),
            "labels": labels,
            "annotations": {labels::SCHEMA: SCHEMA.to_string()},
        },
        "rules": [{"apiGroups": [GROUP], "resources": resources, "verbs": verbs}],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_view_sees_every_kind_and_who_may_edit_a_namespace_makes_no_cluster() {
        let roles = roles();
        assert_eq!(roles[0]["rules"][0]["resources"].as_array().map(Vec::len), Some(6));
        let edited = roles[1]["rules"][0]["resources"].to_string();
        assert!(edited.contains("languagemodels") && !edited.contains("languageclusters"), "{edited}");
    }
}
