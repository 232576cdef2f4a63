//! What `langop check` saw: a block a cluster, a line a finding.

use super::Style;
use super::page::{Ink, Page};
use super::words::elapsed;
use crate::ops::{Call, CallFault, ClusterCheck, Fault, Verdict};
use crate::plan::Severity;

/// The signs of a good and of a bad finding, and of one that is only worth a look.
const GOOD: (Ink, &str) = (Ink::Added, "ok    ");
const BAD: (Ink, &str) = (Ink::Error, "failed");
const NOTE: (Ink, &str) = (Ink::Warning, "note  ");

/// All checks, with a sum at the end.
#[must_use]
pub(crate) fn check(checks: &[ClusterCheck], style: &Style) -> String {
    let mut page = Page::new(style);
    for check in checks {
        let pod = check.pod.as_ref().map(|pod| format!(" (pod {pod})")).unwrap_or_default();
        page.line(0, &[(Ink::Strong, &check.cluster), (Ink::Faint, &pod)]);
        for (sign, text) in findings(check) {
            page.line(2, &[sign, (Ink::Plain, " "), (Ink::Plain, &text)]);
        }
    }
    page.line(0, &[(Ink::Plain, &sum(checks))]);
    page.finish()
}

type Finding = ((Ink, &'static str), String);

fn findings(check: &ClusterCheck) -> Vec<Finding> {
    let mut all = Vec::new();
    if check.stale {
        let text = "the pod runs another configuration than the description's: see `langop plan`";
        all.push((NOTE, text.to_owned()));
    }
    if let Some(fault) = &check.fault {
        all.push((BAD, words(fault)));
        return all;
    }
    all.push((GOOD, "it is ready".to_owned()));
    all.extend(listing(check));
    all.extend(check.calls.iter().map(call));
    all
}

/// What is not good about a cluster, or worth a look.
pub(in crate::report) fn faults(check: &ClusterCheck) -> Vec<(Severity, String)> {
    let severity = |sign| match sign {
        GOOD => None,
        NOTE => Some(Severity::Warning),
        _ => Some(Severity::Error),
    };
    findings(check).into_iter().filter_map(|(sign, text)| Some((severity(sign)?, text))).collect()
}

/// Why there is no list of models.
pub(in crate::report) fn words(fault: &Fault) -> String {
    match fault {
        Fault::NotReady(reason) => format!("no pod of the gateway is ready: {reason}"),
        Fault::Silent(reason) => format!("the gateway does not answer: {reason}"),
        Fault::Unhealthy(status) => format!("the gateway is not ready: `/health/readiness` answers {status}"),
        Fault::NoKey => "Secret/gateway-auth holds no key of the gateway: `langop apply` makes it anew".to_owned(),
        Fault::Refused(status @ (401 | 403)) => format!(
            "`/v1/models` answers {status} to a key from Secret/gateway-auth: the pod runs with another one; \
             restart it"
        ),
        Fault::Refused(status) => format!("`/v1/models` answers {status}"),
    }
}

fn listing(check: &ClusterCheck) -> Vec<Finding> {
    let listing = &check.listing;
    let list = |names: &mut dyn Iterator<Item = &String>| names.cloned().collect::<Vec<_>>().join(", ");
    let mut all = Vec::new();
    if !listing.missing.is_empty() {
        let names = list(&mut listing.missing.iter());
        // Of the same configuration, a model is missing only when the gateway did not understand it.
        let why = if check.stale { "" } else { ": the gateway dropped it at its start, see the log of the pod" };
        all.push((BAD, format!("`/v1/models` lacks {names}{why}")));
    }
    if !listing.extra.is_empty() {
        all.push((
            BAD,
            format!("`/v1/models` lists {}, which the description does not", list(&mut listing.extra.iter())),
        ));
    }
    if all.is_empty() {
        let names = list(&mut listing.listed.iter());
        let names = if names.is_empty() { "no model".to_owned() } else { names };
        all.push((GOOD, format!("`/v1/models` lists what the description does: {names}")));
    }
    for (catalogue, count) in &listing.catalogues {
        all.push((GOOD, format!("`{catalogue}` stands for {count} listed names")));
    }
    all
}

fn call(call: &Call) -> Finding {
    let took = elapsed(call.took);
    match &call.answer {
        Ok(Some(cost)) => (GOOD, format!("{} answers in {took} for {}", call.model, dollars(*cost))),
        Ok(None) => (GOOD, format!("{} answers in {took}, at a cost that the gateway does not know", call.model)),
        Err(fault) => (BAD, format!("{}: {} ({took})", call.model, reason(fault))),
    }
}

/// Why a call failed, with what to look at.
pub(in crate::report) fn reason(fault: &CallFault) -> String {
    let (status, kind) = match fault {
        CallFault::Status(status, kind) => (*status, kind),
        CallFault::Other(other) => return format!("`{other}` answered instead of it"),
        CallFault::Silent(reason) => return reason.clone(),
    };
    let kind = kind.as_ref().map(|kind| format!(" {kind}")).unwrap_or_default();
    let meaning = match status {
        400 => "the provider does not take the request; an embedding model takes no completions",
        401 | 403 => "the provider refuses the credentials",
        404 => "the provider does not know the model, or the endpoint is wrong",
        408 | 504 => "the provider does not answer in time",
        429 => "a rate limit or a quota is used up, or the model rests after a failure",
        _ => "see the log of the pod",
    };
    format!("{status}{kind}: {meaning}")
}

/// Costs of one call are small.
fn dollars(cost: f64) -> String {
    if cost > 0.0 && cost < 1e-6 { "less than $0.000001".to_owned() } else { format!("${cost:.6}") }
}

fn sum(checks: &[ClusterCheck]) -> String {
    let bad = checks.iter().filter(|check| check.verdict() != Verdict::Good).count();
    match (checks.len(), bad) {
        (0, _) => "No language clusters.".to_owned(),
        (1, 0) => "The gateway is as described.".to_owned(),
        (1, _) => "The gateway is not as described.".to_owned(),
        (all, 0) => format!("All {all} gateways are as described."),
        (all, bad) => {
            let are = if bad == 1 { "is" } else { "are" };
            format!("{bad} of {all} gateways {are} not as described.")
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::report::samples::checks;

    use super::*;

    #[test]
    fn a_block_a_cluster_a_line_a_finding() {
        insta::assert_snapshot!(check(&checks(), &Style::default()));
    }

    #[test]
    fn the_sum_says_how_many() {
        let good = ClusterCheck::default();
        assert_eq!(sum(&[]), "No language clusters.");
        assert_eq!(sum(std::slice::from_ref(&good)), "The gateway is as described.");
        assert_eq!(sum(&[good.clone(), good]), "All 2 gateways are as described.");
    }

    #[test]
    fn tiny_costs_are_not_nothing() {
        assert_eq!([0.0, 4.5e-5, 1e-9].map(dollars), ["$0.000000", "$0.000045", "less than $0.000001"]);
    }
}
