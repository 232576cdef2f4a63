//! Values that apply makes from those of other Secrets: keys of agents, and those of a gateway that is rotated. They are read and made right before they are sent,
//! stay in memory, and go nowhere else.

use std::collections::BTreeMap;

use crate::cluster::{ClusterError, Reader};
use crate::object::{Manifest, ObjectRef, SecretSource, SecretValue, agent_key};

/// Why a value could not be made.
#[derive(Debug, thiserror::Error)]
pub(super) enum DerivedError {
    /// The API server.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// What it is made from is not there.
    #[error("{secret} has no `{key}`, which keys of its cluster are made with")]
    Lacking {
        /// The Secret.
        secret: ObjectRef,
        /// Its key.
        key: String,
    },
}

impl DerivedError {
    /// The next step for a user, where there is one.
    pub(super) fn hint(&self) -> Option<String> {
        match self {
            Self::Cluster(error) => error.hint(),
            Self::Lacking { .. } => {
                Some("delete that Secret and run `langop apply`: all keys of the cluster are made anew".to_owned())
            }
        }
    }
}

/// The values of a Secret, those that are derived made anew. One GET for each of these.
///
/// # Errors
/// The Secret that they are made from cannot be read, or lacks its key.
pub(super) async fn values(
    reader: &Reader,
    manifest: &Manifest,
    given: &BTreeMap<String, SecretValue>,
) -> Result<BTreeMap<String, SecretValue>, DerivedError> {
    let mut values = given.clone();
    for (name, source) in &manifest.secret {
        let (SecretSource::AgentKey { secret, key, .. } | SecretSource::Copy { secret, key }) = source else {
            continue;
        };
        let made_from = reader.secret_value(secret, key).await?;
        let made_from = made_from.ok_or_else(|| DerivedError::Lacking { secret: secret.clone(), key: key.clone() })?;
        let value = match source {
            SecretSource::AgentKey { id, .. } => agent_key(&made_from, id),
            _ => made_from,
        };
        values.insert(name.clone(), value);
    }
    Ok(values)
}
