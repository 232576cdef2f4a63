//! What there is to say about one key of one quota.

use super::measure::field;
use super::quota::Quota;
use super::total::Total;
use crate::object::names::QUOTA;
use crate::object::{ObjectRef, Quantity};
use crate::plan::{Problem, Severity};

/// The problem of a key, if there is one. `hard` is what the quota will allow.
pub(super) fn of(quota: &Quota<'_>, key: &str, hard: Quantity, total: &Total) -> Option<Problem> {
    let lowered = quota.is_written() && quota.before(key).is_none_or(|before| before > hard);
    if total.grows && total.wanted > hard {
        let message = format!("{key}: {} wanted, {hard} allowed by {}: {}", total.wanted, named(quota), words(total));
        return Some(Problem {
            hint: Some(way_out(quota, key, total)),
            ..problem(quota, key, Severity::Error, message)
        });
    }
    if lowered && total.now > hard {
        return Some(problem(quota, key, Severity::Warning, below(quota, key, hard, total)));
    }
    let (needed, why) = if total.grows && total.at_once > hard {
        (total.at_once, "are wanted for a while; some pods wait until others have been replaced or have ended")
    } else if total.grows && total.most > hard {
        (total.most, "are wanted when autoscalers go to their maximum; the last pods would be refused")
    } else {
        return None;
    };
    let message = format!("{key}: {needed} {why}: {hard} allowed by {}: {}", named(quota), words(total));
    Some(problem(quota, key, Severity::Warning, message))
}

fn below(quota: &Quota<'_>, key: &str, hard: Quantity, total: &Total) -> String {
    let change = match quota.before(key) {
        Some(before) => format!("goes from {before} to {hard}"),
        None => format!("is now limited to {hard}"),
    };
    let stays = "nothing is stopped, but nothing is let in until less is used";
    format!("{key} {change} in {}, below the {} in use: {stays}", named(quota), total.now)
}

/// `ResourceQuota/langop-quota in prod`.
pub(super) fn named(quota: &Quota<'_>) -> String {
    quota.object.to_string()
}

fn words(total: &Total) -> String {
    let leaving = total.leaving.iter().map(|object| format!("{object} until it is deleted"));
    let all: Vec<_> = total.words.iter().cloned().chain(leaving).collect();
    all.join(", ")
}

fn way_out(quota: &Quota<'_>, key: &str, total: &Total) -> String {
    let namespace = quota.object.namespace.as_deref().unwrap_or_default();
    let raise = match (quota.wanted, field(key).filter(|_| quota.object.name == QUOTA)) {
        (Some(_), Some(field)) => format!("raise `capacity.{field}` of cluster `{namespace}`"),
        (Some(_), None) => format!("raise `spec.hard` of {}", quota.object),
        (None, _) => format!("have {} raised by its owner", quota.object),
    };
    let first = "; or apply without what is new first: what left the description is deleted last";
    format!("{raise}, or ask for less{}", if total.leaving.is_empty() { "" } else { first })
}

fn problem(quota: &Quota<'_>, key: &str, severity: Severity, message: String) -> Problem {
    let desired = quota.wanted.map(|wanted| wanted.desired);
    let code = if severity == Severity::Error { "over-quota" } else { "tight-quota" };
    Problem {
        severity,
        code: code.to_owned(),
        object: Some(quota.object.clone()),
        address: desired.map(|desired| desired.address.clone()),
        source: desired.and_then(|desired| desired.place(&format!("/spec/hard/{}", key.replace('/', "~1")))),
        message,
        hint: None,
    }
}

/// The API server would refuse an object because a quota has no room, and no quota seen here says why.
pub(super) fn refused(object: &ObjectRef, message: &str) -> Problem {
    Problem {
        severity: Severity::Error,
        code: "over-quota".to_owned(),
        object: Some(object.clone()),
        address: None,
        source: None,
        message: message.to_owned(),
        hint: Some("have the quota raised by its owner, or ask for less".to_owned()),
    }
}
