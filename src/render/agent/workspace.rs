//! The files of an agent that outlive its pods.

use k8s_openapi::api::core::v1::{
    PersistentVolumeClaim, PersistentVolumeClaimSpec, PersistentVolumeClaimVolumeSource, Volume, VolumeMount,
    VolumeResourceRequirements,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::object::{Manifest, labels};
use crate::render::scope::mapped;
use crate::render::workload::Workload;

use super::Agent;

/// The name of its volume.
pub(super) const VOLUME: &str = "workspace";

/// Where the fields of the claim are written.
const PLACES: [(&str, &str); 3] = [
    ("/spec/accessModes", "workspace.accessMode"),
    ("/spec/resources/requests/storage", "workspace.size"),
    ("/spec/storageClassName", "workspace.storageClassName"),
];

fn name(agent: &Agent<'_>) -> String {
    format!("{}-workspace", agent.name)
}

/// The claim, when there is a workspace. One that is to be retained belongs to nobody, so that nobody's end is its own,
/// and says so on the server: what the description forgot is left alone.
pub(super) fn claim(agent: &Agent<'_>, workload: &Workload<'_>) -> Option<Manifest> {
    let workspace = agent.spec().workspace()?;
    let retained = workspace.retain.unwrap_or(false);
    let annotations = retained.then(|| (labels::RETAIN.to_owned(), "true".to_owned()));
    let claim = PersistentVolumeClaim {
        metadata: ObjectMeta { annotations: mapped(annotations.into_iter().collect()), ..workload.meta(&name(agent)) },
        spec: Some(PersistentVolumeClaimSpec {
            access_modes: Some(vec![workspace.access_mode.unwrap_or_default().as_str().to_owned()]),
            storage_class_name: workspace.storage_class_name.clone(),
            resources: Some(VolumeResourceRequirements {
                requests: Some([("storage".to_owned(), workspace.size())].into()),
                limits: None,
            }),
            ..PersistentVolumeClaimSpec::default()
        }),
        ..PersistentVolumeClaim::default()
    };
    let mut manifest = workload.manifest(&claim);
    workload.places(&mut manifest, PLACES.map(|(pointer, path)| (pointer.to_owned(), path)));
    if retained {
        manifest.owners = Vec::new();
    }
    Some(manifest)
}

/// Its volume in the pods.
pub(super) fn volume(agent: &Agent<'_>) -> Option<Volume> {
    agent.spec().workspace()?;
    Some(Volume {
        name: VOLUME.to_owned(),
        persistent_volume_claim: Some(PersistentVolumeClaimVolumeSource { claim_name: name(agent), read_only: None }),
        ..Volume::default()
    })
}

/// Its mount.
pub(super) fn mount(agent: &Agent<'_>) -> Option<VolumeMount> {
    let workspace = agent.spec().workspace()?;
    let mount_path = workspace.path().to_owned();
    Some(VolumeMount { name: VOLUME.to_owned(), mount_path, ..VolumeMount::default() })
}
