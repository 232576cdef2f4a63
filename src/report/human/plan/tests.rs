//! Whole plans, with and without colour.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::plan;
use crate::diff::Diff;
use crate::object::{ObjectRef, arbitrary};
use crate::plan::{Change, Plan, Reason, Unhealthy};
use crate::readiness::State;
use crate::report::human::{Detail, Style};
use crate::report::samples;

const PLAIN: Style = Style { colour: false, width: 100, detail: Detail::Brief };
const COLOUR: Style = Style { colour: true, ..PLAIN };
const FULL: Style = Style { detail: Detail::Full, ..PLAIN };

#[test]
fn the_first_plan_fits_one_screen() {
    let text = plan(&samples::create_all(), &PLAIN);
    assert!(text.lines().count() <= 30, "{text}");
    insta::assert_snapshot!("create", text);
}

#[test]
fn every_field_is_a_flag_away() {
    insta::assert_snapshot!("create_full", plan(&samples::create_all(), &FULL));
}

#[test]
fn an_update_shows_what_differs() {
    insta::assert_snapshot!("update", plan(&samples::update_all(), &PLAIN));
    insta::assert_snapshot!("update_coloured", plan(&samples::update_all(), &COLOUR));
}

#[test]
fn drift_names_who_did_it() {
    insta::assert_snapshot!("drift", plan(&samples::drift(), &PLAIN));
}

#[test]
fn errors_come_all_at_once() {
    insta::assert_snapshot!("conflict", plan(&samples::conflict(), &PLAIN));
    insta::assert_snapshot!("conflict_coloured", plan(&samples::conflict(), &COLOUR));
}

#[test]
fn what_goes_with_its_owner_stands_below_it() {
    insta::assert_snapshot!("destroy", plan(&samples::destroy(), &PLAIN));
}

#[test]
fn nothing_to_do_is_one_line() {
    assert_eq!(plan(&samples::nothing(), &PLAIN), "Nothing to do: 3 objects are as described.\n");
    let destroyed = Plan { destroy: true, changes: Vec::new(), ..samples::nothing() };
    assert_eq!(plan(&destroyed, &PLAIN), "Nothing to destroy: stack `quickstart` has no objects.\n");
}

#[test]
fn in_sync_is_not_healthy_and_what_completed_is_not_missing() {
    let mut quiet = samples::nothing();
    let object = quiet.changes[0].object.clone();
    quiet.unhealthy =
        vec![Unhealthy { object, state: State::InProgress, reason: "it is Pending; no class".to_owned() }];
    quiet.changes[1].object = ObjectRef::namespaced("batch", "Job", "n", "migrate");
    quiet.changes[1].reason = Reason::Completed;
    insta::assert_snapshot!("unhealthy", plan(&quiet, &PLAIN));
}

#[test]
fn a_secret_never_shows_its_value() {
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "data": {"api-key": "aHVzaA=="}});
    let changed = json!({"apiVersion": "v1", "kind": "Secret", "data": {"api-key": "cXVpZXQ="}});
    for (before, after) in [(&Value::Null, &secret), (&secret, &changed), (&secret, &secret)] {
        for style in [&PLAIN, &FULL] {
            let text = plan(&with(before, after), style);
            assert!(!text.contains("aHVzaA") && !text.contains("cXVpZXQ"), "{text}");
        }
    }
}

/// The sample plans with this difference in every object.
fn with(before: &Value, after: &Value) -> Plan {
    let of = |change: Change| Change { diff: Diff::between(before, after), desired: after.clone().into(), ..change };
    let mut plan = samples::update_all();
    let mut created = samples::create_all();
    let changes = plan.changes.drain(..).chain(created.changes.drain(..));
    plan.changes = changes.map(of).collect();
    plan
}

proptest! {
    #[test]
    fn no_value_sends_a_terminal_escape(a in arbitrary::object(), b in arbitrary::object()) {
        for style in [&PLAIN, &FULL] {
            let text = plan(&with(&a, &b), style);
            prop_assert!(!text.contains(|c: char| c.is_control() && c != '\n'));
        }
    }
}
