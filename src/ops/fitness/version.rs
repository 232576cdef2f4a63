//! Which releases of Kubernetes langop works on. Pure.

use super::{Finding, Topic};
use crate::cluster::ServerVersion;

/// The release that the tests run on.
const TESTED: (u32, u32) = (1, 36);
/// The first one that takes langop's CRDs: their rules use `isCIDR`, which new rules may since then.
const OLDEST: (u32, u32) = (1, 31);

pub(super) fn judge(server: &ServerVersion) -> Finding {
    let text = format!("Kubernetes {}", server.text.trim_start_matches('v'));
    let written = |(major, minor): (u32, u32)| format!("{major}.{minor}");
    match server.release {
        None => Finding::doubtful(
            Topic::Version,
            format!("the server says of its version `{}`, which is none of Kubernetes", server.text),
            "make sure that this is the API server, and not a proxy before it",
        ),
        Some(release) if release < OLDEST => Finding::unfit(
            Topic::Version,
            format!("{text} does not take langop's kinds: their rules need {}", written(OLDEST)),
            "raise the cluster to a release that Kubernetes still supports",
        ),
        Some(TESTED) => Finding::fit(Topic::Version, format!("{text}, which langop is tested on")),
        Some(_) => Finding::fit(Topic::Version, format!("{text}; langop is tested on {}", written(TESTED))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::fitness::Fitness;

    #[test]
    fn too_old_is_unfit_and_what_is_no_version_doubtful() {
        for (text, release, expected) in [
            ("v1.36.3", Some((1, 36)), Fitness::Fit),
            ("v1.31.0", Some((1, 31)), Fitness::Fit),
            ("v2.0.0", Some((2, 0)), Fitness::Fit),
            ("v1.30.9", Some((1, 30)), Fitness::Unfit),
            ("", None, Fitness::Doubtful),
        ] {
            let server = ServerVersion { text: text.to_owned(), release, date: None };
            assert_eq!(judge(&server).fitness, expected, "{text}");
        }
    }
}
