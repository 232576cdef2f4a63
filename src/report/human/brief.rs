//! The few facts about a new object that a person wants to see before saying yes. All fields are a flag away.

use serde_json::{Map, Value};

use super::words::plural;
use crate::object::ObjectRef;
use crate::object::field::{items, scalar};
use crate::object::pod_template::pod_template;

/// Longest list of facts about a kind that nobody knows here.
const MOST: usize = 5;

/// Facts in the order of their weight; none when name and kind say it all.
pub(super) fn brief(object: &ObjectRef, body: &Value) -> Vec<String> {
    match (object.group.as_str(), object.kind.as_str()) {
        ("apps" | "batch" | "", "Deployment" | "StatefulSet" | "DaemonSet" | "Job" | "CronJob" | "Pod") => {
            workload(body)
        }
        ("", "ConfigMap") => data(body, lines),
        ("", "Secret") => data(body, |_| "(sensitive)".to_owned()),
        ("", "Service") => service(body),
        ("", "ResourceQuota") => fields(body.pointer("/spec/hard")),
        ("", "PersistentVolumeClaim") => claim(body),
        ("", "Namespace" | "ServiceAccount") | ("apiextensions.k8s.io", _) => Vec::new(),
        ("networking.k8s.io", "Ingress") => ingress(body),
        ("networking.k8s.io", "NetworkPolicy") | ("cilium.io", _) => policy(body),
        ("autoscaling", "HorizontalPodAutoscaler") => autoscaler(body),
        ("policy", "PodDisruptionBudget") => budget(body),
        ("rbac.authorization.k8s.io", "Role" | "ClusterRole") => vec![plural(items(body, "/rules").len(), "rule")],
        ("rbac.authorization.k8s.io", _) => binding(body),
        _ => fields(body.get("spec")),
    }
}

fn workload(body: &Value) -> Vec<String> {
    let pod = pod_template(body).map_or(&Value::Null, |found| found.spec);
    let mut facts = Vec::new();
    facts.extend(scalar(body, "/spec/schedule").map(|schedule| format!("at `{schedule}`")));
    let replicas = body.pointer("/spec/replicas").and_then(Value::as_u64);
    facts.extend(replicas.and_then(|count| usize::try_from(count).ok()).map(|count| plural(count, "replica")));
    let containers = items(pod, "/containers");
    for container in containers {
        let image = scalar(container, "/image").unwrap_or_default();
        match scalar(container, "/name") {
            Some(name) if containers.len() > 1 => facts.push(format!("{name}: {image}")),
            _ => facts.push(image),
        }
        facts.extend(["cpu", "memory"].iter().filter_map(|resource| range(container, resource)));
    }
    facts
}

/// `cpu 100m to 1`: what is requested, and the limit.
fn range(container: &Value, resource: &str) -> Option<String> {
    let of = |part: &str| scalar(container, &format!("/resources/{part}/{resource}"));
    match (of("requests"), of("limits")) {
        (Some(request), Some(limit)) if request != limit => Some(format!("{resource} {request} to {limit}")),
        (Some(amount), _) => Some(format!("{resource} {amount}")),
        (None, Some(limit)) => Some(format!("{resource} up to {limit}")),
        (None, None) => None,
    }
}

/// Keys of a map of texts, each with what may be said of its value.
fn data(body: &Value, about: impl Fn(&Value) -> String) -> Vec<String> {
    let maps = ["data", "stringData", "binaryData"].iter().filter_map(|map| body.get(map)?.as_object());
    maps.flat_map(sorted).map(|(key, value)| format!("{key} {}", about(value))).collect()
}

fn lines(value: &Value) -> String {
    let text = value.as_str().unwrap_or_default();
    match text.lines().count() {
        0 | 1 => format!("({})", plural(text.chars().count(), "character")),
        count => format!("({})", plural(count, "line")),
    }
}

fn service(body: &Value) -> Vec<String> {
    let mut facts: Vec<String> = scalar(body, "/spec/type").filter(|kind| kind != "ClusterIP").into_iter().collect();
    for port in items(body, "/spec/ports") {
        let (from, to) = (scalar(port, "/port").unwrap_or_default(), scalar(port, "/targetPort"));
        facts.push(match to {
            Some(to) if to != from => format!("port {from} → {to}"),
            _ => format!("port {from}"),
        });
    }
    facts
}

fn claim(body: &Value) -> Vec<String> {
    let size = scalar(body, "/spec/resources/requests/storage");
    let class = scalar(body, "/spec/storageClassName").map(|class| format!("class {class}"));
    size.into_iter().chain(class).collect()
}

fn ingress(body: &Value) -> Vec<String> {
    let hosts = items(body, "/spec/rules").iter().filter_map(|rule| scalar(rule, "/host"));
    let class = scalar(body, "/spec/ingressClassName").map(|class| format!("class {class}"));
    let tls = if items(body, "/spec/tls").is_empty() { "without TLS" } else { "with TLS" };
    hosts.chain([tls.to_owned()]).chain(class).collect()
}

fn policy(body: &Value) -> Vec<String> {
    let types = items(body, "/spec/policyTypes");
    ["ingress", "egress"]
        .iter()
        .filter_map(|way| {
            let rules = body.pointer(&format!("/spec/{way}")).and_then(Value::as_array).map_or(0, Vec::len);
            let named = types.iter().filter_map(Value::as_str).any(|kind| kind.eq_ignore_ascii_case(way));
            match rules {
                0 if named => Some(format!("no {way}")),
                0 => None,
                count => Some(format!("{way}: {}", plural(count, "rule"))),
            }
        })
        .collect()
}

