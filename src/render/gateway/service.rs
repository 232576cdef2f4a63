//! The Service that agents call.

use k8s_openapi::api::core::v1::{Service, ServicePort, ServiceSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::object::Manifest;
use crate::object::names::{GATEWAY, PORT_NAME, SERVICE_PORT};
use crate::object::role::Role;
use crate::render::scope::{Scope, mapped};

pub(super) fn manifest(scope: &Scope<'_>) -> Manifest {
    let service = Service {
        metadata: ObjectMeta {
            annotations: mapped(scope.deployment.service_annotations.clone()),
            ..scope.meta(GATEWAY, Role::GATEWAY)
        },
        spec: Some(ServiceSpec {
            type_: Some(scope.deployment.service_type.unwrap_or_default().as_str().to_owned()),
            selector: Some(Role::GATEWAY.selector(scope.cluster)),
            ports: Some(vec![ServicePort {
                name: Some(PORT_NAME.to_owned()),
                port: SERVICE_PORT,
                protocol: Some("TCP".to_owned()),
                target_port: Some(IntOrString::String(PORT_NAME.to_owned())),
                ..ServicePort::default()
            }]),
            ..ServiceSpec::default()
        }),
        ..Service::default()
    };
    scope.manifest(&service)
}
