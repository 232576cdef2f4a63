//! The Service of a workload.

use k8s_openapi::api::core::v1::{Service, ServicePort, ServiceSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::object::Manifest;
use crate::render::scope::mapped;

use super::Workload;

/// The Service with these ports.
pub(in crate::render) fn manifest(workload: &Workload<'_>, ports: Vec<ServicePort>) -> Manifest {
    let deployment = workload.deployment;
    let service = Service {
        metadata: ObjectMeta {
            annotations: mapped(deployment.service_annotations.clone()),
            ..workload.meta(workload.name())
        },
        spec: Some(ServiceSpec {
            type_: Some(deployment.service_type.unwrap_or_default().as_str().to_owned()),
            selector: Some(workload.role.selector(workload.scope.cluster)),
            ports: Some(ports),
            ..ServiceSpec::default()
        }),
        ..Service::default()
    };
    workload.manifest(&service)
}
