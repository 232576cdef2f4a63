//! Everything a plan is computed from.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Dependency, Observed, Targets};
use crate::object::{Address, Lifecycle, ObjectRef, SharedValue, Source};
use crate::readiness::Standing;
use crate::stack::{Forget, Moved};

/// One desired object, late values filled in as far as they are known.
#[derive(Clone, Debug)]
pub(crate) struct Desired {
    /// What the user calls it.
    pub address: Address,
    /// Where it was written.
    pub source: Option<Source>,
    /// The object, without secret values.
    pub object: SharedValue,
    /// Digest of the object, keyed for secret values.
    pub digest: String,
    /// How it is kept.
    pub lifecycle: Lifecycle,
    /// Whether the manifest itself allows a replacement.
    pub replaceable: bool,
    /// What it waits for.
    pub depends_on: Vec<Dependency>,
    /// Where its parts were written, by JSON pointer, as far as that is known.
    pub places: BTreeMap<String, Source>,
}

impl Desired {
    /// Where the part at this JSON pointer was written, else where the object was.
    #[must_use]
    pub(crate) fn place(&self, pointer: &str) -> Option<Source> {
        self.places.get(pointer).or(self.source.as_ref()).cloned()
    }
}

/// What the record says of an object that this stack owns.
#[derive(Clone, Debug)]
pub(crate) struct Owned {
    /// uid; none when it was about to be made.
    pub uid: Option<String>,
    /// Digest of the manifest last applied.
    pub digest: String,
    /// What the user called it.
    pub address: Address,
    /// What it waited for.
    pub depends_on: Vec<Dependency>,
    /// How it is kept.
    pub lifecycle: Lifecycle,
    /// Whether it was there before the stack and was taken over.
    pub adopted: bool,
    /// How far it had come.
    pub standing: Standing,
}

/// Objects a flag applies to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Selection {
    /// None.
    #[default]
    Nothing,
    /// All.
    Everything,
    /// Those of these addresses: `cluster.prod` or `Deployment/prod/gateway`.
    Addresses(BTreeSet<String>),
}

impl Selection {
    /// Whether the flag was not given.
    #[must_use]
    pub(crate) fn is_nothing(&self) -> bool {
        *self == Self::Nothing
    }

    /// Whether the flag applies to this object.
    #[must_use]
    pub(crate) fn has(&self, address: &Address, object: &ObjectRef) -> bool {
        match self {
            Self::Nothing => false,
            Self::Everything => true,
            Self::Addresses(chosen) => {
                chosen.contains(address.as_str()) || chosen.contains(Address::object(object).as_str())
            }
        }
    }
}

/// What a command asks for beyond the description.
#[derive(Clone, Debug, Default)]
pub(crate) struct PlanOptions {
    /// Existing objects that may be taken over.
    pub adopt: Selection,
    /// Objects that may be deleted and made again.
    pub replace: Selection,
    /// Objects that may be deleted although nothing proves that they can be made again.
    pub replace_unproven: Selection,
    /// Adopted objects that may be deleted like those that the stack made.
    pub include_adopted: Selection,
    /// Objects that may be deleted although they are protected.
    pub delete_protected: Selection,
    /// Whether the whole stack goes.
    pub destroy: bool,
    /// Whether destroy takes CRDs that no object uses any more.
    pub crds: bool,
    /// What of the stack the command is about.
    pub targets: Targets,
    /// What the description says is called otherwise now.
    pub moved: Vec<Moved>,
    /// What it says is to be let go of.
    pub forget: Vec<Forget>,
}

/// Everything a plan is computed from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Inputs<'a> {
    /// The stack.
    pub stack: &'a str,
    /// What should be.
    pub desired: &'a BTreeMap<ObjectRef, Desired>,
    /// What is. Has every desired and every owned object.
    pub observed: &'a BTreeMap<ObjectRef, Observed>,
    /// What this stack owns.
    pub owned: &'a BTreeMap<ObjectRef, Owned>,
    /// What the command asks for.
    pub options: &'a PlanOptions,
}
