//! `explain field --json`: one document with a field and the fields in it.

use serde::Serialize;
use serde_json::Value;

use super::FORMAT_VERSION;
use crate::report::Depth;
use crate::stack::{Field, Fields};

/// A field.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub(crate) struct FieldDocument {
    /// [`FORMAT_VERSION`].
    format_version: &'static str,
    #[serde(flatten)]
    field: FieldFacts,
}

/// What is known of a field.
#[derive(Debug, Serialize)]
#[non_exhaustive]
struct FieldFacts {
    /// Its name; empty for the whole description.
    name: String,
    /// Where it stands; `NAME` is the name of a thing, `[]` an item of a list.
    path: String,
    /// What it takes, in words.
    takes: String,
    /// Whether it must be there.
    required: bool,
    /// What holds when it is left out; null where that is nothing, or no one value.
    default: Option<Value>,
    /// Values that it could have.
    examples: Vec<Value>,
    /// All values that it may have; empty where they are not listed.
    values: Vec<ValueFacts>,
    /// What a string must look like.
    pattern: Option<String>,
    /// What it is.
    description: String,
    /// The fields in it; with `--recursive` with those in them.
    #[serde(skip_serializing_if = "Option::is_none")]
    fields: Option<Vec<Self>>,
}

/// One of the values that a field may have.
#[derive(Debug, Serialize)]
struct ValueFacts {
    value: String,
    description: Option<String>,
}

/// The document of a field.
#[must_use]
pub(crate) fn field(fields: &Fields, field: &Field, depth: Depth) -> FieldDocument {
    let below = match depth {
        Depth::One => fields.below(field).iter().map(|below| facts(below, None)).collect(),
        Depth::All => all(fields, field),
    };
    FieldDocument { format_version: FORMAT_VERSION, field: facts(field, Some(below)) }
}

fn all(fields: &Fields, field: &Field) -> Vec<FieldFacts> {
    fields.below(field).iter().map(|below| facts(below, Some(all(fields, below)))).collect()
}

fn facts(field: &Field, fields: Option<Vec<FieldFacts>>) -> FieldFacts {
    let value = |(value, description): &(String, Option<String>)| ValueFacts {
        value: value.clone(),
        description: description.clone(),
    };
    FieldFacts {
        name: field.name.clone(),
        path: field.path.clone(),
        takes: field.takes.clone(),
        required: field.required,
        default: field.default.clone(),
        examples: field.examples.clone(),
        values: field.values.iter().map(value).collect(),
        pattern: field.pattern.clone(),
        description: field.description.clone(),
        fields,
    }
}
