//! Rules of a role: which verbs on which resources, each said once. Knows no kind and no command.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

/// What may be done, in the order in which roles list it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verb {
    Get,
    List,
    Create,
    Update,
    Patch,
    Delete,
    /// Binds a role whose rules the binder need not hold (Kubernetes, *Privilege escalation prevention*).
    Bind,
    /// Writes a role whose rules the writer need not hold.
    Escalate,
}

impl Verb {
    fn word(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::List => "list",
            Self::Create => "create",
            Self::Update => "update",
            Self::Patch => "patch",
            Self::Delete => "delete",
            Self::Bind => "bind",
            Self::Escalate => "escalate",
        }
    }
}

/// A resource of an API group; `deployments`, `languageclusters/status`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Resource {
    pub(super) group: String,
    pub(super) name: String,
}

impl Resource {
    pub(super) fn new(group: &str, name: &str) -> Self {
        Self { group: group.to_owned(), name: name.to_owned() }
    }
}

/// Which objects of a resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Names {
    All,
    These(BTreeSet<String>),
}

impl Names {
    fn with(self, name: Option<&str>) -> Self {
        match (self, name) {
            (Self::These(mut names), Some(name)) => {
                names.insert(name.to_owned());
                Self::These(names)
            }
            _ => Self::All,
        }
    }
}

/// Rules of one role.
#[derive(Clone, Debug, Default)]
pub(super) struct Rules {
    granted: BTreeMap<Resource, BTreeMap<Verb, Names>>,
    /// Rules as roles of the description have them.
    carried: Vec<Value>,
}

impl Rules {
    /// Allows verbs on all objects of a resource.
    pub(super) fn allow(&mut self, resource: &Resource, verbs: &[Verb]) {
        self.add(resource, verbs, None);
    }

    /// Allows verbs on the object of this name.
    pub(super) fn allow_named(&mut self, resource: &Resource, verbs: &[Verb], name: &str) {
        self.add(resource, verbs, Some(name));
    }

    /// Allows what a role of the description allows.
    pub(super) fn carry(&mut self, rules: &[Value]) {
        for rule in rules {
            if !self.carried.contains(rule) {
                self.carried.push(rule.clone());
            }
        }
    }

    fn add(&mut self, resource: &Resource, verbs: &[Verb], name: Option<&str>) {
        let granted = self.granted.entry(resource.clone()).or_default();
        for verb in verbs {
            let names = granted.remove(verb).unwrap_or(Names::These(BTreeSet::new()));
            granted.insert(*verb, names.with(name));
        }
    }

    /// As the `rules` of a role: resources of a group that allow the same share a rule.
    pub(super) fn to_json(&self) -> Vec<Value> {
        let mut shared: BTreeMap<(&str, &Names, BTreeSet<Verb>), Vec<&str>> = BTreeMap::new();
        for (resource, granted) in &self.granted {
            let mut verbs: BTreeMap<&Names, BTreeSet<Verb>> = BTreeMap::new();
            for (verb, names) in granted {
                verbs.entry(names).or_default().insert(*verb);
            }
            for (names, verbs) in verbs {
                shared.entry((&resource.group, names, verbs)).or_default().push(&resource.name);
            }
        }
        let rules = shared.into_iter().map(|((group, names, verbs), resources)| {
            let verbs: Vec<_> = verbs.into_iter().map(Verb::word).collect();
            match names {
                Names::All => json!({"apiGroups": [group], "resources": resources, "verbs": verbs}),
                Names::These(names) => {
                    json!({"apiGroups": [group], "resources": resources, "resourceNames": names, "verbs": verbs})
                }
            }
        });
        rules.chain(self.carried.iter().cloned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_right_to_all_swallows_one_to_some_and_equal_ones_share_a_rule() {
        let mut rules = Rules::default();
        let (pods, events) = (Resource::new("", "pods"), Resource::new("", "events"));
        rules.allow_named(&pods, &[Verb::Get, Verb::Patch], "b");
        rules.allow_named(&pods, &[Verb::Patch], "a");
        rules.allow(&pods, &[Verb::Get]);
        rules.allow_named(&pods, &[Verb::Get], "c");
        rules.allow(&events, &[Verb::Get]);
        rules.carry(&[json!({"nonResourceURLs": ["/x"], "verbs": ["get"]})]);
        rules.carry(&[json!({"nonResourceURLs": ["/x"], "verbs": ["get"]})]);
        assert_eq!(
            rules.to_json(),
            [
                json!({"apiGroups": [""], "resources": ["events", "pods"], "verbs": ["get"]}),
                json!({"apiGroups": [""], "resources": ["pods"], "resourceNames": ["a", "b"], "verbs": ["patch"]}),
                json!({"nonResourceURLs": ["/x"], "verbs": ["get"]}),
            ]
        );
    }
}
