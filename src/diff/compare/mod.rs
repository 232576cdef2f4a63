//! Walks two objects side by side and notes where they part. What counts as a difference is decided by
//! [`crate::object::equality`], which item is which by [`crate::object::matching`].

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::entry::{Delta, Entry};
use super::text;
use crate::object::equality::{equal_at, is_absent};
use crate::object::field_position::FieldPosition;
use crate::object::matching::{Matching, matching, scalar};
use crate::object::{Path, Segment};

/// All differences, in order of path.
pub(super) fn entries(before: &Value, after: &Value) -> Vec<Entry> {
    let mut found = Vec::new();
    values(&At::root(), before, after, &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// Where the walk stands: for people, and for rules.
struct At<'a> {
    path: Path,
    position: FieldPosition<'a>,
}

impl<'a> At<'a> {
    fn root() -> Self {
        Self { path: Path::root(), position: FieldPosition::root() }
    }

    fn field(&self, key: &'a str) -> Self {
        Self { path: self.path.field(key), position: self.position.field(key) }
    }

    fn item(&self, segment: Segment) -> Self {
        Self { path: self.path.join(segment), position: self.position }
    }

    fn entry(&self, delta: Delta) -> Entry {
        Entry { path: self.path.clone(), delta }
    }

    fn added(&self, after: &Value) -> Entry {
        let after = after.clone();
        self.entry(Delta::Added { after })
    }

    fn removed(&self, before: &Value) -> Entry {
        let before = before.clone();
        self.entry(Delta::Removed { before })
    }
}

fn values<'a>(at: &At<'a>, before: &'a Value, after: &'a Value, found: &mut Vec<Entry>) {
    // Asked first at every level: the walk below only has to say where, never whether.
    if equal_at(at.position, before, after) {
        return;
    }
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => maps(at, before, after, found),
        (Value::Array(before), Value::Array(after)) => lists(at, before, after, found),
        (Value::String(before), Value::String(after)) if text::is_text(before, after) => {
            let unified = text::unified(before, after);
            found.push(at.entry(Delta::Text { unified }));
        }
        _ if is_absent(at.position, before) => found.push(at.added(after)),
        _ if is_absent(at.position, after) => found.push(at.removed(before)),
        _ => found.push(at.entry(Delta::Modified { before: before.clone(), after: after.clone() })),
    }
}

fn maps<'a>(at: &At<'a>, before: &'a Map<String, Value>, after: &'a Map<String, Value>, found: &mut Vec<Entry>) {
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for key in keys {
        let side = |map: &'a Map<String, Value>| map.get(key.as_str()).unwrap_or(&Value::Null);
        values(&at.field(key), side(before), side(after), found);
    }
}

fn lists<'a>(at: &At<'a>, before: &'a [Value], after: &'a [Value], found: &mut Vec<Entry>) {
    match matching(at.position, before, after) {
        Matching::Keyed { before: old_keys, after: new_keys, ordered } => {
            let old = Keyed::new(&old_keys, before);
            let new = Keyed::new(&new_keys, after);
            keyed(at, &old, &new, found);
            if ordered {
                found.extend(reordered(at, &old, &new));
            }
        }
        Matching::Set => sets(at, before, after, found),
        Matching::Sequence => sequences(at, before, after, found),
    }
}

/// A list and the keys of its items.
struct Keyed<'k, 'a> {
    keys: &'k [String],
    items: &'a [Value],
}

impl<'k, 'a> Keyed<'k, 'a> {
    fn new(keys: &'k [String], items: &'a [Value]) -> Self {
        Self { keys, items }
    }

    fn get(&self, key: &str) -> Option<&'a Value> {
        let position = self.keys.iter().position(|other| other == key)?;
        self.items.get(position)
    }

    /// Keys that the other list has too, in the order of this one.
    fn shared(&self, other: &Self) -> Vec<String> {
        let keys = self.keys.iter();
        keys.filter(|key| other.get(key).is_some()).cloned().collect()
    }
}

fn keyed<'a>(at: &At<'a>, old: &Keyed<'_, 'a>, new: &Keyed<'_, 'a>, found: &mut Vec<Entry>) {
    let keys: BTreeSet<&String> = old.keys.iter().chain(new.keys).collect();
    for key in keys {
        let at = at.item(Segment::Item(key.clone()));
        match (old.get(key), new.get(key)) {
            (Some(old), Some(new)) => values(&at, old, new, found),
            (Some(old), None) => found.push(at.removed(old)),
            (None, Some(new)) => found.push(at.added(new)),
            (None, None) => {}
        }
    }
}

fn reordered(at: &At<'_>, old: &Keyed<'_, '_>, new: &Keyed<'_, '_>) -> Option<Entry> {
    let (before, after) = (old.shared(new), new.shared(old));
    (before != after).then(|| at.entry(Delta::Reordered { before, after }))
}

fn sets(at: &At<'_>, before: &[Value], after: &[Value], found: &mut Vec<Entry>) {
    let missing_in = |items: &[Value], item: &Value| items.iter().all(|other| scalar(other) != scalar(item));
    let of = |item: &Value| at.item(Segment::Item(scalar(item).unwrap_or_default()));
    let removed = before.iter().filter(|item| missing_in(after, item));
    found.extend(removed.map(|item| of(item).removed(item)));
    let added = after.iter().filter(|item| missing_in(before, item));
    found.extend(added.map(|item| of(item).added(item)));
}

/// Aligns two lists by their equal items; what lies between is compared pair by pair.
fn sequences<'a>(at: &At<'a>, before: &'a [Value], after: &'a [Value], found: &mut Vec<Entry>) {
    let text = |items: &[Value]| items.iter().map(Value::to_string).collect::<Vec<_>>();
    let (old, new) = (text(before), text(after));
    for op in capture_diff_slices(Algorithm::Myers, &old, &new) {
        if !matches!(op, DiffOp::Equal { .. }) {
            section(at, &op, (before, after), found);
        }
    }
}

fn section<'a>(at: &At<'a>, op: &DiffOp, (before, after): (&'a [Value], &'a [Value]), found: &mut Vec<Entry>) {
    let (old, new) = (op.old_range(), op.new_range());
    let pairs = old.len().min(new.len());
    for offset in 0..pairs {
        let index = new.start + offset;
        let at = at.item(Segment::Index(index));
        values(&at, &before[old.start + offset], &after[index], found);
    }
    for index in old.skip(pairs) {
        found.push(at.item(Segment::Index(index)).removed(&before[index]));
    }
    for index in new.skip(pairs) {
        found.push(at.item(Segment::Index(index)).added(&after[index]));
    }
}

#[cfg(test)]
mod tests;
