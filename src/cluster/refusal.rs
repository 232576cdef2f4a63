//! What kind of refusal a `Status` is, where code and reason do not tell: the API has words for the rest alone.

use http::StatusCode;
use kube::core::Status;
use regex::Regex;

use super::escalation::is_escalation;

/// Whether the same request is refused in the same way for ever, although the status code says that it may pass.
///
/// What server-side apply cannot fit into the schema of the kind is an internal error to it (apimachinery,
/// `managedfields/internal/structuredmerge.go`): a type that is wrong, a field that is not there, a key twice.
pub(super) fn lasts(code: StatusCode, status: &Status) -> bool {
    const WORDS: [&str; 7] = [
        "failed to create typed ",
        "field not declared in schema",
        "failed to prune fields",
        "failed to convert merged object",
        "failed to update ManagedFields",
        "json: cannot unmarshal",
        "cannot restore",
    ];
    code == StatusCode::INTERNAL_SERVER_ERROR && WORDS.iter().any(|words| status.message.contains(words))
}

/// The words without the values that server-side apply quotes in the notation of its own code.
pub(super) fn without_values(words: &str) -> String {
    // An expression is made at every refusal, and most refusals quote nothing.
    if !words.contains("&value.") {
        return words.to_owned();
    }
    match Regex::new(r"(?s), got &value\.valueUnstructured\{.*?\}(\n  \.|\z)") {
        Ok(value) => value.replace_all(words, "$1").into_owned(),
        Err(_) => words.to_owned(),
    }
}

/// Whether a 403 is about the rights of who asks. Admission answers 403 too, with the same reason; what an authorizer
/// says begins with the user (apiserver, `responsewriters.forbiddenMessage`). Two ask for rights beyond the request: who
/// gives rights must hold them, and who names an owner must be able to hold up its deletion (admission plugin
/// `OwnerReferencesPermissionEnforcement`).
pub(super) fn is_of_rights(status: &Status) -> bool {
    const OWNERS: [&str; 2] = [
        "cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on",
        "cannot set an ownerRef on a resource you can't delete",
    ];
    if webhook(status).is_some() {
        // It says what it likes.
        return false;
    }
    let words = status.message.split_once("forbidden: ").map_or(status.message.as_str(), |(_, words)| words);
    let authorizer = words.starts_with("User \"") && words.contains(" cannot ");
    let beyond = is_escalation(status, words) || OWNERS.iter().any(|owner| words.starts_with(owner));
    // Without a word nothing is known to have looked at the object.
    words.is_empty() || status.reason != "Forbidden" || authorizer || beyond
}

/// The namespace that is being deleted and takes nothing any more, if that is why (apiserver,
/// `corev1.NamespaceTerminatingCause`).
pub(super) fn terminating_namespace(status: &Status) -> bool {
    let mut causes = status.details.iter().flat_map(|details| &details.causes);
    causes.any(|cause| cause.reason == "NamespaceTerminating")
}

