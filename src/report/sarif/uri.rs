//! The name of a file as a URI reference (RFC 3986).

use std::fmt::Write as _;

/// A relative reference for a relative path, a `file:` URI for an absolute one.
#[must_use]
pub(super) fn of_file(path: &str) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
    let mut uri = String::from(if path.starts_with('/') { "file://" } else { "" });
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::of_file;

    #[test]
    fn what_a_uri_gives_a_meaning_is_escaped() {
        for (path, uri) in [
            ("./langop.toml", "langop.toml"),
            ("../a b/c#d?.toml", "../a%20b/c%23d%3F.toml"),
            ("/work/é.toml", "file:///work/%C3%A9.toml"),
            ("a:b.toml", "a%3Ab.toml"),
        ] {
            assert_eq!(of_file(path), uri);
        }
    }
}
