//! A difference the other way round.

use super::difference::Diff;
use super::entry::{Delta, Entry};
use crate::object::SENSITIVE_CHANGED;

impl Diff {
    /// From what the other way led to, back to where it came from.
    #[must_use]
    pub(crate) fn reversed(&self) -> Self {
        Self::of(
            self.entries()
                .iter()
                .map(|entry| Entry { path: entry.path.clone(), delta: reversed(&entry.delta) })
                .collect(),
        )
    }
}

fn reversed(delta: &Delta) -> Delta {
    match delta.clone() {
        // A mark in the place of a value says that it is another one, whichever way one looks.
        Delta::Modified { before, after } if after == SENSITIVE_CHANGED => Delta::Modified { before, after },
        Delta::Added { after } => Delta::Removed { before: after },
        Delta::Removed { before } => Delta::Added { after: before },
        Delta::Modified { before, after } => Delta::Modified { before: after, after: before },
        Delta::Text { unified } => Delta::Text { unified: unified_reversed(&unified) },
        Delta::Reordered { before, after } => Delta::Reordered { before: after, after: before },
    }
}

/// A unified diff the other way round. What goes stands before what comes, as in every such text.
fn unified_reversed(unified: &str) -> String {
    let (mut text, mut comes) = (String::with_capacity(unified.len()), String::new());
    for line in unified.split_inclusive('\n') {
        match line.split_at_checked(1) {
            Some(("-", rest)) => comes.extend(["+", rest]),
            Some(("+", rest)) => text.extend(["-", rest]),
            _ => {
                text.push_str(&std::mem::take(&mut comes));
                text.push_str(&hunk_reversed(line));
            }
        }
    }
    text + &comes
}

/// `@@ -1,2 +3,4 @@` with its places exchanged; any other line as it is.
fn hunk_reversed(line: &str) -> String {
    let places = line.strip_prefix("@@ -").and_then(|rest| rest.split_once(" +"));
    match places.and_then(|(before, rest)| Some((before, rest.split_once(" @@")?))) {
        Some((before, (after, rest))) => format!("@@ -{after} +{before} @@{rest}"),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn it_is_the_difference_of_the_objects_exchanged() {
        let old = json!({"spec": {"replicas": 1, "gone": true, "text": "a\nb\nc\n"}});
        let new = json!({"spec": {"replicas": 2, "come": [1], "text": "a\nB\nc\nd\n"}});
        assert_eq!(Diff::between(&old, &new).reversed(), Diff::between(&new, &old));
    }

    #[test]
    fn a_value_that_is_not_shown_is_another_one_either_way() {
        let secret = |value: &str| json!({"apiVersion": "v1", "kind": "Secret", "data": {"key": value}});
        let diff = Diff::between(&secret("aHVzaA=="), &secret("cXVpZXQ="));
        assert_eq!(diff.reversed(), diff);
    }

    proptest! {
        #[test]
        fn twice_reversed_is_the_same(a in "([a-c]{0,3}\n){0,6}", b in "([a-c]{0,3}\n){0,6}") {
            let diff = Diff::between(&json!({"text": a}), &json!({"text": b}));
            prop_assert_eq!(diff.reversed().reversed(), diff);
        }
    }
}
