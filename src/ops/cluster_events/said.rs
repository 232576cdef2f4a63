//! Events as the API server has them, put together where they say the same. Knows nobody's objects.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use crate::object::credential::masked;
use crate::object::field::{number, text};
use crate::object::{ObjectRef, group_of};
use crate::readiness::{event_message, event_time};

/// What was said of an object, once or several times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClusterEvent {
    /// The object.
    pub object: ObjectRef,
    /// Whether it is a warning.
    pub warning: bool,
    /// In a word.
    pub reason: String,
    /// In a sentence.
    pub message: String,
    /// Who said it.
    pub by: Option<String>,
    /// How often.
    pub count: i64,
    /// When for the first time.
    pub first: Option<Timestamp>,
    /// When for the last time.
    pub last: Option<Timestamp>,
}

/// What makes events the same.
type Key = (ObjectRef, bool, String, String);

/// The events, each once, the newest last.
pub(super) fn together(events: &[Value]) -> Vec<ClusterEvent> {
    let mut all: BTreeMap<Key, ClusterEvent> = BTreeMap::new();
    for event in events.iter().filter_map(read) {
        let key = (event.object.clone(), event.warning, event.reason.clone(), event.message.clone());
        match all.get_mut(&key) {
            Some(same) => same.add(event),
            None => drop(all.insert(key, event)),
        }
    }
    let mut all: Vec<_> = all.into_values().collect();
    all.sort_by(order);
    all
}

impl ClusterEvent {
    fn add(&mut self, other: Self) {
        self.count += other.count;
        self.first = [self.first, other.first].into_iter().flatten().min();
        if other.last > self.last {
            (self.last, self.by) = (other.last, other.by);
        }
    }
}

fn order(one: &ClusterEvent, other: &ClusterEvent) -> Ordering {
    let key = |event: &ClusterEvent| (event.last, event.first);
    key(one).cmp(&key(other)).then_with(|| one.object.cmp(&other.object))
}

fn read(event: &Value) -> Option<ClusterEvent> {
    let about = |field: &str| text(event, &format!("/involvedObject/{field}"));
    let namespace = about("namespace").filter(|namespace| !namespace.is_empty());
    let object = ObjectRef {
        group: group_of(about("apiVersion").unwrap_or_default()).into(),
        kind: about("kind")?.into(),
        namespace: namespace.map(Into::into),
        name: about("name")?.into(),
    };
    let time = |pointer: &str| text(event, pointer)?.parse::<Timestamp>().ok();
    let last = event_time(event);
    Some(ClusterEvent {
        object,
        warning: text(event, "/type") == Some("Warning"),
        reason: text(event, "/reason").unwrap_or_default().to_owned(),
        // Words of others may quote anything.
        message: masked(event_message(event).unwrap_or_default().trim()).into_owned(),
        by: by(event),
        count: number(event, "/series/count").or_else(|| number(event, "/count")).unwrap_or(1).max(1),
        first: ["/firstTimestamp", "/eventTime"].into_iter().find_map(time).or(last),
        last,
    })
}

fn by(event: &Value) -> Option<String> {
    let fields = ["/reportingComponent", "/source/component"];
    fields.iter().find_map(|field| text(event, field).filter(|name| !name.is_empty()).map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(pod: &str, message: &str, last: &str, count: i64) -> Value {
        json!({"involvedObject": {"apiVersion": "v1", "kind": "Pod", "namespace": "prod", "name": pod}, "type": "Warning",
            "reason": "BackOff", "message": message, "firstTimestamp": "2026-01-01T00:00:00Z", "lastTimestamp": last,
            "count": count, "source": {"component": "kubelet"}})
    }

    #[test]
    fn the_same_is_said_once_with_its_count_and_the_newest_is_last() {
        let series = json!({"involvedObject": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "gateway"},
            "reason": "Scaled", "eventTime": "2026-01-01T00:02:00Z", "series": {"count": 3,
            "lastObservedTime": "2026-01-01T00:03:30Z"}, "reportingComponent": "controller"});
        let found = together(&[
            event("a", "again", "2026-01-01T00:04:00Z", 2),
            series,
            event("b", "again", "2026-01-01T00:01:00Z", 0),
            event("a", "again", "2026-01-01T00:03:00Z", 5),
            event("a", "other", "2026-01-01T00:00:30Z", 1),
            json!({"message": "about nothing"}),
        ]);
        let shown: Vec<_> =
            found.iter().map(|one| (one.object.name.as_str(), one.message.as_str(), one.count)).collect();
        assert_eq!(shown, [("a", "other", 1), ("b", "again", 1), ("gateway", "", 3), ("a", "again", 7)]);
        assert_eq!((found[2].object.group.as_str(), found[2].warning), ("apps", false));
        assert_eq!(found[3].last.map(|time| time.to_string()).as_deref(), Some("2026-01-01T00:04:00Z"));
        assert_eq!(found[3].first.map(|time| time.to_string()).as_deref(), Some("2026-01-01T00:00:00Z"));
        assert_eq!(found[3].by.as_deref(), Some("kubelet"));
    }
}
