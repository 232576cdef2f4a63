//! The object as it would be, and as it is. A plan keeps what differs: what is there now is what would be, with the
//! differences undone.

use serde_json::{Value, json};

use crate::diff::Delta;
use crate::object::place::{item_names_at, put, remove, value_at};
use crate::object::{ObjectRef, Path, Segment};
use crate::plan::{Action, Change};

/// The object as it would be; null when it goes.
#[must_use]
pub(super) fn after(change: &Change) -> Value {
    match change.action {
        Action::Delete | Action::Forget => return Value::Null,
        // The server's answer to a new object, where it was asked, has its defaults; and of a Secret it alone has the keys.
        Action::Create => {
            if let Some(Delta::Added { after }) = change.diff.entries().first().map(|entry| &entry.delta) {
                return after.clone();
            }
        }
        Action::NoOp | Action::Update | Action::Replace => {}
    }
    let mut object = change.desired.to_value();
    for entry in change.diff.entries() {
        match &entry.delta {
            Delta::Added { after } | Delta::Modified { after, .. } => set(&mut object, &entry.path, after.clone()),
            _ => {}
        }
    }
    object
}

/// The object as it is: null when it is not there yet. Of what goes only its identity is known.
#[must_use]
pub(super) fn before(change: &Change, after: &Value) -> Value {
    match change.action {
        Action::Create => return Value::Null,
        Action::Delete | Action::Forget => return identity(&change.object),
        Action::NoOp | Action::Update | Action::Replace => {}
    }
    let mut object = after.clone();
    // From the last to the first: positions in a list are those of the whole list.
    for entry in change.diff.entries().iter().rev() {
        undo(&mut object, &entry.path, &entry.delta);
    }
    object
}

fn identity(object: &ObjectRef) -> Value {
    match &object.namespace {
        Some(namespace) => json!({"kind": object.kind, "metadata": {"name": object.name, "namespace": namespace}}),
        None => json!({"kind": object.kind, "metadata": {"name": object.name}}),
    }
}

fn undo(object: &mut Value, path: &Path, delta: &Delta) {
    match delta {
        Delta::Added { .. } => remove(object, path),
        Delta::Removed { before } | Delta::Modified { before, .. } => set(object, path, before.clone()),
        Delta::Text { unified } => {
            let text = value_at(object, path).and_then(Value::as_str).and_then(|text| unpatched(text, unified));
            // A text that the differences do not lead back from is not known.
            set(object, path, text.into());
        }
        Delta::Reordered { before, .. } => reorder(object, path, before),
    }
}

/// Puts a value at a place, and an item that is not in its list at the list's end.
fn set(object: &mut Value, path: &Path, value: Value) {
    if let Some((Segment::Item(_) | Segment::Index(_), parents)) = path.segments().split_last()
        && value_at(object, path).is_none()
    {
        let list = parents.iter().cloned().fold(Path::root(), |path, segment| path.join(segment));
        let mut items = value_at(object, &list).and_then(Value::as_array).cloned().unwrap_or_default();
        items.push(value);
        return put(object, &list, items.into());
    }
    put(object, path, value);
}

/// The items of a list in the order of their keys.
fn reorder(object: &mut Value, path: &Path, keys: &[String]) {
    let Some(items) = value_at(object, path).and_then(Value::as_array) else { return };
    let place = |name: &Segment| match name {
        Segment::Item(key) => keys.iter().position(|known| known == key),
        _ => None,
    };
    let mut named: Vec<_> = item_names_at(path, items).iter().map(place).zip(items.iter().cloned()).collect();
    named.sort_by_key(|(place, _)| place.unwrap_or(usize::MAX));
    put(object, path, named.into_iter().map(|(_, item)| item).collect());
}

/// The text before a unified diff led to this one; none when it did not.
fn unpatched(after: &str, unified: &str) -> Option<String> {
    let lines: Vec<&str> = after.split_inclusive('\n').collect();
    let (mut before, mut at) = (String::new(), 0);
    for line in unified.split_inclusive('\n') {
        if let Some(header) = line.strip_prefix("@@ ") {
            let start = header.split('+').nth(1)?.split([',', ' ']).next()?.parse::<usize>().ok()?;
            let start = start.max(1) - 1;
            before.extend(lines.get(at..start)?.iter().copied());
            at = start;
            continue;
        }
        let (sign, rest) = line.split_at_checked(1)?;
        let is_same = || lines.get(at).is_some_and(|known| known.trim_end_matches('\n') == rest.trim_end_matches('\n'));
        match sign {
            "-" => before.push_str(rest),
            "+" if is_same() => at += 1,
            " " if is_same() => {
                before.push_str(lines.get(at)?);
                at += 1;
            }
            // `\ No newline at end of file`.
            "\\" => {
                before.truncate(before.trim_end_matches('\n').len());
            }
            "\n" => {}
            _ => return None,
        }
    }
    before.extend(lines.get(at..)?.iter().copied());
    Some(before)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::diff::Diff;
    use crate::plan::Reason;

    fn sides(old: &Value, new: &Value) -> (Value, Value) {
        let object = ObjectRef::namespaced("apps", "Deployment", "prod", "x");
        let bare = Change::bare(object, Action::Update, Reason::Changed);
        let change = Change { diff: Diff::between(old, new), desired: new.clone().into(), ..bare };
        let after = after(&change);
        (before(&change, &after), after)
    }

    #[test]
    fn the_differences_are_undone() {
        let old = json!({"spec": {"a": 1, "gone": {"x": 1}, "containers": [{"name": "g", "image": "1"}, {"name": "old"}],
            "text": "one\ntwo\nthree\n", "env": [{"name": "A"}, {"name": "B"}]}});
        let new = json!({"spec": {"a": 2, "containers": [{"name": "g", "image": "2"}, {"name": "new"}],
            "text": "one\n2\nthree\nfour\n", "env": [{"name": "B"}, {"name": "A"}]}});
        let (before, after) = sides(&old, &new);
        assert_eq!(after, new);
        assert_eq!(before, old);
    }

    proptest! {
        #[test]
        fn a_text_leads_back_to_the_one_before(old in "([a-c]{0,2}\n){2,12}", new in "([a-c]{0,2}\n){2,12}") {
            let (before, _) = sides(&json!({"t": old}), &json!({"t": new}));
            prop_assert_eq!(before, json!({"t": old}));
        }
    }
}
