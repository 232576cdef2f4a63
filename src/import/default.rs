//! Fields that have the value which the server fills in by itself. The table only proposes: what is left out is what a
//! dry-run of a replacement has filled in again, so that a wrong line costs a field more in a file and nothing else.

use std::collections::BTreeSet;

use serde_json::Value;

/// Names of fields and the values that defaulting gives them (Kubernetes, `pkg/apis/*/v1/defaults.go`).
const VALUES: [(&str, &[&str]); 54] = [
    ("allocateLoadBalancerNodePorts", &["true"]),
    ("apiGroup", &["\"rbac.authorization.k8s.io\"", "\"\""]),
    ("apiVersion", &["\"v1\""]),
    ("backoffLimit", &["6"]),
    ("completionMode", &["\"NonIndexed\""]),
    ("completions", &["1"]),
    ("concurrencyPolicy", &["\"Allow\""]),
    ("creationTimestamp", &["null"]),
    ("defaultMode", &["420"]),
    ("dnsPolicy", &["\"ClusterFirst\""]),
    ("externalTrafficPolicy", &["\"Cluster\""]),
    ("failedJobsHistoryLimit", &["1"]),
    ("failureThreshold", &["3"]),
    ("hostIPC", &["false"]),
    ("hostNetwork", &["false"]),
    ("hostPID", &["false"]),
    ("imagePullPolicy", &["\"Always\"", "\"IfNotPresent\""]),
    ("internalTrafficPolicy", &["\"Cluster\""]),
    ("ipFamilyPolicy", &["\"SingleStack\""]),
    ("kind", &["\"PersistentVolumeClaim\""]),
    ("manualSelector", &["false"]),
    ("maxSurge", &["\"25%\"", "0"]),
    ("maxUnavailable", &["\"25%\"", "1"]),
    ("parallelism", &["1"]),
    ("partition", &["0"]),
    ("periodSeconds", &["10"]),
    ("podManagementPolicy", &["\"OrderedReady\""]),
    ("podReplacementPolicy", &["\"TerminatingOrFailed\""]),
    ("progressDeadlineSeconds", &["600"]),
    ("protocol", &["\"TCP\""]),
    ("publishNotReadyAddresses", &["false"]),
    ("resources", &["{}"]),
    ("restartPolicy", &["\"Always\""]),
    ("revisionHistoryLimit", &["10"]),
    ("schedulerName", &["\"default-scheduler\""]),
    ("scheme", &["\"HTTP\""]),
    ("securityContext", &["{}"]),
    ("service", &["\"\""]),
    ("sessionAffinity", &["\"None\""]),
    ("setHostnameAsFQDN", &["false"]),
    ("shareProcessNamespace", &["false"]),
    ("status", &["{\"phase\":\"Pending\"}", "{}"]),
    ("strategy", &["{}"]),
    ("successThreshold", &["1"]),
    ("successfulJobsHistoryLimit", &["3"]),
    ("suspend", &["false"]),
    ("terminationGracePeriodSeconds", &["30"]),
    ("terminationMessagePath", &["\"/dev/termination-log\""]),
    ("terminationMessagePolicy", &["\"File\""]),
    ("timeoutSeconds", &["1", "10800"]),
    ("type", &["\"ClusterIP\"", "\"RollingUpdate\"", "\"\""]),
    ("volumeMode", &["\"Filesystem\""]),
    ("whenDeleted", &["\"Retain\""]),
    ("whenScaled", &["\"Retain\""]),
];

/// Fields with the value of another one beside them when they are left out.
const ALIKE: [(&str, &str); 2] = [("serviceAccount", "serviceAccountName"), ("targetPort", "port")];

/// Tables whose keys are names of the user's, not of fields.
const OPEN: [&str; 10] = [
    "annotations",
    "binaryData",
    "data",
    "labels",
    "limits",
    "matchLabels",
    "nodeSelector",
    "requests",
    "selector",
    "stringData",
];

/// What defaulting writes into labels and annotations.
const METADATA: [&str; 2] =
    ["/metadata/annotations/deprecated.daemonset.template.generation", "/metadata/labels/kubernetes.io~1metadata.name"];

