//! What the server said about one object, as far as a decision needs it.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Action, Change, Confidence};
use crate::object::{Meta, ObjectRules};

/// A field that another manager owns with another value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Claim {
    /// The path, as a diff writes it.
    pub field: String,
    /// Who owns it.
    pub manager: String,
    /// `Apply` or `Update`, if managedFields say so.
    pub operation: String,
    /// Since when, RFC 3339, if managedFields say so.
    pub since: String,
    /// The value that is there, on one line, as far as it may be seen.
    pub live: String,
    /// The value that is described, likewise.
    pub described: String,
}

impl Claim {
    /// Whether the description takes the field from its manager.
    #[must_use]
    pub(crate) fn is_taken_by(&self, rules: &ObjectRules) -> bool {
        self.field.parse().is_ok_and(|field| rules.takes(&field, &self.manager))
    }

    /// `spec.replicas (kubectl-edit)`: what a change says that it takes.
    #[must_use]
    pub(crate) fn taken(&self) -> String {
        taken_field(&self.field, &self.manager)
    }
}

/// What a change says that it takes: this field from this manager.
#[must_use]
pub(crate) fn taken_field(field: &str, manager: &str) -> String {
    format!("{field} ({manager})")
}

/// What the object of a change was on the server, where the plan read it or is as it is; nothing of one that is new.
#[must_use]
pub(super) fn was(change: &Change, observed: Option<&Observed>) -> Option<Value> {
    match (change.action, observed) {
        (Action::NoOp, _) => Some(change.desired.to_value()),
        (_, Some(Observed::Live { live, .. })) => Some(live.clone()),
        _ => None,
    }
}

/// Whether the API server would take an object anew, once the old one is deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// It ran it under another name.
    Proven,
    /// That cannot be found out while the old one is there, and why.
    Unproven(String),
}

/// What an apply would make of the object.
#[derive(Clone, Debug)]
pub(crate) enum Preview {
    /// This, and how that is known.
    Becomes {
        /// The object as it would be.
        object: Value,
        /// How it is known.
        confidence: Confidence,
        /// Fields that a forced apply takes from others.
        takes: Vec<Claim>,
    },
    /// This, once a quota has room for it: the quota that is in force now has none. The plan's own quota may.
    NoRoom {
        /// The object as it would be.
        object: Value,
        /// The server's words.
        message: String,
    },
    /// Nothing: other managers own fields of it.
    Conflict(Vec<Claim>),
    /// Nothing: these fields cannot change in place.
    Immutable {
        /// The fields.
        fields: Vec<String>,
        /// Whether the API server would take the object anew.
        proof: Proof,
    },
    /// Nothing: what is there and what is desired do not go together, although the server would take the new object.
    Clash {
        /// The server's words.
        message: String,
        /// The fields that it names.
        fields: Vec<String>,
    },
    /// Nothing: its namespace is being deleted and takes nothing any more.
    NamespaceTerminating,
    /// Nothing: this identity may write it and lacks another right that the server asks for then.
    Forbidden {
        /// The server's words.
        message: String,
        /// The next step.
        hint: Option<String>,
    },
    /// Nothing: the server refuses it, and would refuse the apply too.
    Refused {
        /// The server's words.
        message: String,
        /// The next step.
        hint: Option<String>,
    },
}

/// What the server said about one object. An error is not an absence.
#[derive(Clone, Debug)]
pub(crate) enum Observed {
    /// It is not there.
    Absent(Preview),
    /// It is as it was recorded, and the record is as desired: proved without reading it.
    Unchanged(Arc<Meta>),
    /// It is there.
    Live {
        /// Its metadata.
        meta: Arc<Meta>,
        /// Its content.
        live: Value,
        /// What it would become.
        next: Preview,
    },
    /// It is there; nobody desires it, so its content was not read.
    Undesired(Arc<Meta>),
    /// It is not there, and nobody desires it.
    Gone,
    /// This identity may not look at it.
    Hidden {
        /// Whether it is to be compared at all: not when the values of a Secret are missing too.
        comparable: bool,
        /// The server's words.
        message: String,
        /// The next step.
        hint: Option<String>,
    },
    /// The server would not say.
    Unreadable {
        /// Why.
        message: String,
        /// The next step.
        hint: Option<String>,
    },
}

impl Observed {
    /// The same with another idea of what the object becomes, made from the live object, null when there is none.
    #[must_use]
    pub(crate) fn with_next(self, change: impl FnOnce(&Value, Value) -> Value) -> Self {
        match self {
            Self::Live { meta, live, next: Preview::Becomes { object, confidence, takes } } => {
                let object = change(&live, object);
                Self::Live { meta, live, next: Preview::Becomes { object, confidence, takes } }
            }
            Self::Absent(Preview::Becomes { object, confidence, takes }) => {
                Self::Absent(Preview::Becomes { object: change(&Value::Null, object), confidence, takes })
            }
            other => other,
        }
    }

    /// Metadata of the live object, if there is one.
    #[must_use]
    pub(crate) fn meta(&self) -> Option<&Meta> {
        match self {
            Self::Unchanged(meta) | Self::Undesired(meta) | Self::Live { meta, .. } => Some(meta),
            Self::Absent(_) | Self::Gone | Self::Hidden { .. } | Self::Unreadable { .. } => None,
        }
    }
}
