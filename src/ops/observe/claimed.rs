//! The value of a field that another manager claims, by the path in which the API server names it:
//! `.spec.template.spec.containers[name="web"].image`. Pure.

use serde_json::Value;

use crate::diff::inline;
use crate::object::SENSITIVE;
use crate::object::credential::{is_credential, is_credential_name, masked};
use crate::object::place::of_server;

/// Characters of a value that are shown.
const LONG: usize = 60;

/// The value at `path` on one line; empty where there is none to be found. What is or looks like a credential is not shown.
pub(super) fn shown(object: &Value, path: &str) -> String {
    let Some((_, value)) = of_server(object, path) else { return String::new() };
    let is_secret = object.get("kind").and_then(Value::as_str) == Some("Secret") && !path.starts_with(".metadata");
    let names = path.split(['.', '[', ']', '"', '=']).filter(|part| !part.is_empty());
    let is_named = names.into_iter().any(|name| match value.as_str() {
        Some(text) => is_credential(name, text),
        None => !value.is_boolean() && !value.is_number() && is_credential_name(name),
    });
    if is_secret || is_named {
        return SENSITIVE.to_owned();
    }
    let line = masked(&inline(value)).into_owned();
    if line.chars().count() <= LONG { line } else { format!("{}…", line.chars().take(LONG).collect::<String>()) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn deployment() -> Value {
        json!({"kind": "Deployment", "spec": {"replicas": 3, "containers": [
            {"name": "a", "image": "a:1"},
            {"name": "web", "image": "web:2", "ports": [{"containerPort": 80, "name": "http"}],
                "env": [{"name": "API_KEY", "value": "sk-0123456789abcdef"}, {"name": "LEVEL", "value": "info"}]},
        ]}, "metadata": {"finalizers": ["x/y"], "annotations": {"a.example.com/b.c": "d"}}})
    }

    #[test]
    fn fields_are_found_by_the_paths_of_the_server() {
        let of = |path: &str| shown(&deployment(), path);
        assert_eq!(of(".spec.replicas"), "3");
        assert_eq!(of(r#".spec.containers[name="web"].image"#), r#""web:2""#);
        assert_eq!(of(r#".spec.containers[name="web"].ports[containerPort=80,protocol="TCP"].name"#), r#""http""#);
        assert_eq!(of(r#".metadata.finalizers[="x/y"]"#), r#""x/y""#);
        assert_eq!(of(".metadata.annotations.a.example.com/b.c"), r#""d""#);
        assert_eq!(of(r#".spec.containers[name="web"].env[name="LEVEL"].value"#), r#""info""#);
        assert_eq!(of(".spec.nothing"), "");
    }

    #[test]
    fn credentials_are_not_shown() {
        assert_eq!(shown(&deployment(), r#".spec.containers[name="web"].env[name="API_KEY"].value"#), SENSITIVE);
        let secret = json!({"kind": "Secret", "data": {"plain": "aHVudGVy"}, "type": "Opaque"});
        assert_eq!(shown(&secret, ".data.plain"), SENSITIVE);
    }
}
