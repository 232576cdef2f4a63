//! Observes everything that is desired or owned, with as few requests as the truth needs.
//!
//! One LIST of metadata per kind ([`list`]); what that does not show to be unchanged ([`unchanged`]) is read and
//! dry-run ([`dry_run`]), or held against the definition of its kind that this plan brings ([`by_schema`]). In waves,
//! because the answer for one object depends on that for another: CRDs, other cluster-scoped objects, objects in
//! namespaces, objects with late values.

mod allocated;
mod amended;
mod autoscaled;
mod by_schema;
mod claimed;
mod definition;
mod dry_run;
mod left_to_controllers;
mod list;
mod listed;
mod schema;
mod takeover;
mod unchanged;

pub(super) use left_to_controllers::leave_to_controllers;
pub(super) use list::{AT_ONCE, list_all};
pub(super) use listed::{Listed, Look};

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::stream::{self, StreamExt as _};
use serde_json::Value;

use self::amended::{Amending, Answer};
use self::autoscaled::Autoscalers;
use self::definition::{Definition, DefinitionSource};
use self::dry_run::{Existence, ObjectDryRun, unreadable};
use self::takeover::Takeover;
use self::unchanged::is_unchanged;
use super::secrets::{ExternalSecrets, Values};
use crate::cluster::{Body, ClusterError, Ownership, Reader};
use crate::diff::Diff;
use crate::object::{Amendment, Lifecycle, Manifest, Meta, ObjectRef, ObjectVersion, digest, labels, resolve};
use crate::plan::{Action, Dependency, Desired, Left, Observed, Plan, Preview, Problem, Selection};
use crate::state::{DigestKey, Inventory};

/// How many objects of one kind in one namespace are worth a LIST instead of a GET each.
const MANY: usize = 8;

/// Which objects are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refresh {
    /// Those that the record does not show to be unchanged.
    Changed,
    /// All.
    All,
}

/// What is to be observed, and how.
pub(super) struct ObserveRequest<'a> {
    pub(super) reader: &'a Reader,
    pub(super) stack: &'a str,
    pub(super) manifests: &'a [Manifest],
    pub(super) listed: &'a Listed,
    pub(super) inventory: &'a Inventory,
    /// Keys the digests of secret values; none where it is not known.
    pub(super) digest_key: Option<&'a DigestKey>,
    pub(super) values: &'a Values,
    pub(super) external: &'a ExternalSecrets,
    pub(super) edges: &'a BTreeMap<ObjectRef, Vec<Dependency>>,
    /// Whether fields may be taken from other managers.
    pub(super) ownership: Ownership,
    pub(super) refresh: Refresh,
    /// Existing objects that may be taken over.
    pub(super) adopt: &'a Selection,
}

/// What was observed.
#[derive(Debug, Default)]
pub(super) struct Observation {
    pub(super) desired: BTreeMap<ObjectRef, Desired>,
    pub(super) observed: BTreeMap<ObjectRef, Observed>,
    /// What is not sent as described.
    pub(super) amendments: BTreeMap<ObjectRef, Vec<Amendment>>,
    /// What could not be seen and may matter.
    pub(super) unread: Vec<Problem>,
}

impl Observation {
    /// What is left as it is of objects that stay.
    pub(super) fn left(&self, plan: &Plan) -> Vec<Left> {
        let made_anew: BTreeSet<_> = plan.with_action(Action::Replace).map(|change| &change.object).collect();
        let staying = self.amendments.iter().filter(|(object, _)| !made_anew.contains(object));
        let left = staying
            .filter_map(|(object, amendments)| Some(Left::of(object, &self.desired.get(object)?.address, amendments)));
        left.flatten().collect()
    }

    /// Gives each manifest what is sent in the place of what it says.
    pub(super) fn amend(&self, manifests: &mut [Manifest]) {
        for manifest in manifests {
            if let Some(amendments) = self.amendments.get(&manifest.reference) {
                manifest.amendments.clone_from(amendments);
            }
        }
    }

