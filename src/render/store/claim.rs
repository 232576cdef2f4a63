//! The volume of the store. A claim of its own and not a template of the `StatefulSet`: a plan then shows what is lost
//! with it, and it can grow.

use k8s_openapi::api::core::v1::{
    PersistentVolumeClaim, PersistentVolumeClaimSpec, PersistentVolumeClaimVolumeSource, Volume, VolumeMount,
    VolumeResourceRequirements,
};

use crate::api::GatewayStore;
use crate::object::Manifest;
use crate::object::names::GATEWAY_STORE;
use crate::render::workload::Workload;

/// Name of the volume.
const VOLUME: &str = "data";
/// Where it is mounted.
pub(super) const DIRECTORY: &str = "/data";
/// Where the fields of the claim are written.
const PLACES: [(&str, &str); 2] = [
    ("/spec/resources/requests/storage", "gateway.store.size"),
    ("/spec/storageClassName", "gateway.store.storageClassName"),
];

/// The claim.
pub(super) fn manifest(workload: &Workload<'_>, store: &GatewayStore) -> Manifest {
    let claim = PersistentVolumeClaim {
        metadata: workload.meta(GATEWAY_STORE),
        spec: Some(PersistentVolumeClaimSpec {
            access_modes: Some(vec!["ReadWriteOnce".to_owned()]),
            storage_class_name: store.storage_class_name.clone(),
            resources: Some(VolumeResourceRequirements {
                requests: Some([("storage".to_owned(), store.size())].into()),
                limits: None,
            }),
            ..PersistentVolumeClaimSpec::default()
        }),
        ..PersistentVolumeClaim::default()
    };
    let mut manifest = workload.manifest(&claim);
    workload.places(&mut manifest, PLACES.map(|(pointer, path)| (pointer.to_owned(), path)));
    manifest
}

/// Its volume in the pod.
pub(super) fn volume() -> Volume {
    let claim_name = GATEWAY_STORE.to_owned();
    Volume {
        name: VOLUME.to_owned(),
        persistent_volume_claim: Some(PersistentVolumeClaimVolumeSource { claim_name, read_only: None }),
        ..Volume::default()
    }
}

/// Its mount.
pub(super) fn mount() -> VolumeMount {
    VolumeMount { name: VOLUME.to_owned(), mount_path: DIRECTORY.to_owned(), ..VolumeMount::default() }
}
