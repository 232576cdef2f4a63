//! Documents for programs. Versioned: a new minor version only adds fields, readers ignore what they do not
//! know; a new major version may change anything. No secret value: diffs have none.

mod access;
mod agent;
mod check;
mod cluster_events;
mod drift;
mod environment;
mod event;
mod field;
mod fitness;
mod graph;
mod history;
mod keys;
mod outage;
mod plan;
mod reach;
mod record;
mod report;
mod schema;
mod spend;
mod stacks;
mod status;
mod target;
mod validate;

pub(crate) use access::access;
pub(crate) use agent::agent;
pub(crate) use check::{CheckDocument, check};
pub(crate) use cluster_events::cluster_events;
pub(crate) use drift::drift;
pub(crate) use environment::{EnvironmentDocument, FaultDocument, environments};
pub(crate) use event::{event, run, stale, version};
pub(crate) use field::field;
pub(crate) use fitness::{FitnessDocument, fitness};
pub(crate) use graph::graph;
pub(crate) use history::history;
pub(crate) use keys::keys;
pub(crate) use outage::{OutageDocument, outage};
pub(crate) use plan::{PlanDocument, plan};
pub(crate) use reach::reach;
pub(crate) use record::{RecordDocument, record};
pub(crate) use report::report;
pub(crate) use schema::{Document, schema};
pub(crate) use spend::{SpendDocument, spending};
pub(crate) use stacks::stacks;
pub(crate) use status::{StatusDocument, status};
pub(crate) use target::TargetDocument;
pub(crate) use validate::{ValidationDocument, validation, validations};

use std::fmt::Write as _;

use serde::Serialize;

use crate::object::is_unprintable;

/// Version of the documents and of the event stream.
pub(crate) const FORMAT_VERSION: &str = "1.0";

/// A document on many lines, with a line break at its end.
pub(crate) fn document(value: &impl Serialize) -> Result<String, serde_json::Error> {
    Ok(harmless(&serde_json::to_string_pretty(value)?) + "\n")
}

/// One line of a stream, with a line break at its end.
pub(crate) fn line(value: &impl Serialize) -> Result<String, serde_json::Error> {
    Ok(harmless(&serde_json::to_string(value)?) + "\n")
}

/// The same JSON, with what a terminal would act on written as `\uXXXX`: JSON escapes only some of it, and
/// outside of strings there is none.
fn harmless(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for c in json.chars() {
        if c == '\n' || !is_unprintable(c) {
            safe.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            let _ = write!(safe, "\\u{unit:04x}");
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_escaped_means_the_same(text: String) {
            let text = format!("{text}\u{9b}31m\u{202e}\u{e0041}");
            let json = line(&text).unwrap();
            prop_assert!(!json.trim_end().contains(is_unprintable));
            prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }
    }
}
