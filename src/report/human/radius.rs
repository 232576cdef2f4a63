//! The blast radius of a destruction: what goes away and was not made by this stack.

use std::collections::BTreeMap;

use super::Style;
use super::page::{Ink, Page};

/// Objects by namespace and kind that are lost with their namespaces; empty when nothing is.
#[must_use]
pub fn blast_radius(unmanaged: &BTreeMap<String, BTreeMap<String, usize>>, style: &Style) -> String {
    let mut page = Page::new(style);
    write(&mut page, unmanaged);
    page.finish()
}

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

    #[test]
    fn what_is_lost_is_counted_by_kind() {
        let kinds = |counts: &[(&str, usize)]| counts.iter().map(|(kind, n)| ((*kind).to_owned(), *n)).collect();
        let unmanaged = BTreeMap::from([
            ("prod".to_owned(), kinds(&[("PersistentVolumeClaim", 2), ("Secret", 1), ("Event.events.k8s.io", 0)])),
            ("clean".to_owned(), kinds(&[("Pod", 0)])),
        ]);
        assert_eq!(
            blast_radius(&unmanaged, &Style::default()),
            "Lost with their namespaces, though this stack did not make them:\n  \
             - prod: 2 × PersistentVolumeClaim, 1 × Secret\n"
        );
        assert_eq!(blast_radius(&BTreeMap::new(), &Style::default()), "");
    }
}
