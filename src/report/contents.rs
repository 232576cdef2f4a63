//! Everything that one command has to report, whatever the format: what was planned, what was done, what is wrong with the
//! description, and why it failed. Filled while the command runs; every writer reads the same.

use std::collections::BTreeMap;
use std::time::Duration;

use super::json::{FaultDocument, TargetDocument};
use crate::apply::{Event, Outcome, Run};
use crate::object::ObjectRef;
use crate::ops::Access;
use crate::plan::{Plan, Problem};
use crate::stack::diagnostic::{Finding, Severity};

/// Everything that one command has to report. Secret values never get here: plans and errors have none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Report {
    /// The command: `plan`, `apply`, …
    pub command: &'static str,
    /// The stack, as soon as it is known.
    pub stack: Option<String>,
    /// Where the plan was made.
    pub target: Option<Target>,
    /// What was planned; none when it did not get so far.
    pub plan: Option<Plan>,
    /// What was done; none when nothing was begun.
    pub run: Option<Run>,
    /// How long each object took, waiting included.
    pub took: BTreeMap<ObjectRef, Duration>,
    /// The stream of events so far, a line each, as `--json` writes it.
    pub stream: String,
    /// The document of a command that has one of its own, as `--json` prints it.
    pub document: Option<String>,
    /// Mistakes of the description.
    pub findings: Vec<Finding>,
    /// What is wrong where there is no plan.
    pub problems: Vec<Problem>,
    /// Who reaches and calls what, for a page; none of a command that has no description.
    pub access: Option<Access>,
    /// Why the command failed.
    pub fault: Option<FaultDocument>,
    /// How the command ended.
    pub end: End,
}

/// How a command ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct End {
    /// Its exit code.
    pub code: u8,
    /// What that means.
    pub words: &'static str,
}

/// Where a plan was made, and as whom; what is not known is none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Target {
    /// URL of the server.
    pub server: Option<String>,
    /// Context of the kubeconfig.
    pub context: Option<String>,
    /// uid of the namespace `kube-system`.
    pub cluster_id: Option<String>,
    /// The user's name as the server knows it.
    pub identity: Option<String>,
}

impl Report {
    /// Adds what was planned. A command that plans twice shows what was asked for, which is the first.
    pub(crate) fn add_plan(&mut self, plan: &Plan, target: &TargetDocument<'_>) {
        if self.plan.is_none() {
            self.stack = Some(plan.stack.clone());
            self.target = Some(target.into());
            self.plan = Some(plan.clone());
        }
    }

    /// Adds how long an object took.
    pub(crate) fn add_event(&mut self, event: &Event) {
        if let Event::Finished { object, elapsed, .. } = event {
            *self.took.entry(object.clone()).or_default() += *elapsed;
        }
    }

    /// Adds what was done. Of a command that runs twice, the second run has the last word on what it touched.
    pub(crate) fn add_run(&mut self, run: &Run) {
        let Some(first) = &mut self.run else {
            self.run = Some(run.clone());
            return;
        };
        for (object, action, outcome) in &run.outcomes {
            match first.outcomes.iter_mut().find(|(known, ..)| known == object) {
                Some(_) if *outcome == Outcome::Unchanged => {}
                Some(known) => *known = (object.clone(), *action, outcome.clone()),
                None => first.outcomes.push((object.clone(), *action, outcome.clone())),
            }
        }
        first.elapsed += run.elapsed;
        first.interrupted |= run.interrupted;
        first.forbidden.extend(run.forbidden.iter().cloned());
        first.unrecorded = first.unrecorded.take().or_else(|| run.unrecorded.clone());
    }

    /// What is wrong, with the plan or without one.
    pub(crate) fn all_problems(&self) -> impl Iterator<Item = &Problem> {
        self.plan.iter().flat_map(|plan| &plan.problems).chain(&self.problems)
    }

    /// Why the command failed, unless the findings say so one by one.
    pub(crate) fn untold_fault(&self) -> Option<&FaultDocument> {
        let is_told = self.findings.iter().any(|finding| finding.severity == Severity::Error);
        self.fault.as_ref().filter(|_| !is_told)
    }

    /// Whether the command does what it plans.
    pub(crate) fn writes(&self) -> bool {
        matches!(self.command, "apply" | "destroy" | "rollback")
    }

    /// The stack, for headings.
    pub(crate) fn stack_name(&self) -> Option<&str> {
        self.stack.as_deref()
    }
}

impl From<&TargetDocument<'_>> for Target {
    fn from(target: &TargetDocument<'_>) -> Self {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Self {
            server: owned(target.server),
            context: owned(target.context),
            cluster_id: owned(target.cluster_id),
            identity: owned(target.identity),
        }
    }
}

impl<'a> From<&'a Target> for TargetDocument<'a> {
    fn from(target: &'a Target) -> Self {
        Self {
            server: target.server.as_deref(),
            context: target.context.as_deref(),
            cluster_id: target.cluster_id.as_deref(),
            identity: target.identity.as_deref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Action;

    #[test]
    fn a_second_run_has_the_last_word_on_what_it_touched() {
        let object = |name: &str| ObjectRef::namespaced("", "Secret", "prod", name);
        let run = |outcomes| Run { outcomes, elapsed: Duration::from_secs(1), ..Run::default() };
        let mut report = Report::default();
        report.add_run(&run(vec![
            (object("kept"), Action::Create, Outcome::Applied),
            (object("keys"), Action::Update, Outcome::Applied),
        ]));
        report.add_run(&run(vec![
            (object("kept"), Action::NoOp, Outcome::Unchanged),
            (object("keys"), Action::Delete, Outcome::Deleted),
            (object("new"), Action::Create, Outcome::Applied),
        ]));
        let merged = report.run.unwrap();
        let names: Vec<_> = merged.outcomes.iter().map(|(object, action, _)| (object.name.as_str(), *action)).collect();
        assert_eq!(names, [("kept", Action::Create), ("keys", Action::Delete), ("new", Action::Create)]);
        assert_eq!(merged.elapsed, Duration::from_secs(2));
    }
}
