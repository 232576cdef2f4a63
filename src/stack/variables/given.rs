//! Values that come with the command: `--var` and the environment, each with a place to point at.

use std::collections::BTreeMap;

use crate::stack::diagnostic::{Code, Diagnostic, Files, Span};
use crate::stack::names::nearest;
use crate::stack::read::LoadRequest;
use crate::stack::tree::{self, Node, Value};

const PREFIX: &str = "LANGOP_VAR_";

/// A value of the command.
#[derive(Clone, Debug)]
pub(super) struct GivenValue {
    text: String,
    name: Span,
    value: Span,
}

/// Everything that came with the command.
pub(super) struct Given {
    arguments: BTreeMap<String, GivenValue>,
    environment: BTreeMap<String, GivenValue>,
}

impl Given {
    /// Writes the values down as two texts, so that mistakes in them have a place like any other.
    pub(super) fn new(request: &LoadRequest, files: &mut Files) -> Self {
        let arguments = request.variables.iter();
        let arguments = arguments.map(|(name, value)| (name.as_str(), value.as_str()));
        let environment = request.environment.iter().filter_map(|(name, value)| {
            let name = name.strip_prefix(PREFIX)?;
            Some((name, value.as_str()))
        });
        Self {
            arguments: written("<command line>", "--var ", arguments, files),
            environment: written("<environment>", PREFIX, environment, files),
        }
    }

    /// The value of a variable; the command line wins.
    pub(super) fn of(&self, name: &str) -> Option<&GivenValue> {
        self.arguments.get(name).or_else(|| self.environment.get(name))
    }

    /// `--var` of what is not declared is a mistake; an environment is shared by many stacks.
    pub(super) fn undeclared(&self, names: &BTreeMap<&str, Span>, found: &mut Vec<Diagnostic>) {
        for (name, given) in &self.arguments {
            if names.contains_key(name.as_str()) {
                continue;
            }
            let message = format!("`--var {name}`: no variable is called `{name}`");
            let error = Diagnostic::error(Code::UnknownVariable, message).at(given.name, "");
            let near = nearest(name, names.keys().copied());
            found.push(match near {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint("declare it under `variables`, or leave it out"),
            });
        }
    }
}

fn written<'a>(
    file: &str,
    prefix: &str,
    values: impl Iterator<Item = (&'a str, &'a str)>,
    files: &mut Files,
) -> BTreeMap<String, GivenValue> {
    let mut text = String::new();
    let mut places = Vec::new();
    for (name, value) in values {
        text.push_str(prefix);
        let start = text.len();
        text.push_str(name);
        let middle = text.len();
        text.push('=');
        text.push_str(value);
        places.push((name, value, start..middle, middle + 1..text.len()));
        text.push('\n');
    }
    let id = files.add(file, text);
    places
        .into_iter()
        .map(|(name, value, name_range, value_range)| {
            let given = GivenValue {
                text: value.to_owned(),
                name: Span::new(id, name_range),
                value: Span::new(id, value_range),
            };
            // What it is for is known where it is used.
            files.show(Span { start: 0, ..given.name });
            files.hide(given.value);
            (name.to_owned(), given)
        })
        .collect()
}

/// The value in the variable's type: as declared, else that of the default, else text. A value of
/// another type is reported, and the default, or something of the type, stands in.
pub(super) fn typed(name: &str, given: &GivenValue, declared: &Node, found: &mut Vec<Diagnostic>) -> Node {
    let default = declared.get("default").map(|node| &node.value);
    let kind = declared.text_at(&["type"]).unwrap_or(match default {
        Some(Value::Number(_)) => "number",
        Some(Value::Bool(_)) => "boolean",
        Some(Value::List(_)) => "list",
        Some(Value::Map(_)) => "table",
        _ => "string",
    });
    let value = match (kind, tree::plain(&given.text)) {
        ("number", Ok(value @ Value::Number(_))) | ("boolean", Ok(value @ Value::Bool(_))) => value,
        ("number" | "boolean" | "list" | "table", _) => {
            let message = format!("the value of variable `{name}` is not a {kind}");
            let error = Diagnostic::error(Code::WrongVariable, message).at(given.value, "");
            found.push(
                error.maybe_hint(
                    matches!(kind, "list" | "table")
                        .then(|| format!("a {kind} is given as a default, in a file that is merged later")),
                ),
            );
            default.cloned().unwrap_or(match kind {
                "number" => Value::Number(1.into()),
                "boolean" => Value::Bool(false),
                "list" => Value::List(Vec::new()),
                _ => Value::Map(tree::Map::new()),
            })
        }
        _ => Value::String(given.text.clone()),
    };
    Node::new(value, given.value)
}
