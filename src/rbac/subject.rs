//! Who gets the roles.

use serde_json::{Value, json};

/// Who gets the roles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// A service account.
    ServiceAccount {
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: String,
    },
    /// A user, as the API server calls them.
    User(String),
    /// A group of users.
    Group(String),
}

impl Subject {
    /// As in the `subjects` of a binding.
    pub(super) fn to_json(&self) -> Value {
        let group = "rbac.authorization.k8s.io";
        match self {
            Self::ServiceAccount { namespace, name } => {
                json!({"kind": "ServiceAccount", "name": name, "namespace": namespace})
            }
            Self::User(name) => json!({"apiGroup": group, "kind": "User", "name": name}),
            Self::Group(name) => json!({"apiGroup": group, "kind": "Group", "name": name}),
        }
    }
}
