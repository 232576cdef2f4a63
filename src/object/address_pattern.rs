//! A pattern of addresses, as the flags that name several things take it: an address, in which `*` stands for anything.
//! Knows no plan and no record.

use super::{Address, ObjectRef};

/// A pattern of addresses.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AddressPattern(String);

impl AddressPattern {
    /// The pattern as a user wrote it.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The pattern as a user wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it stands for an object, by what the user calls the thing that the object belongs to, by its own name, or by
    /// the cluster that it is in.
    #[must_use]
    pub fn has(&self, address: &Address, object: &ObjectRef) -> bool {
        let mut names = [Some(Address::object(object)), Address::cluster_of(object)].into_iter().flatten();
        self.matches(address.as_str()) || names.any(|name| self.matches(name.as_str()))
    }

    /// Each part between two `*` stands in the text, in their order; the first begins it, the last ends it.
    fn matches(&self, text: &str) -> bool {
        let Some((first, rest)) = self.0.split_once('*') else { return self.0 == text };
        let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
        let inner = text.strip_prefix(first).and_then(|rest| rest.strip_suffix(last));
        let step = |rest: &str, part: &str| rest.find(part).map(|at| at + part.len());
        inner.is_some_and(|inner| {
            let mut parts = middle.split('*');
            parts.try_fold(inner, |rest, part| rest.get(step(rest, part)?..)).is_some()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything_and_nothing_else_does() {
        let object = ObjectRef::namespaced("apps", "Deployment", "prod", "gateway");
        let address = Address::cluster("prod");
        let has = |pattern: &str| AddressPattern::new(pattern).has(&address, &object);
        for pattern in
            ["cluster.prod", "Deployment/prod/gateway", "*", "cluster.*", "Deployment/*", "*/prod/*", "D*/p*d/*way"]
        {
            assert!(has(pattern), "{pattern}");
        }
        for pattern in ["", "cluster", "cluster.prod2", "deployment/*", "Deployment/prod", "*/stage/*", "cluster.p*d*d"]
        {
            assert!(!has(pattern), "{pattern}");
        }
        let namespace = ObjectRef::of_namespace("prod");
        assert!(AddressPattern::new("cluster.prod").has(&Address::object(&namespace), &namespace));
        assert!(!AddressPattern::new("ab*b").matches("ab"), "no letter counts twice");
    }
}
