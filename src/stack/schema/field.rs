//! One field of a description, by its path in the published schema: what it takes, and what is in it. Knows no file.

use std::collections::BTreeSet;

use serde_json::Value;

use super::publish::publish;
use crate::stack::names::nearest;

/// How deep the search for what was probably meant goes; the Kubernetes types below are deeper, and nobody means them.
const SEARCHED: usize = 6;

/// A field of a description.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Field {
    /// Its name; empty for the whole description.
    pub name: String,
    /// Where it stands: `clusters.NAME.gateway.image`; `[]` for an item of a list.
    pub path: String,
    /// What it takes: `string`, `integer`, `table`, `list of strings`, `table of models by name`.
    pub takes: String,
    /// Whether it must be there.
    pub required: bool,
    /// What holds when it is left out.
    pub default: Option<Value>,
    /// Values that it could have.
    pub examples: Vec<Value>,
    /// All values that it may have, each with its meaning where it has one.
    pub values: Vec<(String, Option<String>)>,
    /// What a string must look like.
    pub pattern: Option<String>,
    /// What it is.
    pub description: String,
    /// Where the schema of its value is.
    schema: Value,
}

/// A path that leads to no field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UnknownField {
    /// As far as it leads to one.
    pub known: String,
    /// The name behind it that there is not.
    pub name: String,
    /// What was probably meant.
    pub near: Option<String>,
}

/// The schema, read for its fields.
#[derive(Debug)]
pub(crate) struct Fields {
    schema: Value,
}

impl Fields {
    /// Those of a description.
    #[must_use]
    pub(crate) fn of_description() -> Self {
        Self { schema: publish() }
    }

    /// The whole description.
    #[must_use]
    pub(crate) fn root(&self) -> Field {
        self.field(String::new(), String::new(), &self.schema, true)
    }

    /// The field at a path. Names of things may be left out or stand for any: `models.timeout`, `models.claude.timeout`
    /// and `models.NAME.timeout` are one. So may the places in lists.
    ///
    /// # Errors
    /// There is none.
    pub(crate) fn find(&self, path: &str) -> Result<Field, UnknownField> {
        let names: Vec<_> = path.split('.').map(bare).filter(|name| !name.is_empty()).collect();
        let mut at = self.root();
        for (position, name) in names.iter().enumerate() {
            let is_last = position + 1 == names.len();
            at = self.step(&at, name, is_last).ok_or_else(|| self.unknown(&at, name))?;
        }
        Ok(at)
    }

