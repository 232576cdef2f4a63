//! What of a saved plan is refused: what was approved, and what would happen now.

use super::Style;
use super::change::write_line;
use super::page::{Ink, Page};
use super::words::verbs;
use crate::diff::{self, Diff};
use crate::object::Address;
use crate::plan::Action;
use crate::plan::saved::{Refused, Stale};

/// Where the lines of a diff begin.
const BODY: usize = 8;

/// Objects that are not as they were approved, each with the difference; nothing when there are none.
#[must_use]
pub(crate) fn stale(refused: &Refused, style: &Style) -> String {
    let mut page = Page::new(style);
    if !refused.stale.is_empty() {
        page.say(0, Ink::Error, "Not as approved, and left alone:");
        page.gap();
        for stale in &refused.stale {
            write(&mut page, stale, style);
        }
        page.gap();
    }
    page.finish()
}

fn write(page: &mut Page, refused: &Stale, style: &Style) {
    let Stale { object, address, because, approved, current } = refused;
    let is_own = *address == Address::object(object);
    let address = if is_own { String::new() } else { format!(" ({address})") };
    page.line(
        2,
        &[
            (Ink::Error, "! "),
            (Ink::Strong, &object.to_string()),
            (Ink::Faint, &address),
            (Ink::Plain, ": "),
            (Ink::Plain, because),
        ],
    );
    let Some(current) = current else { return };
    side(page, "approved", approved, &current.1, style);
    side(page, "now", current, &approved.1, style);
}

/// One of two changes, as far as the other is not the same.
fn side(page: &mut Page, title: &str, (action, diff): &(Action, Diff), other: &Diff, style: &Style) {
    let what = match action {
        Action::NoOp => "nothing to do",
        action => verbs(*action).0,
    };
    page.line(6, &[(Ink::Faint, title), (Ink::Faint, ": "), (Ink::Plain, what)]);
    for line in diff::lines(&diff.except(other), style.width.saturating_sub(BODY)) {
        write_line(page, BODY, &line);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::object::ObjectRef;

    #[test]
    fn the_difference_between_what_was_approved_and_what_is_stands_below_the_object() {
        let replicas = |count: u8, image: &str| json!({"spec": {"replicas": count, "image": image}});
        let change = |before: u8| Diff::between(&replicas(before, "a"), &replicas(2, "b"));
        let web = ObjectRef::namespaced("apps", "Deployment", "prod", "web");
        let map = ObjectRef::namespaced("", "ConfigMap", "prod", "map");
        let refused = Refused {
            stale: vec![
                Stale {
                    address: Address::object(&web),
                    object: web,
                    because: "it changed since the plan was made".to_owned(),
                    approved: (Action::Update, change(1)),
                    current: Some((Action::Update, change(3))),
                },
                Stale {
                    address: Address::cluster("prod"),
                    object: map,
                    because: "it was deleted since the plan was made".to_owned(),
                    approved: (Action::NoOp, Diff::default()),
                    current: None,
                },
            ],
            dependents: BTreeMap::new(),
        };
        assert_eq!(
            stale(&refused, &Style::default()),
            "Not as approved, and left alone:\n\n  \
             ! Deployment/web in prod: it changed since the plan was made\n      \
             approved: changing\n        ~ spec.replicas: 1 → 2\n      \
             now: changing\n        ~ spec.replicas: 3 → 2\n  \
             ! ConfigMap/map in prod (cluster.prod): it was deleted since the plan was made\n\n"
        );
        assert_eq!(stale(&Refused::default(), &Style::default()), "");
    }
}
