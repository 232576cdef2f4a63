//! Warnings about policies that a stack carries along and that open what its clusters close. Asks no server.

use crate::plan::{Problem, Severity};
use crate::reach::{self, World};
use crate::render::Target;
use crate::stack::Stack;

/// A warning for each such policy and cluster.
#[must_use]
pub(crate) fn opened(stack: &Stack, target: &Target) -> Vec<Problem> {
    reach::opened(&World::new(stack, target)).into_iter().map(warning).collect()
}

fn warning(opened: reach::Opened) -> Problem {
    let problem = Problem::new(Severity::Warning, "policy-opens", opened.message());
    let hint = "policies add up: what one allows no other takes back. Narrow its selector or its rules, or write what \
                you mean as `networkPolicies` of the cluster; `langop explain reach` says what is open";
    problem.about(&opened.policy, None, opened.source).with_hint(hint.to_owned())
}
