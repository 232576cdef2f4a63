//! What a person changes in a record by hand: objects leave it, or are called something else. Pure; nothing is done to the
//! objects themselves.

use std::collections::{BTreeMap, BTreeSet};

use super::{Entry, Inventory};
use crate::object::{Address, AddressForm, AddressPattern, ObjectRef};

/// Why a record cannot call its objects so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RenameError {
    /// Kubernetes cannot rename an object.
    #[error("`{to}` is another object than {object}, and an object cannot be renamed")]
    OtherObject {
        /// What it was to be called.
        to: Address,
        /// The object.
        object: ObjectRef,
    },
    /// A thing of another kind.
    #[error("`{from}` is no {noun}, as `{to}` is")]
    OtherKind {
        /// What it is called.
        from: Address,
        /// What it was to be called.
        to: Address,
        /// The kind of that.
        noun: String,
    },
    /// The record has objects of that address.
    #[error("the record has `{to}` already: {object}")]
    Taken {
        /// The address.
        to: Address,
        /// One of them.
        object: ObjectRef,
    },
}

impl Inventory {
    /// Objects that one of these patterns stands for.
    #[must_use]
    pub fn matching(&self, patterns: &[AddressPattern]) -> BTreeMap<ObjectRef, Entry> {
        let all = self.entries.iter();
        let matching = all.filter(|(object, entry)| patterns.iter().any(|pattern| pattern.has(&entry.address, object)));
        matching.map(|(object, entry)| (object.clone(), entry.clone())).collect()
    }

    /// Every address that an object of the record answers to.
    pub fn addresses(&self) -> impl Iterator<Item = String> {
        self.entries.iter().flat_map(|(object, entry)| {
            [entry.address.as_str().to_owned(), Address::object(object).as_str().to_owned()]
        })
    }

    /// Objects that the record calls `from`, or that are called so themselves, are called `to` from now on; which these
    /// are. None when there are none.
    ///
    /// # Errors
    /// `to` is another object, a thing of another kind, or in the record already.
    pub fn rename(&mut self, from: &Address, to: &Address) -> Result<Vec<ObjectRef>, RenameError> {
        let called =
            self.entries.iter().filter(|(object, entry)| entry.address == *from || Address::object(object) == *from);
        let objects: BTreeSet<_> = called.map(|(object, _)| object.clone()).collect();
        for object in &objects {
            may_be_called(object, from, to)?;
        }
        let taken = self.entries.iter().find(|(object, entry)| entry.address == *to && !objects.contains(*object));
        if let Some((object, _)) = taken {
            return Err(RenameError::Taken { to: to.clone(), object: object.clone() });
        }
        for (_, entry) in self.entries.iter_mut().filter(|(object, _)| objects.contains(*object)) {
            entry.address = to.clone();
        }
        Ok(objects.into_iter().collect())
    }
}

fn may_be_called(object: &ObjectRef, from: &Address, to: &Address) -> Result<(), RenameError> {
    match (from.form(), to.form()) {
        (_, Some(AddressForm::Object(..))) if Address::object(object) != *to => {
            Err(RenameError::OtherObject { to: to.clone(), object: object.clone() })
        }
        (Some(AddressForm::Thing(was, _)), Some(AddressForm::Thing(is, _))) if was != is => {
            Err(RenameError::OtherKind { from: from.clone(), to: to.clone(), noun: is.to_owned() })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::Lifecycle;
    use crate::readiness::Standing;

    fn record(objects: &[(&str, &str, &str)]) -> Inventory {
        let mut inventory = Inventory::new("s");
        for (kind, name, address) in objects {
            let entry = Entry {
                uid: None,
                generation: None,
                resource_version: None,
                fields: None,
                digest: String::new(),
                address: Address::parse(address).unwrap(),
                api_version: "v1".to_owned(),
                depends_on: Vec::new(),
                lifecycle: Lifecycle::Managed,
                adopted: false,
                standing: Standing::Ready,
            };
            inventory.entries.insert(ObjectRef::namespaced("", kind, "n", name), entry);
        }
        inventory
    }

    fn renamed(from: &str, to: &str) -> String {
        let mut inventory = record(&[
            ("LanguageModel", "old", "model.old"),
            ("LanguageModel", "other", "model.other"),
            ("Secret", "key", "Secret/n/key"),
        ]);
        match inventory.rename(&Address::parse(from).unwrap(), &Address::parse(to).unwrap()) {
            Ok(objects) => {
                let calls = |object: &ObjectRef| format!("{} {}", object.name, inventory.entries[object].address);
                objects.iter().map(calls).collect::<Vec<_>>().join(", ")
            }
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_record_calls_an_object_otherwise_and_never_takes_it_for_another() {
        assert_eq!(renamed("model.old", "model.new"), "old model.new");
        assert_eq!(renamed("Secret/n/key", "secret.key"), "key secret.key");
        assert_eq!(renamed("model.old", "LanguageModel/n/old"), "old LanguageModel/n/old");
        assert_eq!(renamed("model.none", "model.new"), "");
        let refused = renamed("Secret/n/key", "Secret/n/new");
        assert_eq!(refused, "`Secret/n/new` is another object than Secret/key in n, and an object cannot be renamed");
        assert_eq!(renamed("model.old", "tool.new"), "`model.old` is no tool, as `tool.new` is");
        let taken = "the record has `model.other` already: LanguageModel/other in n";
        assert_eq!(renamed("model.old", "model.other"), taken);
    }

    #[test]
    fn objects_are_found_by_what_they_are_called_and_by_their_own_names() {
        let inventory =
            record(&[("LanguageModel", "a", "model.a"), ("Secret", "a", "cluster.n"), ("Service", "b", "cluster.n")]);
        let names = |pattern: &str| {
            let found = inventory.matching(&[AddressPattern::new(pattern)]);
            found.keys().map(|object| format!("{}/{}", object.kind, object.name)).collect::<Vec<_>>()
        };
        assert_eq!(names("model.*"), ["LanguageModel/a"]);
        assert_eq!(names("cluster.n"), ["LanguageModel/a", "Secret/a", "Service/b"], "all that is in its namespace");
        assert_eq!(names("Service/*"), ["Service/b"]);
        assert_eq!(names("*"), ["LanguageModel/a", "Secret/a", "Service/b"]);
    }
}
