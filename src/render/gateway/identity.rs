//! The service account of the gateway, and its rights when it is given any.

use k8s_openapi::api::core::v1::ServiceAccount;
use k8s_openapi::api::rbac::v1::{Role as RbacRole, RoleBinding, RoleRef, Subject};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::object::Manifest;
use crate::render::scope::{GATEWAY, Role, Scope, mapped};

/// Nothing, when the gateway runs with a service account of the user's.
pub(super) fn manifests(scope: &Scope<'_>) -> Vec<Manifest> {
    if scope.deployment.service_account_name.is_some() {
        return Vec::new();
    }
    let mut manifests = vec![scope.manifest(&account(scope))];
    if has_rights(scope) {
        manifests.push(scope.manifest(&role(scope)));
        manifests.push(scope.manifest(&binding(scope)));
    }
    manifests
}

/// Name of the service account that the pods run with.
pub(super) fn account_name<'a>(scope: &'a Scope<'_>) -> &'a str {
    scope.deployment.service_account_name.as_deref().unwrap_or(GATEWAY)
}

/// Whether the pods mount a token: only with rights to use it for. A service account of the user's
/// decides for itself.
pub(super) fn mounts_token(scope: &Scope<'_>) -> Option<bool> {
    scope.deployment.service_account_name.is_none().then(|| has_rights(scope))
}

fn has_rights(scope: &Scope<'_>) -> bool {
    !scope.deployment.role_rules.is_empty()
}

fn account(scope: &Scope<'_>) -> ServiceAccount {
    ServiceAccount {
        metadata: ObjectMeta {
            annotations: mapped(scope.deployment.service_account_annotations.clone()),
            ..scope.meta(GATEWAY, Role::GATEWAY)
        },
        automount_service_account_token: Some(false),
        ..ServiceAccount::default()
    }
}

fn role(scope: &Scope<'_>) -> RbacRole {
    RbacRole { metadata: scope.meta(GATEWAY, Role::GATEWAY), rules: Some(scope.deployment.role_rules.clone()) }
}

fn binding(scope: &Scope<'_>) -> RoleBinding {
    RoleBinding {
        metadata: scope.meta(GATEWAY, Role::GATEWAY),
        role_ref: RoleRef {
            api_group: Some("rbac.authorization.k8s.io".to_owned()),
            kind: "Role".to_owned(),
            name: GATEWAY.to_owned(),
        },
        subjects: Some(vec![Subject {
            kind: "ServiceAccount".to_owned(),
            name: GATEWAY.to_owned(),
            namespace: Some(scope.cluster.to_owned()),
            ..Subject::default()
        }]),
    }
}