/// The fields of an object that may go, as JSON pointers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Defaults(BTreeSet<String>);

impl Defaults {
    /// What the table proposes of an object.
    #[must_use]
    pub(crate) fn proposed(object: &Value) -> Self {
        let mut found = BTreeSet::new();
        for (key, value) in object.as_object().into_iter().flatten() {
            if !matches!(key.as_str(), "metadata" | "status") && !OPEN.contains(&key.as_str()) {
                propose(value, &format!("/{}", escaped(key)), &mut found);
            }
        }
        let written = METADATA.iter().filter(|pointer| object.pointer(pointer).is_some());
        found.extend(written.map(|pointer| (*pointer).to_owned()));
        Self(found)
    }

    /// Those that a trial without all of them has filled in as they were.
    #[must_use]
    pub(crate) fn filled_in(&self, live: &Value, tried: &Value) -> Self {
        let same = |pointer: &&String| live.pointer(pointer) == tried.pointer(pointer);
        Self(self.0.iter().filter(same).cloned().collect())
    }

    /// Whether there are none.
    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The object without these fields.
#[must_use]
pub(crate) fn without(object: &Value, defaults: &Defaults) -> Value {
    let mut object = object.clone();
    for pointer in &defaults.0 {
        let Some((parent, key)) = pointer.rsplit_once('/') else { continue };
        if let Some(fields) = object.pointer_mut(parent).and_then(Value::as_object_mut) {
            fields.remove(&key.replace("~1", "/").replace("~0", "~"));
        }
    }
    object
}

/// Notes what may go below `at`.
fn propose(value: &Value, at: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (key, below) in fields.iter().filter(|(key, _)| !OPEN.contains(&key.as_str())) {
                let place = format!("{at}/{}", escaped(key));
                if is_default(key, below, value) {
                    found.insert(place);
                } else {
                    propose(below, &place, found);
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                propose(item, &format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
}

/// Whether a field may have been filled in: by itself, beside its neighbours, or because all in it may.
fn is_default(key: &str, value: &Value, table: &Value) -> bool {
    let written = || value.to_string();
    let by_value = VALUES.iter().any(|(name, values)| *name == key && values.contains(&written().as_str()));
    let by_neighbour = ALIKE.iter().any(|(name, other)| *name == key && table.get(other) == Some(value));
    let mut fields = value.as_object().filter(|fields| !fields.is_empty()).into_iter().flatten().peekable();
    let whole =
        fields.peek().is_some() && !OPEN.contains(&key) && { fields.all(|(key, below)| is_default(key, below, value)) };
    by_value || by_neighbour || whole
}

fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_defaulting_fills_in_is_proposed_and_names_of_users_are_not() {
        let object = json!({
            "kind": "Deployment", "metadata": {"labels": {"kubernetes.io/metadata.name": "x", "protocol": "TCP"}},
            "spec": {
                "replicas": 1, "revisionHistoryLimit": 10,
                "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}},
                "selector": {"matchLabels": {"protocol": "TCP"}},
                "template": {"spec": {"securityContext": {}, "containers": [
                    {"name": "a", "imagePullPolicy": "Always", "ports": [{"containerPort": 80, "protocol": "TCP"}]},
                ], "volumes": [{"name": "v", "emptyDir": {}}]}},
            },
        });
        let left = without(&object, &Defaults::proposed(&object));
        let expected = json!({
            "kind": "Deployment", "metadata": {"labels": {"protocol": "TCP"}},
            "spec": {
                "replicas": 1, "selector": {"matchLabels": {"protocol": "TCP"}},
                "template": {"spec": {"containers": [{"name": "a", "ports": [{"containerPort": 80}]}],
                    "volumes": [{"name": "v", "emptyDir": {}}]}},
            },
        });
        assert_eq!(left, expected);
    }

    #[test]
    fn only_what_was_filled_in_again_goes() {
        let live = json!({"spec": {"type": "ClusterIP", "suspend": false}});
        let proposed = Defaults::proposed(&live);
        let kept = proposed.filled_in(&live, &json!({"spec": {"type": "ClusterIP"}}));
        assert_eq!(without(&live, &kept), json!({"spec": {"suspend": false}}));
    }
}
