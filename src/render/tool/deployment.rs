//! A tool with pods of its own: Deployment, Service, service account, and how many pods there are.

use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec as Spec};
use k8s_openapi::api::core::v1::{Container, PodTemplateSpec, ServicePort};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use serde_json::json;

use crate::api::{DeploymentSpec, LanguageToolSpec};
use crate::object::Manifest;
use crate::object::names::PORT_NAME;
use crate::object::role::Role;
use crate::render::scope::Scope;
use crate::render::workload::{self, Parts, User, Workload};
use crate::stack::Item;

use super::container;

/// Whom the pods run as: as the images of the public Language Operator do.
const USER: User = User { id: 1000, group: 101, volumes: Some(101) };

/// What runs a tool of a cluster.
pub(super) fn manifests(scope: &Scope<'_>, name: &str, item: &Item<LanguageToolSpec>) -> Vec<Manifest> {
    let deployment = item.spec.deployment.clone().unwrap_or_default();
    let account = format!("tool-{name}");
    let workload = Workload::new(scope, item, Role::tool(name), (&account, USER), &deployment);
    let mut all = vec![runner(&workload, &item.spec, &deployment), service(&workload, item.spec.port())];
    all.extend(workload::identity(&workload));
    all.extend(workload::scaling(&workload));
    all
}

fn runner(workload: &Workload<'_>, spec: &LanguageToolSpec, deployment: &DeploymentSpec) -> Manifest {
    let mounts = container::mounts(deployment);
    let tool = Container { volume_mounts: Some(mounts), ..container::container(spec, deployment) };
    let parts = Parts { containers: vec![tool], volumes: vec![workload::tmp_volume()], ..Parts::default() };
    let template =
        PodTemplateSpec { metadata: Some(workload::metadata(workload)), spec: Some(workload::spec(workload, parts)) };
    let object = Deployment {
        metadata: workload.meta(workload.name()),
        spec: Some(Spec {
            replicas: workload::replicas(workload),
            selector: workload.pods(),
            strategy: Some(workload::rolling()),
            template,
            ..Spec::default()
        }),
        ..Deployment::default()
    };
    let mut manifest = workload.manifest(&object);
    let pod = "/spec/template/spec";
    let resources = (format!("{pod}/containers"), "deployment.resources");
    workload.places(&mut manifest, [resources, (format!("{pod}/initContainers"), "deployment.initContainers")]);
    let hash = workload::credentials_hash(workload, []);
    if !hash.value.objects().is_empty() {
        manifest.deferred.push(hash);
    }
    manifest
}

/// A session of MCP lives in one pod: whoever began it there comes back.
fn service(workload: &Workload<'_>, port: i32) -> Manifest {
    let port = ServicePort {
        name: Some(PORT_NAME.to_owned()),
        port,
        protocol: Some("TCP".to_owned()),
        target_port: Some(IntOrString::String(PORT_NAME.to_owned())),
        ..ServicePort::default()
    };
    let mut manifest = workload::service(workload, vec![port]);
    manifest.object["spec"]["sessionAffinity"] = json!("ClientIP");
    manifest
}
