//! Observes everything that is desired or owned, with as few requests as the truth needs.
//!
//! One LIST of metadata per kind; what that does not prove unchanged is read and dry-run. In three waves,
//! because the answer for one object depends on that for another: cluster-scoped objects, objects in
//! namespaces, objects with late values.

use std::collections::BTreeMap;

use futures::stream::{self, StreamExt as _};
use serde_json::Value;

use super::foreign::Foreign;
use super::probe::{Probe, Standing, unreadable};
use super::prove;
use super::secrets::Values;
use super::survey::{AT_ONCE, Survey};
use crate::cluster::{Body, ClusterError, Ownership, Reader};
use crate::diff::Diff;
use crate::object::{GroupKind, Known, Lifecycle, Manifest, Meta, ObjectRef, digest, labels, resolve};
use crate::plan::{Dependency, Desired, Observed, Preview, Problem};
use crate::state::Inventory;

/// How many objects of one kind in one namespace are worth a LIST instead of a GET each.
const MANY: usize = 8;

/// What is to be observed, and how.
pub(super) struct Ask<'a> {
    pub(super) reader: &'a Reader,
    pub(super) stack: &'a str,
    pub(super) manifests: &'a [Manifest],
    pub(super) survey: &'a Survey,
    pub(super) inventory: &'a Inventory,
    pub(super) values: &'a Values,
    pub(super) edges: &'a BTreeMap<ObjectRef, Vec<Dependency>>,
    /// Whether fields may be taken from other managers.
    pub(super) ownership: Ownership,
    /// Whether everything is read, proofs or not.
    pub(super) full: bool,
}

/// What was observed.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) desired: BTreeMap<ObjectRef, Desired>,
    pub(super) observed: BTreeMap<ObjectRef, Observed>,
    foreign: Foreign,
}

impl Seen {
    /// What is wrong with Secrets that this stack refers to and does not make.
    pub(super) fn secret_problems(&self) -> Vec<Problem> {
        let to_come = |namespace: &str| {
            matches!(self.observed.get(&ObjectRef::of_namespace(namespace)), Some(Observed::Absent(_)))
        };
        self.foreign.problems(to_come)
    }
}

