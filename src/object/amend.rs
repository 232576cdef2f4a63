//! What is sent in the place of what is described, because fields belong to others or do not count. Server-side apply
//! removes what its last applier leaves out and nobody else owns: so a field is left out only where somebody else owns
//! it, and what langop owns alone is sent as it is (Kubernetes, *Server-Side Apply*, "Transferring ownership"). Works on
//! the sets of `metadata.managedFields` (`FieldsV1`). Pure.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::equality::equal;
use super::field_position::FieldPosition;
use super::meta::ManagedFields;
use super::names::FIELD_MANAGER;
use super::path::{Path, Segment};
use super::place::{item_names, places, put, remove, value_at};
use super::rules::{ObjectRules, OwnershipKind};
use super::takeover::{is_tool, step, unite};

/// Why a field is not sent as described.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Because {
    /// The description ignores its changes.
    Ignored,
    /// The description leaves it to its other manager.
    Yielded,
    /// An autoscaler, or whoever else writes through the `scale` subresource, keeps it.
    Scaled,
}

/// One field that is not sent as described.
#[derive(Clone, Debug, PartialEq)]
pub struct Amendment {
    /// Where.
    pub path: Path,
    /// What is sent there: what langop owns of it, as it is. None: nothing.
    pub value: Option<Value>,
    /// Why.
    pub because: Because,
    /// Who else owns it, or what scales it.
    pub managers: Vec<String>,
}

impl Amendment {
    /// Makes the object what is sent.
    pub fn apply(&self, object: &mut Value) {
        match &self.value {
            Some(value) => put(object, &self.path, value.clone()),
            None => remove(object, &self.path),
        }
    }
}

/// A described object and what is there.
#[derive(Clone, Copy, Debug)]
pub struct Sides<'a> {
    /// The described object.
    pub described: &'a Value,
    /// The live object.
    pub live: &'a Value,
    /// Who manages what of it.
    pub entries: &'a [ManagedFields],
}

impl Sides<'_> {
    /// Everything that is not sent as described.
    #[must_use]
    pub fn amendments(self, rules: &ObjectRules) -> Vec<Amendment> {
        let mut all = self.kept(&rules.ignored, Because::Ignored, &[]);
        all.extend(self.scaled());
        all.extend(self.yielded(rules));
        let mut seen = BTreeSet::new();
        all.retain(|amendment| seen.insert(amendment.path.clone()));
        all
    }

    /// Fields that stay as they are: what langop owns of them is sent as it is, the rest is left to whoever owns it.
    #[must_use]
    pub fn kept(self, patterns: &[Path], because: Because, by: &[String]) -> Vec<Amendment> {
        let own = self.own();
        let both = |pattern: &Path| [places(self.live, pattern), places(self.described, pattern)].concat();
        let fields: BTreeSet<_> = patterns.iter().flat_map(both).collect();
        let amendment = |path: Path| {
            let set = own.as_ref().and_then(|own| set_at(self.live, own, &path));
            let value = value_at(self.live, &path).zip(set).map(|(value, set)| owned_part(value, set));
            let same = match (value_at(self.described, &path), &value) {
                (Some(described), Some(value)) => equal(described, value),
                (None, None) => true,
                _ => false,
            };
            let managers = if by.is_empty() { self.others(&path) } else { by.to_vec() };
            (!same).then_some(Amendment { path, value, because, managers })
        };
        fields.into_iter().filter_map(amendment).collect()
    }

    /// Fields that somebody keeps by writing through the `scale` subresource. People do so too, with tools: that is a
    /// change like any other.
    fn scaled(self) -> Vec<Amendment> {
        let scalers = self.entries.iter().filter(|entry| entry.subresource == "scale" && !is_tool(&entry.manager));
        scalers
            .flat_map(|entry| {
                let mut fields = Vec::new();
                leaves(&entry.fields, &Path::root(), &mut fields);
                fields.retain(|field| value_at(self.described, field).is_some());
                self.kept(&fields, Because::Scaled, std::slice::from_ref(&entry.manager))
            })
            .collect()
    }

    fn yielded(self, rules: &ObjectRules) -> Vec<Amendment> {
        let mut found = Vec::new();
        for rule in rules.rules(OwnershipKind::Yield) {
            let entries = self.entries.iter().filter(|entry| is_of_others(entry) && rule.is_about(&entry.manager));
            for entry in entries {
                let mut fields = Vec::new();
                for place in rule.paths.iter().flat_map(|path| places(self.described, path)) {
                    let here = value_at(self.described, &place).zip(set_at(self.live, &entry.fields, &place));
                    let Some((value, set)) = here else { continue };
                    owned_fields((value, position_of(&place)), set, &place, &mut fields);
                }
                let manager = vec![entry.manager.clone()];
                let amendment =
                    |path| Amendment { path, value: None, because: Because::Yielded, managers: manager.clone() };
                found.extend(fields.into_iter().map(amendment));
            }
        }
        found
    }

    /// What langop applied.
    fn own(self) -> Option<Value> {
        let mut entries = self.entries.iter().filter(|entry| is_own(entry)).peekable();
        entries.peek()?;
        let mut own = json!({});
        entries.for_each(|entry| unite(&mut own, &entry.fields));
        Some(own)
    }

    /// Who else owns anything at a place.
    fn others(self, path: &Path) -> Vec<String> {
        let others = self.entries.iter().filter(|entry| is_of_others(entry));
        let here = others.filter(|entry| set_at(self.live, &entry.fields, path).is_some());
        here.map(|entry| entry.manager.clone()).collect::<BTreeSet<_>>().into_iter().collect()
    }
}

