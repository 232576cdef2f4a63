//! How a run ended: the sum, and everything that did not go well with its reason.

use super::Style;
use super::page::{Ink, Page};
use super::words::{elapsed, plural};
use crate::apply::{Outcome, Run};
use crate::object::ObjectRef;
use crate::plan::Plan;
use crate::report::Counts;

/// Failed and skipped objects, and the line `Apply complete! 3 added, 1 changed, 0 destroyed (4.2s).`
#[must_use]
pub(crate) fn run(plan: &Plan, run: &Run, style: &Style) -> String {
    let mut page = Page::new(style);
    failed(&mut page, run, Failing::Objects);
    failed(&mut page, run, Failing::Addresses);
    stale(&mut page, run);
    skipped(&mut page, run);
    page.gap();
    summary(&mut page, plan, run);
    page.finish()
}

/// What did not go well: an object, or only that nobody gives it an address.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Failing {
    Objects,
    Addresses,
}

fn failed(page: &mut Page, run: &Run, failing: Failing) {
    let mut title = Some(if failing == Failing::Addresses { "Without an address:" } else { "Failed:" });
    for (object, _, outcome) in &run.outcomes {
        let Outcome::Failed { error, hint, .. } = outcome else { continue };
        if outcome.lacks_address(object) != (failing == Failing::Addresses) {
            continue;
        }
        if let Some(title) = title.take() {
            page.say(0, Ink::Error, title);
        }
        page.line(2, &[(Ink::Strong, &object.to_string())]);
        page.paragraph(4, (Ink::Plain, ""), error);
        if let Some(hint) = hint {
            page.paragraph(4, (Ink::Hunk, "hint: "), hint);
        }
    }
}

/// Objects that are not as they were when the plan was made.
fn stale(page: &mut Page, run: &Run) {
    let mut title = Some("Not as approved:");
    for (object, _, outcome) in &run.outcomes {
        let Outcome::Stale { because } = outcome else { continue };
        if let Some(title) = title.take() {
            page.gap();
            page.say(0, Ink::Warning, title);
        }
        page.line(2, &[(Ink::Strong, &object.to_string())]);
        page.paragraph(4, (Ink::Plain, ""), because);
    }
}

/// Objects that were skipped for one reason stand together.
fn skipped(page: &mut Page, run: &Run) {
    let mut reasons: Vec<(&str, Vec<&ObjectRef>)> = Vec::new();
    for (object, _, outcome) in &run.outcomes {
        let Outcome::Skipped { because } = outcome else { continue };
        match reasons.iter_mut().find(|(reason, _)| reason == because) {
            Some((_, objects)) => objects.push(object),
            None => reasons.push((because, vec![object])),
        }
    }
    if reasons.is_empty() {
        return;
    }
    page.gap();
    page.say(0, Ink::Warning, "Skipped:");
    for (reason, objects) in reasons {
        page.say(2, Ink::Plain, reason);
        for object in objects {
            page.say(4, Ink::Plain, &object.to_string());
        }
    }
}

fn summary(page: &mut Page, plan: &Plan, run: &Run) {
    let counts = Counts::of_run(run);
    let name = if plan.destroy { "Destroy" } else { "Apply" };
    let bad = counts.failed + counts.no_address;
    let (ink, end) = match (run.interrupted, bad + counts.skipped) {
        (true, _) => (Ink::Warning, "interrupted:"),
        (false, 0) => (Ink::Added, "complete!"),
        (false, _) => (Ink::Error, "incomplete:"),
    };
    let sum = counts.done();
    page.line(0, &[(ink, &format!("{name} {end} ")), (Ink::Plain, &format!("{sum} ({}).", elapsed(run.elapsed)))]);
    if run.interrupted || bad > 0 {
        let left = plural(bad + counts.skipped, "object");
        let text = format!("Run it again to go on with the {left} left; what is done stays done.");
        page.say(0, Ink::Plain, &text);
    } else if is_stale(run) {
        page.say(0, Ink::Plain, "Plan again to see what is left, and have that approved.");
    }
}

fn is_stale(run: &Run) -> bool {
    run.outcomes.iter().any(|(_, _, outcome)| matches!(outcome, Outcome::Stale { .. }))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::plan::Action;

    fn object(kind: &str) -> ObjectRef {
        ObjectRef::namespaced("", kind, "prod", "x")
    }

    fn of(outcomes: Vec<(ObjectRef, Action, Outcome)>, interrupted: bool) -> Run {
        let forbidden = std::collections::BTreeSet::new();
        Run {
            outcomes,
            elapsed: Duration::from_millis(4_200),
            interrupted,
            forbidden,
            unrecorded: None,
            recorded: None,
            rolled_back: std::collections::BTreeMap::new(),
        }
    }

    #[test]
    fn a_good_run_is_one_line() {
        let done = of(
            vec![
                (object("Namespace"), Action::Create, Outcome::Applied),
                (object("Service"), Action::Replace, Outcome::Applied),
                (object("ConfigMap"), Action::Update, Outcome::Applied),
                (object("Secret"), Action::NoOp, Outcome::Unchanged),
            ],
            false,
        );
        assert_eq!(
            run(&Plan::default(), &done, &Style::default()),
            "Apply complete! 2 added, 1 changed, 1 destroyed (4.2s).\n"
        );
    }

    #[test]
    fn a_bad_run_says_what_is_left() {
        let skip = |because: &str| Outcome::Skipped { because: because.into() };
        let failed = Outcome::Failed {
            error: "0 of 1 replicas available\nlast log lines".into(),
            hint: Some("langop status".into()),
            unhealthy: true,
            deleted: false,
        };
        let bad = of(
            vec![
                (object("Namespace"), Action::Create, Outcome::Applied),
                (object("Deployment"), Action::Create, failed),
                (object("Ingress"), Action::Create, skip("Deployment/x in prod failed")),
                (object("Service"), Action::Create, skip("Deployment/x in prod failed")),
            ],
            false,
        );
        insta::assert_snapshot!(run(&Plan::default(), &bad, &Style::default()));
        insta::assert_snapshot!("coloured", run(&Plan::default(), &bad, &Style { colour: true, ..Style::default() }));
    }

    #[test]
    fn a_service_without_an_address_is_not_among_the_failed() {
        let error = "not ready after 300 s: its load balancer has no address yet".to_owned();
        let failed = Outcome::Failed { error, hint: None, unhealthy: true, deleted: false };
        let done = of(vec![(object("Service"), Action::Create, failed)], false);
        assert_eq!(
            run(&Plan::default(), &done, &Style::default()),
            "Without an address:\n  Service/x in prod\n    not ready after 300 s: its load balancer has no address yet\n\n\
             Apply incomplete: 0 added, 0 changed, 0 destroyed, 1 without an address (4.2s).\n\
             Run it again to go on with the 1 object left; what is done stays done.\n"
        );
    }

    #[test]
    fn an_interrupted_run_can_go_on() {
        let left = Outcome::Skipped { because: "interrupted".into() };
        let cut = of(vec![(object("Pod"), Action::Delete, left)], true);
        assert_eq!(
            run(&Plan { destroy: true, ..Plan::default() }, &cut, &Style::default()),
            "Skipped:\n  interrupted\n    Pod/x in prod\n\n\
             Destroy interrupted: 0 added, 0 changed, 0 destroyed, 1 skipped (4.2s).\n\
             Run it again to go on with the 1 object left; what is done stays done.\n"
        );
    }
}
