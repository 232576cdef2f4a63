//! What one pod counts under a quota, by the rules of the API server (Kubernetes, *Init Containers* and *Sidecar
//! Containers*, "Resource sharing within containers"; *Pod Overhead*).

use serde_json::Value;

use super::limit_range::Defaults;
use super::measure::Measure;
use crate::object::Quantity;
use crate::object::field::{items, text};
use crate::object::pod_template::{PodTemplate, pod_template};

/// The spec of a pod, in a namespace with these defaults.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pod<'a> {
    pub(super) spec: &'a Value,
    pub(super) defaults: &'a Defaults,
}

impl<'a> Pod<'a> {
    /// What it counts under a key.
    pub(super) fn amount(&self, measure: &Measure) -> Quantity {
        match measure {
            Measure::Objects(_) => Quantity::ZERO,
            Measure::Pods => Quantity::units(1),
            Measure::Limits(resource) => {
                let own = self.whole("limits", resource).unwrap_or_else(|| self.sum(measure));
                // The overhead adds to a limit that is there.
                if own.is_zero() { own } else { own + self.overhead(resource) }
            }
            Measure::Requests(resource) => {
                let own = self.whole("requests", resource).or_else(|| self.whole("limits", resource));
                own.unwrap_or_else(|| self.sum(measure)) + self.overhead(resource)
            }
        }
    }

    /// The containers that a quota with this key does not let in, because they do not say how much they need.
    pub(super) fn silent(&self, measure: &Measure) -> Vec<&'a str> {
        if !measure.is_required() || self.spec.pointer("/resources").is_some_and(is_filled) {
            return Vec::new();
        }
        let all = items(self.spec, "/containers").iter().chain(items(self.spec, "/initContainers"));
        let silent = all.filter(|container| self.container(container, measure).is_none());
        silent.map(|container| text(container, "/name").unwrap_or("?")).collect()
    }

    /// All containers at once, or what the init containers need before: whichever is more.
    fn sum(&self, measure: &Measure) -> Quantity {
        let need = |container: &Value| self.container(container, measure).unwrap_or_default();
        let (mut beside, mut before) = (Quantity::ZERO, Quantity::ZERO);
        for container in items(self.spec, "/initContainers") {
            let amount = need(container);
            if text(container, "/restartPolicy") == Some("Always") {
                beside = beside + amount;
                before = before.max(beside);
            } else {
                before = before.max(beside + amount);
            }
        }
        let together: Quantity = items(self.spec, "/containers").iter().map(need).sum();
        (together + beside).max(before)
    }

    fn container(&self, container: &Value, measure: &Measure) -> Option<Quantity> {
        let own = |part: &str, resource: &str| {
            Quantity::from_json(container.pointer("/resources")?.get(part)?.get(resource)?)
        };
        match measure {
            Measure::Limits(resource) => own("limits", resource).or_else(|| self.defaults.limit(resource)),
            Measure::Requests(resource) => own("requests", resource)
                .or_else(|| own("limits", resource))
                .or_else(|| self.defaults.request(resource)),
            Measure::Pods | Measure::Objects(_) => Some(Quantity::ZERO),
        }
    }

    /// Said for the pod as a whole, which stands above what its containers say.
    fn whole(&self, part: &str, resource: &str) -> Option<Quantity> {
        Quantity::from_json(self.spec.pointer("/resources")?.get(part)?.get(resource)?)
    }

    fn overhead(&self, resource: &str) -> Quantity {
        self.spec.pointer("/overhead").and_then(|all| Quantity::from_json(all.get(resource)?)).unwrap_or_default()
    }
}

/// The spec of the pods that an object makes or is.
pub(super) fn spec(object: &Value) -> Option<&Value> {
    pod_template(object).filter(PodTemplate::makes_pods).map(|found| found.spec)
}

fn is_filled(resources: &Value) -> bool {
    ["limits", "requests"]
        .iter()
        .any(|part| resources.get(part).and_then(Value::as_object).is_some_and(|m| !m.is_empty()))
}

/// Whether an object makes pods.
#[must_use]
pub(crate) fn makes_pods(object: &Value) -> bool {
    spec(object).is_some()
}

