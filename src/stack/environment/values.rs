//! The variables of an environment: values for declared ones, in the place of their defaults, so that `--var` and
//! `LANGOP_VAR_…` still win.

use super::{quoted, taken};
use crate::stack::diagnostic::{Code, Diagnostic};
use crate::stack::names::nearest;
use crate::stack::tree::{Entry, Node, Value};

const VARIABLES: &str = "variables";

/// Makes what the environment `name` says of variables their defaults.
pub(super) fn set(root: &mut Node, name: &str, environment: &Node, found: &mut Vec<Diagnostic>) {
    let Some(given) = environment.get(VARIABLES) else { return };
    let mut declared = taken(root, VARIABLES);
    for (variable, value) in given.entries() {
        let known = declared.as_mut().and_then(|declared| match &mut declared.node.value {
            Value::Map(map) => map.get_mut(variable),
            _ => None,
        });
        match known.map(|known| &mut known.node.value) {
            Some(Value::Map(fields)) => match mismatch(fields.get("type"), fields.get("default"), &value.node) {
                Some(wanted) => found.push(wrong(variable, &value.node, &wanted)),
                None => {
                    fields.insert("default".to_owned(), value.clone());
                }
            },
            // What is wrong with the declaration is said of it.
            Some(_) => {}
            None => found.push(undeclared(name, variable, value, declared.as_ref())),
        }
    }
    if let Some(declared) = declared {
        super::put(root, VARIABLES, declared);
    }
}

/// The type that the variable has, when the value is of another one. One that says nothing of itself takes any.
fn mismatch(kind: Option<&Entry>, default: Option<&Entry>, value: &Node) -> Option<String> {
    let of_default = || default.filter(|default| !default.node.is_null()).map(|default| kind_of(&default.node));
    let wanted = kind.and_then(|kind| kind.node.text()).or_else(of_default)?;
    (wanted != kind_of(value)).then(|| wanted.to_owned())
}

fn kind_of(node: &Node) -> &'static str {
    match &node.value {
        Value::Number(_) => "number",
        Value::Bool(_) => "boolean",
        Value::List(_) => "list",
        Value::Map(_) => "table",
        Value::String(_) | Value::Null => "string",
    }
}

fn wrong(variable: &str, value: &Node, wanted: &str) -> Diagnostic {
    let message = format!("the value of variable `{variable}` is not a {wanted}");
    Diagnostic::error(Code::WrongVariable, message).at(value.span, "")
}

fn undeclared(environment: &str, variable: &str, value: &Entry, declared: Option<&Entry>) -> Diagnostic {
    let message = format!("the environment `{environment}` sets `{variable}`, and no variable is called so");
    let error = Diagnostic::error(Code::UnknownVariable, message).at(value.key, "");
    let known: Vec<&str> =
        declared.into_iter().flat_map(|declared| declared.node.entries()).map(|(name, _)| name).collect();
    error.hint(match nearest(variable, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => format!("declare it: `[variables.{variable}]`"),
        None => format!("declare it under `variables`; there are {}", quoted(&known)),
    })
}
