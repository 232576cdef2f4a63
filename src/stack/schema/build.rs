//! The schema of a description, put together from the schemas of the kinds. Unknown keys are refused
//! everywhere, in the types of Kubernetes too, which leave that open.

use std::sync::LazyLock;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::api::{
    Duration, LanguageAgentSpec, LanguageClusterSpec, LanguageModelSpec, LanguagePersonaSpec, LanguageTeamSpec,
    LanguageToolSpec,
};
use crate::stack::draft::Kind;
use crate::stack::{adopt, forget, lifecycle, moved, ownership};

/// All schemas by name, and that of a whole description.
#[derive(Debug)]
pub(crate) struct Shapes {
    /// Schemas that others refer to, by name.
    pub definitions: Map<String, Value>,
    /// A description file.
    pub root: Value,
}

impl Shapes {
    /// The schema of `spec` in a manifest of a kind.
    #[must_use]
    pub(crate) fn spec(&self, kind: Kind) -> &Value {
        self.definitions.get(spec_name(kind)).unwrap_or(&Value::Null)
    }
}

/// The schemas, made once.
#[must_use]
pub(crate) fn shapes() -> &'static Shapes {
    static SHAPES: LazyLock<Shapes> = LazyLock::new(build);
    &SHAPES
}

fn build() -> Shapes {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let specs = [
        (Kind::Cluster, refer::<LanguageClusterSpec>(&mut generator)),
        (Kind::Model, refer::<LanguageModelSpec>(&mut generator)),
        (Kind::Agent, refer::<LanguageAgentSpec>(&mut generator)),
        (Kind::Tool, refer::<LanguageToolSpec>(&mut generator)),
        (Kind::Persona, refer::<LanguagePersonaSpec>(&mut generator)),
        (Kind::Team, refer::<LanguageTeamSpec>(&mut generator)),
    ];
    let mut definitions = generator.take_definitions(true);
    definitions.values_mut().for_each(close);
    let mut sections = Map::new();
    for (kind, spec) in specs {
        let member = member(kind, &spec, &definitions);
        definitions.insert(kind.noun().to_owned(), member);
        sections.insert(kind.section().to_owned(), section(kind));
    }
    definitions.insert(Kind::Secret.noun().to_owned(), secret());
    definitions.insert("variable".to_owned(), variable());
    definitions.insert("environment".to_owned(), environment());
    sections.insert(Kind::Secret.section().to_owned(), section(Kind::Secret));
    Shapes { root: root(sections), definitions }
}

fn refer<T: JsonSchema>(generator: &mut SchemaGenerator) -> Value {
    generator.subschema_for::<T>().to_value()
}

/// Name of the definition of a kind's spec, as the generator gives it.
fn spec_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Cluster => "LanguageClusterSpec",
        Kind::Model => "LanguageModelSpec",
        Kind::Agent => "LanguageAgentSpec",
        Kind::Tool => "LanguageToolSpec",
        Kind::Persona => "LanguagePersonaSpec",
        Kind::Team => "LanguageTeamSpec",
        Kind::Secret => "secret",
    }
}

/// Refuses unknown keys in every table that has known ones.
fn close(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(close),
        Value::Object(fields) => {
            // A property may bear the name of a keyword; then its value is a schema, not a table of them.
            let typed = fields.get("type").is_some_and(|kind| kind == "object");
            let free = fields.contains_key("x-kubernetes-preserve-unknown-fields")
                || fields.contains_key("additionalProperties");
            if typed && !free && fields.contains_key("properties") {
                fields.insert("additionalProperties".to_owned(), false.into());
            }
            fields.values_mut().for_each(close);
        }
        _ => {}
    }
}

/// A spec, and the clusters that the thing goes to.
fn member(kind: Kind, spec: &Value, definitions: &Map<String, Value>) -> Value {
    let name = spec["$ref"].as_str().and_then(|path| path.strip_prefix("#/$defs/"));
    let mut schema = name.and_then(|name| definitions.get(name)).unwrap_or(spec).clone();
    if let Some(properties) = schema["properties"].as_object_mut() {
        properties.insert(lifecycle::KEY.to_owned(), lifecycle::schema());
        if kind != Kind::Cluster {
            properties.insert("clusters".to_owned(), clusters());
        }
    }
    schema
}

fn clusters() -> Value {
    json!({
        "description": "The clusters it goes to. May be left out when the stack has exactly one.",
        "type": "array",
        "items": { "type": "string" },
        "minItems": 1,
        "x-kubernetes-list-type": "set",
    })
}

fn section(kind: Kind) -> Value {
    let noun = kind.noun();
    json!({
        "description": format!("The {noun}s of the stack by name."),
        "type": "object",
        "additionalProperties": { "$ref": format!("#/$defs/{noun}") },
    })
}

