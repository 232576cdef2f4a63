//! What a description says of objects beside their content, by their addresses: `[[ownership]]`, `[[lifecycle]]` and the
//! `lifecycle` of each thing. Knows what they mean for a manifest, not what becomes of it.

use crate::object::{Address, Lifecycle, Manifest, ObjectRules, Path, Segment, Source, glob, labels, names};

/// What is said of the objects of one address.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AddressedRules {
    /// The address of a thing or of an object, with `*` for any text.
    pub address: String,
    /// What is said.
    pub rules: ObjectRules,
    /// Whether they are protected from being deleted.
    pub protected: bool,
    /// Where it is written.
    pub source: Source,
}

impl AddressedRules {
    /// Whether it is about this object.
    #[must_use]
    pub fn is_about(&self, manifest: &Manifest) -> bool {
        // CRDs are shared with other stacks: nobody's rules are about them.
        manifest.lifecycle != Lifecycle::Shared && (self.names(manifest) || self.names_thing(manifest))
    }

    fn names(&self, manifest: &Manifest) -> bool {
        glob::matches(&self.address, Address::object(&manifest.reference).as_str())
    }

    fn names_thing(&self, manifest: &Manifest) -> bool {
        glob::matches(&self.address, manifest.address.as_str())
    }

    /// Says it of an object.
    pub(super) fn give(&self, manifest: &mut Manifest) {
        let ObjectRules { ownership, ignored, replaceable } = &self.rules;
        let rules = &mut manifest.rules;
        rules.ownership.extend(ownership.iter().cloned());
        rules.replaceable |= replaceable;
        let (values, ignored): (Vec<_>, Vec<_>) =
            ignored.iter().cloned().partition(|path| is_of_values(manifest, path));
        manifest.rules.ignored.extend(ignored);
        // Values are written and never read: what is there cannot be sent again, only left alone.
        if values.iter().any(|path| path.segments().len() == 1) && manifest.lifecycle == Lifecycle::Managed {
            manifest.lifecycle = Lifecycle::CreateOnce;
        }
        if self.protected && (self.names(manifest) || stands_for_its_thing(manifest)) {
            manifest.annotate(labels::PROTECT, "true");
        }
    }

    /// Keys of a Secret whose changes cannot be ignored one by one.
    pub(crate) fn single_values<'a>(&'a self, manifest: &'a Manifest) -> impl Iterator<Item = &'a Path> {
        self.rules.ignored.iter().filter(|path| is_of_values(manifest, path) && path.segments().len() > 1)
    }
}

/// Whether a path is of the values of a Secret.
fn is_of_values(manifest: &Manifest, path: &Path) -> bool {
    let first = path.segments().first();
    manifest.reference.is("", "Secret")
        && matches!(first, Some(Segment::Key(key)) if key == "data" || key == "stringData")
}

/// Whether an object is what its thing is about, and not one of those that langop makes for it and changes with it.
fn stands_for_its_thing(manifest: &Manifest) -> bool {
    let object = &manifest.reference;
    object.group == names::GROUP
        || object.is("", "Namespace")
        || object.is("", "PersistentVolumeClaim")
        || object.is("", "Secret") && manifest.address.as_str().starts_with("secret.")
}

/// Gives each object what is said of it.
pub(crate) fn give_rules(rules: &[AddressedRules], manifests: &mut [Manifest]) {
    for manifest in manifests {
        let about: Vec<_> = rules.iter().filter(|rule| rule.is_about(manifest)).collect();
        for rule in about {
            rule.give(manifest);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rules(address: &str) -> AddressedRules {
        let source = Source { file: "langop.toml".into(), line: 1, column: 1 };
        AddressedRules { address: address.to_owned(), rules: ObjectRules::default(), protected: false, source }
    }

    fn manifest(api_version: &str, kind: &str, address: Option<Address>) -> Manifest {
        let object = json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": "x", "namespace": "n"}});
        Manifest::new(object, address, None).unwrap()
    }

    #[test]
    fn what_is_protected_is_the_thing_and_not_all_that_is_made_for_it() {
        let protected = AddressedRules { protected: true, ..rules("agent.x") };
        let agent = || Some(Address::member("agent", "x"));
        let mut all = [
            manifest("langop.io/v1alpha1", "LanguageAgent", agent()),
            manifest("apps/v1", "Deployment", agent()),
            manifest("v1", "PersistentVolumeClaim", agent()),
            manifest("v1", "Secret", None),
        ];
        give_rules(&[protected, AddressedRules { protected: true, ..rules("Secret/*/x") }], &mut all);
        let found = all.map(|manifest| manifest.annotation(labels::PROTECT) == Some("true"));
        assert_eq!(found, [true, false, true, true]);
    }

    #[test]
    fn a_secret_whose_values_are_ignored_is_made_once() {
        let ignoring = |path: &str| AddressedRules {
            rules: ObjectRules { ignored: vec![path.parse().unwrap()], ..ObjectRules::default() },
            ..rules("Secret/n/x")
        };
        let mut secret = [manifest("v1", "Secret", None)];
        give_rules(&[ignoring("data")], &mut secret);
        assert_eq!(secret[0].lifecycle, Lifecycle::CreateOnce);
        let mut secret = [manifest("v1", "Secret", None)];
        let single = ignoring("data.key");
        assert_eq!(single.single_values(&secret[0]).count(), 1);
        give_rules(&[single], &mut secret);
        assert!(secret[0].lifecycle == Lifecycle::Managed && secret[0].rules.ignored.is_empty());
    }
}
