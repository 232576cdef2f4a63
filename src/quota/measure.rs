//! What the keys of a quota count (Kubernetes, *Resource Quotas*). Knows names, no amounts.

/// What one key of a quota counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Measure {
    /// Pods.
    Pods,
    /// The requests of pods, of this resource.
    Requests(String),
    /// The limits of pods, of this resource.
    Limits(String),
    /// Objects of this resource, `plural.group`; of the core group without the dot.
    Objects(String),
}

/// Resources that have keys of their own without `count/`.
const OBJECTS: [&str; 6] =
    ["configmaps", "persistentvolumeclaims", "replicationcontrollers", "resourcequotas", "secrets", "services"];

impl Measure {
    /// What a key counts; none for storage and for Services of a type, which depend on what a plan cannot know.
    pub(super) fn parse(key: &str) -> Option<Self> {
        if let Some(objects) = key.strip_prefix("count/") {
            return Some(if objects == "pods" { Self::Pods } else { Self::Objects(objects.to_owned()) });
        }
        match key {
            "pods" => Some(Self::Pods),
            "cpu" | "memory" | "ephemeral-storage" => Some(Self::Requests(key.to_owned())),
            "requests.storage" => None,
            _ if key.contains("storageclass.storage.k8s.io/") => None,
            _ if key.starts_with("hugepages-") => Some(Self::Requests(key.to_owned())),
            _ if OBJECTS.contains(&key) => Some(Self::Objects(key.to_owned())),
            _ => {
                let after = |prefix: &str| key.strip_prefix(prefix).map(str::to_owned);
                after("limits.").map(Self::Limits).or_else(|| after("requests.").map(Self::Requests))
            }
        }
    }

    /// Whether it counts pods or what they ask for.
    pub(super) fn is_of_pods(&self) -> bool {
        !matches!(self, Self::Objects(_))
    }

    /// Whether the API server refuses a container that does not say it (`core.podEvaluator.Constraints`).
    pub(super) fn is_required(&self) -> bool {
        matches!(self, Self::Requests(resource) | Self::Limits(resource) if resource == "cpu" || resource == "memory")
    }
}

/// The objects that a key of a quota counts, as `plural.group`.
#[must_use]
pub(crate) fn counted_objects(key: &str) -> Option<String> {
    match Measure::parse(key)? {
        Measure::Objects(objects) => Some(objects),
        _ => None,
    }
}

/// The field of a description behind a key of `langop-quota`.
pub(super) fn field(key: &str) -> Option<&'static str> {
    Some(match key {
        "count/languageagents.langop.io" => "maxAgents",
        "count/languagemodels.langop.io" => "maxModels",
        "count/languagetools.langop.io" => "maxTools",
        "count/languagepersonas.langop.io" => "maxPersonas",
        "limits.cpu" => "maxCPU",
        "limits.memory" => "maxMemory",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_count_pods_their_resources_or_objects() {
        let limits = |resource: &str| Some(Measure::Limits(resource.to_owned()));
        let requests = |resource: &str| Some(Measure::Requests(resource.to_owned()));
        let objects = |resource: &str| Some(Measure::Objects(resource.to_owned()));
        for (key, measure) in [
            ("limits.cpu", limits("cpu")),
            ("requests.memory", requests("memory")),
            ("cpu", requests("cpu")),
            ("requests.nvidia.com/gpu", requests("nvidia.com/gpu")),
            ("hugepages-2Mi", requests("hugepages-2Mi")),
            ("pods", Some(Measure::Pods)),
            ("count/pods", Some(Measure::Pods)),
            ("configmaps", objects("configmaps")),
            ("count/languagemodels.langop.io", objects("languagemodels.langop.io")),
            ("requests.storage", None),
            ("gold.storageclass.storage.k8s.io/requests.storage", None),
            ("services.loadbalancers", None),
        ] {
            assert_eq!(Measure::parse(key), measure, "{key}");
        }
    }
}
