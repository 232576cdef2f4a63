//! What a plan could not see because this identity may not look: an error is no absence, so that it is said, once for all
//! that it is about.

use std::collections::BTreeSet;

use crate::object::first;
use crate::plan::{Problem, Severity};

/// Most objects that one warning names.
const NAMED: usize = 5;

/// A read that was refused.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hidden<'a> {
    /// Stable code of the warning.
    pub(super) code: &'a str,
    /// `list`, `get`.
    pub(super) verb: &'a str,
    /// `horizontalpodautoscalers.autoscaling`.
    pub(super) resource: &'a str,
}

impl Hidden<'_> {
    /// The warning that `what` is not known of these; none where there are none.
    pub(super) fn warning(&self, what: &str, of: &BTreeSet<String>) -> Option<Problem> {
        let named = first(of.iter(), NAMED);
        let Self { code, verb, resource } = self;
        let message = format!("{what} is not known: this identity may not `{verb}` {resource}: {named}");
        let hint = "`langop rbac plan` prints the roles with which a plan sees all that it asks for";
        (!of.is_empty()).then(|| Problem::new(Severity::Warning, code, message).with_hint(hint.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_said_once_for_all_that_it_is_about() {
        let hidden = Hidden { code: "x-unread", verb: "list", resource: "things" };
        let of = |count: usize| (0..count).map(|at| format!("Thing/{at}")).collect();
        assert_eq!(hidden.warning("what holds", &of(0)), None);
        let said = |count| hidden.warning("what holds", &of(count)).unwrap().message;
        assert_eq!(said(1), "what holds is not known: this identity may not `list` things: Thing/0");
        assert!(said(7).ends_with("Thing/4 and 2 more"), "{}", said(7));
    }
}
