//! Looks at objects that are waited for. Many of a kind are looked at by one LIST of the stack, few by a GET each; what a
//! LIST does not show may have lost its labels, and counts as gone only when a GET says so.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures::{StreamExt as _, stream};
use serde_json::Value;
use tokio::sync::oneshot;

use crate::cluster::{ClusterError, Reader, Resource};
use crate::object::field::text;
use crate::object::{ObjectRef, labels};

/// How long a look waits for others of its kind.
const TOGETHER: Duration = Duration::from_millis(50);
/// As many are looked at by one LIST.
const MANY: usize = 5;
/// GETs at once, of one kind.
const AT_ONCE: usize = 8;

type Found = Result<Option<Value>, ClusterError>;

/// Looks at objects of one stack.
pub(super) struct Looks {
    reader: Reader,
    selector: String,
    /// By API version and plural.
    open: Mutex<BTreeMap<(String, String), Vec<Asked>>>,
}

struct Asked {
    object: ObjectRef,
    answer: oneshot::Sender<Found>,
}

impl Looks {
    pub(super) fn new(reader: Reader, stack: &str) -> Self {
        Self { reader, selector: format!("{}={stack}", labels::STACK), open: Mutex::default() }
    }

    /// What it looks with.
    pub(super) fn reader(&self) -> &Reader {
        &self.reader
    }

    /// The object as it is now, without secret values; none when it is absent.
    pub(super) async fn at(&self, resource: &Resource, object: &ObjectRef) -> Found {
        let (answer, answered) = oneshot::channel();
        let key = (resource.api.api_version.clone(), resource.api.plural.clone());
        let is_first = {
            let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            let asked = open.entry(key.clone()).or_default();
            asked.push(Asked { object: object.clone(), answer });
            asked.len() == 1
        };
        if is_first {
            tokio::time::sleep(TOGETHER).await;
            let asked = self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
            self.answer(resource, asked.unwrap_or_default()).await;
        }
        match answered.await {
            Ok(found) => found,
            // Whoever looked for all of them was given up.
            Err(_) => self.reader.get(resource, object).await,
        }
    }

    async fn answer(&self, resource: &Resource, asked: Vec<Asked>) {
        let mut listed = self.list(resource, asked.len()).await;
        let mut unseen = Vec::new();
        for Asked { object, answer } in asked {
            match listed.remove(&(object.namespace.clone(), object.name.clone())) {
                // Nobody listens any more when the run was given up.
                Some(found) => drop(answer.send(Ok(Some(found)))),
                None => unseen.push(Asked { object, answer }),
            }
        }
        let look = async |Asked { object, answer }| drop(answer.send(self.reader.get(resource, &object).await));
        stream::iter(unseen).for_each_concurrent(AT_ONCE, look).await;
    }

    /// Objects of the stack by namespace and name; none when that is not worth a LIST, or when there is no answer to one:
    /// each is looked at by itself then.
    async fn list(&self, resource: &Resource, asked: usize) -> BTreeMap<(Option<String>, String), Value> {
        if asked < MANY || !resource.listable {
            return BTreeMap::new();
        }
        let listed = self.reader.list(resource, None, Some(&self.selector)).await.unwrap_or_default();
        let place = |object: &Value| {
            let name = text(object, "/metadata/name")?.to_owned();
            Some((text(object, "/metadata/namespace").map(str::to_owned), name))
        };
        listed.into_iter().filter_map(|object| Some((place(&object)?, object))).collect()
    }
}
