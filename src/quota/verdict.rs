//! What there is to say about one key of one quota.

use super::finding::{Finding, Kind};
use super::measure::field;
use super::resource_quota::Quota;
use super::total::Total;
use crate::object::Quantity;
use crate::object::names::QUOTA;

/// What there is to say about a key, if anything. `hard` is what the quota will allow.
pub(super) fn judge(quota: &Quota<'_>, key: &str, hard: Quantity, total: &Total) -> Option<Finding> {
    let lowered = quota.is_written() && quota.before(key).is_none_or(|before| before > hard);
    if total.grows && total.wanted > hard {
        let message = format!("{key}: {} wanted, {hard} allowed by {}: {}", total.wanted, quota.object, words(total));
        return Some(Finding {
            hint: Some(way_out(quota, key, total)),
            ..finding(quota, key, Kind::OverQuota, message)
        });
    }
    if !total.first.is_empty() {
        let first = total.first.join(", ");
        let message = format!("{key}: {hard} allowed by {}: {first} goes before what is new is made", quota.object);
        return Some(finding(quota, key, Kind::GoesFirst, message));
    }
    if lowered && total.now > hard {
        return Some(finding(quota, key, Kind::TightQuota, below(quota, key, hard, total)));
    }
    let (needed, why) = if total.grows && total.at_once > hard {
        (total.at_once, "are wanted for a while; some pods wait until others have been replaced or have ended")
    } else if total.grows && total.most > hard {
        (total.most, "are wanted when autoscalers go to their maximum; the last pods would be refused")
    } else {
        return None;
    };
    let message = format!("{key}: {needed} {why}: {hard} allowed by {}: {}", quota.object, words(total));
    Some(finding(quota, key, Kind::TightQuota, message))
}

fn below(quota: &Quota<'_>, key: &str, hard: Quantity, total: &Total) -> String {
    let change = match quota.before(key) {
        Some(before) => format!("goes from {before} to {hard}"),
        None => format!("is now limited to {hard}"),
    };
    let stays = "nothing is stopped, but nothing is let in until less is used";
    format!("{key} {change} in {}, below the {} in use: {stays}", quota.object, total.now)
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

fn finding(quota: &Quota<'_>, key: &str, kind: Kind, message: String) -> Finding {
    let place = format!("/spec/hard/{}", key.replace('/', "~1"));
    Finding { kind, object: quota.object.clone(), place: quota.wanted.map(|_| place), message, hint: None }
}