    /// The fields in a field, of a list or a table of things those of each, sorted by name.
    #[must_use]
    pub(crate) fn below(&self, field: &Field) -> Vec<Field> {
        let (inner, path) = self.inner(&field.schema, field.path.clone());
        let Some(properties) = inner.get("properties").and_then(Value::as_object) else { return Vec::new() };
        let required: BTreeSet<_> =
            inner["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let fields = properties.iter().map(|(name, schema)| {
            self.field(name.clone(), joined(&path, name), schema, required.contains(name.as_str()))
        });
        fields.collect()
    }

    fn step(&self, at: &Field, name: &str, is_last: bool) -> Option<Field> {
        let below = self.below(at);
        if let Some(found) = below.iter().find(|field| field.name == name) {
            return Some(found.clone());
        }
        // The name of a thing, or a key of a table that has any. At the end it is more likely a field with a slip.
        let is_slip = is_last && nearest(name, below.iter().map(|field| field.name.as_str())).is_some();
        let value =
            self.resolved(&at.schema).get("additionalProperties").filter(|value| value.is_object() && !is_slip)?;
        Some(self.field(name.to_owned(), joined(&at.path, "NAME"), value, false))
    }

    fn field(&self, name: String, path: String, schema: &Value, required: bool) -> Field {
        let inner = self.resolved(schema);
        let text = |value: &Value| value["description"].as_str().map(str::to_owned);
        let described = text(schema).or_else(|| text(&self.referred(schema))).or_else(|| text(inner));
        let keyword = |keyword: &str| schema.get(keyword).or_else(|| inner.get(keyword)).cloned();
        Field {
            name,
            path,
            takes: self.takes(inner),
            required,
            default: keyword("default"),
            examples: keyword("examples").and_then(|all| all.as_array().cloned()).unwrap_or_default(),
            values: values(inner),
            pattern: inner["pattern"].as_str().map(str::to_owned),
            description: described.unwrap_or_default(),
            schema: schema.clone(),
        }
    }

    /// What a schema refers to, in the words for everything of its kind.
    fn referred(&self, schema: &Value) -> Value {
        let name = schema["$ref"].as_str().and_then(|path| path.strip_prefix("#/$defs/"));
        name.map_or(Value::Null, |name| self.schema["$defs"][name].clone())
    }

    /// The schema itself in the place of a reference to it, and of the choice between a value and a variable or nothing.
    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let mut at = schema;
        loop {
            let definition = at["$ref"].as_str().and_then(|path| path.strip_prefix("#/$defs/"));
            match (definition, at["anyOf"].as_array().and_then(|all| only(all))) {
                (Some(name), _) => at = &self.schema["$defs"][name],
                (None, Some(choice)) => at = choice,
                (None, None) => return at,
            }
        }
    }

    /// The schema of what is in a list or in a table of things, else of the value itself.
    fn inner<'a>(&'a self, schema: &'a Value, path: String) -> (&'a Value, String) {
        let schema = self.resolved(schema);
        if let Some(items) = schema.get("items") {
            return self.inner(items, path + "[]");
        }
        match schema.get("additionalProperties") {
            Some(value) if value.is_object() && schema.get("properties").is_none() => {
                self.inner(value, joined(&path, "NAME"))
            }
            _ => (schema, path),
        }
    }

    fn takes(&self, schema: &Value) -> String {
        if let Some(items) = schema.get("items") {
            let item = self.takes(self.resolved(items));
            return format!("list of {}", plural(&item));
        }
        let values = schema.get("additionalProperties").filter(|value| value.is_object());
        match (values, schema.get("properties")) {
            (Some(value), None) => {
                let value = self.takes(self.resolved(value));
                format!("table of {} by name", plural(&value))
            }
            (_, Some(_)) => "table".to_owned(),
            _ => match schema["anyOf"].as_array() {
                Some(all) => all.iter().map(|one| self.takes(self.resolved(one))).collect::<Vec<_>>().join(" or "),
                None => types(schema),
            },
        }
    }

    fn unknown(&self, at: &Field, name: &str) -> UnknownField {
        let below = self.below(at);
        let near = nearest(name, below.iter().map(|field| field.name.as_str()));
        let near = near.and_then(|near| below.iter().find(|field| field.name == near)).map(|field| field.path.clone());
        let near = near.or_else(|| self.elsewhere(at, name));
        UnknownField { known: at.path.clone(), name: name.to_owned(), near }
    }

    /// The shallowest field of the name below a field: `clusters.gateway.replicas` stands one table deeper.
    fn elsewhere(&self, at: &Field, name: &str) -> Option<String> {
        let mut open = vec![at.clone()];
        for _ in 0..SEARCHED {
            let below: Vec<_> = open.iter().flat_map(|field| self.below(field)).collect();
            if let Some(found) = below.iter().find(|field| field.name == name) {
                return Some(found.path.clone());
            }
            open = below;
        }
        None
    }
}

/// The one schema of several that is neither nothing nor a reference to a variable.
fn only(all: &[Value]) -> Option<&Value> {
    let is_other = |one: &&Value| one["$ref"] != "#/$defs/reference" && one["type"] != "null";
    let mut meant = all.iter().filter(is_other);
    meant.next().filter(|_| meant.next().is_none())
}

