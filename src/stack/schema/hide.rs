//! Which values of a tree may be shown: those of which the schema knows that they are no secret, and which do not
//! look like one. Everything else is hidden, whatever is wrong with it: a masked excerpt costs a look at the file, a
//! key in a CI log costs a key.

use serde_json::Value as Json;

use super::fit::resolve;
use super::leaf::{Expected, Leaf, expected};
use super::shapes;
use crate::api::{API_VERSION, Duration};
use crate::object::credential::{is_credential_name, is_reference, is_variable_name, looks_like_credential};
use crate::stack::diagnostic::{Files, Span};
use crate::stack::draft::Kind;
use crate::stack::names::{data_key_fault, domain_fault};
use crate::stack::tree::{Node, Value};

/// Keys under which anything may stand, though the schema calls it text: variables and headers, commands, defaults.
const OPEN: [&str; 5] = ["value", "args", "command", "default", "data"];

/// Keys of `LiteLLM`'s configuration below which names of models, strategies, callbacks and hosts stand.
const NAMES: [&str; 16] = [
    "callbacks",
    "content_policy_fallbacks",
    "context_window_fallbacks",
    "default_fallbacks",
    "failure_callback",
    "fallbacks",
    "host",
    "model_group_alias",
    "model_name",
    "optional_pre_call_checks",
    "redis_host",
    "redis_semantic_cache_embedding_model",
    "routing_groups",
    "routing_strategy",
    "success_callback",
    "type",
];
/// Kinds of Kubernetes in whose specs no field is a secret, by `apiVersion`.
const PLAIN_KINDS: [(&str, &str); 2] = [("networking.k8s.io/v1", "NetworkPolicy"), ("v1", "Service")];
/// Characters of the longest number that is no secret: ports, limits, seconds, prices.
const LONGEST_NUMBER: usize = 10;

/// Hides what may be a secret in a description or a document. Of a file that is not `legible`, whose tree may not be
/// what was meant, excerpts show keys alone.
pub(crate) fn hide(node: &mut Node, files: &mut Files, legible: bool) {
    let mut walk = Walk { files, legible };
    if is_document(node) {
        walk.document(node);
    } else {
        walk.node(node, Some(&shapes().root), Place::default());
    }
}

fn is_document(node: &Node) -> bool {
    matches!(&node.value, Value::Map(map) if map.contains_key("apiVersion") || map.contains_key("kind"))
}

/// The key that a value stands under, and the one above.
#[derive(Clone, Copy, Default)]
struct Place<'a> {
    key: &'a str,
    above: &'a str,
    content: Content,
}

/// What the values of a part are to the schema.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Content {
    /// What it says of each.
    #[default]
    BySchema,
    /// Configuration of `LiteLLM`, of which the schema says nothing.
    Configuration,
    /// A part of it that holds names.
    Names,
}

struct Walk<'a> {
    files: &'a mut Files,
    legible: bool,
}

