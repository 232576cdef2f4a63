//! Which release of `LiteLLM` an image is, as far as its name tells, and whether it should run.

mod advisories;

use std::fmt;

use crate::stack::diagnostic::{Code, Diagnostic};
use crate::stack::tree::Node;

use advisories::Advisory;

/// Releases whose packages stole credentials (MAL-2026-2144; BerriAI/litellm issues 24512, 24518).
const MALICIOUS: [Release; 2] = [Release::new(1, 82, 7), Release::new(1, 82, 8)];
/// Tags that are moved to the newest release.
const ROLLING: [&str; 9] = ["latest", "lts", "stable", "main", "main-stable", "main-latest", "nightly", "dev", "edge"];
/// How what comes before a release is marked.
const BEFORE: [&str; 5] = ["rc", "dev", "nightly", "alpha", "beta"];

/// A release, or what comes before it: that has not all that the release has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Release {
    number: (u32, u32, u32),
    is_final: bool,
}

impl Release {
    const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self { number: (major, minor, patch), is_final: true }
    }

    /// Releases of a line differ in their patch only.
    fn line(self) -> (u32, u32) {
        (self.number.0, self.number.1)
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (major, minor, patch) = self.number;
        let before = if self.is_final { "" } else { "before " };
        write!(f, "{before}{major}.{minor}.{patch}")
    }
}

pub(super) fn check(node: &Node, found: &mut Vec<Diagnostic>) {
    let Some(image) = node.text() else { return };
    let (name, tag) = name_and_tag(image);
    if let Some(release) = tag.and_then(release).filter(|_| is_litellm(name)) {
        let judged = if MALICIOUS.iter().any(|malicious| malicious.number == release.number) {
            Some(refused(release))
        } else {
            outdated(release, &advisories::of(release))
        };
        found.extend(judged.map(|diagnostic| diagnostic.at(node.span, "")));
    }
    if !image.contains('@') && tag.is_none_or(|tag| ROLLING.contains(&tag)) {
        let tag = tag.unwrap_or("latest");
        let message = format!("tag `{tag}` is moved to each new release, so that pods of one gateway may differ");
        let warning = Diagnostic::warning(Code::RollingTag, message).at(node.span, "");
        found.push(warning.hint("pin a release by its tag, or an image by its digest"));
    }
}

fn refused(release: Release) -> Diagnostic {
    let message = format!("LiteLLM {release} was published by an attacker and steals credentials");
    let error = Diagnostic::error(Code::RefusedImage, message);
    error.hint("leave `image` out for the release that langop was tested with")
}

/// A warning that names the holes of a release; nothing when none is known.
fn outdated(release: Release, holes: &[&Advisory]) -> Option<Diagnostic> {
    let (worst, others) = holes.split_first()?;
    let others: Vec<_> = others.iter().map(|hole| hole.id).collect();
    let others = if others.is_empty() { String::new() } else { format!("; also {}", others.join(", ")) };
    let message = format!("LiteLLM {release} has a known hole, {}, that lets {}{others}", worst.id, worst.lets);
    let fixed = advisories::closed_by(holes, release)?;
    let read = advisories::READ;
    let hint = format!("use {fixed} or newer; the long-term line is 1.108 (advisories of {read})");
    Some(Diagnostic::warning(Code::OldImage, message).hint(hint))
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
    let is_final = !BEFORE.iter().any(|mark| tag.contains(mark));
    let mut numbers = tag.split(|c: char| !c.is_ascii_digit()).map(|digits| digits.parse().ok());
    Some(Release { number: (numbers.next()??, numbers.next()??, numbers.next()??), is_final })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_of_both_ages_tell_the_release() {
        assert_eq!(release("v1.108.14"), Some(Release::new(1, 108, 14)));
        assert_eq!(release("main-v1.82.7-stable.patch.2"), Some(Release::new(1, 82, 7)));
        assert_eq!(release("latest"), None);
        assert_eq!(release("v1"), None);
    }

    #[test]
    fn what_comes_before_a_release_has_not_its_fixes() {
        let candidate = release("v1.103.1-rc.2").unwrap();
        assert!(candidate < Release::new(1, 103, 1) && candidate > Release::new(1, 103, 0));
        assert_eq!(advisories::of(candidate).len(), 1);
        assert!(advisories::of(release("v1.103.1").unwrap()).is_empty());
    }

    #[test]
    fn a_mirror_and_a_port_do_not_hide_the_tag() {
        assert_eq!(name_and_tag("reg:5000/mirror/litellm:v1.2.3"), ("litellm", Some("v1.2.3")));
        assert_eq!(name_and_tag("reg:5000/litellm"), ("litellm", None));
        assert_eq!(name_and_tag("ghcr.io/a/litellm:v1@sha256:00"), ("litellm", Some("v1")));
    }
}
