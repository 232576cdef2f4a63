//! Values that the API server picks when it makes an object: what a dry-run shows in their place is made up, and
//! another one comes out of the apply. Pure.

use serde_json::Value;

use crate::object::KNOWN_AFTER_APPLY;
use crate::object::field::text;

/// A place of values that are picked, `*` for every item or key of a list or map.
type Place = &'static [&'static str];

const OF_SERVICE: [Place; 4] = [
    &["spec", "clusterIP"],
    &["spec", "clusterIPs", "*"],
    &["spec", "healthCheckNodePort"],
    &["spec", "ports", "*", "nodePort"],
];

/// The uid of the job, by which it finds its pods.
const OF_JOB: [Place; 4] = [
    &["spec", "selector", "matchLabels", "batch.kubernetes.io/controller-uid"],
    &["spec", "selector", "matchLabels", "controller-uid"],
    &["spec", "template", "metadata", "labels", "batch.kubernetes.io/controller-uid"],
    &["spec", "template", "metadata", "labels", "controller-uid"],
];

/// The volume of a pod's token, whose name ends at random.
const OF_POD: [Place; 2] =
    [&["spec", "volumes", "*", "name"], &["spec", "containers", "*", "volumeMounts", "*", "name"]];

/// `next` with what the server picks marked as known after apply: what neither `sent` nor `live` has.
pub(super) fn marked(live: &Value, sent: &Value, mut next: Value) -> Value {
    let api = (text(&next, "/apiVersion").unwrap_or_default(), text(&next, "/kind").unwrap_or_default());
    let places: &[Place] = match api {
        ("v1", "Service") => &OF_SERVICE,
        ("batch/v1", "Job") => &OF_JOB,
        ("v1", "Pod") => &OF_POD,
        _ => return next,
    };
    let picked: fn(&Value) -> bool = match api.1 {
        // A headless Service has none.
        "Service" => |value| value.is_number() || value.as_str().is_some_and(|text| !["", "None"].contains(&text)),
        "Pod" => |value| value.as_str().is_some_and(|name| name.starts_with("kube-api-access-")),
        _ => |value| !value.is_null(),
    };
    for place in places {
        mark(place, Sides { live, sent }, &mut next, picked);
    }
    next
}

/// The same place of the objects that a value is not made up in.
#[derive(Clone, Copy)]
struct Sides<'a> {
    live: &'a Value,
    sent: &'a Value,
}

impl<'a> Sides<'a> {
    fn at(self, key: &str) -> Self {
        let below = |side: &'a Value| side.get(key).unwrap_or(&Value::Null);
        Self { live: below(self.live), sent: below(self.sent) }
    }

    fn item(self, index: usize, next: &Value) -> Self {
        // Ports are found by number and protocol; all else stays at its place.
        let below = |side: &'a Value| {
            let items = side.as_array().map_or(&[][..], Vec::as_slice);
            let same = |item: &&Value| item.get("port") == next.get("port") && protocol(item) == protocol(next);
            let found = if next.get("port").is_some() { items.iter().find(same) } else { items.get(index) };
            found.unwrap_or(&Value::Null)
        };
        Self { live: below(self.live), sent: below(self.sent) }
    }
}

fn protocol(port: &Value) -> &str {
    text(port, "/protocol").unwrap_or("TCP")
}

fn mark(place: &[&str], sides: Sides<'_>, next: &mut Value, picked: fn(&Value) -> bool) {
    let Some((step, rest)) = place.split_first() else {
        let is_new = sides.live != next && (sides.sent.is_null() || sides.sent == "" || sides.sent == 0);
        if is_new && picked(next) {
            *next = KNOWN_AFTER_APPLY.into();
        }
        return;
    };
    match next {
        Value::Array(items) if *step == "*" => {
            for (index, item) in items.iter_mut().enumerate() {
                mark(rest, sides.item(index, item), item, picked);
            }
        }
        Value::Object(fields) => {
            if let Some(below) = fields.get_mut(*step) {
                mark(rest, sides.at(step), below, picked);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn service(spec: &Value) -> Value {
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": spec})
    }

    #[test]
    fn addresses_and_ports_that_the_server_picks_are_known_after_apply() {
        let sent = service(&json!({"type": "LoadBalancer", "ports": [{"port": 80}, {"port": 81, "nodePort": 30081}]}));
        let next = service(
            &json!({"type": "LoadBalancer", "clusterIP": "10.96.0.0", "clusterIPs": ["10.96.0.0"], "healthCheckNodePort": 32001,
            "ports": [{"port": 80, "protocol": "TCP", "nodePort": 32769}, {"port": 81, "nodePort": 30081}]}),
        );
        let expected = service(
            &json!({"type": "LoadBalancer", "clusterIP": KNOWN_AFTER_APPLY, "clusterIPs": [KNOWN_AFTER_APPLY],
            "healthCheckNodePort": KNOWN_AFTER_APPLY,
            "ports": [{"port": 80, "protocol": "TCP", "nodePort": KNOWN_AFTER_APPLY}, {"port": 81, "nodePort": 30081}]}),
        );
        assert_eq!(marked(&Value::Null, &sent, next), expected);
    }

    #[test]
    fn what_is_there_or_described_or_none_is_a_fact() {
        let live = service(
            &json!({"clusterIP": "10.0.0.7", "clusterIPs": ["10.0.0.7"], "ports": [{"port": 80, "nodePort": 30001}]}),
        );
        let sent = service(&json!({"ports": [{"port": 79}, {"port": 80}]}));
        let next = service(&json!({"clusterIP": "10.0.0.7", "clusterIPs": ["10.0.0.7"],
            "ports": [{"port": 79, "nodePort": 30002}, {"port": 80, "nodePort": 30001}]}));
        let ports = marked(&live, &sent, next)["spec"].clone();
        assert_eq!(ports["clusterIP"], "10.0.0.7");
        assert_eq!(
            ports["ports"],
            json!([{"port": 79, "nodePort": KNOWN_AFTER_APPLY}, {"port": 80, "nodePort": 30001}])
        );
        let headless = service(&json!({"clusterIP": "None", "clusterIPs": ["None"]}));
        assert_eq!(marked(&Value::Null, &headless, headless.clone()), headless);
    }

    #[test]
    fn a_job_finds_its_pods_by_a_uid_and_a_pod_its_token_by_a_random_name() {
        let labels = json!({"batch.kubernetes.io/controller-uid": "made-up", "job-name": "x"});
        let job = json!({"apiVersion": "batch/v1", "kind": "Job", "spec": {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}}}});
        let next = marked(&Value::Null, &json!({}), job).to_string();
        assert!(!next.contains("made-up") && next.contains("job-name"), "{next}");
        let pod = json!({"apiVersion": "v1", "kind": "Pod", "spec": {"volumes": [{"name": "data"}, {"name": "kube-api-access-x7k2p"}],
            "containers": [{"name": "a", "volumeMounts": [{"name": "kube-api-access-x7k2p"}]}]}});
        let next = marked(&Value::Null, &json!({}), pod).to_string();
        assert!(!next.contains("x7k2p") && next.contains("data"), "{next}");
    }
}