fn values(schema: &Value) -> Vec<(String, Option<String>)> {
    let listed = schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let listed = listed.map(|value| (value.to_owned(), None));
    let described = schema["oneOf"].as_array().into_iter().flatten().filter_map(|one| {
        let meaning = one["description"].as_str().map(str::to_owned);
        Some((one["const"].as_str()?.to_owned(), meaning))
    });
    listed.chain(described).collect()
}

fn types(schema: &Value) -> String {
    let word = |kind: &str| match kind {
        "object" => "table",
        "array" => "list",
        "number" => "number",
        "integer" => "integer",
        "boolean" => "boolean",
        _ => "string",
    };
    let words: BTreeSet<_> = match &schema["type"] {
        Value::String(kind) => [word(kind)].into(),
        Value::Array(kinds) => {
            kinds.iter().filter_map(Value::as_str).filter(|kind| *kind != "null").map(word).collect()
        }
        _ if schema.get("oneOf").is_some() || schema.get("enum").is_some() => ["string"].into(),
        _ => return "anything".to_owned(),
    };
    words.into_iter().collect::<Vec<_>>().join(" or ")
}

/// `string` in the plural, and what is made of it.
fn plural(takes: &str) -> String {
    match takes {
        "anything" => "anything".to_owned(),
        many if many.contains(" of ") => many.replacen("list", "lists", 1).replacen("table", "tables", 1),
        one => one.split(" or ").map(|word| format!("{word}s")).collect::<Vec<_>>().join(" or "),
    }
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// `ports` of `ports[0]`.
fn bare(name: &str) -> &str {
    name.split('[').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_things_and_places_in_lists_may_be_left_out() {
        let fields = Fields::of_description();
        let expected = fields.find("models.timeout").unwrap();
        assert_eq!((expected.path.as_str(), expected.takes.as_str()), ("models.NAME.timeout", "string"));
        assert_eq!((expected.default, expected.required), (Some("5m".into()), false));
        assert_eq!(fields.find("models.claude.timeout").unwrap().path, expected.path);
        let port = fields.find("agents.scout.ports[0].port").unwrap();
        assert_eq!((port.path.as_str(), port.required), ("agents.NAME.ports[].port", true));
        assert_eq!(fields.find("agents.ports.port"), Ok(port));
        let taken = |path: &str| fields.find(path).unwrap().takes;
        assert_eq!(
            (taken("models"), taken("models.aliases")),
            ("table of tables by name".to_owned(), "list of strings".to_owned())
        );
        assert!(
            fields
                .find("models.provider")
                .unwrap()
                .values
                .iter()
                .any(|(name, about)| name == "azure" && about.is_some())
        );
    }

    #[test]
    fn what_was_probably_meant_is_near_or_deeper() {
        let fields = Fields::of_description();
        let near = |path: &str| fields.find(path).unwrap_err().near;
        assert_eq!(near("model").as_deref(), Some("models"));
        assert_eq!(near("models.claude.timeuot").as_deref(), Some("models.NAME.timeout"));
        assert_eq!(near("models.timeuot").as_deref(), Some("models.NAME.timeout"));
        assert_eq!(near("clusters.gateway.replicas").as_deref(), Some("clusters.NAME.gateway.deployment.replicas"));
        assert_eq!(near("stack.nothing-of-the-kind"), None);
    }

    #[test]
    fn every_field_is_described() {
        let fields = Fields::of_description();
        let mut open = vec![fields.root()];
        let mut seen = 0;
        while let Some(field) = open.pop() {
            assert!(!field.description.trim().is_empty(), "`{}` has no description", field.path);
            seen += 1;
            // The Kubernetes types are described by Kubernetes, and deep.
            if field.path.matches('.').count() < SEARCHED {
                open.extend(fields.below(&field));
            }
        }
        assert!(seen > 300, "only {seen} fields were found");
    }
}
