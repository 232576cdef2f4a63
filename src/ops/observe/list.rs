//! One metadata-only LIST per kind: everything this stack has on the server, without a spec or a Secret's data being
//! transferred. What the record has and no list shows is asked for by its name.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::stream::{self, StreamExt as _};

use super::listed::Listed;
use crate::cluster::{ClusterError, Reader, Resource};
use crate::object::{GroupKind, Meta, ObjectRef, labels};
use crate::state::Inventory;

/// Requests that are under way at once while looking.
pub(in crate::ops) const AT_ONCE: usize = 24;

/// Lists every kind in `objects`, once: one LIST a kind, or one for each of its namespaces where the identity may not
/// list across them. Asks for each object of kinds that it may not list at all, and for each recorded one that no list
/// has: one GET, after the API server has said that it is ready.
///
/// # Errors
/// A LIST or GET fails with anything but 403, or an answer is not what was asked for: the first of them in the order of the
/// kinds, whichever came first.
pub(in crate::ops) async fn list_all(
    reader: &Reader,
    inventory: &Inventory,
    objects: &BTreeSet<ObjectRef>,
) -> Result<Listed, ClusterError> {
    let mut lister = Lister { reader, inventory, listed: Listed::default(), open: Vec::new(), is_ready: false };
    let kinds = lister.served(objects).await?;
    lister.list(kinds).await?;
    lister.ask_for_missing(objects).await?;
    Ok(lister.listed)
}

/// Objects of one kind that is served.
struct Kind {
    resource: Resource,
    objects: BTreeSet<ObjectRef>,
}

struct Lister<'a> {
    reader: &'a Reader,
    inventory: &'a Inventory,
    listed: Listed,
    /// What may be asked for by its name, by kind: none where the whole kind could not be listed.
    open: Vec<(Kind, Listing)>,
    is_ready: bool,
}

/// Whether a kind could be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Listing {
    Complete,
    Forbidden,
}

