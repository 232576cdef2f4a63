//! Pieces of schema that several kinds share.

use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

/// CEL rules of a schema, each with the message a user reads when it does not hold.
pub(super) fn rules(rules: &[(&str, &str)]) -> Value {
    rules.iter().map(|(rule, message)| json!({ "rule": rule, "message": message })).collect()
}

/// A mapping that belongs to someone else's configuration: any keys, any values.
pub(super) fn free_mapping(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "object", "x-kubernetes-preserve-unknown-fields": true })
}

/// More parameters of `LiteLLM`: free, but for those that stand in for a field of their own.
pub(super) fn litellm_params(_: &mut SchemaGenerator) -> Schema {
    let text = json!({ "type": "string", "minLength": 1 });
    json_schema!({
        "type": "object",
        "x-kubernetes-preserve-unknown-fields": true,
        "properties": {
            "api_version": text,
            "aws_region_name": text,
            "vertex_location": text,
            "vertex_project": text,
        },
    })
}

/// A Kubernetes quantity: a number, or digits with a suffix.
pub(super) fn quantity(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "anyOf": [{ "type": "integer" }, { "type": "string" }],
        "pattern": QUANTITY,
        "x-kubernetes-int-or-string": true,
    })
}

/// Quantities keyed by resource name.
pub(super) fn quantities(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "object", "additionalProperties": quantity(generator) })
}

/// Non-negative quantities in the three suffix families (Kubernetes, `resource.Quantity`).
const QUANTITY: &str = r"^\+?([0-9]+(\.[0-9]*)?|\.[0-9]+)(([KMGTPE]i)|[numkMGTPE]|([eE][-+]?[0-9]+))?$";

/// A label of a DNS name, which names of namespaces and Services are (RFC 1123).
pub(super) const DNS_LABEL: &str = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";

/// A DNS name of one or more labels (RFC 1123).
pub(super) const DNS_NAME: &str = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

/// A DNS name, or all names under one.
pub(super) const DNS_PATTERN: &str = r"^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

/// The value of a Kubernetes label, not empty.
pub(super) const LABEL_VALUE: &str = "^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$";

/// A key of a Secret or `ConfigMap`.
pub(super) const DATA_KEY: &str = "^[-._a-zA-Z0-9]+$";
