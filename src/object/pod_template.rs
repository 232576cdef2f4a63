//! The pod template of an object, wherever its kind keeps it. A template is known by its shape, a list of
//! containers, so that kinds which nobody listed count too. Knows nothing of what pods need.

use std::collections::BTreeSet;

use serde_json::Value;

use super::field::{at, items, text};

/// The JSON pointers at which kinds keep their template: a Pod itself, workloads, `CronJob`, `PodTemplate`.
const PLACES: [&str; 4] = ["", "/spec/template", "/spec/jobTemplate/spec/template", STORED];

/// Where the kind `PodTemplate` keeps it.
const STORED: &str = "/template";

/// A pod template.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PodTemplate<'a> {
    /// Where it stands in the object, a JSON pointer.
    pub pointer: &'static str,
    /// The template, with `metadata` and `spec`.
    pub template: &'a Value,
    /// The pod's spec.
    pub spec: &'a Value,
}

impl PodTemplate<'_> {
    /// Whether the object makes pods of it, or is one: a `PodTemplate` only keeps it.
    pub(crate) fn makes_pods(&self) -> bool {
        self.pointer != STORED
    }
}

/// The pod template of an object; a Pod is its own. None when it has none.
pub(crate) fn pod_template(object: &Value) -> Option<PodTemplate<'_>> {
    PLACES.into_iter().find_map(|pointer| {
        let template = at(object, pointer)?;
        let spec = template.get("spec")?;
        let is_pod = spec.get("containers").is_some_and(Value::is_array);
        is_pod.then_some(PodTemplate { pointer, template, spec })
    })
}

/// Names of the `ConfigMap`s that a pod of this spec mounts.
pub(crate) fn config_maps(spec: &Value) -> BTreeSet<&str> {
    let volumes = items(spec, "/volumes").iter();
    let mounted = volumes.flat_map(|volume| std::iter::once(volume).chain(items(volume, "/projected/sources")));
    mounted.filter_map(|source| text(source, "/configMap/name")).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_template_is_found_wherever_a_kind_keeps_it() {
        let pod = json!({"spec": {"containers": [{"name": "c"}]}});
        for (object, pointer) in [
            (pod.clone(), ""),
            (json!({"spec": {"template": pod}}), "/spec/template"),
            (json!({"spec": {"jobTemplate": {"spec": {"template": pod}}}}), "/spec/jobTemplate/spec/template"),
            (json!({"template": pod}), "/template"),
        ] {
            let found = pod_template(&object).unwrap();
            assert_eq!((found.pointer, found.template, found.spec), (pointer, &pod, &pod["spec"]));
        }
        assert!(pod_template(&json!({"spec": {"template": {"spec": {"containers": "many"}}}})).is_none());
    }

    #[test]
    fn config_maps_are_mounted_alone_or_with_others() {
        let spec = json!({"volumes": [{"configMap": {"name": "b"}}, {"emptyDir": {}},
            {"projected": {"sources": [{"secret": {"name": "s"}}, {"configMap": {"name": "a"}}]}}]});
        assert_eq!(config_maps(&spec), BTreeSet::from(["a", "b"]));
    }
}
