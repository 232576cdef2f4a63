//! The Service that agents call.

use k8s_openapi::api::core::v1::ServicePort;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::object::Manifest;
use crate::object::names::{PORT_NAME, SERVICE_PORT};
use crate::render::workload::{self, Workload};

pub(super) fn manifest(workload: &Workload<'_>) -> Manifest {
    let port = ServicePort {
        name: Some(PORT_NAME.to_owned()),
        port: SERVICE_PORT,
        protocol: Some("TCP".to_owned()),
        target_port: Some(IntOrString::String(PORT_NAME.to_owned())),
        ..ServicePort::default()
    };
    workload::service(workload, vec![port])
}
