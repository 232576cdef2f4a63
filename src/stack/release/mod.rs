//! Which release of `LiteLLM` an image is, as far as its name tells, what is known against it, and what a step from one to
//! another needs. What is known is written down here with its sources and the day; nothing is asked.

mod advisories;
mod steps;
mod uses;

use std::fmt;

pub(crate) use uses::Uses;

use advisories::READ;

/// Releases whose packages stole credentials (MAL-2026-2144; BerriAI/litellm issues 24512, 24518).
const MALICIOUS: [Release; 2] = [Release::new(1, 82, 7), Release::new(1, 82, 8)];
/// The newest line when releases were last looked up, on 2026-11-21 (github.com/BerriAI/litellm/releases).
const NEWEST: (u32, u32) = (1, 110);
/// Tags that are moved to the newest release.
const ROLLING: [&str; 9] = ["latest", "lts", "stable", "main", "main-stable", "main-latest", "nightly", "dev", "edge"];
/// How what comes before a release is marked.
const BEFORE: [&str; 5] = ["rc", "dev", "nightly", "alpha", "beta"];
/// The first release whose tag does not end in `-stable` (`LiteLLM`, *Release Cycle*).
const WITHOUT_STABLE: Release = Release::new(1, 84, 0);

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

/// What is known against an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ImageFault {
    /// How bad it is.
    pub kind: ImageFaultKind,
    /// What it is, a lower-case fragment.
    pub message: String,
    /// What to do.
    pub hint: String,
}

/// What is known against it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ImageFaultKind {
    /// It steals.
    Malicious,
    /// It has a hole in what is used.
    Hole,
    /// It is another one tomorrow.
    Rolling,
    /// Nobody here knows which release it is, or what is wrong with it.
    Unknown,
}

/// What is known against an image, for a description that uses this of it.
#[must_use]
pub(crate) fn image_fault(image: &str, uses: &Uses) -> Option<ImageFault> {
    let (name, tag) = name_and_tag(image);
    let Some(release) = release_of(image) else {
        let is_pinned = image.contains('@') || tag.is_some_and(|tag| !ROLLING.contains(&tag));
        return Some(if is_pinned { untold(image, name) } else { rolling(tag.unwrap_or("latest")) });
    };
    if MALICIOUS.iter().any(|malicious| malicious.number == release.number) {
        return Some(ImageFault {
            kind: ImageFaultKind::Malicious,
            message: format!("LiteLLM {release} was published by an attacker and steals credentials"),
            hint: "leave `image` out for the release that langop was tested with".to_owned(),
        });
    }
    holes(release, uses).or_else(|| newer(release))
}

/// What a change of a gateway's image means: from which release to which, and what that needs of the description. Nothing
/// where both are one release.
#[must_use]
pub(crate) fn image_step(from: &str, to: &str, uses: &Uses) -> Option<(String, Vec<String>)> {
    let named = |image: &str| release_of(image).map_or_else(|| format!("`{image}`"), |release| release.to_string());
    let step = format!("goes from LiteLLM {} to {}", named(from), named(to));
    let (Some(before), Some(after)) = (release_of(from), release_of(to)) else {
        return (from != to).then(|| (format!("{step}: what that needs is not known here"), Vec::new()));
    };
    if before == after {
        return None;
    }
    let step = if after.line() > NEWEST {
        format!("{step}: what releases after {}.{} need is not known here", NEWEST.0, NEWEST.1)
    } else {
        step
    };
    let is_stable = name_and_tag(to).1.is_some_and(|tag| tag.contains("-stable")) && after >= WITHOUT_STABLE;
    let tag = is_stable
        .then(|| format!("since LiteLLM {WITHOUT_STABLE}, no tag ends in `-stable`: there may be no such image"));
    Some((step, tag.into_iter().chain(steps::needed(before, after, uses)).collect()))
}

/// A fault that names the holes of a release; nothing when none is known.
fn holes(release: Release, uses: &Uses) -> Option<ImageFault> {
    let holes = advisories::of(release, uses);
    let (worst, others) = holes.split_first()?;
    let others: Vec<_> = others.iter().map(|hole| hole.id).collect();
    let others = if others.is_empty() { String::new() } else { format!("; also {}", others.join(", ")) };
    let fixed = advisories::closed_by(&holes, release)?;
    Some(ImageFault {
        kind: ImageFaultKind::Hole,
        message: format!("LiteLLM {release} has a known hole, {}, that lets {}{others}", worst.id, worst.lets),
        hint: format!("use {fixed} or newer; the long-term line is 1.108 (advisories of {READ})"),
    })
}

