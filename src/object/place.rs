//! Where a path as people write it leads in one object, and how people write a place that the API server names. Items
//! of lists are called as a plan calls them ([`super::matching`]); `*` is every field or item. Pure.

use serde_json::{Map, Value};

use super::field_position::FieldPosition;
use super::matching::{Matching, matching, scalar};
use super::path::{Path, Segment};

/// Every field and every item.
const ANY: &str = "*";

/// The places of `object` that `pattern` leads to, without stars.
#[must_use]
pub fn places(object: &Value, pattern: &Path) -> Vec<Path> {
    let mut found = Vec::new();
    walk(object, FieldPosition::root(), (Path::root(), pattern.segments()), &mut found);
    found
}

fn walk<'a>(value: &'a Value, position: FieldPosition<'a>, (at, steps): (Path, &[Segment]), found: &mut Vec<Path>) {
    let Some((first, rest)) = steps.split_first() else { return found.push(at) };
    match value {
        Value::Object(fields) => {
            for (key, below) in fields.iter().filter(|(key, _)| is_key(first, key)) {
                walk(below, position.field(key), (at.field(key), rest), found);
            }
        }
        Value::Array(items) => {
            for (name, below) in item_names(position, items).into_iter().zip(items) {
                if is_item(first, &name) {
                    walk(below, position, (at.join(name), rest), found);
                }
            }
        }
        _ => {}
    }
}

fn is_key(segment: &Segment, key: &str) -> bool {
    matches!(segment, Segment::Key(wanted) if wanted == key || wanted == ANY)
}

fn is_item(segment: &Segment, name: &Segment) -> bool {
    segment == name || matches!(segment, Segment::Item(wanted) if wanted == ANY)
}

/// Whether `pattern` leads to `place` or to something that it is a part of.
#[must_use]
pub fn covers(pattern: &Path, place: &Path) -> bool {
    let (pattern, place) = (pattern.segments(), place.segments());
    let fits = |(wanted, found): (&Segment, &Segment)| match found {
        Segment::Key(key) => is_key(wanted, key),
        item => is_item(wanted, item),
    };
    pattern.len() <= place.len() && pattern.iter().zip(place).all(fits)
}

/// What a plan calls the items of a list at `position`.
#[must_use]
pub fn item_names(position: FieldPosition<'_>, items: &[Value]) -> Vec<Segment> {
    match matching(position, items, &[]) {
        Matching::Keyed { before, .. } => before.into_iter().map(Segment::Item).collect(),
        Matching::Set => items.iter().map(|item| Segment::Item(scalar(item).unwrap_or_default())).collect(),
        Matching::Sequence => (0..items.len()).map(Segment::Index).collect(),
    }
}

/// What a plan calls the items of the list at a place.
#[must_use]
pub fn item_names_at(place: &Path, items: &[Value]) -> Vec<Segment> {
    let position = place.segments().iter().fold(FieldPosition::root(), |position, segment| match segment {
        Segment::Key(key) => position.field(key),
        Segment::Item(_) | Segment::Index(_) => position,
    });
    item_names(position, items)
}

/// What stands at a place.
#[must_use]
pub fn value_at<'a>(object: &'a Value, place: &Path) -> Option<&'a Value> {
    let mut position = FieldPosition::root();
    place.segments().iter().try_fold(object, |value, segment| {
        let (below, next) = step(value, position, segment)?;
        position = next;
        Some(below)
    })
}

fn step<'a, 'p>(
    value: &'a Value,
    position: FieldPosition<'p>,
    segment: &'p Segment,
) -> Option<(&'a Value, FieldPosition<'p>)> {
    match (value, segment) {
        (Value::Object(fields), Segment::Key(key)) => Some((fields.get(key)?, position.field(key))),
        (Value::Array(items), segment) => Some((items.get(index_of(items, position, segment)?)?, position)),
        _ => None,
    }
}

fn index_of(items: &[Value], position: FieldPosition<'_>, segment: &Segment) -> Option<usize> {
    item_names(position, items).iter().position(|name| name == segment)
}

