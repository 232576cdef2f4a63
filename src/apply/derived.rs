//! Values that apply makes from those of other Secrets: keys of agents, and those of a gateway that is rotated. They are
//! read and made right before they are sent, stay in memory, and go nowhere else.

use std::collections::BTreeMap;

use super::failure::Failure;
use crate::cluster::Reader;
use crate::object::{Manifest, ObjectRef, SecretSource, SecretValue, agent_key};

/// The values of a Secret, those that are derived made anew. One GET for each of these.
///
/// # Errors
/// The Secret that they are made from cannot be read, or lacks its key.
pub(super) async fn values(
    reader: &Reader,
    manifest: &Manifest,
    given: &BTreeMap<String, SecretValue>,
) -> Result<BTreeMap<String, SecretValue>, Failure> {
    let mut values = given.clone();
    for (name, source) in &manifest.secret {
        let (SecretSource::AgentKey { secret, key, .. } | SecretSource::Copy { secret, key }) = source else {
            continue;
        };
        let made_from = reader.secret_value(secret, key).await?;
        let made_from = made_from.ok_or_else(|| lacking(secret, key))?;
        let value = match source {
            SecretSource::AgentKey { id, .. } => agent_key(&made_from, id),
            _ => made_from,
        };
        values.insert(name.clone(), value);
    }
    Ok(values)
}

fn lacking(secret: &ObjectRef, key: &str) -> Failure {
    Failure::new(
        &format!("{secret} has no `{key}`, which keys of its cluster are made with"),
        "delete that Secret and run `langop apply`: all keys of the cluster are made anew",
    )
}
