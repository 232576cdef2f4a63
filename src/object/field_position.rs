//! What a field means, by where it stands: a quantity, a number or a name, a text to be taken word for word.
//! Knows names of fields and no schema, so it says nothing about fields it has not heard of.

/// Fields that are quantities wherever they stand (core/v1 `ResourceList`, volumes, autoscaling, `LanguageCluster`).
const QUANTITY: [&str; 10] = [
    "averageValue",
    "cpu",
    "divisor",
    "ephemeral-storage",
    "maxCPU",
    "maxMemory",
    "memory",
    "sizeLimit",
    "storage",
    "storageCapacity",
];

/// Maps whose every value is a quantity.
const QUANTITIES: [&str; 9] = [
    "allocatable",
    "allocatedResources",
    "capacity",
    "defaultRequest",
    "hard",
    "maxLimitRequestRatio",
    "overhead",
    "podFixed",
    "used",
];

/// Fields of type `IntOrString`.
const INT_OR_STRING: [&str; 5] = ["maxSurge", "maxUnavailable", "minAvailable", "port", "targetPort"];

/// Maps whose values are texts, whatever their keys: `labels.cpu: "1"` is not `"1000m"`.
const VERBATIM: [&str; 8] =
    ["annotations", "binaryData", "data", "labels", "matchLabels", "nodeSelector", "podLabels", "stringData"];

/// Maps that mean nothing when empty. Others may well: `namespaceSelector: {}` is every namespace,
/// `emptyDir: {}` is a volume, `subresources.status: {}` switches something on.
const MEANINGLESS_WHEN_EMPTY: [&str; 16] = [
    "affinity",
    "annotations",
    "binaryData",
    "data",
    "labels",
    "limits",
    "matchLabels",
    "metadata",
    "nodeSelector",
    "overhead",
    "requests",
    "resources",
    "securityContext",
    "spec",
    "strategy",
    "stringData",
];

/// Where a field stands: the last three keys of its path. An item of a list stands where its list does.
#[derive(Clone, Copy, Debug, Default)]
pub struct FieldPosition<'a> {
    key: &'a str,
    parent: &'a str,
    grandparent: &'a str,
    verbatim: bool,
}

impl<'a> FieldPosition<'a> {
    /// The whole object.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// The field `key` of the object that stands here.
    #[must_use]
    pub fn field(self, key: &'a str) -> Self {
        Self {
            key,
            parent: self.key,
            grandparent: self.parent,
            verbatim: self.verbatim || VERBATIM.contains(&self.key),
        }
    }

    /// The last key.
    #[must_use]
    pub fn key(self) -> &'a str {
        self.key
    }

    /// Whether what stands here is a Kubernetes quantity.
    #[must_use]
    pub fn is_quantity(self) -> bool {
        let in_resources = matches!(self.parent, "requests" | "limits") && self.grandparent == "resources";
        !self.verbatim && (QUANTITY.contains(&self.key) || QUANTITIES.contains(&self.parent) || in_resources)
    }

    /// Whether `8080` and `"8080"` are the same here.
    #[must_use]
    pub fn is_int_or_string(self) -> bool {
        !self.verbatim && INT_OR_STRING.contains(&self.key)
    }

    /// Whether an empty map here is the same as none.
    #[must_use]
    pub fn is_meaningless_when_empty(self) -> bool {
        !self.verbatim && MEANINGLESS_WHEN_EMPTY.contains(&self.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(path: &'static str) -> FieldPosition<'static> {
        path.split('/').fold(FieldPosition::root(), FieldPosition::field)
    }

    #[test]
    fn quantities_stand_where_the_path_says_so() {
        for path in [
            "spec/hard/count",
            "spec/containers/resources/limits/nvidia.com|gpu",
            "spec/capacity/maxCPU",
            "spec/volumes/emptyDir/sizeLimit",
            "spec/resources/requests/storage",
        ] {
            assert!(place(path).is_quantity(), "{path}");
        }
        for path in [
            "metadata/labels/cpu",
            "data/memory",
            "spec/rateLimits/requests",
            "spec/containers/env/value",
            "spec/limits/burst",
        ] {
            assert!(!place(path).is_quantity(), "{path}");
        }
    }

    #[test]
    fn a_selector_means_something_when_empty() {
        assert!(!place("spec/ingress/from/namespaceSelector").is_meaningless_when_empty());
        assert!(!place("spec/volumes/emptyDir").is_meaningless_when_empty());
        assert!(place("metadata/annotations").is_meaningless_when_empty());
    }
}
