//! One value against one schema without parts: type, bounds, list of allowed values, form.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use regex::Regex;
use serde_json::Value as Json;

use crate::stack::check::value::quantity_fault;
use crate::stack::diagnostic::{Code, Diagnostic};
use crate::stack::names::{domain_fault, nearest};
use crate::stack::tree::{Node, Value};

/// What a schema asks for.
pub(super) enum Expected {
    Table,
    List,
    Anything,
    Leaf(Leaf),
}

/// A value without parts.
pub(super) enum Leaf {
    Text,
    Whole,
    Number,
    Boolean,
    Quantity,
    /// Port numbers and names and the like: `IntOrString`.
    WholeOrText,
}

/// What the schema asks for. `name` is that of its definition, if it has one.
pub(super) fn expected(schema: &Json, name: Option<&str>) -> Expected {
    if schema.get("x-kubernetes-int-or-string").is_some() {
        let quantity = name.is_some_and(|name| name.ends_with(".Quantity"));
        let inline = schema.get("pattern").is_some();
        return Expected::Leaf(if quantity || inline { Leaf::Quantity } else { Leaf::WholeOrText });
    }
    match types(schema).as_slice() {
        ["object"] => Expected::Table,
        ["array"] => Expected::List,
        ["string"] => Expected::Leaf(Leaf::Text),
        ["integer"] => Expected::Leaf(Leaf::Whole),
        ["number"] => Expected::Leaf(Leaf::Number),
        ["boolean"] => Expected::Leaf(Leaf::Boolean),
        _ if !choices(schema).is_empty() => Expected::Leaf(Leaf::Text),
        _ => Expected::Anything,
    }
}

fn types(schema: &Json) -> Vec<&str> {
    match &schema["type"] {
        Json::String(kind) => vec![kind],
        Json::Array(kinds) => {
            let kinds = kinds.iter().filter_map(Json::as_str);
            kinds.filter(|kind| *kind != "null").collect()
        }
        _ => Vec::new(),
    }
}

/// The allowed values, from `enum`, or from `oneOf` with a `const` (an enum whose variants are described).
pub(super) fn choices(schema: &Json) -> Vec<&str> {
    let listed = schema["enum"].as_array().into_iter().flatten();
    let described = schema["oneOf"].as_array().into_iter().flatten();
    let described = described.flat_map(|option| {
        let many = option["enum"].as_array().into_iter().flatten();
        option.get("const").into_iter().chain(many)
    });
    listed.chain(described).filter_map(Json::as_str).collect()
}

/// The first thing that is wrong with the value, if any. A number where a quantity is meant becomes one.
pub(super) fn check(node: &mut Node, schema: &Json, leaf: &Leaf, path: &str) -> Option<Diagnostic> {
    match (leaf, &node.value) {
        (Leaf::Quantity, Value::Number(number)) => {
            node.value = Value::String(number.to_string());
            quantity(node, path)
        }
        (Leaf::Quantity, Value::String(_)) => quantity(node, path),
        (Leaf::Text, Value::String(text)) => {
            let text = text.clone();
            choice(node, schema, &text, path).or_else(|| form(node, schema, &text, path))
        }
        (Leaf::Number, Value::Number(_)) => range(node, schema, path),
        (Leaf::Whole, Value::Number(number)) if !number.is_f64() => range(node, schema, path),
        (Leaf::WholeOrText, Value::Number(number)) if !number.is_f64() => range(node, schema, path),
        (Leaf::WholeOrText, Value::String(_)) | (Leaf::Boolean, Value::Bool(_)) => None,
        (leaf, _) => Some(wrong_type(node, leaf.words(), path)),
    }
}

impl Leaf {
    fn words(&self) -> &'static str {
        match self {
            Self::Text => "a string",
            Self::Whole => "a whole number",
            Self::Number => "a number",
            Self::Boolean => "a boolean",
            Self::Quantity => "a quantity",
            Self::WholeOrText => "a whole number or a string",
        }
    }
}

