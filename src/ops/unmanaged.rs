//! Unmanaged objects: what a plan deletes that this stack did not make, with the namespaces, CRDs and owners that it
//! deletes; and what could not be looked at, which counts for as much.

mod crd;
mod list;
mod others;
mod ours;
mod owned;
mod storage;

use std::collections::{BTreeMap, BTreeSet};

use futures::stream::{self, StreamExt as _, TryStreamExt as _};

pub(super) use self::crd::served_by;
use self::list::{Listing, is_fatal, list};
use self::others::{counts, others};
use self::ours::Ours;
use super::observe::AT_ONCE;
use crate::cluster::{ClusterError, Reader, Resource};
use crate::object::{Address, Meta};
use crate::plan::{Action, Change, Loss, Plan, Reason};
use crate::state::Inventory;

/// Each with [`AT_ONCE`] LISTs at once.
const NAMESPACES_AT_ONCE: usize = 4;

/// What is lost beside the objects of a plan. Keys are namespaces by name, and other objects by address.
#[derive(Debug, Default)]
pub(super) struct Unmanaged {
    /// Deleted object → kind → how many.
    pub(super) lost: BTreeMap<String, BTreeMap<String, usize>>,
    /// Deleted object → kind → the names of the first of them, in their order.
    pub(super) names: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    /// Deleted object → kind → why nothing is known of it.
    pub(super) unknown: BTreeMap<String, BTreeMap<String, String>>,
    /// What else is to know.
    pub(super) effects: Vec<String>,
}

/// Looks for what the deletions of a plan take along. Nothing is asked when nothing is deleted; else one LIST of
/// metadata of every kind for each namespace in which something goes (one across all for a custom resource without a
/// namespace), one for each CRD, and what [`storage::loss`] needs.
///
/// # Errors
/// The server does not answer, or does not know who asks. A LIST that fails is an answer: not known.
pub(super) async fn find(reader: &Reader, plan: &Plan, inventory: &Inventory) -> Result<Unmanaged, ClusterError> {
    let mut search = Search::new(reader, plan, Ours::new(plan, inventory));
    search.namespaces().await?;
    search.crds().await?;
    search.owned().await?;
    search.storage().await?;
    Ok(search.found)
}

struct Search<'a> {
    reader: &'a Reader,
    plan: &'a Plan,
    ours: Ours<'a>,
    /// Names of namespaces that are deleted.
    namespaces: BTreeSet<&'a str>,
    /// uids of what is counted already.
    counted: BTreeSet<String>,
    found: Unmanaged,
}

impl<'a> Search<'a> {
    fn new(reader: &'a Reader, plan: &'a Plan, ours: Ours<'a>) -> Self {
        let deleted = plan.with_action(Action::Delete).map(|change| &change.object);
        let namespaces = deleted.filter(|object| object.is("", "Namespace")).map(|object| object.name.as_str());
        Self {
            reader,
            plan,
            ours,
            namespaces: namespaces.collect(),
            counted: BTreeSet::new(),
            found: Unmanaged::default(),
        }
    }

