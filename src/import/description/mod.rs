//! A description that is being written: its tables, and the comments above them. Says nothing of what is in them.

mod toml;

use serde_json::{Map, Value, json};

/// A description, sorted by table and name, so that the same import gives the same bytes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Description {
    /// Lines above it, without `#`.
    pub comments: Vec<String>,
    root: Map<String, Value>,
}

impl Description {
    /// The description of a stack, with nothing in it yet.
    #[must_use]
    pub(crate) fn of_stack(name: &str) -> Self {
        Self { comments: Vec::new(), root: Map::from_iter([("stack".to_owned(), json!(name))]) }
    }

    /// Adds a thing to a table: `models`, `claude`.
    pub(crate) fn add(&mut self, table: &str, name: &str, thing: Value) {
        let table = self.root.entry(table).or_insert_with(|| json!({}));
        table[name] = thing;
    }

    /// Adds tables that have no name: `[[adopt]]`. Without any there is no such field.
    pub(crate) fn add_all(&mut self, field: &str, tables: Vec<Value>) {
        if !tables.is_empty() {
            self.root.insert(field.to_owned(), tables.into());
        }
    }

    /// As TOML.
    #[must_use]
    pub(crate) fn toml(&self) -> String {
        format!("{}{}", self.head(), toml::document(&self.root))
    }

    /// As one document of YAML: the comments, and what follows them.
    #[must_use]
    pub(crate) fn yaml(&self) -> (String, Value) {
        (self.head(), Value::Object(self.root.clone()))
    }

    fn head(&self) -> String {
        self.comments.iter().map(|line| comment(line)).collect()
    }
}

/// A line that says something to readers, whatever characters of a server are in it.
#[must_use]
pub(crate) fn comment(words: &str) -> String {
    format!("# {}\n", words.replace(char::is_control, " "))
}

/// A string such that a description means it as it is, and no variable.
#[must_use]
pub(crate) fn escaped(text: &str) -> String {
    text.replace("${", "$${")
}

/// A value with all its strings [`escaped`].
#[must_use]
pub(crate) fn escaped_value(value: &Value) -> Value {
    match value {
        Value::String(text) => escaped(text).into(),
        Value::Array(items) => items.iter().map(escaped_value).collect(),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(key, value)| (key.clone(), escaped_value(value)));
            Value::Object(fields.collect())
        }
        other => other.clone(),
    }
}
