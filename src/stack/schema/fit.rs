//! Holds a tree against a schema and reports everything that does not fit, with the words of a person:
//! what was probably meant, what is allowed, what to write instead. A walker of its own, not a
//! validator's error list, because half of the message is in what the validator throws away. It also
//! makes the tree fit where JSON and people disagree: nulls are absent, quantities may be numbers.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::leaf;
use crate::stack::diagnostic::{Code, Diagnostic, Span};
use crate::stack::names::nearest;
use crate::stack::schema::shapes;
use crate::stack::tree::{Entry, Node, Value};

/// Most items of a list that are compared with each other. No list of the kinds may be longer.
const MOST_COMPARED: usize = 1024;

/// Reports what does not fit. `path` is how messages call the node, empty for a whole description.
pub(crate) fn fit(node: &mut Node, schema: &Json, path: &str, found: &mut Vec<Diagnostic>) {
    let key = node.span;
    Walker { found }.node(node, schema, path, key);
}

/// Follows a reference and takes off what means no more than "or nothing".
pub(super) fn resolve<'a>(schema: &'a Json, name: &mut Option<&'a str>) -> &'a Json {
    let mut schema = schema;
    // References never nest deep; the bound is for a schema that refers to itself.
    for _ in 0..8 {
        if let Some(target) = schema["$ref"].as_str() {
            let target = target.rsplit('/').next().unwrap_or_default();
            *name = Some(target);
            schema = shapes().definitions.get(target).unwrap_or(&Json::Null);
        } else if let Some(options) = schema["anyOf"].as_array()
            && let [one] = options.iter().filter(|option| option["type"] != "null").collect::<Vec<_>>().as_slice()
        {
            schema = one;
        } else {
            break;
        }
    }
    schema
}

struct Walker<'a> {
    found: &'a mut Vec<Diagnostic>,
}