    /// What is deleted, for good or to be made again.
    fn going(&self) -> impl Iterator<Item = &'a Change> {
        self.plan.changes.iter().filter(|change| matches!(change.action, Action::Delete | Action::Replace))
    }

    async fn namespaces(&mut self) -> Result<(), ClusterError> {
        let kinds = self.kinds(|kind| kind.namespaced);
        let (reader, namespaces) = (self.reader, self.namespaces.clone());
        let lists = namespaces.iter().map(|namespace| list(reader, kinds.clone(), Some(namespace)));
        let listings: Vec<_> = stream::iter(lists).buffered(NAMESPACES_AT_ONCE).try_collect().await?;
        for (namespace, listing) in namespaces.iter().zip(&listings) {
            self.note_unknown(namespace, listing);
            self.count(namespace, listing);
        }
        Ok(())
    }

    async fn crds(&mut self) -> Result<(), ClusterError> {
        let crds: Vec<_> = self.going().map(|change| &change.object).filter(|object| object.is_crd()).collect();
        for crd in crds {
            let key = Address::object(crd).as_str().to_owned();
            let resource = match served_by(self.reader, crd).await {
                Ok(None) => continue,
                Ok(Some(resource)) => resource,
                Err(error) if is_fatal(&error) => return Err(error),
                Err(error) => {
                    let unknown = self.found.unknown.entry(key).or_default();
                    unknown.insert(crd.name.to_string(), error.to_string());
                    self.found.effects.push(Loss::Kind { crd: crd.clone(), objects: None }.to_string());
                    continue;
                }
            };
            let listing = list(self.reader, vec![resource], None).await?;
            self.note_unknown(&key, &listing);
            let others = others(&listing.metas, |meta| self.ours.has(meta)).len();
            let known = listing.unlisted.is_empty();
            let objects = known.then(|| (listing.metas.len() - others, others));
            if objects != Some((0, 0)) {
                self.found.effects.push(Loss::Kind { crd: crd.clone(), objects }.to_string());
            }
            self.count(&key, &listing);
        }
        Ok(())
    }

    /// What the garbage collector takes along. The content of a deleted namespace is counted already.
    async fn owned(&mut self) -> Result<(), ClusterError> {
        let mut going = BTreeMap::new();
        let mut scopes = BTreeSet::new();
        for change in self.going() {
            let object = &change.object;
            // A version of langop's own files: a name that changes with its content is nobody's to hang on.
            if self.plan.successions.iter().any(|succession| succession.old == *object) {
                continue;
            }
            let Some(uid) = change.precondition.uid.clone() else { continue };
            going.insert(uid, Address::object(object).as_str().to_owned());
            match &object.namespace {
                Some(namespace) if !self.namespaces.contains(namespace.as_str()) => {
                    scopes.insert(Some(namespace.as_str()));
                }
                // What Kubernetes itself has without a namespace owns nothing.
                None if object.is_custom() && !object.is_crd() => drop(scopes.insert(None)),
                _ => {}
            }
        }
        if scopes.contains(&None) {
            scopes = BTreeSet::from([None]);
        }
        for scope in scopes {
            let kinds = self.kinds(|kind| kind.namespaced || scope.is_none());
            let listing = list(self.reader, kinds, scope).await?;
            self.note_unsearched(scope, &listing);
            let taken = owned::taken_along(&going, |meta| self.ours.has(meta), &listing.metas);
            for (with, metas) in taken {
                let metas = metas.into_iter().filter(|meta| !self.is_counted(meta)).collect::<Vec<_>>();
                self.found.add(with, &metas);
            }
        }
        Ok(())
    }

    async fn storage(&mut self) -> Result<(), ClusterError> {
        let objects = self.going().map(|change| &change.object);
        let asked = objects.map(async |object| (object, storage::loss(self.reader, object).await));
        let answers: Vec<_> = stream::iter(asked).buffer_unordered(AT_ONCE).collect().await;
        let mut losses = BTreeMap::new();
        for (object, loss) in answers {
            losses.insert(object, loss?);
        }
        self.found.effects.extend(losses.into_values().flatten().map(|loss| loss.to_string()));
        Ok(())
    }

    fn kinds(&self, wanted: impl Fn(&Resource) -> bool) -> Vec<Resource> {
        let resources = self.reader.resources();
        let counted = |kind: &&Resource| counts(&kind.api.group, &kind.api.kind) && wanted(kind);
        resources.listable().filter(counted).cloned().collect()
    }

    fn count(&mut self, key: &str, listing: &Listing) {
        let metas: Vec<_> = others(&listing.metas, |meta| self.ours.has(meta))
            .into_iter()
            .filter(|meta| !self.is_counted(meta))
            .collect();
        self.found.add(key, &metas);
        self.counted.extend(metas.into_iter().map(|meta| meta.uid.clone()));
    }

    fn is_counted(&self, meta: &Meta) -> bool {
        self.counted.contains(&meta.uid)
    }

    fn note_unknown(&mut self, key: &str, listing: &Listing) {
        for unlisted in &listing.unlisted {
            let kinds = self.found.unknown.entry(key.to_owned()).or_default();
            kinds.insert(unlisted.kind.to_string(), unlisted.error.to_string());
        }
    }

    /// Few have anything that is owned by an object of a stack: that someone may not look for it keeps nobody from
    /// deleting what is theirs. Any other failure does.
    fn note_unsearched(&mut self, scope: Option<&str>, listing: &Listing) {
        let mut hidden = Vec::new();
        for unlisted in &listing.unlisted {
            if matches!(unlisted.error, ClusterError::Forbidden(_)) {
                hidden.push(unlisted.kind.to_string());
            } else if let Some(change) = self.plan.changes.iter().find(|change| is_in(change, scope)) {
                let key = Address::object(&change.object).as_str().to_owned();
                let kinds = self.found.unknown.entry(key).or_default();
                kinds.insert(unlisted.kind.to_string(), unlisted.error.to_string());
            }
        }
        if !hidden.is_empty() {
            let place = scope.map_or_else(String::new, |namespace| format!(" in {namespace}"));
            hidden.sort();
            self.found.effects.push(format!(
                "objects{place} that belong to deleted ones go with them; of these kinds this identity may not list \
                 any: {}",
                hidden.join(", ")
            ));
        }
    }
}

/// The first deletion that a search in this scope is for.
fn is_in(change: &Change, scope: Option<&str>) -> bool {
    matches!(change.action, Action::Delete | Action::Replace)
        && !matches!(change.reason, Reason::With { .. })
        && change.object.namespace.as_deref() == scope
}

/// So many of a kind are named.
const NAMED: usize = 10;

impl Unmanaged {
    fn add(&mut self, key: &str, metas: &[&Meta]) {
        for meta in metas {
            let kind = meta.reference.group_kind().to_string();
            *self.lost.entry(key.to_owned()).or_default().entry(kind.clone()).or_insert(0) += 1;
            let names = self.names.entry(key.to_owned()).or_default().entry(kind).or_default();
            // The key says the namespace, where it is one.
            let home = meta.reference.namespace.as_deref().filter(|home| *home != key);
            names.push(
                home.map_or_else(|| meta.reference.name.to_string(), |home| format!("{home}/{}", meta.reference.name)),
            );
            names.sort();
            names.truncate(NAMED);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_ten_of_a_kind_are_named_in_their_order() {
        let metas: Vec<_> = (0..12)
            .rev()
            .map(|n| {
                let object =
                    json!({ "metadata": { "name": format!("p{n:02}"), "namespace": "prod", "uid": n.to_string() } });
                Meta::from_object("", "Pod", &object).unwrap()
            })
            .collect();
        let mut found = Unmanaged::default();
        found.add("prod", &metas.iter().collect::<Vec<_>>());
        assert_eq!(found.lost["prod"]["Pod"], 12);
        assert_eq!(found.names["prod"]["Pod"].len(), 10);
        assert_eq!((&*found.names["prod"]["Pod"][0], &*found.names["prod"]["Pod"][9]), ("p00", "p09"));
        found.add("Thing/x", &metas.iter().take(1).collect::<Vec<_>>());
        assert_eq!(found.names["Thing/x"]["Pod"], ["prod/p11"]);
    }
}