fn newer(release: Release) -> Option<ImageFault> {
    (release.line() > NEWEST).then(|| ImageFault {
        kind: ImageFaultKind::Unknown,
        message: format!(
            "LiteLLM {release} is newer than the releases that are known here, up to {}.{}, and so are its holes",
            NEWEST.0, NEWEST.1
        ),
        hint: "github.com/BerriAI/litellm/security/advisories has them; the long-term line is 1.108".to_owned(),
    })
}

fn rolling(tag: &str) -> ImageFault {
    ImageFault {
        kind: ImageFaultKind::Rolling,
        message: format!("tag `{tag}` is moved to each new release, so that pods of one gateway may differ"),
        hint: "pin a release by its tag, or an image by its digest".to_owned(),
    }
}

fn untold(image: &str, name: &str) -> ImageFault {
    let hint = match image.split_once('@') {
        Some((_, digest)) if is_litellm(name) => {
            let digest: String = digest.chars().take(14).collect();
            format!("write the release before the digest: `{name}:vRELEASE@{digest}…`")
        }
        _ => "call it `litellm:` and the release, in whatever registry".to_owned(),
    };
    ImageFault {
        kind: ImageFaultKind::Unknown,
        message: "the image does not tell which release of LiteLLM it is, so that its holes are not known".to_owned(),
        hint,
    }
}

/// The release that an image is, where its name tells one.
fn release_of(image: &str) -> Option<Release> {
    let (name, tag) = name_and_tag(image);
    tag.filter(|_| is_litellm(name)).and_then(release)
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
        let holes = |tag| advisories::of(release(tag).unwrap(), &Uses::default()).len();
        let candidate = release("v1.103.1-rc.2").unwrap();
        assert!(candidate < Release::new(1, 103, 1) && candidate > Release::new(1, 103, 0));
        assert_eq!((holes("v1.103.1-rc.2"), holes("v1.103.1")), (1, 0));
    }

    #[test]
    fn a_mirror_and_a_port_do_not_hide_the_tag() {
        assert_eq!(name_and_tag("reg:5000/mirror/litellm:v1.2.3"), ("litellm", Some("v1.2.3")));
        assert_eq!(name_and_tag("reg:5000/litellm"), ("litellm", None));
        assert_eq!(name_and_tag("ghcr.io/a/litellm:v1@sha256:00"), ("litellm", Some("v1")));
    }

    #[test]
    fn what_no_name_tells_and_what_is_newer_is_unknown() {
        let kind = |image: &str| image_fault(image, &Uses::default()).map(|fault| fault.kind);
        for (image, expected) in [
            ("ghcr.io/berriai/litellm:v1.108.7", None),
            ("ghcr.io/berriai/litellm:v1.110.2", None),
            ("ghcr.io/berriai/litellm:v1.108.7@sha256:00", None),
            ("ghcr.io/berriai/litellm:v1.111.0-rc.3", Some(ImageFaultKind::Unknown)),
            ("ghcr.io/berriai/litellm:v2.0.0", Some(ImageFaultKind::Unknown)),
            ("ghcr.io/berriai/litellm@sha256:00", Some(ImageFaultKind::Unknown)),
            ("ghcr.io/berriai/litellm:latest@sha256:00", Some(ImageFaultKind::Unknown)),
            ("ghcr.io/berriai/litellm:our-build", Some(ImageFaultKind::Unknown)),
            ("registry.example.com/llm-gateway:1.108.7", Some(ImageFaultKind::Unknown)),
            ("ghcr.io/berriai/litellm:main-stable", Some(ImageFaultKind::Rolling)),
            ("ghcr.io/berriai/litellm", Some(ImageFaultKind::Rolling)),
            ("ghcr.io/berriai/litellm:v1.102.0", Some(ImageFaultKind::Hole)),
            ("ghcr.io/berriai/litellm:v1.82.8", Some(ImageFaultKind::Malicious)),
        ] {
            assert_eq!(kind(image), expected, "{image}");
        }
    }

    #[test]
    fn a_step_says_its_releases_and_what_they_need() {
        let step = |from, to| image_step(from, to, &Uses { keeps_params: true, ..Uses::default() });
        let (step_up, needed) = step("litellm:v1.108.1", "mirror/litellm-non_root:v1.108.14").unwrap();
        assert_eq!((step_up.as_str(), needed.len()), ("goes from LiteLLM 1.108.1 to 1.108.14", 1));
        assert_eq!(step("litellm:v1.108.7", "mirror/litellm:v1.108.7"), None);
        assert!(step("litellm:v1.83.0-stable", "litellm:v1.85.0-stable").unwrap().1[0].contains("`-stable`"));
        assert!(step("litellm:v1.108.7", "litellm:v1.120.0").unwrap().0.ends_with("1.110 need is not known here"));
        assert!(step("litellm:v1.108.7", "other:3").unwrap().0.contains("to `other:3`: what"));
    }
}
