//! The Service of an agent, on the ports that it listens on.

use k8s_openapi::api::core::v1::ServicePort;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::object::Manifest;
use crate::render::workload::{self, Workload};

use super::Agent;

pub(super) fn manifest(agent: &Agent<'_>, workload: &Workload<'_>) -> Manifest {
    let listening = agent.spec().listening().into_iter();
    let port = listening.map(|port| ServicePort {
        target_port: Some(IntOrString::String(port.name.clone())),
        name: Some(port.name),
        port: port.port,
        protocol: Some(port.protocol.unwrap_or_default().as_str().to_owned()),
        ..ServicePort::default()
    });
    workload::service(workload, port.collect())
}
