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

    #[test]
    fn stars_side_by_side_are_one_and_cost_no_more() {
        assert!(matches("eu-*", "eu-west-1") && matches("a*b*c", "abbc") && matches("a", "a"));
        assert!(matches("**", "ab") && matches("a**c", "abc"));
        assert!(!matches(&format!("{}a", "*".repeat(40)), &"b".repeat(40)));
        assert!(!matches("eu-*", "us-1") && !matches("a*b", "abc"));
        assert!(matches("bedrock-runtime.*.amazonaws.com", "bedrock-runtime.eu-west-1.amazonaws.com"));
    }
}
