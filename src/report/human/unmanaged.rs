//! Unmanaged objects: what goes away with a namespace and was not made by this stack.

use std::collections::BTreeMap;

use super::page::{Ink, Page};

/// Writes the objects that are lost, by namespace and kind; nothing when none is.
pub(super) fn write(page: &mut Page, unmanaged: &BTreeMap<String, BTreeMap<String, usize>>) {
    let lost = |kinds: &BTreeMap<String, usize>| kinds.values().sum::<usize>() > 0;
    let namespaces: Vec<_> = unmanaged.iter().filter(|(_, kinds)| lost(kinds)).collect();
    if namespaces.is_empty() {
        return;
    }
    page.gap();
    page.say(0, Ink::Warning, "Lost with their namespaces, though this stack did not make them:");
    for (namespace, kinds) in namespaces {
        let kinds: Vec<_> =
            kinds.iter().filter(|(_, count)| **count > 0).map(|(kind, count)| format!("{count} × {kind}")).collect();
        page.line(
            2,
            &[(Ink::Removed, "- "), (Ink::Strong, namespace), (Ink::Plain, ": "), (Ink::Plain, &kinds.join(", "))],
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::human::Style;

    fn text(unmanaged: &BTreeMap<String, BTreeMap<String, usize>>) -> String {
        let mut page = Page::new(&Style::default());
        write(&mut page, unmanaged);
        page.finish()
    }

    #[test]
    fn what_is_lost_is_counted_by_kind() {
        let kinds = |counts: &[(&str, usize)]| counts.iter().map(|(kind, n)| ((*kind).to_owned(), *n)).collect();
        let unmanaged = BTreeMap::from([
            ("prod".to_owned(), kinds(&[("PersistentVolumeClaim", 2), ("Secret", 1), ("Event.events.k8s.io", 0)])),
            ("clean".to_owned(), kinds(&[("Pod", 0)])),
        ]);
        assert_eq!(
            text(&unmanaged),
            "Lost with their namespaces, though this stack did not make them:\n  \
             - prod: 2 × PersistentVolumeClaim, 1 × Secret\n"
        );
        assert_eq!(text(&BTreeMap::new()), "");
    }
}
