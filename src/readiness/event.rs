//! Events about an object, in both formats: core/v1 and events.k8s.io/v1. Judges nothing.

use jiff::Timestamp;
use serde_json::Value;

use crate::object::field::{items, text};

/// The events about one life of an object.
pub(super) fn events_about<'a>(object: &Value, events: &'a [Value]) -> Vec<&'a Value> {
    events.iter().filter(|event| is_about(event, object)).collect()
}

/// The last event of one of these reasons.
pub(super) fn last<'a>(events: &[&'a Value], reasons: &[&str]) -> Option<&'a Value> {
    let of = events.iter().filter(|event| text(event, "/reason").is_some_and(|reason| reasons.contains(&reason)));
    of.copied().max_by_key(|event| time(event))
}

/// The last warning since the object was written, as `reason: message`: what was said of an older spec may be mended.
pub(super) fn last_warning(object: &Value, events: &[&Value]) -> Option<String> {
    let written = written(object);
    let warnings = events.iter().filter(|event| text(event, "/type") == Some("Warning") && time(event) >= written);
    let last = warnings.max_by_key(|event| time(event))?;
    Some(words(last))
}

/// `reason: message`, or one of them.
pub(super) fn words(event: &Value) -> String {
    match (text(event, "/reason").unwrap_or_default(), message(event).unwrap_or_default().trim()) {
        (reason, "") => reason.to_owned(),
        ("", message) => message.to_owned(),
        (reason, message) => format!("{reason}: {message}"),
    }
}

/// When an event was last seen.
pub(crate) fn time(event: &Value) -> Option<Timestamp> {
    let fields = ["/series/lastObservedTime", "/lastTimestamp", "/eventTime", "/metadata/creationTimestamp"];
    fields.iter().find_map(|field| text(event, field)?.parse().ok())
}

/// `message` in core/v1, `note` in events.k8s.io/v1.
pub(crate) fn message(event: &Value) -> Option<&str> {
    text(event, "/message").or_else(|| text(event, "/note"))
}

/// When somebody wrote more than the status of an object; its creation, if managedFields do not say.
fn written(object: &Value) -> Option<Timestamp> {
    let managers = items(object, "/metadata/managedFields").iter();
    let spec = managers.filter(|manager| text(manager, "/subresource").is_none_or(str::is_empty));
    let times = spec.filter_map(|manager| text(manager, "/time")?.parse().ok());
    times.max().or_else(|| text(object, "/metadata/creationTimestamp")?.parse().ok())
}

fn is_about(event: &Value, object: &Value) -> bool {
    ["/involvedObject", "/regarding"].iter().any(|about| {
        let same = |field: &str, other: &str| {
            let said = text(event, &format!("{about}/{field}"));
            said.is_some() && said == text(object, other)
        };
        let other_life = text(event, &format!("{about}/uid")).is_some() && !same("uid", "/metadata/uid");
        same("kind", "/kind") && same("name", "/metadata/name") && !other_life
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn warnings_about_the_spec_before_are_over() {
        let object = json!({"kind": "StatefulSet", "metadata": {"name": "web", "uid": "1", "managedFields": [
            {"time": "2026-01-01T00:01:00Z"}, {"time": "2026-01-01T00:09:00Z", "subresource": "status"}]}});
        let event = |message: &str, time: &str, uid: &str| {
            json!({"type": "Warning", "reason": "FailedCreate", "message": message, "lastTimestamp": time,
                "involvedObject": {"kind": "StatefulSet", "name": "web", "uid": uid}})
        };
        let events = [
            event("old spec", "2026-01-01T00:00:59Z", "1"),
            event("first", "2026-01-01T00:01:00Z", "1"),
            event("last", "2026-01-01T00:02:00Z", "1"),
            event("another life", "2026-01-01T00:03:00Z", "0"),
        ];
        let said = |events: &[Value]| last_warning(&object, &events_about(&object, events));
        assert_eq!(said(&events), Some("FailedCreate: last".to_owned()));
        assert_eq!(said(&events[..1]), None);
    }
}
