//! Reports as commands fill them, for snapshots of every writer; one is full of text that wants to break out.

use std::time::Duration;

use serde_json::json;

use super::{End, Report, Target, samples};
use crate::apply::{Outcome, Run};
use crate::diff::Diff;
use crate::object::{Address, ObjectRef, Source};
use crate::plan::{Action, Change, Plan, Problem, Reason, Severity};
use crate::report::json::FaultDocument;
use crate::stack::diagnostic::{Code, Diagnostic, Files, Span};

/// Text that ends a block of code, a fold, a section of XML and a workflow command, and hides something.
const EVIL: &str = "a```\n</details>]]><b>%0A::error::x @you\u{1b}[31m\u{0}\u{202e}|`";

const DONE: End = End { code: 0, words: "done, or nothing to do" };

/// A plan that can be applied.
pub(super) fn planned(plan: Plan) -> Report {
    let session = samples::session();
    let target = Target { server: Some(session.server), context: session.context, ..Target::default() };
    let stack = Some(plan.stack.clone());
    Report { command: "plan", stack, target: Some(target), plan: Some(plan), end: DONE, ..Report::default() }
}

/// An apply in which one object fails, one is stale and what needs the first is skipped.
pub(super) fn applied_in_part() -> Report {
    let plan = samples::update_all();
    let failed = |change: &Change| match change.object.kind.as_str() {
        "Deployment" => Outcome::Failed {
            error: "not ready after 300 s\npod gateway-1: ImagePullBackOff".to_owned(),
            hint: Some("`kubectl describe pod gateway-1`".to_owned()),
            unhealthy: true,
            deleted: false,
        },
        "Job" => Outcome::Stale { because: "it changed since the plan was made".to_owned() },
        "NetworkPolicy" => Outcome::Skipped { because: "Deployment/gateway in prod failed".to_owned() },
        _ if change.action == Action::NoOp => Outcome::Unchanged,
        _ if change.action == Action::Delete => Outcome::Deleted,
        _ => Outcome::Applied,
    };
    let outcomes = plan.changes.iter().map(|change| (change.object.clone(), change.action, failed(change))).collect();
    let run = Run { outcomes, elapsed: Duration::from_millis(301_200), ..Run::default() };
    let took = plan.changes.iter().map(|change| (change.object.clone(), Duration::from_millis(1_500))).collect();
    let end = End { code: 6, words: "not healthy in time" };
    Report { command: "apply", run: Some(run), took, end, ..planned(plan) }
}

/// A server that does not answer.
pub(super) fn unreachable() -> Report {
    let fault = FaultDocument {
        code: "unreachable",
        message: "cannot reach https://10.0.0.1:6443: connection refused".to_owned(),
        hint: Some("check `--context` and the network".to_owned()),
    };
    let end = End { code: 69, words: "the server cannot be reached" };
    Report { command: "plan", stack: Some("quickstart".to_owned()), fault: Some(fault), end, ..Report::default() }
}

/// A description with an error and a warning.
pub(super) fn invalid() -> Report {
    let mut files = Files::default();
    let file = files.add("dir/langop.toml", "[cluster.prod]\nmodel = 1\nunknown = 2\n".to_owned());
    let at = |range| Span::new(file, range);
    let error = Diagnostic::error(Code::WrongType, "`model` is a number, and must be text").at(at(23..24), "a number");
    let warning = Diagnostic::warning(Code::UnknownKey, "`unknown` means nothing").at(at(25..32), "").hint("remove it");
    let findings = [error, warning].iter().map(|diagnostic| diagnostic.finding(&files)).collect();
    let message = "the description is invalid".to_owned();
    let fault = Some(FaultDocument { code: "invalid-description", message, hint: None });
    let end = End { code: 65, words: "the description is invalid" };
    Report { command: "validate", findings, fault, end, ..Report::default() }
}

/// A plan whose every text is [`EVIL`].
pub(super) fn evil() -> Report {
    let object = |kind: &str| ObjectRef::namespaced("", kind, "prod", EVIL);
    let source = Some(Source { file: "a b,c:d%0A.toml".into(), line: 3, column: 2 });
    let address = Address::member("model", EVIL);
    let of = |kind, action, reason| Change {
        source: source.clone(),
        address: address.clone(),
        ..Change::bare(object(kind), action, reason)
    };
    let value = |text: &str| json!({"data": {EVIL: text}});
    let diff = Diff::between(&value("old\nlines"), &value(&format!("{EVIL}\nlines")));
    let updated = Change {
        diff,
        takes: vec![EVIL.to_owned()],
        ..of("ConfigMap", Action::Update, Reason::Drifted { managers: vec![EVIL.to_owned()] })
    };
    let deleted = of("Secret", Action::Delete, Reason::Removed);
    let problem = Problem::new(Severity::Error, "conflict", EVIL.to_owned()).about(
        &object("Service"),
        Some(address.clone()),
        source.clone(),
    );
    let plan = Plan {
        stack: "quickstart".to_owned(),
        changes: vec![updated, deleted],
        problems: vec![problem.with_hint(EVIL.to_owned())],
        effects: vec![EVIL.to_owned()],
        ..Plan::default()
    };
    let fault = Some(FaultDocument { code: "failed", message: EVIL.to_owned(), hint: Some(EVIL.to_owned()) });
    Report { fault, end: End { code: 1, words: "failed" }, ..planned(plan) }
}

/// A plan of five thousand objects of every action.
pub(super) fn big() -> Report {
    let change = |number: usize| {
        let (kind, action, reason) = match number % 50 {
            0 => ("Job", Action::Replace, Reason::Immutable { fields: vec!["spec.template".to_owned()] }),
            1..3 => ("Secret", Action::Delete, Reason::Removed),
            3..20 => ("Deployment", Action::Update, Reason::Changed),
            _ => ("ConfigMap", Action::Create, Reason::Absent),
        };
        let object = ObjectRef::namespaced(
            "",
            kind,
            &format!("namespace-{}", number % 7),
            &format!("{kind}-{number}").to_lowercase(),
        );
        let value = |text: &str| json!({"spec": {"image": text, "list": [number, text], "text": format!("one\n{text}\nthree")}});
        let diff =
            if action == Action::Delete { Diff::default() } else { Diff::between(&value("before"), &value("after")) };
        Change { diff, desired: value("after").into(), ..Change::bare(object, action, reason) }
    };
    planned(Plan { stack: "big".to_owned(), changes: (0..5_000).map(change).collect(), ..Plan::default() })
}