impl Walk<'_> {
    fn document(&mut self, node: &mut Node) {
        let version = node.text_at(&["apiVersion"]);
        let own = version == Some(API_VERSION);
        let plain = PLAIN_KINDS.iter().any(|(of, kind)| version == Some(of) && node.text_at(&["kind"]) == Some(kind));
        let kind = node.text_at(&["kind"]).and_then(Kind::of_api).filter(|_| own);
        let Value::Map(map) = &mut node.value else {
            return self.unknown(node);
        };
        for (key, entry) in map {
            self.show(entry.key, key);
            let below = &mut entry.node;
            match (key.as_str(), &mut below.value) {
                ("apiVersion" | "kind", Value::String(_)) => self.text(below),
                ("metadata", Value::Map(_)) => self.metadata(below),
                ("items", Value::List(items)) => items.iter_mut().for_each(|item| self.document(item)),
                ("spec", _) if kind.is_some() => {
                    self.node(below, kind.map(|kind| shapes().spec(kind)), Place::default());
                }
                ("spec", _) if plain => self.plain(below),
                // Its values may be secrets, and with a slip of the finger its keys.
                _ => self.unknown(below),
            }
        }
    }

    /// A part in which no field is a secret.
    fn plain(&mut self, node: &mut Node) {
        match &mut node.value {
            Value::Map(map) => {
                for (key, entry) in map {
                    self.show(entry.key, key);
                    self.plain(&mut entry.node);
                }
            }
            Value::List(items) => items.iter_mut().for_each(|item| self.plain(item)),
            _ => self.text(node),
        }
    }

    fn metadata(&mut self, metadata: &mut Node) {
        let Value::Map(map) = &mut metadata.value else { return };
        for (key, entry) in map {
            self.show(entry.key, key);
            match (key.as_str(), &mut entry.node.value) {
                ("name" | "namespace" | "generateName", Value::String(_)) => self.text(&mut entry.node),
                ("labels" | "annotations", Value::Map(texts)) => {
                    for (name, value) in texts {
                        self.show(value.key, name);
                        if key == "labels" { self.text(&mut value.node) } else { self.unknown(&mut value.node) }
                    }
                }
                _ => self.unknown(&mut entry.node),
            }
        }
    }

    fn node(&mut self, node: &mut Node, schema: Option<&Json>, place: Place<'_>) {
        let mut name = None;
        let schema = schema.map(|schema| resolve(schema, &mut name)).filter(|_| !OPEN.contains(&place.key));
        if name == Some("secret") {
            return self.secret(node);
        }
        let known = schema.is_some_and(|schema| is_known(node, schema, name, place)) || is_plain(node, place);
        let free = schema.is_some_and(|schema| schema.get("x-kubernetes-preserve-unknown-fields").is_some());
        match &mut node.value {
            Value::Map(map) => {
                for (key, entry) in map {
                    self.show(entry.key, key);
                    let below = schema.and_then(|schema| part(schema, key));
                    let content = if free { Content::Configuration } else { place.content };
                    let content = content.of(key);
                    self.node(&mut entry.node, below, Place { key, above: name.unwrap_or(place.key), content });
                }
            }
            Value::List(items) => {
                let below = schema.and_then(|schema| schema.get("items"));
                for item in items {
                    self.node(item, below, place);
                }
            }
            _ if known => self.text(node),
            _ => self.unknown(node),
        }
    }

    /// A source of a secret is a name; anything else that stands there was meant as the value.
    fn secret(&mut self, node: &mut Node) {
        let Value::Map(map) = &mut node.value else {
            return self.unknown(node);
        };
        for (key, entry) in map {
            self.show(entry.key, key);
            match (key.as_str(), &mut entry.node.value) {
                ("clusters", Value::List(names)) => names.iter_mut().for_each(|name| self.text(name)),
                ("fromEnv" | "fromFile" | "fromCommand", Value::Map(sources)) => {
                    for (name, source) in sources {
                        self.show(source.key, name);
                        self.source(key, &mut source.node);
                    }
                }
                ("commandTimeout", Value::String(text)) if Duration(text.clone()).seconds().is_some() => {
                    self.text(&mut entry.node);
                }
                _ => self.unknown(&mut entry.node),
            }
        }
    }

    fn source(&mut self, kind: &str, node: &mut Node) {
        match (kind, &mut node.value) {
            ("fromEnv", Value::String(name)) if is_variable_name(name) => self.text(node),
            ("fromFile", Value::String(_)) => self.text(node),
            // The program; its arguments may hold anything.
            ("fromCommand", Value::List(words)) => {
                for (at, word) in words.iter_mut().enumerate() {
                    if at == 0 { self.text(word) } else { self.unknown(word) }
                }
            }
            _ => self.unknown(node),
        }
    }

    /// A value that is known: shown unless it looks like a secret all the same.
    fn text(&mut self, node: &mut Node) {
        match &node.value {
            Value::List(_) | Value::Map(_) => self.unknown(node),
            Value::String(_) if !self.legible => self.unknown(node),
            Value::String(text) if may_be_secret(text) => self.unknown(node),
            _ => self.known(node.span),
        }
    }

    /// A value that nobody knows, with everything in it.
    fn unknown(&mut self, node: &mut Node) {
        match &mut node.value {
            Value::Bool(_) | Value::Null => return self.known(node.span),
            Value::String(text) if is_variable(text) || is_of_environment(text) => return self.known(node.span),
            Value::List(items) => items.iter_mut().for_each(|item| self.unknown(item)),
            Value::Map(map) => map.values_mut().for_each(|entry| self.unknown(&mut entry.node)),
            _ => self.files.hide(node.span),
        }
        node.hidden = true;
    }

    fn show(&mut self, span: Span, key: &str) {
        if !looks_like_credential(key) {
            self.known(span);
        }
    }

    fn known(&mut self, span: Span) {
        if self.legible {
            self.files.show(span);
        }
    }
}

