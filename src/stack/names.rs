//! Names that Kubernetes accepts, and the name that was probably meant. Knows nothing of descriptions.

use crate::object::names::SYSTEM_NAMESPACE;

/// Names of namespaces that belong to Kubernetes or to tools, and must not become a cluster.
pub(super) const RESERVED_NAMESPACES: [&str; 5] =
    ["default", "kube-node-lease", "kube-public", "kube-system", SYSTEM_NAMESPACE];

/// What is wrong with a DNS label (RFC 1123), as names of namespaces and Services are; none if nothing.
#[must_use]
pub(crate) fn label_fault(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        Some("it is empty")
    } else if name.len() > 63 {
        Some("it has more than 63 characters")
    } else if !name.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '-')) {
        Some("only lower-case letters, digits and `-` are allowed")
    } else if name.starts_with('-') || name.ends_with('-') {
        Some("it must start and end with a letter or a digit")
    } else {
        None
    }
}

/// What is wrong with a DNS name of one or more labels (RFC 1123 subdomain); none if nothing.
#[must_use]
pub(super) fn domain_fault(name: &str) -> Option<&'static str> {
    if name.len() > 253 {
        return Some("it has more than 253 characters");
    }
    let fault = name.split('.').find_map(label_fault);
    match fault {
        Some("it is empty") if !name.is_empty() => Some("there is nothing between two dots"),
        Some("it has more than 63 characters") => Some("a part has more than 63 characters"),
        fault => fault,
    }
}

/// What is wrong with the value of a label; none if nothing. An empty one is legal.
#[must_use]
pub(super) fn label_value_fault(value: &str) -> Option<&'static str> {
    let end = |c: char| c.is_ascii_alphanumeric();
    if value.len() > 63 {
        Some("it has more than 63 characters")
    } else if !value.chars().all(|c| end(c) || "-_.".contains(c)) {
        Some("only letters, digits, `-`, `_` and `.` are allowed")
    } else if !value.is_empty() && (!value.starts_with(end) || !value.ends_with(end)) {
        Some("it must start and end with a letter or a digit")
    } else {
        None
    }
}

/// What is wrong with the key of a label or an annotation, `prefix/name`; none if nothing.
#[must_use]
pub(super) fn label_key_fault(key: &str) -> Option<&'static str> {
    let (prefix, name) = match key.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, key),
    };
    if prefix.is_some_and(|prefix| domain_fault(prefix).is_some()) {
        Some("the part before `/` is not a DNS name")
    } else if name.is_empty() {
        Some("it is empty")
    } else {
        label_value_fault(name)
    }
}

/// What is wrong with the key of a Secret; none if nothing.
#[must_use]
pub(super) fn data_key_fault(key: &str) -> Option<&'static str> {
    if key.is_empty() {
        Some("it is empty")
    } else if key.len() > 253 {
        Some("it has more than 253 characters")
    } else if !key.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)) {
        Some("only letters, digits, `-`, `_` and `.` are allowed")
    } else if key.starts_with("..") || key == "." {
        Some("it must not be `.` or start with `..`")
    } else {
        None
    }
}

/// The candidate that was probably meant: the same but for case, a few typing mistakes away, or the
/// only one that goes on after the name: `apiKey` for `apiKeySecretRef`.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Long names are no typing mistakes, and the distance costs their product.
    if name.len() > 100 {
        return None;
    }
    let lower = name.to_lowercase();
    let allowed = (name.chars().count() / 3).clamp(1, 3);
    let candidates: Vec<&str> =
        candidates.into_iter().filter(|candidate| candidate.len() <= 100 && *candidate != name).collect();
    let mut longer = candidates.iter().filter(|candidate| name.len() >= 4 && candidate.starts_with(name));
    let only = longer.next().filter(|_| longer.next().is_none()).copied();
    candidates
        .iter()
        .copied()
        .map(|candidate| {
            let distance = strsim::damerau_levenshtein(&lower, &candidate.to_lowercase());
            (distance, candidate)
        })
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, candidate)| candidate)
        .or(only)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels() {
        for name in ["a", "a-1", "0", &"x".repeat(63)] {
            assert_eq!(label_fault(name), None, "{name}");
        }
        for name in ["", "A", "a_b", "-a", "a-", "a.b", "ä", &"x".repeat(64)] {
            assert!(label_fault(name).is_some(), "{name}");
        }
    }

    #[test]
    fn domains() {
        for name in ["a", "api.example.com", "1.2"] {
            assert_eq!(domain_fault(name), None, "{name}");
        }
        for name in ["", ".", "a..b", "a.", "*.a", "a_b.c", &"a.".repeat(130)] {
            assert!(domain_fault(name).is_some(), "{name}");
        }
    }

    #[test]
    fn label_keys_and_values() {
        for key in ["app", "app.kubernetes.io/name", "A_b"] {
            assert_eq!(label_key_fault(key), None, "{key}");
        }
        for key in ["", "/a", "a/", "a/b/c", "A B", "_a"] {
            assert!(label_key_fault(key).is_some(), "{key}");
        }
        assert_eq!(label_value_fault(""), None);
        assert!(label_value_fault("a b").is_some());
    }

    #[test]
    fn what_was_probably_meant() {
        let keys = ["provider", "params", "project", "region"];
        assert_eq!(nearest("provder", keys), Some("provider"));
        assert_eq!(nearest("Provider", keys), Some("provider"));
        assert_eq!(nearest("prov", keys), Some("provider"));
        assert_eq!(nearest("pro", keys), None);
        assert_eq!(nearest("xyz", keys), None);
    }
}
