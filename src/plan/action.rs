//! What is done to an object, and why.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::object::ObjectRef;

/// What apply does to one object. These and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Action {
    /// Nothing; dependents may still wait for it.
    NoOp,
    /// It is made.
    Create,
    /// It is changed in place.
    Update,
    /// It is deleted and made again.
    Replace,
    /// It is deleted.
    Delete,
    /// It leaves the inventory; the object, if there is one, is left alone.
    Forget,
}

/// Why an object gets its action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "code")]
#[non_exhaustive]
pub(crate) enum Reason {
    /// Live and desired are the same.
    Equal,
    /// It is not there yet.
    Absent,
    /// The description changed.
    Changed,
    /// The description did not change, the live object did.
    Drifted {
        /// The managers that moved it, by managedFields; empty when that cannot be told.
        managers: Vec<String>,
    },
    /// It exists, belongs to nobody, and adoption was asked for.
    Adopt,
    /// A field that cannot change in place.
    Immutable {
        /// The fields, as the API server named them.
        fields: Vec<String>,
    },
    /// The description no longer has it.
    Removed,
    /// The stack is destroyed.
    Destroyed,
    /// It goes with its namespace or its owner and costs no request of its own.
    With {
        /// The namespace or owner.
        object: ObjectRef,
    },
    /// It ran to its end and was removed: a Job with a TTL, a pod that the garbage collector took.
    Completed,
    /// It is gone already.
    Gone,
    /// Someone else made it again under the same name.
    Recreated,
    /// It was kept on purpose: a CRD, a retained volume claim.
    Kept,
    /// It was there before the stack, which lets go of it.
    Adopted,
    /// The description says that it is to be let go of.
    Forgotten,
}
