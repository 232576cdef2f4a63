//! Names with `*` in them, which stands for any text, as people write them for managers and addresses. Pure.

/// Whether `text` is what `pattern` says. Costs at most the product of their lengths.
#[must_use]
pub fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<_> = parts.collect();
    // No star at all: it is that text.
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some(found) = rest.find(part) else { return false };
        rest = &rest[found + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_any_text() {
        for (pattern, text) in [
            ("argocd", "argocd"),
            ("*", ""),
            ("argo*", "argocd-controller"),
            ("*-controller", "argocd-controller"),
            ("Deployment/*/web", "Deployment/prod/web"),
            ("a*b*c", "a-b-b-c"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("argo", "argocd"), ("a*b", "ab-c"), ("ab*ba", "aba"), ("", "a"), ("*x*", "abc")] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }
}