impl Lister<'_> {
    /// The kinds that the server serves. Of the others, what is known without a list.
    async fn served(&mut self, objects: &BTreeSet<ObjectRef>) -> Result<Vec<Kind>, ClusterError> {
        let mut kinds: BTreeMap<GroupKind, BTreeSet<ObjectRef>> = BTreeMap::new();
        for object in objects {
            kinds.entry(object.group_kind()).or_default().insert(object.clone());
        }
        let mut served = Vec::new();
        for (kind, objects) in kinds {
            match self.resource(&kind, &objects).await {
                Ok(Some(resource)) => served.push(Kind { resource, objects }),
                Ok(None) => {
                    let gone: Vec<_> = objects.into_iter().filter(|object| self.is_recorded(object)).collect();
                    self.listed.absent.extend(gone);
                }
                // Each of its objects says so when it is looked at.
                Err(
                    ClusterError::Forbidden(_)
                    | ClusterError::StaleGroup { .. }
                    | ClusterError::NotServed { .. }
                    | ClusterError::UnknownKind(_),
                ) => self.listed.unknown.extend(objects),
                Err(error) => return Err(error),
            }
        }
        Ok(served)
    }

    /// The resource of a kind. A kind that discovery lacks is looked for only when the record has it: what is only
    /// desired is looked for when it is dry-run.
    async fn resource(
        &mut self,
        kind: &GroupKind,
        objects: &BTreeSet<ObjectRef>,
    ) -> Result<Option<Resource>, ClusterError> {
        match self.reader.resource(kind, None) {
            Err(ClusterError::UnknownKind(_)) if objects.iter().any(|object| self.is_recorded(object)) => {
                self.wait_ready().await?;
                self.reader.served(kind).await
            }
            Err(ClusterError::UnknownKind(_)) => Ok(None),
            answer => answer.map(Some),
        }
    }

    async fn list(&mut self, kinds: Vec<Kind>) -> Result<(), ClusterError> {
        let (reader, stack) = (self.reader, self.inventory.stack.as_str());
        let lists = kinds.into_iter().map(async |kind| {
            let answer = list(reader, stack, &kind).await;
            (kind, answer)
        });
        let answers: Vec<_> = stream::iter(lists).buffered(AT_ONCE).collect().await;
        for (kind, answer) in answers {
            let listing = match answer {
                Ok(metas) => {
                    self.listed.there.extend(metas.into_iter().map(|meta| (meta.reference.clone(), Arc::new(meta))));
                    Listing::Complete
                }
                Err(ClusterError::Forbidden(_)) => Listing::Forbidden,
                Err(error) => return Err(error),
            };
            self.open.push((kind, listing));
        }
        Ok(())
    }

    /// Asks by name for what could not be listed, and for what the record has and no list shows.
    async fn ask_for_missing(&mut self, objects: &BTreeSet<ObjectRef>) -> Result<(), ClusterError> {
        let open = std::mem::take(&mut self.open);
        let wanted = |object: &ObjectRef, listing: Listing| {
            objects.contains(object)
                && !self.listed.there.contains_key(object)
                && (listing == Listing::Forbidden || self.is_recorded(object))
        };
        let missing: Vec<(Resource, ObjectRef)> = open
            .iter()
            .flat_map(|(kind, listing)| kind.objects.iter().map(move |object| (kind, *listing, object)))
            .filter(|(_, listing, object)| wanted(object, *listing))
            .map(|(kind, _, object)| (kind.resource.clone(), object.clone()))
            .collect();
        if missing.iter().any(|(_, object)| self.is_recorded(object)) {
            self.wait_ready().await?;
        }
        // Namespaces first: what lived in one that is gone needs no question.
        let (cluster, namespaced): (Vec<_>, Vec<_>) =
            missing.into_iter().partition(|(_, object)| object.namespace.is_none());
        self.ask(cluster).await?;
        let (gone, open): (Vec<_>, Vec<_>) =
            namespaced.into_iter().partition(|(_, object)| self.listed.is_without_namespace(object));
        self.listed.absent.extend(gone.into_iter().map(|(_, object)| object));
        self.ask(open).await
    }

    async fn ask(&mut self, missing: Vec<(Resource, ObjectRef)>) -> Result<(), ClusterError> {
        let reader = self.reader;
        let asked = missing.into_iter().map(async |(resource, object)| {
            let found = reader.metadata(&resource, &object).await;
            (object, found)
        });
        let answers: Vec<_> = stream::iter(asked).buffered(AT_ONCE).collect().await;
        for (object, answer) in answers {
            match answer {
                Ok(found) => self.listed.learn(object, found),
                Err(ClusterError::Forbidden(_)) => drop(self.listed.unknown.insert(object)),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Once: an API server that has just started does not show everything.
    async fn wait_ready(&mut self) -> Result<(), ClusterError> {
        if !self.is_ready {
            self.reader.wait_ready().await?;
            self.is_ready = true;
        }
        Ok(())
    }

    /// Whether the record knows that it was made.
    fn is_recorded(&self, object: &ObjectRef) -> bool {
        self.inventory.entries.get(object).is_some_and(|entry| entry.uid.is_some())
    }
}

async fn list(reader: &Reader, stack: &str, kind: &Kind) -> Result<Vec<Meta>, ClusterError> {
    let resource = &kind.resource;
    // CRDs are shared by all stacks and carry the label of none.
    let selector = if resource.group_kind() == GroupKind::of_crds() {
        format!("{}={}", labels::MANAGED_BY, labels::MANAGED_BY_LANGOP)
    } else {
        format!("{}={stack}", labels::STACK)
    };
    match reader.list_metadata(resource, None, Some(&selector)).await {
        // The identity may not list across namespaces; it may in those that matter.
        Err(ClusterError::Forbidden(_)) if resource.namespaced => {
            let mut all = Vec::new();
            let namespaces: BTreeSet<_> =
                kind.objects.iter().filter_map(|object| object.namespace.as_deref()).collect();
            for namespace in namespaces {
                all.extend(reader.list_metadata(resource, Some(namespace), Some(&selector)).await?);
            }
            Ok(all)
        }
        answer => answer,
    }
}
