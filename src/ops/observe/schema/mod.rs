//! Holds a custom resource against the schema of a CRD that the server does not have: fields, values, lists and CEL
//! rules, as the API server would. Pure. Knows nothing of plans and servers.

mod fields;
mod json;
mod lists;

use kube_cel::{Validator, apply_defaults};
use serde_json::Value;

/// How often defaults are filled in: a default may hold a map with defaults of its own.
const ROUNDS: usize = 8;

/// The `openAPIV3Schema` of one version.
#[derive(Clone, Copy, Debug)]
pub(super) struct Schema<'a>(pub(super) &'a Value);

impl Schema<'_> {
    /// The object with what the API server fills in, and without what it drops: defaults, and nulls of fields that may
    /// not be null (Kubernetes, *Extend the API with CRDs*, "Defaulting and nullable").
    pub(super) fn filled_in(self, object: &Value) -> Value {
        let mut filled = fields::without_nulls(self.0, object);
        for _ in 0..ROUNDS {
            let next = apply_defaults(self.0, &filled);
            if next == filled {
                break;
            }
            filled = next;
        }
        filled
    }

    /// Fields of an object that the schema does not have, a message for each.
    pub(super) fn unknown_fields(self, object: &Value) -> Vec<String> {
        fields::unknown(self.0, object)
    }

    /// Everything about `object` that the schema forbids, and the fields of `sent` that it does not have. `live` is the
    /// object before the change, for rules that compare the two.
    ///
    /// # Errors
    /// Why the schema cannot be used here: then nothing is known.
    pub(super) fn violations(self, sent: &Value, object: &Value, live: Option<&Value>) -> Result<Vec<String>, String> {
        let mut found = self.unknown_fields(sent);
        found.extend(self.values(object)?);
        found.extend(lists::violations(self.0, object));
        if let Err(errors) = Validator::new().validate(self.0, object, live) {
            found.extend(errors.as_slice().iter().map(ToString::to_string));
        }
        Ok(found)
    }

    fn values(self, object: &Value) -> Result<Vec<String>, String> {
        let validator = jsonschema::options().should_validate_formats(true).build(&json::as_json_schema(self.0));
        let validator = validator.map_err(|error| format!("the CRD's schema cannot be used: {error}"))?;
        let errors = validator.iter_errors(object).map(|error| {
            let at = error.instance_path().as_str().trim_start_matches('/').replace('/', ".");
            // The validator's words quote the value, which may be a secret; the schema does not tell.
            let words = error.masked_with("the value");
            if at.is_empty() { words.to_string() } else { format!("{at}: {words}") }
        });
        Ok(errors.collect())
    }
}

#[cfg(test)]
mod tests;