fn autoscaler(body: &Value) -> Vec<String> {
    let bound = |field: &str| scalar(body, &format!("/spec/{field}")).unwrap_or_else(|| "1".to_owned());
    vec![format!("{} to {} replicas", bound("minReplicas"), bound("maxReplicas"))]
}

fn budget(body: &Value) -> Vec<String> {
    let limits = [("minAvailable", "at least"), ("maxUnavailable", "at most")];
    limits
        .iter()
        .filter_map(|(field, words)| {
            let amount = scalar(body, &format!("/spec/{field}"))?;
            let state = if *field == "minAvailable" { "available" } else { "unavailable" };
            Some(format!("{words} {amount} {state}"))
        })
        .collect()
}

fn binding(body: &Value) -> Vec<String> {
    let of = |subject: &Value| Some(format!("{}/{}", scalar(subject, "/kind")?, scalar(subject, "/name")?));
    let role = body.get("roleRef").and_then(of);
    let subjects: Vec<String> = items(body, "/subjects").iter().filter_map(of).collect();
    role.map(|role| format!("{role} for {}", subjects.join(", "))).into_iter().collect()
}

/// The scalar fields of a map, and of the maps in it, as far as there is room.
fn fields(map: Option<&Value>) -> Vec<String> {
    let mut facts = Vec::new();
    if let Some(map) = map.and_then(Value::as_object) {
        scalars("", map, &mut facts);
    }
    let left = facts.len().saturating_sub(MOST);
    facts.truncate(MOST);
    if left > 0 {
        facts.push(format!("{left} more"));
    }
    facts
}

fn scalars(prefix: &str, map: &Map<String, Value>, facts: &mut Vec<String>) {
    for (key, value) in sorted(map) {
        match value {
            Value::Object(inner) => scalars(&format!("{prefix}{key}."), inner, facts),
            Value::Array(items) if items.is_empty() => {}
            Value::Array(items) => facts.push(format!("{prefix}{key} ({})", plural(items.len(), "item"))),
            Value::String(text) if text.contains('\n') => facts.push(format!("{prefix}{key} {}", lines(value))),
            Value::String(text) => facts.push(format!("{prefix}{key} {text}")),
            value => facts.push(format!("{prefix}{key} {value}")),
        }
    }
}

fn sorted(map: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut fields: Vec<_> = map.iter().collect();
    fields.sort_by_key(|(key, _)| *key);
    fields
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(group: &str, kind: &str, body: &Value) -> String {
        brief(&ObjectRef::cluster_scoped(group, kind, "x"), body).join(", ")
    }

    #[test]
    fn every_kind_that_langop_renders_says_what_matters() {
        for (group, kind, body, expected) in [
            ("", "Namespace", json!({"metadata": {"labels": {"a": "b"}}}), ""),
            (
                "",
                "ConfigMap",
                json!({"data": {"config.yaml": "a\nb\n", "x": "yes"}}),
                "config.yaml (2 lines), x (3 characters)",
            ),
            ("", "Secret", json!({"data": {"key": "aHVzaA=="}}), "key (sensitive)"),
            ("", "Service", json!({"spec": {"ports": [{"port": 8000, "targetPort": 4000}]}}), "port 8000 → 4000"),
            (
                "",
                "Service",
                json!({"spec": {"type": "LoadBalancer", "ports": [{"port": 80}]}}),
                "LoadBalancer, port 80",
            ),
            ("", "ResourceQuota", json!({"spec": {"hard": {"limits.cpu": "16"}}}), "limits.cpu 16"),
            (
                "networking.k8s.io",
                "NetworkPolicy",
                json!({"spec": {"policyTypes": ["Ingress", "Egress"], "egress": [{}]}}),
                "no ingress, egress: 1 rule",
            ),
            (
                "networking.k8s.io",
                "Ingress",
                json!({"spec": {"rules": [{"host": "a.b"}], "ingressClassName": "nginx"}}),
                "a.b, without TLS, class nginx",
            ),
            ("policy", "PodDisruptionBudget", json!({"spec": {"maxUnavailable": 1}}), "at most 1 unavailable"),
            (
                "autoscaling",
                "HorizontalPodAutoscaler",
                json!({"spec": {"minReplicas": 2, "maxReplicas": 5}}),
                "2 to 5 replicas",
            ),
            (
                "rbac.authorization.k8s.io",
                "RoleBinding",
                json!({"roleRef": {"kind": "Role", "name": "r"}, "subjects": [{"kind": "ServiceAccount", "name": "s"}]}),
                "Role/r for ServiceAccount/s",
            ),
            (
                "langop.io",
                "LanguageModel",
                json!({"spec": {"provider": "anthropic", "modelName": "m", "params": {"top_p": 1}, "aliases": ["a"]}}),
                "aliases (1 item), modelName m, params.top_p 1, provider anthropic",
            ),
            (
                "apps",
                "Deployment",
                json!({"spec": {"replicas": 2, "template": {"spec": {"containers": [{"name": "g", "image": "i:1",
                    "resources": {"requests": {"cpu": "100m", "memory": "1Gi"},
                        "limits": {"cpu": "1", "memory": "1Gi"}}}]}}}}),
                "2 replicas, i:1, cpu 100m to 1, memory 1Gi",
            ),
        ] {
            assert_eq!(of(group, kind, &body), expected, "{kind}");
        }
    }

    #[test]
    fn a_long_list_of_fields_is_cut() {
        let spec = json!({"spec": {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5, "f": 6, "g": 7}});
        assert_eq!(of("a.io", "Thing", &spec), "a 1, b 2, c 3, d 4, e 5, 2 more");
    }
}