impl Ask<'_> {
    /// Observes.
    pub(super) async fn observe(&self) -> Result<Seen, ClusterError> {
        let foreign = Foreign::look_up(self.reader, self.manifests).await?;
        let mut seen = Seen { foreign, ..Seen::default() };
        for wave in self.waves() {
            self.observe_wave(wave, &mut seen).await;
        }
        self.observe_undesired(&mut seen).await;
        Ok(seen)
    }

    fn waves(&self) -> [Vec<&Manifest>; 3] {
        let mut waves: [Vec<&Manifest>; 3] = Default::default();
        for manifest in self.manifests {
            let late = usize::from(!manifest.late.is_empty());
            let wave = if manifest.reference.namespace.is_some() { 1 + late } else { 0 };
            waves[wave].push(manifest);
        }
        waves
    }

    async fn observe_wave(&self, wave: Vec<&Manifest>, seen: &mut Seen) {
        let crds: Vec<_> = self.manifests.iter().filter(|manifest| manifest.lifecycle == Lifecycle::Shared).collect();
        let mut open = Vec::new();
        for manifest in wave {
            let desired = self.desire(manifest, seen);
            let object = manifest.reference.clone();
            match self.settled(manifest, &desired) {
                Some(observed) => drop(seen.observed.insert(object.clone(), observed)),
                None => open.push(manifest),
            }
            seen.desired.insert(object, desired);
        }
        let mut read = self.read_many(&open).await;
        let probes: Vec<_> = open.iter().map(|manifest| self.probe(manifest, &crds, &mut read, seen)).collect();
        let answers = probes.into_iter().map(async |(object, probe)| (object, probe.ask().await));
        let mut answers = stream::iter(answers).buffer_unordered(AT_ONCE);
        while let Some((object, observed)) = answers.next().await {
            seen.observed.insert(object, observed);
        }
    }

    fn probe<'p>(
        &'p self,
        manifest: &'p Manifest,
        crds: &'p [&'p Manifest],
        read: &mut BTreeMap<ObjectRef, Value>,
        seen: &Seen,
    ) -> (ObjectRef, Probe<'p>) {
        let object = &manifest.reference;
        let desired = seen.desired.get(object).map(|desired| desired.object.clone()).unwrap_or_default();
        let probe = Probe {
            reader: self.reader,
            manifest,
            body: Body { object: desired, secret: self.values.of(object) },
            standing: self.standing(object, seen),
            live: read.remove(object),
            ownership: self.ownership,
            crds,
            upgraded: crds
                .iter()
                .any(|crd| GroupKind::defined_by(&crd.object) == object.group_kind() && self.is_upgraded(crd)),
            without_values: self.values.missing_of(object).map(|missing| missing.because.clone()),
        };
        (object.clone(), probe)
    }

    /// Whether the server has the CRD with another number of its schema.
    fn is_upgraded(&self, crd: &Manifest) -> bool {
        let live = self.survey.listed.get(&crd.reference).and_then(|meta| meta.annotations.get(labels::SCHEMA));
        live.is_some_and(|live| Some(live.as_str()) != crd.annotation(labels::SCHEMA))
    }

    /// Many objects of one kind in one namespace are read by one LIST. Secrets are not: their values can be
    /// compared only where live and dry-run object are at hand together.
    async fn read_many(&self, open: &[&Manifest]) -> BTreeMap<ObjectRef, Value> {
        let mut groups: BTreeMap<_, Vec<&Manifest>> = BTreeMap::new();
        for manifest in open.iter().filter(|manifest| !manifest.reference.is("", "Secret")) {
            if self.survey.listed.contains_key(&manifest.reference) {
                let key = (manifest.reference.group_kind(), manifest.reference.namespace.clone());
                groups.entry(key).or_default().push(manifest);
            }
        }
        let selector = format!("{}={}", labels::STACK, self.stack);
        let mut read = BTreeMap::new();
        for ((kind, namespace), members) in groups.into_iter().filter(|(_, members)| members.len() >= MANY) {
            let Ok(resource) = self.reader.resource(&kind, Some(&members[0].api_version)) else { continue };
            // A LIST that fails costs nothing but the GETs that it would have saved.
            let objects = self.reader.list(&resource, namespace.as_deref(), Some(&selector)).await.unwrap_or_default();
            for object in objects {
                if let Some(meta) = Meta::read(&kind.group, &kind.kind, &object) {
                    read.insert(meta.reference, object);
                }
            }
        }
        read
    }

    /// The desired object with everything filled in that is known by now.
    fn desire(&self, manifest: &Manifest, seen: &Seen) -> Desired {
        let object = resolve(manifest, |other| self.known(other, seen));
        Desired {
            digest: digest::of(
                manifest,
                &object,
                &self.values.of(&manifest.reference),
                self.inventory.digest_key.as_bytes(),
            ),
            address: manifest.address.clone(),
            source: manifest.source.clone(),
            places: manifest.places.clone(),
            lifecycle: manifest.lifecycle,
            replaceable: manifest.annotation(labels::REPLACE) == Some("allowed"),
            depends_on: self.edges.get(&manifest.reference).cloned().unwrap_or_default(),
            object,
        }
    }

    fn known(&self, other: &ObjectRef, seen: &Seen) -> Known {
        match seen.observed.get(other) {
            Some(Observed::Unchanged(meta)) => Known::from(&**meta),
            Some(Observed::Live { meta, live, next: Preview::Becomes { object, .. } })
                if Diff::between(live, object).is_empty() =>
            {
                Known::from(&**meta)
            }
            // Of an owner only the uid counts, and that stays when the owner changes.
            _ if !other.is("", "Secret") => self.survey.listed.get(other).map_or(Known::Later, Known::from),
            _ => seen.foreign.known(other).unwrap_or(Known::Later),
        }
    }

    /// What needs no further request.
    fn settled(&self, manifest: &Manifest, desired: &Desired) -> Option<Observed> {
        let meta = self.survey.listed.get(&manifest.reference)?;
        let once = manifest.lifecycle == Lifecycle::CreateOnce && meta.managed_by_langop() && !meta.terminating;
        let entry = self.inventory.entries.get(&manifest.reference);
        let proved =
            !self.full && entry.is_some_and(|entry| prove::unchanged(&desired.digest, &desired.object, meta, entry));
        (once || proved).then(|| Observed::Unchanged(Box::new(meta.clone())))
    }

    fn standing(&self, object: &ObjectRef, seen: &Seen) -> Standing {
        let namespace = object.namespace.as_deref().map(ObjectRef::of_namespace);
        let namespace = namespace.and_then(|namespace| seen.observed.get(&namespace));
        if matches!(namespace, Some(Observed::Absent(_))) {
            Standing::NamespaceToCome
        } else if self.survey.listed.contains_key(object) {
            Standing::Listed
        } else {
            Standing::Open
        }
    }

    async fn observe_undesired(&self, seen: &mut Seen) {
        let undesired = self.inventory.entries.keys().filter(|object| !seen.desired.contains_key(object));
        // Namespaces first: what lived in one that is gone needs no question.
        let (cluster, namespaced): (Vec<_>, Vec<_>) = undesired.partition(|object| object.namespace.is_none());
        for objects in [cluster, namespaced] {
            let asked = objects.into_iter().map(async |object| (object, self.undesired(object, &seen.observed).await));
            let answers: Vec<_> = stream::iter(asked).buffer_unordered(AT_ONCE).collect().await;
            seen.observed.extend(answers.into_iter().map(|(object, observed)| (object.clone(), observed)));
        }
    }

    async fn undesired(&self, object: &ObjectRef, observed: &BTreeMap<ObjectRef, Observed>) -> Observed {
        if let Some(meta) = self.survey.listed.get(object) {
            return Observed::Undesired(Box::new(meta.clone()));
        }
        let namespace = object.namespace.as_deref().map(ObjectRef::of_namespace);
        let gone = namespace.and_then(|namespace| observed.get(&namespace));
        if matches!(gone, Some(Observed::Gone | Observed::Absent(_))) {
            return Observed::Gone;
        }
        match self.metadata(object).await {
            Ok(Some(meta)) => Observed::Undesired(Box::new(meta)),
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