    /// What is wrong with Secrets that this stack refers to and does not make.
    pub(super) fn secret_problems(&self, external: &ExternalSecrets) -> Vec<Problem> {
        let to_come = |namespace: &str| {
            matches!(self.observed.get(&ObjectRef::of_namespace(namespace)), Some(Observed::Absent(_)))
        };
        external.problems(to_come)
    }
}

impl ObserveRequest<'_> {
    /// Looks at every desired and every recorded object. For each object that is not known to be unchanged a read and a
    /// dry-run, or one of the two; one GET for each recorded object that is not desired and was not listed. What the
    /// server says about one object is that object's observation.
    pub(super) async fn observe(&self) -> Observation {
        let mut observation = Observation::default();
        let autoscalers = Autoscalers::new(self.reader, self.manifests);
        for wave in self.waves() {
            self.observe_wave((wave, &autoscalers), &mut observation).await;
        }
        observation.unread.extend(autoscalers.unread().await);
        self.observe_undesired(&mut observation).await;
        observation
    }

    fn waves(&self) -> [Vec<&Manifest>; 4] {
        let mut waves: [Vec<&Manifest>; 4] = Default::default();
        for manifest in self.manifests {
            let wave = match &manifest.reference.namespace {
                None if manifest.reference.is_crd() => 0,
                None => 1,
                Some(_) if manifest.deferred.is_empty() => 2,
                Some(_) => 3,
            };
            waves[wave].push(manifest);
        }
        waves
    }

    async fn observe_wave(
        &self,
        (wave, autoscalers): (Vec<&Manifest>, &Autoscalers<'_>),
        observation: &mut Observation,
    ) {
        let definitions = Definition::all(self.manifests);
        let mut open = Vec::new();
        for manifest in wave {
            let desired = self.desire(manifest, observation);
            let object = manifest.reference.clone();
            let definition = definitions.get(&object.group_kind());
            let refused = definition.and_then(|definition| definition.refusal(manifest, &observation.observed));
            match refused.or_else(|| self.without_reading(manifest, &desired)) {
                Some(observed) => drop(observation.observed.insert(object.clone(), observed)),
                None => open.push(manifest),
            }
            observation.desired.insert(object, desired);
        }
        let mut read = self.read_many(&open).await;
        let dry_runs: Vec<_> = open
            .iter()
            .map(|manifest| {
                self.dry_run((manifest, definitions.get(&manifest.reference.group_kind())), &mut read, observation)
            })
            .collect();
        let answers = dry_runs.into_iter().map(|(takeover, dry_run)| {
            let listed = self.listed.meta(&dry_run.manifest.reference);
            Amending { takeover, dry_run, autoscalers, listed }.observe()
        });
        let mut answered = stream::iter(answers).buffer_unordered(AT_ONCE);
        while let Some(Answer { object, observed, amendments }) = answered.next().await {
            if !amendments.is_empty() {
                observation.amendments.insert(object.clone(), amendments);
            }
            observation.observed.insert(object, observed);
        }
    }

    fn dry_run<'p>(
        &'p self,
        (manifest, definition): (&'p Manifest, Option<&Definition<'p>>),
        read: &mut BTreeMap<ObjectRef, Value>,
        observation: &Observation,
    ) -> (Takeover<'p>, ObjectDryRun<'p>) {
        let object = &manifest.reference;
        let desired = observation.desired.get(object).map(|desired| desired.object.clone()).unwrap_or_default();
        let defined_by = definition.map(|definition| definition.source(observation.observed.get(definition.crd())));
        let takeover = Takeover {
            reader: self.reader,
            manifest,
            adopts: self.adopt.has(&manifest.address, object) && !self.owns(object),
            ownership: self.ownership,
        };
        let dry_run = ObjectDryRun {
            reader: self.reader,
            manifest,
            body: Body { object: desired, secret: self.values.of_secret(object) },
            existence: self.existence(object, observation),
            live: read.remove(object),
            ownership: takeover.ownership(),
            definition: definition.copied(),
            awaits_others: self.awaits_others(object, observation),
            defined_by: defined_by.unwrap_or(DefinitionSource::Server),
            without_values: self.values.missing_in(object).map(|missing| missing.because.clone()),
        };
        (takeover, dry_run)
    }

    /// Whether something that the object refers to is desired and not known to be there.
    fn awaits_others(&self, object: &ObjectRef, observation: &Observation) -> bool {
        let mut needs = self.edges.get(object).into_iter().flatten().map(|dependency| &dependency.on);
        needs.any(|needed| {
            matches!(observation.observed.get(needed), Some(Observed::Absent(_)))
                || observation.desired.contains_key(needed) && self.listed.meta(needed).is_none()
        })
    }

    /// Whether the object is known to be the stack's already.
    fn owns(&self, object: &ObjectRef) -> bool {
        let recorded = self.inventory.entries.get(object).and_then(|entry| entry.uid.as_ref());
        self.listed.meta(object).is_some_and(|meta| {
            meta.stack() == Some(self.stack) && meta.managed_by_langop() || recorded == Some(&meta.uid)
        })
    }

    /// Many objects of one kind in one namespace are read by one LIST. Secrets are not: their values can be
    /// compared only where live and dry-run object are at hand together.
    async fn read_many(&self, open: &[&Manifest]) -> BTreeMap<ObjectRef, Value> {
        let mut groups: BTreeMap<_, Vec<&Manifest>> = BTreeMap::new();
        for manifest in open.iter().filter(|manifest| !manifest.reference.is("", "Secret")) {
            if self.listed.meta(&manifest.reference).is_some() {
                let key = (manifest.reference.group_kind(), manifest.reference.namespace.clone());
                groups.entry(key).or_default().push(manifest);
            }
        }
        let selector = format!("{}={}", labels::STACK, self.stack);
        let mut read = BTreeMap::new();
        for ((kind, namespace), members) in groups.into_iter().filter(|(_, members)| members.len() >= MANY) {
            let Ok(resource) = self.reader.resource(&kind, Some(&members[0].api_version)) else { continue };
            // A LIST that fails says nothing: each of these objects is then asked for by a GET of its own.
            let Ok(objects) = self.reader.list(&resource, namespace.as_deref(), Some(&selector)).await else {
                continue;
            };
            for object in objects {
                if let Some(meta) = Meta::from_object(&kind.group, &kind.kind, &object) {
                    read.insert(meta.reference, object);
                }
            }
        }
        read
    }

    /// The desired object with everything filled in that is known by now.
    fn desire(&self, manifest: &Manifest, observation: &Observation) -> Desired {
        let object = resolve(manifest, |other| self.version(other, observation));
        Desired {
            digest: self.digest(manifest, &object),
            address: manifest.address.clone(),
            source: manifest.source.clone(),
            places: manifest.places.clone(),
            lifecycle: manifest.lifecycle,
            replaceable: manifest.rules.replaceable || manifest.annotation(labels::REPLACE) == Some("allowed"),
            depends_on: self.edges.get(&manifest.reference).cloned().unwrap_or_default(),
            object,
        }
    }

    /// Empty, which equals no digest, where values are missing.
    fn digest(&self, manifest: &Manifest, object: &Value) -> String {
        if self.values.missing_in(&manifest.reference).is_some() {
            return String::new();
        }
        let values = self.values.of_secret(&manifest.reference);
        digest::of_manifest(manifest, object, &values, self.digest_key.map(DigestKey::as_bytes))
    }

    fn version(&self, other: &ObjectRef, observation: &Observation) -> ObjectVersion {
        match observation.observed.get(other) {
            Some(Observed::Unchanged(meta)) => ObjectVersion::from(&**meta),
            Some(Observed::Live { meta, live, next: Preview::Becomes { object, .. } })
                if Diff::between(live, object).is_empty() =>
            {
                ObjectVersion::from(&**meta)
            }
            // What may not be seen is as it was recorded, as far as anybody knows.
            Some(Observed::Hidden { .. } | Observed::Unreadable { .. }) => self.recorded(other),
            _ if other.is("", "Secret") => self.external.version(other).unwrap_or_else(|| self.changing(other)),
            // Of an owner only the uid counts, and that stays when the owner changes.
            _ => match self.listed.look(other) {
                Look::There(meta) => ObjectVersion::from(meta),
                Look::Unknown => self.recorded(other),
                Look::Absent | Look::Unseen => ObjectVersion::Deferred,
            },
        }
    }

    fn changing(&self, other: &ObjectRef) -> ObjectVersion {
        let uid = self.listed.meta(other).map(|meta| meta.uid.clone());
        uid.map_or(ObjectVersion::Deferred, |uid| ObjectVersion::Changing { uid })
    }

    fn recorded(&self, other: &ObjectRef) -> ObjectVersion {
        let entry = self.inventory.entries.get(other);
        let version = entry.and_then(|entry| entry.uid.clone().zip(entry.resource_version.clone()));
        version
            .map_or(ObjectVersion::Deferred, |(uid, resource_version)| ObjectVersion::Known { uid, resource_version })
    }

    /// What needs no further request.
    fn without_reading(&self, manifest: &Manifest, desired: &Desired) -> Option<Observed> {
        let meta = self.listed.shared(&manifest.reference)?;
        let once = manifest.lifecycle == Lifecycle::CreateOnce && meta.managed_by_langop() && !meta.terminating;
        let derived = manifest.lifecycle == Lifecycle::Derived && meta.managed_by_langop() && !meta.terminating;
        let derived = derived && meta.has_annotations_of(&desired.object);
        let entry = self.inventory.entries.get(&manifest.reference);
        let recorded = self.refresh == Refresh::Changed
            && entry.is_some_and(|entry| is_unchanged(&desired.digest, &desired.object, meta, entry));
        (once || derived || recorded).then(|| Observed::Unchanged(Arc::clone(meta)))
    }

    fn existence(&self, object: &ObjectRef, observation: &Observation) -> Existence {
        let namespace = object.namespace.as_deref().map(ObjectRef::of_namespace);
        let namespace_is = namespace.and_then(|namespace| observation.observed.get(&namespace));
        if matches!(namespace_is, Some(Observed::Absent(_))) {
            Existence::NamespacePending
        } else if self.listed.meta(object).is_some() {
            Existence::Listed
        } else {
            Existence::Unknown
        }
    }

    async fn observe_undesired(&self, observation: &mut Observation) {
        let undesired = self.inventory.entries.keys().filter(|object| !observation.desired.contains_key(object));
        // Namespaces first: what lived in one that is gone needs no question.
        let (cluster, namespaced): (Vec<_>, Vec<_>) = undesired.partition(|object| object.namespace.is_none());
        for objects in [cluster, namespaced] {
            let asked =
                objects.into_iter().map(async |object| (object, self.undesired(object, &observation.observed).await));
            let answers: Vec<_> = stream::iter(asked).buffer_unordered(AT_ONCE).collect().await;
            observation.observed.extend(answers.into_iter().map(|(object, observed)| (object.clone(), observed)));
        }
    }

    async fn undesired(&self, object: &ObjectRef, observed: &BTreeMap<ObjectRef, Observed>) -> Observed {
        if let Some(meta) = self.listed.shared(object) {
            return Observed::Undesired(Arc::clone(meta));
        }
        match self.listed.look(object) {
            Look::Absent => return Observed::Gone,
            Look::There(_) | Look::Unseen | Look::Unknown => {}
        }
        let namespace = object.namespace.as_deref().map(ObjectRef::of_namespace);
        let namespace_is = namespace.and_then(|namespace| observed.get(&namespace));
        if matches!(namespace_is, Some(Observed::Gone | Observed::Absent(_))) {
            return Observed::Gone;
        }
        match self.metadata(object).await {
            Ok(Some(meta)) => Observed::Undesired(Arc::new(meta)),
            Ok(None) => Observed::Gone,
            Err(error) => unreadable(&error),
        }
    }

    async fn metadata(&self, object: &ObjectRef) -> Result<Option<Meta>, ClusterError> {
        match self.reader.served(&object.group_kind()).await? {
            Some(resource) => self.reader.metadata(&resource, object).await,
            // A kind that the server does not have any more took its objects with it.
            None => Ok(None),
        }
    }
}