/// The admission webhook that could not be called, or that said no (apiserver, `webhook/errors/statuserror.go`).
pub(super) fn webhook(status: &Status) -> Option<String> {
    let pattern = Regex::new(r#"(?:failed calling|admission) webhook "([\w./-]+)""#).ok()?;
    Some(pattern.captures(&status.message)?[1].to_owned())
}

/// Words for a dry-run that an admission webhook stands in the way of, if that is why: it does not say that it is free of
/// side effects. They name the webhook and nothing of the object. The API has no word for this but its message (apiserver,
/// `webhook.NewDryRunUnsupportedErr`).
pub(super) fn without_dry_run(code: StatusCode, status: &Status) -> Option<String> {
    let refuses = code == StatusCode::BAD_REQUEST && status.message.ends_with(" does not support dry run");
    let name = Some(status).filter(|_| refuses).and_then(webhook)?;
    Some(format!("admission webhook \"{name}\" does not support dry run"))
}

/// The fields that words about an object name, without any value: of causes, of server-side apply
/// (`.metadata.labels.a: expected string, got …`) and of a strict decoder (`unknown field "x"`).
pub(super) fn fields(status: &Status) -> Vec<String> {
    let causes = status.details.iter().flat_map(|details| &details.causes);
    let mut fields: Vec<_> = causes.map(|cause| cause.field.clone()).filter(|field| !field.is_empty()).collect();
    for pattern in [
        r#"(?m)(?:^|\s)\.([A-Za-z][\w./\[\]="-]*): (?:expected|field not declared|duplicate|element|associative)"#,
        r#"(?:unknown|duplicate) field "([^"]+)""#,
    ] {
        let Ok(pattern) = Regex::new(pattern) else { continue };
        fields.extend(pattern.captures_iter(&status.message).map(|found| found[1].to_owned()));
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(message: &str, reason: &str) -> Status {
        Status::failure(message, reason)
    }

    #[test]
    fn what_never_fits_the_schema_is_not_tried_again() {
        for message in [
            "failed to create typed patch object (default/t; /v1, Kind=ConfigMap): .data.port: expected string, got &value.valueUnstructured{Value:8080}",
            "failed to create typed patch object (d/d; apps/v1, Kind=Deployment): errors:\n  .spec.ports: duplicate entries for key [port=93]",
            "failed to prune fields: failed to convert merged object to last applied version: .spec.oil: field not declared in schema",
        ] {
            assert!(lasts(StatusCode::INTERNAL_SERVER_ERROR, &status(message, "")), "{message}");
            assert!(!lasts(StatusCode::SERVICE_UNAVAILABLE, &status(message, "")), "{message}");
        }
        for message in [
            "etcdserver: request timed out",
            "Internal error occurred: failed calling webhook \"a.b\": connect: connection refused",
            "conversion webhook for example.com/v1, Kind=Thing failed: Post \"https://…\": EOF",
        ] {
            assert!(!lasts(StatusCode::INTERNAL_SERVER_ERROR, &status(message, "InternalError")), "{message}");
        }
    }

    #[test]
    fn server_side_apply_is_not_quoted_with_a_value() {
        let said = "failed: errors:\n  .data.a: expected string, got &value.valueUnstructured{Value:map[a:}b\n c]}\n  .data.b: expected string, got &value.valueUnstructured{Value:8080}";
        assert_eq!(without_values(said), "failed: errors:\n  .data.a: expected string\n  .data.b: expected string");
    }

    #[test]
    fn a_webhook_is_named_whether_it_is_dead_or_says_no() {
        let of = |message: &str| webhook(&status(message, ""));
        let dead = r#"Internal error occurred: failed calling webhook "guard.a.io": failed to call webhook: EOF"#;
        assert_eq!(of(dead).as_deref(), Some("guard.a.io"));
        assert_eq!(of(r#"admission webhook "b.a.io" denied the request: no"#).as_deref(), Some("b.a.io"));
        assert_eq!(of(r#"admission webhook "hunter2 is the key" denied the request"#), None);
    }

    #[test]
    fn a_webhook_that_stands_in_the_way_of_a_dry_run_is_told_from_one_that_says_no() {
        let of = |code, message: &str| without_dry_run(code, &status(message, "BadRequest"));
        let words = r#"admission webhook "side.a.io" does not support dry run"#;
        assert_eq!(of(StatusCode::BAD_REQUEST, words).as_deref(), Some(words));
        assert_eq!(of(StatusCode::FORBIDDEN, words), None);
        let denied = r#"admission webhook "side.a.io" denied the request: it does not support dry run, or so"#;
        assert_eq!(of(StatusCode::BAD_REQUEST, denied), None);
        assert_eq!(of(StatusCode::BAD_REQUEST, "the body does not support dry run"), None);
    }

    #[test]
    fn rights_are_told_from_admission() {
        for message in [
            r#"pods "x" is forbidden: User "joe" cannot patch resource "pods" in API group "" in the namespace "n""#,
            r#"namespaces is forbidden: User "system:serviceaccount:a:b" cannot list resource "namespaces" in API group "" at the cluster scope: no"#,
            r#"forbidden: User "system:anonymous" cannot get path "/api""#,
            r#"users "bob" is forbidden: User "joe" cannot impersonate resource "users" in API group "" at the cluster scope"#,
            r#"deployments.apps "x" is forbidden: cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: , <nil>"#,
            "",
        ] {
            assert!(is_of_rights(&status(message, "Forbidden")), "{message}");
        }
        for message in [
            r#"pods "priv" is forbidden: violates PodSecurity "restricted:latest": privileged"#,
            r#"pods "x" is forbidden: error looking up service account n/a: serviceaccount "a" not found"#,
            r#"persistentvolumeclaims "x" is forbidden: only dynamically provisioned pvc can be resized"#,
            r#"pods "x" is forbidden: [maximum cpu usage per Container is 1, but limit is 2]"#,
            r#"admission webhook "a.b" denied the request: User "joe" is nice"#,
            r#"admission webhook "a.b" denied the request: forbidden: User "joe" cannot do so here"#,
            r#"roles.rbac.authorization.k8s.io "x" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: User "joe" cannot"#,
        ] {
            assert!(!is_of_rights(&status(message, "Forbidden")), "{message}");
        }
    }

    #[test]
    fn fields_are_named_and_values_are_not() {
        let of = |message: &str| fields(&status(message, "")).join(" ");
        assert_eq!(
            of(
                "failed to create typed patch object (n/t; /v1, Kind=Secret): errors:\n  .metadata.labels.a: expected string, got &value.valueUnstructured{Value:5}\n  .foo: field not declared in schema"
            ),
            "metadata.labels.a foo"
        );
        assert_eq!(
            of(r#"failed to decode: strict decoding error: unknown field "spec.b", duplicate field "type""#),
            "spec.b type"
        );
        assert_eq!(of("Secret is wrong: data.key: Invalid value: \"hunter2\""), "");
    }
}