/// Puts `new` at a place; tables on the way are made. Nothing happens where an item on the way is missing.
pub fn put(object: &mut Value, place: &Path, new: Value) {
    put_at(object, FieldPosition::root(), place.segments(), new);
}

fn put_at(value: &mut Value, position: FieldPosition<'_>, steps: &[Segment], new: Value) {
    let Some((first, rest)) = steps.split_first() else {
        *value = new;
        return;
    };
    match (value, first) {
        (Value::Object(fields), Segment::Key(key)) => {
            let makeable = rest.iter().all(|step| matches!(step, Segment::Key(_)));
            if fields.contains_key(key) || makeable {
                let below = fields.entry(key.clone()).or_insert_with(|| Value::Object(Map::new()));
                put_at(below, position.field(key), rest, new);
            }
        }
        (Value::Array(items), item) => {
            if let Some(below) = index_of(items, position, item).and_then(|index| items.get_mut(index)) {
                put_at(below, position, rest, new);
            }
        }
        _ => {}
    }
}

/// Takes what stands at a place away, with the tables and lists that this leaves empty: what is left out says nothing,
/// and an empty table may.
pub fn remove(object: &mut Value, place: &Path) {
    remove_at(object, FieldPosition::root(), place.segments());
}

/// Whether nothing is left of `value`.
fn remove_at(value: &mut Value, position: FieldPosition<'_>, steps: &[Segment]) -> bool {
    let Some((first, rest)) = steps.split_first() else { return true };
    match (value, first) {
        (Value::Object(fields), Segment::Key(key)) => {
            let Some(below) = fields.get_mut(key) else { return false };
            if remove_at(below, position.field(key), rest) {
                fields.remove(key);
            }
            fields.is_empty()
        }
        (Value::Array(items), item) => {
            let Some(index) = index_of(items, position, item) else { return false };
            if remove_at(&mut items[index], position, rest) {
                items.remove(index);
            }
            items.is_empty()
        }
        _ => false,
    }
}

/// The place and the value of what the API server calls `.spec.template.spec.containers[name="web"].image`. None where
/// it leads nowhere.
#[must_use]
pub fn of_server<'a>(object: &'a Value, words: &str) -> Option<(Path, &'a Value)> {
    server_walk(object, (FieldPosition::root(), Path::root()), words)
}

/// What people call a place that the API server names; its own words, where they lead nowhere.
#[must_use]
pub fn called(object: &Value, words: &str) -> String {
    of_server(object, words).map_or_else(|| words.trim_start_matches('.').to_owned(), |(path, _)| path.to_string())
}

/// Keys may have dots in them: the longest that fits and leads on is the one.
fn server_walk<'a>(
    value: &'a Value,
    (position, at): (FieldPosition<'a>, Path),
    words: &str,
) -> Option<(Path, &'a Value)> {
    if words.is_empty() {
        return Some((at, value));
    }
    if let Some(rest) = words.strip_prefix('.') {
        let mut keys: Vec<_> = value.as_object()?.iter().filter(|(key, _)| rest.starts_with(key.as_str())).collect();
        keys.sort_by_key(|(key, _)| std::cmp::Reverse(key.len()));
        return keys
            .into_iter()
            .find_map(|(key, below)| server_walk(below, (position.field(key), at.field(key)), &rest[key.len()..]));
    }
    let (step, rest) = words.strip_prefix('[')?.split_once(']')?;
    let items = value.as_array()?;
    let index = items.iter().enumerate().position(|(index, item)| is_server_item(step, index, item))?;
    let name = item_names(position, items).into_iter().nth(index)?;
    server_walk(&items[index], (position, at.join(name)), rest)
}

