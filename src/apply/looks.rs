//! Looks at objects that are waited for, and at what they own. Many of a kind are looked at by one LIST of the stack, few
//! by a GET each; what a LIST does not show may have lost its labels, and counts as gone only when a GET says so.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::together::Together;
use crate::cluster::{ClusterError, Reader, Resource};
use crate::object::field::text;
use crate::object::{Meta, ObjectRef, Word, labels};

/// As many are looked at by one LIST.
const MANY: usize = 5;

/// Deletions of what workloads own at once.
const AT_ONCE: usize = 16;

/// API version and plural.
type Kind = (String, String);
/// Namespace and name.
type Place = (Option<Word>, Word);

/// Looks at objects of one stack.
pub(super) struct Looks {
    reader: Reader,
    selector: String,
    objects: Together<Kind, Arc<BTreeMap<Place, Value>>>,
    /// By the kind's and a namespace's name.
    contents: Together<(Kind, String), Arc<Vec<Meta>>>,
    turns: Semaphore,
}

impl Looks {
    pub(super) fn new(reader: Reader, stack: &str) -> Self {
        let selector = format!("{}={stack}", labels::STACK);
        let (objects, contents, turns) = (Together::default(), Together::default(), Semaphore::new(AT_ONCE));
        Self { reader, selector, objects, contents, turns }
    }

    /// A place among the requests that workloads which go send beside what is worked on.
    pub(super) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        self.turns.acquire().await.ok()
    }

    /// What it looks with.
    pub(super) fn reader(&self) -> &Reader {
        &self.reader
    }

    /// The object as it is now, without secret values; none when it is absent.
    pub(super) async fn at(&self, resource: &Resource, object: &ObjectRef) -> Result<Option<Value>, ClusterError> {
        let listed = self.objects.ask(kind(resource), async |asking| self.list(resource, asking).await).await;
        let place = (object.namespace.clone(), object.name.clone());
        match listed.as_ref().and_then(|listed| listed.get(&place)) {
            Some(found) => Ok(Some(found.clone())),
            None => self.reader.get(resource, object).await,
        }
    }

    /// The metadata of all objects of a kind in a namespace.
    pub(super) async fn in_namespace(
        &self,
        resource: &Resource,
        namespace: &str,
    ) -> Result<Arc<Vec<Meta>>, ClusterError> {
        let list = async || self.reader.list_metadata(resource, Some(namespace), None).await.map(Arc::new);
        let key = (kind(resource), namespace.to_owned());
        match self.contents.ask(key, async |_| list().await.ok()).await {
            Some(listed) => Ok(listed),
            None => list().await,
        }
    }

    /// Objects of the stack; none when that is not worth a LIST, or when there is no answer to one: each is looked at by
    /// itself then.
    async fn list(&self, resource: &Resource, asking: usize) -> Option<Arc<BTreeMap<Place, Value>>> {
        if asking < MANY || !resource.listable {
            return None;
        }
        let listed = self.reader.list(resource, None, Some(&self.selector)).await.ok()?;
        let place = |object: &Value| {
            let name = text(object, "/metadata/name")?.into();
            Some((text(object, "/metadata/namespace").map(Word::from), name))
        };
        Some(Arc::new(listed.into_iter().filter_map(|object| Some((place(&object)?, object))).collect()))
    }
}

fn kind(resource: &Resource) -> Kind {
    (resource.api.api_version.clone(), resource.api.plural.clone())
}
