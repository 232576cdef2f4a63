//! How a run ended: the sum, and everything that did not go well with its reason.

use std::fmt::Write as _;

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
    failed(&mut page, run);
    skipped(&mut page, run);
    page.gap();
    summary(&mut page, plan, run);
    page.finish()
}

fn failed(page: &mut Page, run: &Run) {
    let mut title = Some("Failed:");
    for (object, _, outcome) in &run.outcomes {
        let Outcome::Failed { error, hint, .. } = outcome else { continue };
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
    let (ink, end) = match (run.interrupted, counts.failed + counts.skipped) {
        (true, _) => (Ink::Warning, "interrupted:"),
        (false, 0) => (Ink::Added, "complete!"),
        (false, _) => (Ink::Error, "incomplete:"),
    };
    let mut sum = format!("{} added, {} changed, {} destroyed", counts.add, counts.change, counts.destroy);
    for (count, word) in [(counts.forget, "forgotten"), (counts.failed, "failed"), (counts.skipped, "skipped")] {
        if count > 0 {
            let _ = write!(sum, ", {count} {word}");
        }
    }
    page.line(0, &[(ink, &format!("{name} {end} ")), (Ink::Plain, &format!("{sum} ({}).", elapsed(run.elapsed)))]);
    if run.interrupted || counts.failed > 0 {
        let left = plural(counts.failed + counts.skipped, "object");
        let text = format!("Run it again to go on with the {left} left; what is done stays done.");
        page.say(0, Ink::Plain, &text);
    }
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
        Run { outcomes, elapsed: Duration::from_millis(4_200), interrupted, unrecorded: None }
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