fn secret() -> Value {
    let text = json!({ "type": "string", "minLength": 1 });
    json!({
        "description": "A Secret whose values go from their sources to the API server and nowhere else.",
        "type": "object",
        "properties": {
            "clusters": clusters(),
            "lifecycle": lifecycle::schema(),
            "fromEnv": {
                "description": "Keys of the Secret, each with the environment variable that holds its value.",
                "type": "object",
                "additionalProperties": text,
            },
            "fromFile": {
                "description": "Keys of the Secret, each with the file that holds its value, relative to \
                                the description. One newline at its end is left out.",
                "type": "object",
                "additionalProperties": text,
            },
            "fromCommand": {
                "description": "Keys of the Secret, each with the command that prints its value: the program \
                                and its arguments, read by no shell, run in the directory of the description. \
                                One newline at the end of its output is left out.",
                "type": "object",
                "additionalProperties": { "type": "array", "items": text, "minItems": 1 },
            },
            "commandTimeout": {
                "description": "How long each command of `fromCommand` may take, such as `90s`; `30s` when left \
                                out. Then it is ended, with all that it started.",
                "type": "string",
                "pattern": Duration::PATTERN,
                "maxLength": 16,
            },
        },
        "additionalProperties": false,
    })
}

fn variable() -> Value {
    json!({
        "description": "A value that differs between uses of the description. Stands as `${var.NAME}` \
                        in strings; given with `--var NAME=…` or `LANGOP_VAR_NAME`.",
        "type": "object",
        "properties": {
            "default": { "description": "The value when none is given." },
            "description": { "description": "What it is for.", "type": "string" },
            "type": {
                "description": "What it must be; left out, the type of the default, else a string.",
                "type": "string",
                "enum": ["string", "number", "boolean", "list", "table"],
            },
        },
        "additionalProperties": false,
    })
}

fn target() -> Value {
    let text = |about: &str| json!({ "description": about, "type": "string", "minLength": 1 });
    json!({
        "description": "The cluster that the description is for. What is said here is checked before anything is read \
                        from a cluster, or written to it.",
        "type": "object",
        "properties": {
            "context": text("Context of the kubeconfig."),
            "server": text("URL of the API server, as the kubeconfig has it."),
            "clusterId": text("uid of the namespace `kube-system`: \
                               `kubectl get namespace kube-system -o jsonpath={.metadata.uid}`."),
        },
        "additionalProperties": false,
    })
}

fn environment() -> Value {
    let text = |about: &str| json!({ "description": about, "type": "string", "minLength": 1 });
    json!({
        "description": "What is other in one environment, which `--env NAME` asks for.",
        "type": "object",
        "properties": {
            "files": {
                "description": "Files that are laid on the description, in this order, relative to it.",
                "type": "array",
                "items": { "type": "string", "minLength": 1 },
                "x-kubernetes-list-type": "set",
            },
            "variables": {
                "description": "Values of declared variables; `--var` and `LANGOP_VAR_NAME` win over them.",
                "type": "object",
                "additionalProperties": { "description": "The value in this environment." },
            },
            "target": target(),
            "stack": text("Name of the stack in this environment."),
        },
        "additionalProperties": false,
    })
}

fn root(mut properties: Map<String, Value>) -> Value {
    let stack = json!({
        "description": "Name of the stack: what state, lock and ownership are kept under.",
        "type": "string",
        "minLength": 1,
    });
    let variables = json!({
        "description": "The variables of the description by name.",
        "type": "object",
        "additionalProperties": { "$ref": "#/$defs/variable" },
    });
    let allowed = json!({
        "description": "Paths of values that are taken for credentials, and must stand here all the same: as the \
                        message about such a value calls it, such as `clusters.prod.gateway.config.general_settings.salt_key`.",
        "type": "array",
        "items": { "type": "string", "minLength": 1 },
        "x-kubernetes-list-type": "set",
    });
    let environments = json!({
        "description": "The environments of the description by name.",
        "type": "object",
        "additionalProperties": { "$ref": "#/$defs/environment" },
    });
    properties.insert("stack".to_owned(), stack);
    properties.insert("environments".to_owned(), environments);
    properties.insert("target".to_owned(), target());
    properties.insert(ownership::KEY.to_owned(), ownership::schema());
    properties.insert(lifecycle::KEY.to_owned(), lifecycle::tables_schema());
    properties.insert("moved".to_owned(), moved::schema());
    properties.insert("forget".to_owned(), forget::schema());
    properties.insert("adopt".to_owned(), adopt::schema());
    properties.insert("allowPlainValues".to_owned(), allowed);
    properties.insert("variables".to_owned(), variables);
    json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    })
}
