//! Which release of `LiteLLM` an image is, as far as its name tells, and whether it should run.

use crate::stack::diagnostic::{Code, Diagnostic};
use crate::stack::tree::Node;

/// Releases whose packages stole credentials (MAL-2026-2144; BerriAI/litellm issues 24512, 24518).
const MALICIOUS: [Release; 2] = [Release(1, 82, 7), Release(1, 82, 8)];
/// The first release without the known holes of the proxy (CVE-2026-42208, CVE-2026-49468 and others).
const FLOOR: Release = Release(1, 84, 0);
/// Tags that are moved to the newest release.
const ROLLING: [&str; 9] = ["latest", "lts", "stable", "main", "main-stable", "main-latest", "nightly", "dev", "edge"];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Release(u32, u32, u32);

pub fn check(node: &Node, found: &mut Vec<Diagnostic>) {
    let Some(image) = node.text() else { return };
    let (name, tag) = name_and_tag(image);
    let release = tag.and_then(release).filter(|_| is_litellm(name));
    if let Some(Release(major, minor, patch)) = release.filter(|release| MALICIOUS.contains(release)) {
        let message = format!("LiteLLM {major}.{minor}.{patch} was published by an attacker and steals credentials");
        let error = Diagnostic::error(Code::RefusedImage, message).at(node.span, "");
        found.push(error.hint("leave `image` out for the release that langop was tested with"));
    } else if let Some(Release(major, minor, patch)) = release.filter(|release| *release < FLOOR) {
        let message = format!("LiteLLM {major}.{minor}.{patch} lets callers pass its authentication");
        let warning = Diagnostic::warning(Code::OldImage, message).at(node.span, "");
        found.push(warning.hint("use 1.84.0 or newer; the long-term line is 1.108"));
    }
    if !image.contains('@') && tag.is_none_or(|tag| ROLLING.contains(&tag)) {
        let tag = tag.unwrap_or("latest");
        let message = format!("tag `{tag}` is moved to each new release, so that pods of one gateway may differ");
        let warning = Diagnostic::warning(Code::RollingTag, message).at(node.span, "");
        found.push(warning.hint("pin a release by its tag, or an image by its digest"));
    }
}

/// The last part of an image's name, and its tag.
fn name_and_tag(image: &str) -> (&str, Option<&str>) {
    let image = image.split_once('@').map_or(image, |(image, _)| image);
    let last = image.rsplit('/').next().unwrap_or(image);
    last.split_once(':').map_or((last, None), |(name, tag)| (name, Some(tag)))
}

/// Mirrors keep the last part of a name.
fn is_litellm(name: &str) -> bool {
    name.starts_with("litellm")
}

/// The release in a tag: `v1.108.7`, `1.84.0`, `main-v1.80.0-stable`.
fn release(tag: &str) -> Option<Release> {
    let tag = tag.strip_prefix("main-").unwrap_or(tag);
    let tag = tag.strip_prefix('v').unwrap_or(tag);
    let mut numbers = tag.split(|c: char| !c.is_ascii_digit()).map(|digits| digits.parse().ok());
    Some(Release(numbers.next()??, numbers.next()??, numbers.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_of_both_ages_tell_the_release() {
        assert_eq!(release("v1.108.14"), Some(Release(1, 108, 14)));
        assert_eq!(release("main-v1.82.7-stable.patch.2"), Some(Release(1, 82, 7)));
        assert_eq!(release("latest"), None);
        assert_eq!(release("v1"), None);
    }

    #[test]
    fn a_mirror_and_a_port_do_not_hide_the_tag() {
        assert_eq!(name_and_tag("reg:5000/mirror/litellm:v1.2.3"), ("litellm", Some("v1.2.3")));
        assert_eq!(name_and_tag("reg:5000/litellm"), ("litellm", None));
        assert_eq!(name_and_tag("ghcr.io/a/litellm:v1@sha256:00"), ("litellm", Some("v1")));
    }
}
