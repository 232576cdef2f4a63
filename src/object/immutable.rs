//! Whether a refusal is about the change of a field, and not about its value.
//!
//! The API server says so in the words of a cause (apimachinery `validation.FieldImmutableErrorMsg`, the "updates to …
//! are forbidden" of each kind), or by naming a whole that it lets nobody change. It names what is wrong with a value
//! beside that, and for some values not at all: only a dry-run of the new object proves that it would be accepted.

use super::object_ref::ObjectRef;

/// Words for "not after it was made", in the validations of Kubernetes 1.36 and of those before.
const WORDS: [&str; 12] = [
    "immutable",
    "updates to ",
    "may not change",
    "may not be changed",
    "may not update",
    "may not be updated",
    "cannot change",
    "cannot be changed",
    "can not be changed",
    "cannot be updated",
    "can not be updated",
    "may only be set when it is created",
];

/// One cause of a refusal (`metav1.StatusCause`).
#[derive(Clone, Copy, Debug)]
pub struct FieldRefusal<'a> {
    /// `FieldValueInvalid`, `FieldValueForbidden`, `FieldValueNotSupported`, …
    pub reason: &'a str,
    /// The path.
    pub field: &'a str,
    /// The server's words; empty where they are withheld.
    pub message: &'a str,
}

impl FieldRefusal<'_> {
    /// Whether the change of the field is refused. Of a custom resource every invalid value may be: the words of a
    /// rule with `oldSelf` are its author's.
    #[must_use]
    pub fn is_of_change(&self, object: &ObjectRef) -> bool {
        let detail = match self.reason {
            "FieldValueInvalid" => self.message.rsplit(": ").next().unwrap_or_default(),
            // What follows on other lines is the difference, in the words of the values.
            "FieldValueForbidden" => self.message.lines().next().unwrap_or_default(),
            _ => return false,
        };
        WORDS.iter().any(|words| detail.contains(words))
            || whole(object, self.reason).contains(&self.field)
            || object.is_custom() && self.reason == "FieldValueInvalid"
    }
}

/// What the server names when the change of anything in it is refused. What is wrong with a value is named deeper.
fn whole(object: &ObjectRef, reason: &str) -> &'static [&'static str] {
    match (object.group.as_str(), object.kind.as_str(), reason) {
        ("apps", "StatefulSet", "FieldValueForbidden")
        | ("", "PersistentVolumeClaim" | "Pod", "FieldValueForbidden") => &["spec"],
        ("", "PersistentVolume", "FieldValueForbidden") => &["spec.persistentvolumesource"],
        ("", "Secret" | "ConfigMap", "FieldValueForbidden") => &["data", "binaryData", "immutable"],
        ("", "Secret", "FieldValueInvalid") => &["type"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Kubernetes 1.36 answers.
    #[test]
    fn the_words_of_the_server_decide() {
        let claim = ObjectRef::namespaced("", "PersistentVolumeClaim", "n", "x");
        let set = ObjectRef::namespaced("apps", "StatefulSet", "n", "x");
        let job = ObjectRef::namespaced("batch", "Job", "n", "x");
        let secret = ObjectRef::namespaced("", "Secret", "n", "x");
        let custom = ObjectRef::namespaced("example.com", "Thing", "n", "x");
        let is =
            |object: &ObjectRef, reason, field, message| FieldRefusal { reason, field, message }.is_of_change(object);
        let (invalid, forbidden) = ("FieldValueInvalid", "FieldValueForbidden");
        for (object, reason, field, message) in [
            (
                &claim,
                forbidden,
                "spec",
                "Forbidden: spec is immutable after creation except resources.requests\n  x: y",
            ),
            (&set, forbidden, "spec", "Forbidden: updates to statefulset spec for fields other than … are forbidden"),
            (&job, invalid, "spec.template.spec", r#"Invalid value: {"Name": "a: b"}: field is immutable"#),
            (&job, invalid, "roleRef", r#"Invalid value: {"Name":"edit"}: cannot change roleRef"#),
            (&job, forbidden, "value", "Forbidden: may not be changed in an update."),
            (&job, invalid, "spec.clusterIPs[0]", r#"Invalid value: ["10.0.0.1"]: may not change once set"#),
            (&secret, invalid, "type", ""),
            (&secret, forbidden, "data", ""),
            (&custom, invalid, "spec.a", r#"Invalid value: "c": a stays"#),
        ] {
            assert!(is(object, reason, field, message), "{field}: {message}");
        }
        for (object, reason, field, message) in [
            (&claim, "FieldValueNotSupported", "spec.accessModes", r#"Unsupported value: "ReadWriteOften""#),
            (
                &claim,
                forbidden,
                "spec.resources.requests.storage",
                "Forbidden: field can not be less than status.capacity",
            ),
            (
                &set,
                invalid,
                "spec.podManagementPolicy",
                "Invalid value: \"Sometimes\": must be 'OrderedReady' or 'Parallel'",
            ),
            (&job, invalid, "spec.x", r#"Invalid value: "immutable": must be a number"#),
            (&job, "FieldValueRequired", "spec.template.spec.restartPolicy", "Required value"),
            (&secret, invalid, "data[a b]", ""),
        ] {
            assert!(!is(object, reason, field, message), "{field}: {message}");
        }
    }
}
