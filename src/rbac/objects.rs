//! Roles and bindings as objects, and what a person has to know about them.

use serde_json::{Value, json};

use super::{Namespaces, Purpose, Request, Roles, Scope, Subject, grants};
use crate::object::labels;
use crate::object::names::SYSTEM_NAMESPACE;

/// What is printed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Printed {
    /// Lines for a person, without a comment sign.
    pub notes: Vec<String>,
    /// For `kubectl apply`, in an order in which they can be made.
    pub objects: Vec<Value>,
}

const VERSION: &str = "rbac.authorization.k8s.io/v1";

pub(super) fn printed(request: &Request<'_>, roles: &Roles, subject: Option<&Subject>) -> Printed {
    let name = match request.purpose {
        Purpose::Stacks => "langop-stacks".to_owned(),
        purpose => format!("langop-{}-{}", request.stack, purpose.word()),
    };
    let notes = notes(request, roles, &name, subject);
    let mut objects = Vec::new();
    if roles.rules.contains_key(&Scope::Namespace(SYSTEM_NAMESPACE.to_owned())) {
        objects.push(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SYSTEM_NAMESPACE,
            "labels": {labels::MANAGED_BY: labels::MANAGED_BY_LANGOP}}}));
    }
    for (scope, rules) in &roles.rules {
        objects.push(role(scope, &name, &rules.to_json()));
        objects.extend(subject.map(|subject| binding(scope, &name, subject)));
    }
    Printed { notes, objects }
}

fn role(scope: &Scope, name: &str, rules: &[Value]) -> Value {
    match scope {
        Scope::Cluster => {
            json!({"apiVersion": VERSION, "kind": "ClusterRole", "metadata": {"name": name}, "rules": rules})
        }
        Scope::Namespace(namespace) => json!({"apiVersion": VERSION, "kind": "Role",
            "metadata": {"name": name, "namespace": namespace}, "rules": rules}),
    }
}

fn binding(scope: &Scope, name: &str, subject: &Subject) -> Value {
    let role = |kind: &str| json!({"apiGroup": grants::GROUP, "kind": kind, "name": name});
    match scope {
        Scope::Cluster => json!({"apiVersion": VERSION, "kind": "ClusterRoleBinding", "metadata": {"name": name},
            "roleRef": role("ClusterRole"), "subjects": [subject.to_json()]}),
        Scope::Namespace(namespace) => json!({"apiVersion": VERSION, "kind": "RoleBinding",
            "metadata": {"name": name, "namespace": namespace},
            "roleRef": role("Role"), "subjects": [subject.to_json()]}),
    }
}

fn notes(request: &Request<'_>, roles: &Roles, name: &str, subject: Option<&Subject>) -> Vec<String> {
    let mut notes = vec![match request.purpose {
        Purpose::Stacks => "The least for `langop stacks`.".to_owned(),
        purpose => format!("The least for `langop {}` of the stack `{}`.", purpose.command(), request.stack),
    }];
    if subject.is_none() {
        let namespaces = roles.rules.keys().filter_map(|scope| match scope {
            Scope::Cluster => None,
            Scope::Namespace(namespace) => Some(format!("`{namespace}`")),
        });
        let namespaces: Vec<_> = namespaces.collect();
        let roles = match namespaces.as_slice() {
            [] => String::new(),
            namespaces => format!(", Role `{name}` by a RoleBinding in {}", namespaces.join(", ")),
        };
        notes.push(format!(
            "To bind: ClusterRole `{name}` by a ClusterRoleBinding{roles}; `--service-account`, `--user` and `--group` \
             print the bindings.",
        ));
    }
    notes.push(purpose_note(request.purpose).to_owned());
    if request.namespaces == Namespaces::Made && request.manifests.iter().any(|one| one.reference.is("", "Namespace")) {
        notes.push(
            "A Role cannot be made before its namespace: what stands in namespaces of the stack is granted in all of \
             them. `--existing-namespaces` prints Roles for these namespaces instead."
                .to_owned(),
        );
    }
    let gives_rights = request.manifests.iter().any(|manifest| grants::gives_rights(&manifest.reference));
    if gives_rights && request.purpose.writes_objects() {
        notes.push(
            "The stack has roles or bindings: who makes them must hold what they give, so that their rules are here too; \
             `bind` and `escalate` stand for roles whose rules are not in the description."
                .to_owned(),
        );
    }
    if !roles.guessed.is_empty() {
        let names: Vec<_> = roles.guessed.iter().map(String::as_str).collect();
        notes.push(format!(
            "Guessed from the kind, for its CRD is not in the description (see `kubectl api-resources`): `{}`.",
            names.join("`, `")
        ));
    }
    notes.push(
        "Not here, for Kubernetes grants it to all who are known to it: `system:discovery`, `system:basic-user`, \
         `system:public-info-viewer`."
            .to_owned(),
    );
    notes
}

fn purpose_note(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Status | Purpose::Events => "It can write nothing, and reads no Secret.",
        Purpose::Check => {
            "The Secret `gateway-auth` is read to make a key, and a port-forward leads to a pod of each gateway: whoever has \
             this may talk to the gateways as anybody."
        }
        Purpose::Logs => {
            "It can write nothing, and reads no Secret. Whoever has this may read the logs of all pods there, agents' too."
        }
        Purpose::Stacks => "It can write nothing. Records hold no value of a Secret.",
        Purpose::Plan => {
            "It can write nothing: changes are checked against schemas and not by the API server (`--dry-run` prints what \
             that asks for)."
        }
        Purpose::PlanWithDryRun => "A dry-run asks for the right to write: `patch` and `create` are those of apply.",
        Purpose::Apply => {
            "Objects that are taken out of the description are deleted: a kind or name that is in it no more needs the role \
             of the description as it was. Namespaces and what owns objects are deleted only after a look at all that goes \
             with them: see `langop rbac destroy`."
        }
        Purpose::Destroy => {
            "`list` of everything is for what others have in the namespaces that go. Without it they cannot be deleted but \
             with `--include-unmanaged`, unseen."
        }
    }
}