fn is_own(entry: &ManagedFields) -> bool {
    entry.subresource.is_empty() && entry.manager == FIELD_MANAGER && entry.operation == "Apply"
}

/// Whether an entry is of another manager. Status belongs to controllers, and is never described.
pub(super) fn is_of_others(entry: &ManagedFields) -> bool {
    entry.manager != FIELD_MANAGER && entry.subresource != "status"
}

fn position_of(place: &Path) -> FieldPosition<'_> {
    place.segments().iter().fold(FieldPosition::root(), |position, segment| match segment {
        Segment::Key(key) => position.field(key),
        _ => position,
    })
}

/// What a set says at a place of the live object; what stands in something that is owned as a whole is owned.
pub(super) fn set_at<'a>(live: &Value, set: &'a Value, place: &Path) -> Option<&'a Value> {
    let mut here = Path::root();
    let mut set = set;
    for segment in place.segments() {
        if is_whole(set) && !here.segments().is_empty() {
            return Some(set);
        }
        here = here.join(segment.clone());
        set = match segment {
            Segment::Key(key) => set.get(format!("f:{key}"))?,
            _ => set.get(step(set, value_at(live, &here)?)?)?,
        };
    }
    Some(set)
}

fn is_whole(set: &Value) -> bool {
    set.as_object().is_none_or(Map::is_empty)
}

/// The part of a value that a set has.
fn owned_part(value: &Value, set: &Value) -> Value {
    match value {
        _ if is_whole(set) => value.clone(),
        Value::Object(fields) => {
            let owned = fields.iter().filter_map(|(key, below)| {
                let set = set.get(format!("f:{key}"))?;
                Some((key.clone(), owned_part(below, set)))
            });
            Value::Object(owned.collect())
        }
        Value::Array(items) => {
            items.iter().filter_map(|item| Some(owned_part(item, set.get(step(set, item)?)?))).collect()
        }
        other => other.clone(),
    }
}

/// The fields of a described value that a set has, the deepest that stand for themselves. Keys of an item stay with it;
/// where nothing but they would be left of it, and the set has the item, it goes as a whole.
fn owned_fields((value, position): (&Value, FieldPosition<'_>), set: &Value, at: &Path, found: &mut Vec<Path>) {
    match value {
        _ if is_whole(set) => found.push(at.clone()),
        Value::Object(fields) => {
            for (key, below) in fields {
                if let Some(set) = set.get(format!("f:{key}")) {
                    owned_fields((below, position.field(key)), set, &at.field(key), found);
                }
            }
        }
        Value::Array(items) => {
            for (item, name) in items.iter().zip(item_names(position, items)) {
                let Some(step) = step(set, item) else { continue };
                let at = at.join(name);
                match set.get(&step) {
                    Some(set) if !is_whole(set) => owned_of_item((item, position), (&step, set), &at, found),
                    _ => found.push(at),
                }
            }
        }
        _ => {}
    }
}

fn owned_of_item(
    (item, position): (&Value, FieldPosition<'_>),
    (step, set): (&str, &Value),
    at: &Path,
    found: &mut Vec<Path>,
) {
    let mut inner = Vec::new();
    owned_fields((item, position), set, at, &mut inner);
    let is_key = |path: &Path| {
        path.segments().len() == at.segments().len() + 1
            && matches!(path.segments().last(), Some(Segment::Key(key)) if names_key(step, key))
    };
    inner.retain(|path| !is_key(path));
    let mut left = item.clone();
    for path in &inner {
        let below = path.segments()[at.segments().len()..].iter().cloned();
        remove(&mut left, &below.fold(Path::root(), |path, segment| path.join(segment)));
    }
    let only_keys = left.as_object().is_some_and(|fields| fields.keys().all(|key| names_key(step, key)));
    if only_keys && set.get(".").is_some() && !inner.is_empty() { found.push(at.clone()) } else { found.extend(inner) }
}

fn names_key(step: &str, key: &str) -> bool {
    let keys = step.strip_prefix("k:").and_then(|text| serde_json::from_str::<Map<String, Value>>(text).ok());
    keys.is_some_and(|keys| keys.contains_key(key))
}

/// The fields of a set without lists.
fn leaves(set: &Value, at: &Path, found: &mut Vec<Path>) {
    if is_whole(set) {
        return found.push(at.clone());
    }
    for (step, below) in set.as_object().into_iter().flatten() {
        if let Some(key) = step.strip_prefix("f:") {
            leaves(below, &at.field(key), found);
        }
    }
}

#[cfg(test)]
mod tests;
