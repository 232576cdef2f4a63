//! Values of the configuration that are carried as they are: without what may be secret, and with a variable in the place
//! of what `LiteLLM` finds in its environment.

use serde_json::{Map, Value};

use super::collected::Collected;
use crate::import::description::escaped;
use crate::object::credential::{is_credential, is_credential_name, is_reference, looks_like_credential};
use crate::stack::{Node, NodeValue};

/// How `LiteLLM` says that a value is in its environment.
const PREFIX: &str = "os.environ/";

/// The environment variable that a text names.
pub(super) fn variable_of(text: &str) -> Option<&str> {
    text.split_once(PREFIX).map(|(_, name)| name).filter(|_| is_reference(text))
}

/// Where a value stands.
#[derive(Clone, Debug)]
pub(super) struct At {
    /// In messages: `model_list[0].litellm_params.api_key`.
    pub path: String,
    /// The key that it stands under; of an item, that of its list.
    pub key: String,
    /// What the variable is called that stands for it when it is a credential.
    pub variable: String,
}

impl At {
    pub(super) fn new(path: String, key: &str, variable: &str) -> Self {
        Self { path, key: key.to_owned(), variable: upper(variable) }
    }

    pub(super) fn field(&self, key: &str) -> Self {
        Self::new(format!("{}.{key}", self.path), key, &format!("{}_{key}", self.variable))
    }

    fn item(&self, index: usize) -> Self {
        Self { path: format!("{}[{index}]", self.path), ..self.clone() }
    }
}

/// A name of a variable made of any text.
pub(super) fn upper(text: &str) -> String {
    let legal = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    let name: String = text.chars().map(legal).collect();
    if name.starts_with(|c: char| c.is_ascii_digit()) { format!("_{name}") } else { name }
}

impl Collected<'_> {
    /// A value as a description may hold it; none of null.
    pub(super) fn carried(&mut self, node: &Node, at: &At) -> Option<Value> {
        Some(match &node.value {
            NodeValue::Null => return None,
            NodeValue::List(items) => {
                let items = items.iter().enumerate();
                items.filter_map(|(index, item)| self.carried(item, &at.item(index))).collect()
            }
            NodeValue::Map(_) => {
                let fields = node
                    .entries()
                    .filter_map(|(key, entry)| Some((key.to_owned(), self.carried(&entry.node, &at.field(key))?)));
                Value::Object(fields.collect::<Map<_, _>>())
            }
            NodeValue::String(text) => self.text(text, node, at).into(),
            NodeValue::Number(number) if is_credential(&at.key, &number.to_string()) => {
                self.text(&number.to_string(), node, at).into()
            }
            NodeValue::Number(_) | NodeValue::Bool(_) => node.to_json(),
        })
    }

    fn text(&mut self, text: &str, node: &Node, at: &At) -> String {
        match variable_of(text) {
            Some(variable) if is_secret(text, variable, &at.key) => {
                self.in_environment(variable);
                escaped(text)
            }
            Some(variable) => self.variable(variable),
            None if is_credential(&at.key, text) || looks_like_credential(text) => {
                self.remark(node.span, &at.path, written_out(&at.variable));
                self.in_environment(&at.variable)
            }
            None => escaped(text),
        }
    }

    /// A text that stands in a field of langop's, and so is no secret: none where there is none.
    pub(super) fn plain(&mut self, node: &Node, at: &At) -> Option<String> {
        let text = node.text()?;
        match variable_of(text) {
            Some(variable) => Some(self.variable(variable)),
            None if looks_like_credential(text) => {
                self.remark(node.span, &at.path, written_out(&at.variable));
                Some(self.variable(&at.variable))
            }
            None => Some(escaped(text)),
        }
    }
}

/// What is said of a credential that is written out.
pub(super) fn written_out(variable: &str) -> String {
    format!("is a credential that is written out; in its place, the environment variable `{variable}` is read")
}

/// Whether what a variable holds may be a secret: by its own name, by the key, or because a word stands before it.
fn is_secret(text: &str, variable: &str, key: &str) -> bool {
    is_credential_name(variable) || is_credential_name(key) || !text.starts_with(PREFIX)
}
