//! Holds a plan against the quotas of its namespaces, so that what does not fit is an error before anything is written.
//! Says where the objects were written; what fits, [`crate::quota`] decides.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Action, Change, Desired, Observed, Plan, Preview, Problem, Severity};
use crate::object::{GroupKind, ObjectRef};
use crate::quota::{CapacityInputs, Finding, Item, Step, Usage};

/// What a plan is held against.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Capacity<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// What should be.
    pub desired: &'a BTreeMap<ObjectRef, Desired>,
    /// What is.
    pub observed: &'a BTreeMap<ObjectRef, Observed>,
    /// What was found in the namespaces that exist; those to come have nothing in them.
    pub usage: &'a BTreeMap<String, Usage>,
    /// The names of kinds in the keys of quotas: `languagemodels.langop.io`.
    pub plurals: &'a BTreeMap<GroupKind, String>,
}

/// Namespaces in which the plan makes or changes something: where quotas matter.
#[must_use]
pub(crate) fn namespaces(plan: &Plan) -> BTreeSet<&str> {
    let written = plan.changes.iter().filter(|change| step(change.action).writes());
    written.filter_map(|change| change.object.namespace.as_deref()).collect()
}

impl Capacity<'_> {
    /// Errors and warnings, namespace by namespace. Pure: sends nothing.
    #[must_use]
    pub(crate) fn problems(&self) -> Vec<Problem> {
        namespaces(self.plan).into_iter().flat_map(|namespace| self.problems_in(namespace)).collect()
    }

    fn problems_in(&self, namespace: &str) -> Vec<Problem> {
        let nothing = Usage::default();
        let usage = self.usage.get(namespace).unwrap_or(&nothing);
        let here = self.plan.changes.iter().filter(|change| change.object.namespace.as_deref() == Some(namespace));
        let changes: Vec<_> = here.collect();
        let inputs = CapacityInputs {
            namespace,
            items: changes.iter().filter_map(|change| self.item(change)).collect(),
            steps: changes.iter().map(|change| (&change.object, step(change.action))).collect(),
            usage,
            plurals: self.plurals,
        };
        let findings = inputs.findings();
        let explained = findings.iter().any(|finding| finding.kind.is_refusal());
        let mut problems: Vec<_> = findings.into_iter().map(|finding| self.problem(finding)).collect();
        if !explained && !inputs.writes_a_quota() {
            let open = inputs.items.iter().filter(|item| !inputs.makes_room_for(item.object));
            problems.extend(open.filter_map(|item| self.unexplained(item.object)));
        }
        problems
    }

    fn item<'a>(&'a self, change: &'a Change) -> Option<Item<'a>> {
        let (object, desired) = self.desired.get_key_value(&change.object)?;
        let (next, live) = next(desired, self.observed.get(object)?);
        Some(Item { object, step: step(change.action), next, live })
    }

    fn problem(&self, finding: Finding) -> Problem {
        let written = finding.place.as_deref().zip(self.desired.get(&finding.object));
        let severity = if finding.kind.is_refusal() { Severity::Error } else { Severity::Warning };
        let address = written.map(|(_, desired)| desired.address.clone());
        let source = written.and_then(|(place, desired)| desired.place(place));
        let problem = Problem::new(severity, finding.kind.code(), finding.message);
        Problem { hint: finding.hint, ..problem.about(&finding.object, address, source) }
    }

    /// An object that the server had no room for, though by what is known here there is.
    fn unexplained(&self, object: &ObjectRef) -> Option<Problem> {
        let (Observed::Absent(Preview::NoRoom { message, .. })
        | Observed::Live { next: Preview::NoRoom { message, .. }, .. }) = self.observed.get(object)?
        else {
            return None;
        };
        let problem = Problem::new(Severity::Error, "over-quota", message.clone()).about(object, None, None);
        Some(problem.with_hint("have the quota raised by its owner, or ask for less".to_owned()))
    }
}

fn step(action: Action) -> Step {
    match action {
        Action::NoOp | Action::Forget => Step::Keep,
        Action::Create => Step::Create,
        Action::Update => Step::Update,
        Action::Replace => Step::Replace,
        Action::Delete => Step::Delete,
    }
}

/// What an object will be, and what it is.
fn next<'a>(desired: &'a Desired, observed: &'a Observed) -> (&'a Value, Option<&'a Value>) {
    let becomes = |preview: &'a Preview| match preview {
        Preview::Becomes { object, .. } | Preview::NoRoom { object, .. } => object,
        _ => &desired.object,
    };
    match observed {
        Observed::Live { live, next, .. } => (becomes(next), Some(live)),
        Observed::Absent(next) => (becomes(next), None),
        _ => (&desired.object, None),
    }
}
