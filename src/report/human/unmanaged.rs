//! Unmanaged objects: what goes away with what is deleted and was not made by this stack, and what may.

use std::collections::BTreeMap;

use super::page::{Ink, Page};
use crate::plan::Plan;

/// Writes the objects that are lost, by what takes them along and kind, and the kinds of which that is not known;
/// nothing when there are none.
pub(super) fn write(page: &mut Page, plan: &Plan) {
    let lost: BTreeMap<_, _> = plan
        .unmanaged
        .iter()
        .map(|(taker, kinds)| (taker.as_str(), counted(kinds)))
        .filter(|(_, k)| !k.is_empty())
        .collect();
    // The name of a namespace has no slash, an address has.
    let (others, namespaces): (Vec<_>, Vec<_>) = lost.into_iter().partition(|(taker, _)| taker.contains('/'));
    for (title, takers) in [
        ("Lost with their namespaces, though this stack did not make them:", namespaces),
        ("Lost with what defines or owns them, though this stack did not make them:", others),
    ] {
        if takers.is_empty() {
            continue;
        }
        page.gap();
        page.say(0, Ink::Warning, title);
        for (taker, kinds) in takers {
            let kinds = kinds.join(", ");
            page.line(2, &[(Ink::Removed, "- "), (Ink::Strong, taker), (Ink::Plain, ": "), (Ink::Plain, &kinds)]);
            for line in named(plan, taker) {
                page.say(6, Ink::Plain, &line);
            }
        }
    }
    unknown(page, &plan.unknown);
}

/// The first names of each kind that goes with a taker, and how many more there are.
fn named(plan: &Plan, taker: &str) -> Vec<String> {
    let names = plan.unmanaged_names.get(taker).into_iter().flatten();
    let lines = names.map(|(kind, names)| {
        let all = plan.unmanaged.get(taker).and_then(|kinds| kinds.get(kind)).copied().unwrap_or_default();
        let more = all.saturating_sub(names.len());
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        format!("{kind}: {}{more}", names.join(", "))
    });
    lines.collect()
}

fn counted(kinds: &BTreeMap<String, usize>) -> Vec<String> {
    kinds.iter().filter(|(_, count)| **count > 0).map(|(kind, count)| format!("{count} × {kind}")).collect()
}

/// Kinds that could not be listed for the same reason stand together.
fn unknown(page: &mut Page, unknown: &BTreeMap<String, BTreeMap<String, String>>) {
    if unknown.is_empty() {
        return;
    }
    page.gap();
    page.say(0, Ink::Warning, "Lost too, if there are any: nobody could look for them.");
    for (taker, kinds) in unknown {
        let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (kind, why) in kinds {
            reasons.entry(why).or_default().push(kind);
        }
        for (why, kinds) in reasons {
            page.paragraph(2, (Ink::Removed, "? "), &format!("{taker}: {}: {why}", kinds.join(", ")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::human::Style;

    fn text(unmanaged: BTreeMap<String, BTreeMap<String, usize>>, unknown: &[(&str, &str, &str)]) -> String {
        let mut plan = Plan { unmanaged, ..Plan::default() };
        for (taker, kind, why) in unknown {
            plan.unknown.entry((*taker).to_owned()).or_default().insert((*kind).to_owned(), (*why).to_owned());
        }
        let mut page = Page::new(&Style::default());
        write(&mut page, &plan);
        page.finish()
    }

    #[test]
    fn what_is_lost_is_counted_by_kind() {
        let kinds = |counts: &[(&str, usize)]| counts.iter().map(|(kind, n)| ((*kind).to_owned(), *n)).collect();
        let unmanaged = BTreeMap::from([
            ("prod".to_owned(), kinds(&[("PersistentVolumeClaim", 2), ("Secret", 1), ("Event.events.k8s.io", 0)])),
            ("clean".to_owned(), kinds(&[("Pod", 0)])),
            ("CustomResourceDefinition/things.example.com".to_owned(), kinds(&[("Thing.example.com", 3)])),
        ]);
        assert_eq!(
            text(unmanaged, &[]),
            "Lost with their namespaces, though this stack did not make them:\n  \
             - prod: 2 × PersistentVolumeClaim, 1 × Secret\n\n\
             Lost with what defines or owns them, though this stack did not make them:\n  \
             - CustomResourceDefinition/things.example.com: 3 × Thing.example.com\n"
        );
        assert_eq!(text(BTreeMap::new(), &[]), "");
    }

    #[test]
    fn what_is_lost_is_named_as_far_as_it_fits() {
        let names = |all: &[&str]| all.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let kinds = BTreeMap::from([("Pod".to_owned(), 12), ("Secret".to_owned(), 1)]);
        let plan = Plan {
            unmanaged: BTreeMap::from([("prod".to_owned(), kinds)]),
            unmanaged_names: BTreeMap::from([(
                "prod".to_owned(),
                BTreeMap::from([("Pod".to_owned(), names(&["a", "b"])), ("Secret".to_owned(), names(&["theirs"]))]),
            )]),
            ..Plan::default()
        };
        let mut page = Page::new(&Style::default());
        write(&mut page, &plan);
        assert_eq!(
            page.finish(),
            "Lost with their namespaces, though this stack did not make them:\n  \
             - prod: 12 × Pod, 1 × Secret\n      Pod: a, b and 10 more\n      Secret: theirs\n"
        );
    }

    #[test]
    fn what_nobody_could_list_is_named_with_the_reason() {
        let unknown = [("prod", "Pod", "no"), ("prod", "Secret", "no"), ("prod", "Thing.example.com", "gone")];
        assert_eq!(
            text(BTreeMap::new(), &unknown),
            "Lost too, if there are any: nobody could look for them.\n  \
             ? prod: Thing.example.com: gone\n  ? prod: Pod, Secret: no\n"
        );
    }
}
