//! `self-test --json`: one document with every finding.

use schemars::JsonSchema;
use serde::Serialize;

use super::{FORMAT_VERSION, TargetDocument};
use crate::ops::{Finding, Fitness};
use crate::report::human::fitness::word;

/// Whether a target is fit.
#[derive(Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub(crate) struct FitnessDocument<'a> {
    /// Version of this document.
    pub format_version: &'static str,
    /// Where was looked.
    pub target: TargetDocument<'a>,
    /// Whether nothing is known to be unfit.
    pub fit: bool,
    /// One a topic.
    pub findings: Vec<FindingDocument<'a>>,
}

/// One thing that was looked at.
#[derive(Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub(crate) struct FindingDocument<'a> {
    /// `version`, `kinds`, `rights`, `network`, `quotas`, `clock`.
    pub topic: &'static str,
    /// `fit`, `doubtful`, `unfit`.
    pub fitness: &'static str,
    /// What was seen.
    pub text: &'a str,
    /// What to do about it.
    pub hint: Option<&'a str>,
}

/// The document of a self-test.
#[must_use]
pub(crate) fn fitness<'a>(findings: &'a [Finding], target: TargetDocument<'a>) -> FitnessDocument<'a> {
    let fit = findings.iter().all(|finding| finding.fitness != Fitness::Unfit);
    FitnessDocument { format_version: FORMAT_VERSION, target, fit, findings: findings.iter().map(finding).collect() }
}

fn finding(finding: &Finding) -> FindingDocument<'_> {
    FindingDocument {
        topic: word(finding.topic),
        fitness: match finding.fitness {
            Fitness::Fit => "fit",
            Fitness::Doubtful => "doubtful",
            Fitness::Unfit => "unfit",
        },
        text: &finding.text,
        hint: finding.hint.as_deref(),
    }
}

#[cfg(test)]
mod tests {
    use crate::report::samples::{findings, session};

    use super::*;

    #[test]
    fn every_finding_is_in_it() {
        let session = session();
        insta::assert_json_snapshot!(fitness(&findings(), (&session).into()));
    }
}