/// Whether an item is the one that a step names: by its keys, by its value or by its place.
fn is_server_item(step: &str, index: usize, item: &Value) -> bool {
    let parsed = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
    if let Some(value) = step.strip_prefix('=') {
        return *item == parsed(value);
    }
    if let Ok(wanted) = step.parse::<usize>() {
        return wanted == index;
    }
    let mut keys = step.split(',').filter_map(|pair| pair.split_once('='));
    keys.all(|(key, value)| match item.get(key) {
        Some(found) => *found == parsed(value),
        None => key == "protocol" && value == "\"TCP\"",
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn deployment() -> Value {
        json!({"kind": "Deployment", "spec": {"replicas": 3, "containers": [
            {"name": "a", "image": "a:1"},
            {"name": "web", "image": "web:2", "ports": [{"containerPort": 80, "name": "http"}]},
        ]}, "metadata": {"finalizers": ["x/y"], "annotations": {"a.example.com/b.c": "d"}}})
    }

    fn path(text: &str) -> Path {
        text.parse().unwrap()
    }

    #[test]
    fn paths_of_people_lead_to_places() {
        let of = |text: &str| {
            let places = places(&deployment(), &path(text));
            places.iter().map(Path::to_string).collect::<Vec<_>>()
        };
        assert_eq!(of("spec.containers[web].image"), ["spec.containers[web].image"]);
        assert_eq!(of("spec.containers[*].image"), ["spec.containers[a].image", "spec.containers[web].image"]);
        assert_eq!(of("spec.containers[web].ports[80/TCP].name"), ["spec.containers[web].ports[80/TCP].name"]);
        assert_eq!(of(r#"metadata.annotations."*""#), [r#"metadata.annotations."a.example.com/b.c""#]);
        assert!(of("spec.containers[none].image").is_empty() && of("spec.replicas.x").is_empty());
    }

    #[test]
    fn a_pattern_covers_what_is_below_it() {
        for (pattern, place, covered) in [
            ("spec", "spec.replicas", true),
            ("spec.replicas", "spec.replicas", true),
            ("spec.containers[*].image", "spec.containers[web].image", true),
            ("spec.containers[web]", "spec.containers[web].image", true),
            ("spec.containers[web]", "spec.containers[a].image", false),
            ("spec.replicas", "spec", false),
        ] {
            assert_eq!(covers(&path(pattern), &path(place)), covered, "{pattern} {place}");
        }
    }

    #[test]
    fn places_of_the_server_read_as_those_of_people() {
        let object = deployment();
        let of = |words: &str| of_server(&object, words).map(|(path, value)| (path.to_string(), value.clone()));
        assert_eq!(of(".spec.replicas"), Some(("spec.replicas".into(), json!(3))));
        assert_eq!(
            of(r#".spec.containers[name="web"].ports[containerPort=80,protocol="TCP"].name"#),
            Some(("spec.containers[web].ports[80/TCP].name".into(), json!("http")))
        );
        assert_eq!(
            of(".metadata.annotations.a.example.com/b.c"),
            Some((r#"metadata.annotations."a.example.com/b.c""#.into(), json!("d")))
        );
        assert_eq!(of(r#".metadata.finalizers[="x/y"]"#), Some(("metadata.finalizers[x/y]".into(), json!("x/y"))));
        assert_eq!(of(".spec.nothing"), None);
    }

    #[test]
    fn what_is_taken_away_leaves_nothing_empty() {
        let mut object = deployment();
        remove(&mut object, &path("spec.containers[web].ports[80/TCP]"));
        remove(&mut object, &path(r#"metadata.annotations."a.example.com/b.c""#));
        assert_eq!(object["spec"]["containers"][1], json!({"name": "web", "image": "web:2"}));
        assert_eq!(object["metadata"], json!({"finalizers": ["x/y"]}));
    }

    #[test]
    fn what_is_put_makes_tables_and_no_items() {
        let mut object = deployment();
        put(&mut object, &path("spec.template.labels"), json!({"a": "b"}));
        put(&mut object, &path("spec.containers[web].image"), json!("web:3"));
        put(&mut object, &path("spec.volumes[x].name"), json!("x"));
        assert_eq!(object["spec"]["template"], json!({"labels": {"a": "b"}}));
        assert_eq!(object["spec"]["containers"][1]["image"], "web:3");
        assert!(object["spec"].get("volumes").is_none());
    }
}
