//! Which Secrets and `ConfigMap`s a volume is made of.

use k8s_openapi::api::core::v1::{
    ConfigMapProjection, ConfigMapVolumeSource, SecretProjection, SecretVolumeSource, Volume, VolumeProjection,
};

use super::source::Origin;

/// What the files of a volume come from, the last one winning; nothing for a directory to write into. None when
/// only a cluster has the volume.
pub(super) fn origins(volume: &Volume) -> Option<Vec<Origin<'_>>> {
    match volume {
        Volume { config_map: Some(source), .. } => Some(vec![of_config_map(source)]),
        Volume { secret: Some(source), .. } => Some(vec![of_secret(source)]),
        Volume { projected: Some(source), .. } => source.sources.iter().flatten().map(projected).collect(),
        Volume { empty_dir: Some(_), .. } => Some(Vec::new()),
        _ => None,
    }
}

fn of_config_map(source: &ConfigMapVolumeSource) -> Origin<'_> {
    let ConfigMapVolumeSource { name, items, optional, .. } = source;
    Origin { is_secret: false, name, items: items.as_deref(), optional: *optional == Some(true) }
}

fn of_secret(source: &SecretVolumeSource) -> Origin<'_> {
    let SecretVolumeSource { secret_name, items, optional, .. } = source;
    let name = secret_name.as_deref().unwrap_or_default();
    Origin { is_secret: true, name, items: items.as_deref(), optional: *optional == Some(true) }
}

fn projected(source: &VolumeProjection) -> Option<Origin<'_>> {
    if let Some(SecretProjection { name, items, optional }) = &source.secret {
        return Some(Origin { is_secret: true, name, items: items.as_deref(), optional: *optional == Some(true) });
    }
    let ConfigMapProjection { name, items, optional } = source.config_map.as_ref()?;
    Some(Origin { is_secret: false, name, items: items.as_deref(), optional: *optional == Some(true) })
}
