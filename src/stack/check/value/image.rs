//! References to images.

use super::Fault;

/// A reference to an image, `registry/name:tag@digest` (distribution, *reference*).
pub(crate) fn image_fault(text: &str) -> Fault {
    let (rest, digest) = match text.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (text, None),
    };
    if let Some(digest) = digest {
        let hex = digest.strip_prefix("sha256:").unwrap_or_default();
        if hex.len() != 64 || !hex.chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c)) {
            return Some("its digest is not `sha256:` and 64 hexadecimal digits");
        }
    }
    let (path, tag) = match rest.rsplit_once(':') {
        Some((path, tag)) if !tag.contains('/') => (path, Some(tag)),
        _ => (rest, None),
    };
    let word = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    if tag.is_some_and(|tag| tag.is_empty() || tag.len() > 128 || tag.starts_with(['.', '-']) || !tag.chars().all(word))
    {
        return Some("its tag has a character that tags cannot have");
    }
    let (registry, name) = match path.split_once('/') {
        Some((first, name)) if first.contains(['.', ':']) || first == "localhost" => (first, name),
        _ => ("", path),
    };
    if !registry.chars().all(|c| c.is_ascii_alphanumeric() || ".-:[]".contains(c)) {
        return Some("its registry is not a host name");
    }
    if name.chars().any(|c| c.is_ascii_uppercase()) {
        return Some("its name must be lower case");
    }
    let part = |part: &str| {
        let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_.-".contains(c);
        let end = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        part.starts_with(end) && part.ends_with(end) && part.chars().all(legal)
    };
    if name.split('/').all(part) {
        None
    } else {
        Some("its name must be lower-case letters, digits, `.`, `_`, `-` and `/` between them")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::check::value::table;

    #[test]
    fn images() {
        let digest = format!("ghcr.io/a/b@sha256:{}", "0".repeat(64));
        let good = ["nginx", "ghcr.io/a/b-c:v1.2_X", "localhost:5000/a", "a/b@", &digest];
        table(image_fault, &good[..3], &["", "A/b", "a b", "a:", "a:-x", "a@sha256:0", "a//b", "/a", good[3]]);
        assert_eq!(image_fault(&digest), None);
    }
}
