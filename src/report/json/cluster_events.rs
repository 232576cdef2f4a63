//! `events --json`: one document with the events of a cluster.

use serde::Serialize;

use super::FORMAT_VERSION;
use crate::object::ObjectRef;
use crate::ops::ClusterEvent;

/// The events of a cluster.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub(crate) struct ClusterEventsDocument<'a> {
    /// [`FORMAT_VERSION`].
    pub format_version: &'static str,
    /// The cluster.
    pub cluster: &'a str,
    /// The newest last.
    pub events: Vec<ClusterEventDocument<'a>>,
}

/// What was said of an object.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub(crate) struct ClusterEventDocument<'a> {
    /// The object.
    pub object: &'a ObjectRef,
    /// `Warning` or `Normal`.
    pub r#type: &'static str,
    /// In a word.
    pub reason: &'a str,
    /// In a sentence.
    pub message: &'a str,
    /// The component that said it.
    pub by: Option<&'a str>,
    /// How often.
    pub count: i64,
    /// When for the first time, RFC 3339, in UTC.
    pub first_seen: Option<String>,
    /// When for the last time.
    pub last_seen: Option<String>,
}

/// The document of a cluster's events.
#[must_use]
pub(crate) fn cluster_events<'a>(cluster: &'a str, events: &'a [ClusterEvent]) -> ClusterEventsDocument<'a> {
    ClusterEventsDocument { format_version: FORMAT_VERSION, cluster, events: events.iter().map(event).collect() }
}

fn event(event: &ClusterEvent) -> ClusterEventDocument<'_> {
    let time = |time: jiff::Timestamp| format!("{time:.0}");
    ClusterEventDocument {
        object: &event.object,
        r#type: if event.warning { "Warning" } else { "Normal" },
        reason: &event.reason,
        message: &event.message,
        by: event.by.as_deref(),
        count: event.count,
        first_seen: event.first.map(time),
        last_seen: event.last.map(time),
    }
}

#[cfg(test)]
mod tests {
    use crate::report::samples;

    #[test]
    fn the_document_of_events() {
        insta::assert_json_snapshot!(super::cluster_events("prod", &samples::cluster_events()));
    }
}