/// Whether a text may hold a secret, whatever the schema says. URLs that are shown have neither user nor query.
fn may_be_secret(text: &str) -> bool {
    let beyond_host = |text: &str| text.split_once("://").is_some_and(|(_, rest)| rest.contains(['@', '?']));
    looks_like_credential(text) || beyond_host(text)
}

/// The schema of a table's key.
fn part<'a>(schema: &'a Json, key: &str) -> Option<&'a Json> {
    let own = schema.get("properties").and_then(|properties| properties.get(key));
    own.or_else(|| schema.get("additionalProperties").filter(|others| others.is_object()))
}

/// Whether the schema tells of this value that it is no secret.
fn is_known(node: &Node, schema: &Json, name: Option<&str>, place: Place<'_>) -> bool {
    // Annotations configure controllers, and some of those take keys there.
    if place.above.ends_with("nnotations") || is_credential_name(place.key) {
        return false;
    }
    match (expected(schema, name), &node.value) {
        (Expected::Leaf(Leaf::Text | Leaf::WholeOrText | Leaf::Quantity), Value::String(text)) => {
            // A reference to a Secret is where people write the secret.
            let reference = place.key.contains("ecret") || place.above.contains("Secret");
            let fits = if place.key == "key" { data_key_fault(text) } else { domain_fault(text) }.is_none();
            !reference || fits
        }
        // What is no number where one belongs was perhaps meant for the next line.
        (Expected::Leaf(_), Value::String(text)) => text.parse::<f64>().is_ok() || text.len() <= 5,
        (Expected::Leaf(_), _) => true,
        _ => false,
    }
}

impl Content {
    /// Of the value under a key of such a part.
    fn of(self, key: &str) -> Self {
        if self == Self::Configuration && NAMES.contains(&key) { Self::Names } else { self }
    }
}

/// Whether a value of `LiteLLM`'s configuration is one that holds no secrets: a number, or a name where names stand.
fn is_plain(node: &Node, place: Place<'_>) -> bool {
    if place.content == Content::BySchema || is_credential_name(place.key) {
        return false;
    }
    match &node.value {
        Value::Number(number) => number.to_string().len() <= LONGEST_NUMBER,
        Value::String(_) => place.content == Content::Names,
        _ => false,
    }
}

/// `os.environ/NAME`, with or without a scheme before it: the name of a variable is no secret.
fn is_of_environment(text: &str) -> bool {
    !text.contains("$(") && is_reference(text) && !looks_like_credential(text)
}

/// `${var.NAME}`: what it stands for is judged where it comes from.
fn is_variable(text: &str) -> bool {
    let name = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    let name = name.and_then(|name| name.trim().strip_prefix("var."));
    name.is_some_and(|name| {
        name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)) && !looks_like_credential(name)
    })
}
