//! Langop's part of a list and the user's: langop's first, and one of the user's of the same name in the place of
//! langop's, for two entries of one name are a conflict to server-side apply.

use k8s_openapi::api::core::v1::{EnvVar, Volume, VolumeMount};

/// The variables of a container.
pub(in crate::render) fn environment(own: Vec<EnvVar>, users: &[EnvVar]) -> Vec<EnvVar> {
    merged(own, users, |variable| &variable.name)
}

/// The volumes of a pod.
pub(super) fn volumes(own: Vec<Volume>, users: &[Volume]) -> Vec<Volume> {
    merged(own, users, |volume| &volume.name)
}

/// The mounts of a container, which are told apart by their paths.
pub(in crate::render) fn mounts(own: Vec<VolumeMount>, users: &[VolumeMount]) -> Vec<VolumeMount> {
    merged(own, users, |mount| &mount.mount_path)
}

fn merged<T: Clone>(mut own: Vec<T>, users: &[T], key: fn(&T) -> &String) -> Vec<T> {
    own.retain(|one| users.iter().all(|user| key(user) != key(one)));
    own.extend(users.iter().cloned());
    own
}
