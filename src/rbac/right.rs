//! Rules of a role, taken apart: one verb, one resource, one name at a time, as an access review asks. Pure.

use std::fmt;

use serde_json::Value;

use super::Scope;
use crate::object::field::items;

/// One thing that an identity is to be allowed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Right {
    /// In which namespace; none for all of them, and for what has none.
    pub namespace: Option<String>,
    /// The API group; empty for the core.
    pub group: String,
    /// `deployments`, `languageclusters/status`.
    pub resource: String,
    /// Of which object; none for all.
    pub name: Option<String>,
    /// `get`.
    pub verb: String,
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { namespace, group, resource, name, verb } = self;
        write!(f, "{verb} {resource}")?;
        if !group.is_empty() {
            write!(f, ".{group}")?;
        }
        if let Some(name) = name {
            write!(f, " `{name}`")?;
        }
        if let Some(namespace) = namespace {
            write!(f, " in namespace `{namespace}`")?;
        }
        Ok(())
    }
}

/// What rules allow in one scope. Paths that are no resources are not among them.
pub(super) fn rights(scope: &Scope, rules: &[Value]) -> Vec<Right> {
    let mut rights = Vec::new();
    for rule in rules {
        for verb in words(rule, "/verbs") {
            for group in words(rule, "/apiGroups") {
                for resource in words(rule, "/resources") {
                    rights.extend(names(rule).into_iter().map(|name| Right {
                        namespace: match scope {
                            Scope::Cluster => None,
                            Scope::Namespace(name) => Some(name.clone()),
                        },
                        group: group.clone(),
                        resource: resource.clone(),
                        name,
                        verb: verb.clone(),
                    }));
                }
            }
        }
    }
    rights
}

/// The names that a rule is bound to; one none where it is for all.
fn names(rule: &Value) -> Vec<Option<String>> {
    let names: Vec<_> = words(rule, "/resourceNames").map(Some).collect();
    if names.is_empty() { vec![None] } else { names }
}

fn words(rule: &Value, field: &'static str) -> impl Iterator<Item = String> {
    items(rule, field).iter().filter_map(Value::as_str).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_rule_is_every_verb_on_every_resource_by_every_name() {
        let rules = [
            json!({"apiGroups": [""], "resources": ["pods", "secrets"], "verbs": ["get"], "resourceNames": ["a", "b"]}),
            json!({"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["list", "patch"]}),
            json!({"nonResourceURLs": ["/readyz"], "verbs": ["get"]}),
        ];
        let of_namespace = rights(&Scope::Namespace("n".to_owned()), &rules);
        let said: Vec<_> = of_namespace.iter().map(ToString::to_string).collect();
        assert_eq!(
            said,
            [
                "get pods `a` in namespace `n`",
                "get pods `b` in namespace `n`",
                "get secrets `a` in namespace `n`",
                "get secrets `b` in namespace `n`",
                "list deployments.apps in namespace `n`",
                "patch deployments.apps in namespace `n`",
            ]
        );
        assert_eq!(rights(&Scope::Cluster, &rules)[4].to_string(), "list deployments.apps");
    }
}