/// The diagnostic of a value of another type, with the value to write when there is an obvious one.
pub(super) fn wrong_type(node: &Node, expected: &str, path: &str) -> Diagnostic {
    let message = format!("`{path}` must be {expected}, not {}", node.type_name());
    let hint = match (expected, &node.value) {
        _ if node.hidden => None,
        ("a string", Value::Number(_) | Value::Bool(_)) => Some(format!("write it in quotes: `\"{}\"`", node.shown())),
        ("a whole number" | "a number", Value::String(text)) if text.parse::<f64>().is_ok() => {
            Some(format!("write it without quotes: `{}`", node.shown()))
        }
        ("a boolean", Value::String(text)) => match text.as_str() {
            "true" | "yes" | "on" | "True" | "Yes" | "On" => Some("write `true`".to_owned()),
            "false" | "no" | "off" | "False" | "No" | "Off" => Some("write `false`".to_owned()),
            _ => None,
        },
        ("a list", Value::String(_) | Value::Number(_) | Value::Map(_)) => Some("write `[…]` around it".to_owned()),
        _ => None,
    };
    let label = format!("expected {expected}");
    let error = Diagnostic::error(Code::WrongType, message).at(node.span, label);
    error.maybe_hint(hint)
}

fn quantity(node: &Node, path: &str) -> Option<Diagnostic> {
    let fault = quantity_fault(node.text()?)?;
    let message = format!("`{}` is not a quantity: {fault}", node.shown());
    let error = Diagnostic::error(Code::BadQuantity, message).at(node.span, format!("in `{path}`"));
    Some(error.hint("a quantity is a number with a suffix, such as `500m`, `2` or `1Gi`"))
}

fn choice(node: &Node, schema: &Json, text: &str, path: &str) -> Option<Diagnostic> {
    let choices = choices(schema);
    if choices.is_empty() || choices.contains(&text) {
        return None;
    }
    let message = format!("`{}` is not allowed as `{path}`", node.shown());
    let error = Diagnostic::error(Code::UnknownValue, message).at(node.span, "");
    Some(match nearest(text, choices.iter().copied()) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint(format!("there are {}", listed(&choices))),
    })
}

/// `a`, `b` and `c`.
pub(super) fn listed(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

/// How the patterns of DNS labels and DNS names begin.
const DNS: &str = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?";

fn form(node: &Node, schema: &Json, text: &str, path: &str) -> Option<Diagnostic> {
    let length = text.chars().count() as u64;
    let least = schema["minLength"].as_u64().unwrap_or(0);
    let most = schema["maxLength"].as_u64().unwrap_or(u64::MAX);
    let message = if length < least {
        format!("`{path}` must not be empty")
    } else if length > most {
        format!("`{path}` has {length} characters, {most} are the most")
    } else {
        let pattern = schema["pattern"].as_str()?;
        if matches(pattern, text) {
            return None;
        }
        let message = format!("`{}` is not legal as `{path}`", node.shown());
        let error = Diagnostic::error(Code::Malformed, message).at(node.span, "");
        // Names of Kubernetes have words of their own; a pattern is for the rest.
        let fault = domain_fault(text).filter(|_| pattern.starts_with(DNS));
        return Some(match fault {
            Some(fault) => error.hint(format!("as in a DNS name, {fault}")),
            None => error.hint(format!("it must match `{pattern}`")),
        });
    };
    Some(Diagnostic::error(Code::OutOfRange, message).at(node.span, ""))
}

/// Patterns come from the schemas, so there are few; each is compiled once.
fn matches(pattern: &str, text: &str) -> bool {
    static COMPILED: LazyLock<Mutex<HashMap<String, Option<Arc<Regex>>>>> = LazyLock::new(Mutex::default);
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    let regex = compiled.entry(pattern.to_owned()).or_insert_with(|| Regex::new(pattern).ok().map(Arc::new)).clone();
    drop(compiled);
    regex.is_none_or(|regex| regex.is_match(text))
}

fn range(node: &Node, schema: &Json, path: &str) -> Option<Diagnostic> {
    let Value::Number(number) = &node.value else {
        return None;
    };
    let value = number.as_f64()?;
    let (low, high) = match schema["format"].as_str() {
        Some("int32") => (f64::from(i32::MIN), f64::from(i32::MAX)),
        _ => (f64::MIN, f64::MAX),
    };
    let least = schema["minimum"].as_f64().unwrap_or(low);
    let most = schema["maximum"].as_f64().unwrap_or(high);
    // A whole number beyond i64 fits no field, whatever its format says.
    let fits = number.is_f64() || number.is_i64();
    if value >= least && value <= most && fits {
        return None;
    }
    let bounds = match (schema.get("minimum"), schema.get("maximum")) {
        (Some(_), Some(_)) => format!("from {least} to {most}"),
        _ if value < least => format!("at least {least}"),
        _ if most < f64::MAX => format!("at most {most}"),
        _ => format!("at most {}", i64::MAX),
    };
    let message = format!("`{path}` must be {bounds}, not {}", node.shown());
    Some(Diagnostic::error(Code::OutOfRange, message).at(node.span, ""))
}