/// The limit of one pod of this object; none when a container has none, or it makes no pods.
#[must_use]
pub(crate) fn limit_of_pod(object: &Value, resource: &str) -> Option<Quantity> {
    let (pod_spec, defaults) = (spec(object)?, Defaults::default());
    let (pod, measure) = (Pod { spec: pod_spec, defaults: &defaults }, Measure::Limits(resource.to_owned()));
    pod.silent(&measure).is_empty().then(|| pod.amount(&measure))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn amount(spec: &Value, ranges: &[Value], key: &str) -> String {
        let defaults = Defaults::from_ranges(ranges.iter());
        Pod { spec, defaults: &defaults }.amount(&Measure::parse(key).unwrap()).to_string()
    }

    fn container(name: &str, cpu: &str) -> Value {
        json!({"name": name, "resources": {"limits": {"cpu": cpu}, "requests": {"cpu": "100m"}}})
    }

    #[test]
    fn containers_run_together_and_init_containers_before_them() {
        let two = json!({"containers": [container("a", "1"), container("b", "500m")]});
        assert_eq!(amount(&two, &[], "limits.cpu"), "1500m");
        assert_eq!(amount(&two, &[], "requests.cpu"), "200m");
        let mut with_init = two.clone();
        with_init["initContainers"] = json!([container("i", "2"), container("j", "1")]);
        assert_eq!(amount(&with_init, &[], "limits.cpu"), "2");
        with_init["initContainers"] = json!([container("i", "1")]);
        assert_eq!(amount(&with_init, &[], "limits.cpu"), "1500m");
    }

    #[test]
    fn a_sidecar_runs_beside_everything_that_starts_after_it() {
        let mut sidecar = container("s", "1");
        sidecar["restartPolicy"] = json!("Always");
        let spec = |init: Value| json!({"containers": [container("a", "1")], "initContainers": init});
        assert_eq!(amount(&spec(json!([sidecar])), &[], "limits.cpu"), "2");
        assert_eq!(amount(&spec(json!([sidecar, container("i", "3")])), &[], "limits.cpu"), "4");
        assert_eq!(amount(&spec(json!([container("i", "3"), sidecar])), &[], "limits.cpu"), "3");
    }

    #[test]
    fn an_overhead_adds_and_the_pods_own_word_stands() {
        let spec = json!({"containers": [container("a", "1")], "overhead": {"cpu": "250m"}});
        assert_eq!(amount(&spec, &[], "limits.cpu"), "1250m");
        assert_eq!(amount(&spec, &[], "limits.memory"), "0");
        let whole = json!({"containers": [{"name": "a"}], "resources": {"limits": {"cpu": "3"}}});
        assert_eq!(amount(&whole, &[], "limits.cpu"), "3");
        let defaults = Defaults::default();
        let pod = Pod { spec: &whole, defaults: &defaults };
        assert!(pod.silent(&Measure::Limits("cpu".to_owned())).is_empty());
    }

    #[test]
    fn a_limit_range_speaks_for_containers_that_do_not() {
        let range = json!({"spec": {"limits": [
            {"type": "Pod", "max": {"cpu": "4"}},
            {"type": "Container", "default": {"cpu": "2"}, "defaultRequest": {"cpu": "1"}},
        ]}});
        let silent = json!({"containers": [{"name": "a"}], "initContainers": [{"name": "i"}]});
        let defaults = Defaults::default();
        let pod = Pod { spec: &silent, defaults: &defaults };
        assert_eq!(pod.silent(&Measure::Limits("cpu".to_owned())), ["a", "i"]);
        assert!(pod.silent(&Measure::Limits("nvidia.com/gpu".to_owned())).is_empty());
        assert_eq!(amount(&silent, std::slice::from_ref(&range), "limits.cpu"), "2");
        assert_eq!(amount(&silent, std::slice::from_ref(&range), "requests.cpu"), "1");
        // A limit that is written is also the request, before any default.
        let limited = json!({"containers": [{"name": "a", "resources": {"limits": {"cpu": "3"}}}]});
        assert_eq!(amount(&limited, std::slice::from_ref(&range), "requests.cpu"), "3");
    }
}