impl Walker<'_> {
    /// `key` is where the key stands, which is where a missing part of the value is reported.
    fn node(&mut self, node: &mut Node, schema: &Json, path: &str, key: Span) {
        let mut name = None;
        let schema = resolve(schema, &mut name);
        match leaf::expected(schema, name) {
            leaf::Expected::Table => match node.value {
                Value::Map(_) => self.table(node, schema, path, key),
                _ => self.wrong_type(node, "a table", path),
            },
            leaf::Expected::List => match node.value {
                Value::List(_) => self.list(node, schema, path),
                _ => self.wrong_type(node, "a list", path),
            },
            leaf::Expected::Anything => {}
            leaf::Expected::Leaf(leaf) => {
                if let Some(fault) = leaf::check(node, schema, &leaf, path) {
                    self.found.push(fault);
                }
            }
        }
    }

    fn wrong_type(&mut self, node: &Node, expected: &str, path: &str) {
        self.found.push(leaf::wrong_type(node, expected, path));
    }

    fn table(&mut self, node: &mut Node, schema: &Json, path: &str, key: Span) {
        let Value::Map(map) = &mut node.value else {
            return;
        };
        let no_properties = serde_json::Map::new();
        let properties = schema["properties"].as_object().unwrap_or(&no_properties);
        let others = &schema["additionalProperties"];
        let free = schema.get("x-kubernetes-preserve-unknown-fields").is_some();
        if !free {
            map.retain(|_, entry| !entry.node.is_null());
        }
        let written: BTreeSet<String> = map.keys().cloned().collect();
        for (name, entry) in map.iter_mut() {
            let below = join(path, name);
            if let Some(property) = properties.get(name) {
                self.node(&mut entry.node, property, &below, entry.key);
            } else if others.is_object() {
                self.node(&mut entry.node, others, &below, entry.key);
            } else if !free && others == &Json::Bool(false) {
                let known = properties.keys().map(String::as_str);
                self.unknown_key(name, entry, path, known, &written);
            }
        }
        let required = schema["required"].as_array().into_iter().flatten();
        for missing in required.filter_map(Json::as_str) {
            // A key that was misspelt is said to be unknown already.
            let misspelt = || written.iter().any(|name| nearest(name, [missing]).is_some());
            if !written.contains(missing) && !misspelt() {
                let message = format!("{} needs `{missing}`", called(path));
                let error = Diagnostic::error(Code::MissingKey, message);
                self.found.push(error.at(key, format!("`{missing}` is missing")));
            }
        }
    }

    /// Proposes only keys that are not there yet, the nearest first, else lists what there is.
    fn unknown_key<'a>(
        &mut self,
        name: &str,
        entry: &Entry,
        path: &str,
        known: impl Iterator<Item = &'a str> + Clone,
        written: &BTreeSet<String>,
    ) {
        let message = match path {
            "" => format!("unknown key `{name}`"),
            _ => format!("unknown key `{name}` in `{path}`"),
        };
        let open: Vec<&str> = known.clone().filter(|key| !written.contains(*key)).collect();
        let hint = match nearest(name, open.iter().copied()) {
            Some(near) => Some(format!("did you mean `{near}`?")),
            None if open.is_empty() || open.len() > 20 => {
                let near = nearest(name, known);
                near.map(|near| format!("`{near}` is there already"))
            }
            None => Some(format!("there are {}", leaf::listed(&open))),
        };
        let error = Diagnostic::error(Code::UnknownKey, message).at(entry.key, "");
        self.found.push(error.maybe_hint(hint));
    }

    fn list(&mut self, node: &mut Node, schema: &Json, path: &str) {
        let length = node.items().len() as u64;
        let least = schema["minItems"].as_u64().unwrap_or(0);
        let most = schema["maxItems"].as_u64().unwrap_or(u64::MAX);
        if length < least || length > most {
            let bound = if length < least { format!("at least {least}") } else { format!("at most {most}") };
            let message = format!("`{path}` has {length} items, {bound} must be there");
            let error = Diagnostic::error(Code::OutOfRange, message);
            self.found.push(error.at(node.span, ""));
        }
        if let Value::List(items) = &mut node.value {
            for (index, item) in items.iter_mut().enumerate() {
                let span = item.span;
                self.node(item, &schema["items"], &format!("{path}[{index}]"), span);
            }
        }
        self.repeated(node, schema, path);
    }

    /// Lists that Kubernetes keys by a field, or treats as sets, hold each key once.
    fn repeated(&mut self, node: &Node, schema: &Json, path: &str) {
        let keys: Vec<&str> = match schema["x-kubernetes-list-type"].as_str() {
            Some("map") => {
                schema["x-kubernetes-list-map-keys"].as_array().into_iter().flatten().filter_map(Json::as_str).collect()
            }
            Some("set") => Vec::new(),
            _ => return,
        };
        // A longer list is too long anyway, and each item is held against all before it.
        let items = &node.items()[..node.items().len().min(MOST_COMPARED)];
        for (index, item) in items.iter().enumerate() {
            let same = |other: &&Node| match keys.as_slice() {
                [] => other.value == item.value,
                keys => keys.iter().all(|key| {
                    let (one, two) = (other.get(key), item.get(key));
                    one.is_some() && one.map(|node| &node.value) == two.map(|node| &node.value)
                }),
            };
            let Some(first) = items[..index].iter().find(same) else {
                continue;
            };
            let place = |node: &Node| keys.first().and_then(|key| node.get(key)).unwrap_or(node).clone();
            let shown = place(item).shown();
            let message = format!("`{shown}` is in `{path}` twice");
            let error = Diagnostic::error(Code::DuplicateName, message);
            let error = error.at(place(item).span, "again here");
            self.found.push(error.also(place(first).span, "first here"));
        }
    }
}

/// The path of a key below `path`, as messages call it.
pub(crate) fn join(path: &str, name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    let name: String = if name.chars().all(plain) && !name.is_empty() {
        name.to_owned()
    } else {
        format!("\"{}\"", name.escape_debug())
    };
    if path.is_empty() { name } else { format!("{path}.{name}") }
}

fn called(path: &str) -> String {
    match path {
        "" => "the description".to_owned(),
        _ => format!("`{path}`"),
    }
}
