//! Fields that are not applied as described, said once for each object: others keep them, or their changes are ignored.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::object::amend::Because;
use crate::object::{Address, Amendment, ObjectRef};

/// Fields of one object that are left as they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub(crate) struct Left {
    /// The object.
    pub object: ObjectRef,
    /// What the user calls it.
    pub address: Address,
    /// Why.
    pub because: Because,
    /// The fields, as a diff writes them.
    pub fields: Vec<String>,
    /// Who keeps them: field managers, or the autoscaler as `Kind/name`. Empty when langop itself wrote them last.
    pub managers: Vec<String>,
}

impl Left {
    /// What is left of one object, by the reasons.
    pub(crate) fn of(object: &ObjectRef, address: &Address, amendments: &[Amendment]) -> Vec<Self> {
        let mut left: BTreeMap<Because, (BTreeSet<String>, BTreeSet<String>)> = BTreeMap::new();
        for amendment in amendments {
            let (fields, managers) = left.entry(amendment.because).or_default();
            fields.insert(amendment.path.to_string());
            managers.extend(amendment.managers.iter().cloned());
        }
        let one = |(because, (fields, managers)): (Because, (BTreeSet<_>, BTreeSet<_>))| Self {
            object: object.clone(),
            address: address.clone(),
            because,
            fields: fields.into_iter().collect(),
            managers: managers.into_iter().collect(),
        };
        left.into_iter().map(one).collect()
    }
}
