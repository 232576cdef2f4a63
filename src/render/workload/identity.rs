//! The service account of a workload, and its rights when it is given any.

use k8s_openapi::api::core::v1::ServiceAccount;
use k8s_openapi::api::rbac::v1::{Role as RbacRole, RoleBinding, RoleRef, Subject};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::object::Manifest;
use crate::render::scope::mapped;

use super::Workload;

/// Nothing, when the workload runs with a service account of the user's.
pub(in crate::render) fn manifests(workload: &Workload<'_>) -> Vec<Manifest> {
    if workload.deployment.service_account_name.is_some() {
        return Vec::new();
    }
    let mut manifests = vec![workload.manifest(&account(workload))];
    if has_rights(workload) {
        manifests.push(workload.manifest(&role(workload)));
        manifests.push(workload.manifest(&binding(workload)));
    }
    manifests
}

/// Name of the service account that the pods run with.
pub(super) fn account_name<'a>(workload: &Workload<'a>) -> &'a str {
    workload.deployment.service_account_name.as_deref().unwrap_or(workload.account)
}

/// Whether the pods mount a token: only with rights to use it for. A service account of the user's
/// decides for itself.
pub(super) fn mounts_token(workload: &Workload<'_>) -> Option<bool> {
    workload.deployment.service_account_name.is_none().then(|| has_rights(workload))
}

fn has_rights(workload: &Workload<'_>) -> bool {
    !workload.deployment.role_rules.is_empty()
}

fn account(workload: &Workload<'_>) -> ServiceAccount {
    ServiceAccount {
        metadata: ObjectMeta {
            annotations: mapped(workload.deployment.service_account_annotations.clone()),
            ..workload.meta(workload.account)
        },
        automount_service_account_token: Some(false),
        ..ServiceAccount::default()
    }
}

fn role(workload: &Workload<'_>) -> RbacRole {
    RbacRole { metadata: workload.meta(workload.account), rules: Some(workload.deployment.role_rules.clone()) }
}

fn binding(workload: &Workload<'_>) -> RoleBinding {
    RoleBinding {
        metadata: workload.meta(workload.account),
        role_ref: RoleRef {
            api_group: Some("rbac.authorization.k8s.io".to_owned()),
            kind: "Role".to_owned(),
            name: workload.account.to_owned(),
        },
        subjects: Some(vec![Subject {
            kind: "ServiceAccount".to_owned(),
            name: workload.account.to_owned(),
            namespace: Some(workload.scope.cluster.to_owned()),
            ..Subject::default()
        }]),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::render::fixture::{field, find, rendered};

    #[test]
    fn a_service_account_of_the_users_suppresses_langops() {
        let manifests = rendered("[clusters.c.gateway.deployment]\nserviceAccountName = 'mine'");
        assert!(find(&manifests, "ServiceAccount", "gateway").is_none());
        let pod = field(&manifests, "Deployment", "gateway", "/spec/template/spec");
        assert_eq!(pod["serviceAccountName"], "mine");
        assert_eq!(pod.get("automountServiceAccountToken"), None);
    }

    #[test]
    fn rights_bring_a_role_and_the_token_to_use_it() {
        let text = "[clusters.c.gateway.deployment]\nserviceAccountAnnotations = { role = 'arn' }\n\
                    roleRules = [{ apiGroups = [''], resources = ['secrets'], verbs = ['get'] }]";
        let manifests = rendered(text);
        assert_eq!(field(&manifests, "Role", "gateway", "/rules/0")["resources"], json!(["secrets"]));
        assert_eq!(field(&manifests, "RoleBinding", "gateway", "/subjects/0")["namespace"], "c");
        assert_eq!(field(&manifests, "ServiceAccount", "gateway", "/metadata/annotations/role"), "arn");
        assert_eq!(
            *field(&manifests, "Deployment", "gateway", "/spec/template/spec/automountServiceAccountToken"),
            true
        );
    }
}
