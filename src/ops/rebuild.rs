//! Makes a lost record anew, from labels and managedFields. What was in it beyond that, the next apply
//! finds out: every object is read once.

use std::collections::BTreeSet;

use futures::stream::{self, StreamExt as _};

use super::OpsError;
use super::observe::AT_ONCE;
use crate::cluster::{ClusterError, Reader};
use crate::object::{Address, Lifecycle, Meta, ObjectRef, labels};
use crate::state::{Entry, Inventory, Standing};

/// A record of everything on the server that carries the stack's label and that langop manages, and the kinds that this
/// identity may not list: what is of them is not in it. One LIST of metadata for
/// each kind that the server serves, one of CRDs, and the question whether the server is ready.
///
/// # Errors
/// The server does not answer, fails at a LIST of a kind that this identity may list, or does not serve a kind of one of
/// its CRDs: a record without its objects would leave them to nobody.
pub(crate) async fn rebuild(reader: &Reader, stack: &str) -> Result<(Inventory, BTreeSet<String>), OpsError> {
    reader.wait_ready().await?;
    reader.wait_discovered().await?;
    let resources = reader.resources();
    let selector = format!("{}={stack}", labels::STACK);
    let lists = resources.listable().map(async |resource| {
        let listed = reader.list_metadata(resource, None, Some(&selector)).await;
        (resource, listed)
    });
    let answers: Vec<_> = stream::iter(lists).buffer_unordered(AT_ONCE).collect().await;
    let (mut inventory, mut hidden) = (Inventory::new(stack), BTreeSet::new());
    for (resource, listed) in answers {
        let metas = match listed {
            Ok(metas) => metas,
            Err(ClusterError::Forbidden(_)) => {
                hidden.insert(resource.qualified());
                continue;
            }
            // Of a kind that cannot be listed nothing can be claimed.
            Err(ClusterError::Rejected { code: 405, .. }) => continue,
            Err(error) => return Err(error.into()),
        };
        // Labels alone prove nothing: controllers copy them.
        for meta in metas.into_iter().filter(|meta| meta.managed_by_langop() && meta.stack() == Some(stack)) {
            inventory.entries.insert(meta.reference.clone(), entry(&meta, &resource.api.api_version));
        }
    }
    Ok((inventory, hidden))
}

fn entry(meta: &Meta, api_version: &str) -> Entry {
    let object: &ObjectRef = &meta.reference;
    let is_adopted = object.is("", "Namespace") && meta.owners.is_empty();
    Entry {
        uid: Some(meta.uid.clone()),
        generation: None,
        resource_version: None,
        fields: None,
        // No digest: the next plan reads the object.
        digest: String::new(),
        address: Address::object(object),
        api_version: api_version.to_owned(),
        depends_on: Vec::new(),
        lifecycle: if is_adopted { Lifecycle::Kept } else { Lifecycle::Managed },
        adopted: is_adopted,
        // Nobody knows; the next apply looks.
        standing: Standing::Waiting,
    }
}
