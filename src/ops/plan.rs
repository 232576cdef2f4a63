//! Makes a plan: record, lists, observation, decision. Writes nothing: it is given a `Reader`.

use std::collections::{BTreeMap, BTreeSet};

use super::adopted::Adopting;
use super::observe::{ObserveRequest, Refresh, leave_to_controllers, list_all};
use super::secrets::ExternalSecrets;
use super::targeting::Targeting;
use super::{
    OpsError, Values, agent_keys, capacity, digest_key, kept_keys, kind_roles, namespaces, not_permitted, standing,
    terminating, unmanaged,
};
use serde_json::Value;

use crate::apply::Outcome;
use crate::cluster::{ClusterError, Ownership, Reader, both};
use crate::graph;
use crate::object::{Lifecycle, Manifest, ObjectRef};
use crate::plan::{
    Change, Inputs, Notes, Observed, Owned, Plan, PlanOptions, Problem, Severity, Succession, UnsafeImage, access,
    compute, moved, peers, succession, tools, unsafe_images, without_definition,
};
use crate::stack::Moved;
use crate::state::{Did, Entry, Inventory, Recorded, Records, Token};

/// What a plan is asked for.
#[derive(Debug)]
pub(crate) struct PlanRequest {
    /// The stack.
    pub stack: String,
    /// What should be. Empty for destroy.
    pub manifests: Vec<Manifest>,
    /// What the command asks for beyond the description.
    pub options: PlanOptions,
    /// Whether fields are taken from other managers.
    pub ownership: Ownership,
    /// Which objects are read.
    pub refresh: Refresh,
    /// What was found out while the stack was rendered.
    pub notes: Notes,
    /// What the history says of it when it is applied; none where it has no entry of its own.
    pub did: Option<Did>,
}

/// A plan and all that apply needs to carry it out.
#[derive(Debug)]
pub(crate) struct Planned {
    /// The plan.
    pub plan: Plan,
    /// Desired objects as planned: owners taken off adopted ones.
    pub manifests: Vec<Manifest>,
    /// Secret values of this command.
    pub values: Values,
    /// The record as it was read, or a new one.
    pub inventory: Inventory,
    /// What a write of the record must find unchanged; none when there is no record.
    pub token: Option<Token>,
    /// Whether fields are taken from other managers.
    pub ownership: Ownership,
    /// Objects that are left alone, with the outcome that they have by that: what is refused of a saved plan.
    pub refused: BTreeMap<ObjectRef, Outcome>,
    /// Whether keys stay that the description does not have any more: pods that go with this plan may be the last that
    /// name them.
    pub keeps_keys: bool,
    /// What the history keeps of it when it is applied.
    pub rendered: Option<Rendered>,
}

/// What was asked for, before anything was learned of the cluster.
#[derive(Debug)]
pub(crate) struct Rendered {
    /// What the history says of it.
    pub did: Did,
    /// The desired objects.
    pub manifests: Vec<Manifest>,
}

/// Makes a plan of everything that is desired or `recorded`. What is wrong with it is in [`Plan::problems`].
///
/// Costs, beside the record: one LIST of metadata a kind, one GET for each recorded object that no list has, what
/// [`ObserveRequest::observe`] needs for objects that are not known to be unchanged, the LISTs of quotas in namespaces
/// that change, one GET for each object that another succeeds, where something goes what [`unmanaged::find`] asks, and
/// for what no run has seen ready what [`standing::unhealthy`] does. A stack that is as described costs the record and
/// the LISTs.
///
/// # Errors
/// The server does not answer or refuses a LIST that the plan cannot do without, or the key of the digests cannot be read.
pub(crate) async fn plan(
    reader: &Reader,
    (records, recorded): (&Records, Recorded),
    request: PlanRequest,
) -> Result<Planned, OpsError> {
    let (inventory, token) = match recorded {
        Some((inventory, token)) => (inventory, Some(token)),
        None => (Inventory::new(&request.stack), None),
    };
    let mut manifests = request.manifests;
    let rendered = request.did.map(|did| Rendered { did, manifests: manifests.clone() });
    let mut objects: BTreeSet<_> = manifests.iter().map(|manifest| manifest.reference.clone()).collect();
    objects.extend(inventory.entries.keys().cloned());
    let (listed, found_key) = {
        let lists = async { Ok(list_all(reader, &inventory, &objects).await?) };
        both(lists, digest_key::find(records, &inventory, &manifests)).await?
    };
    namespaces::keep_existing(reader, &listed, &mut manifests).await?;
    leave_to_controllers(&mut manifests);
    agent_keys::keep_ends(reader, &listed, &mut manifests).await?;
    agent_keys::keep_generations(reader, &listed, &mut manifests).await?;
    let kept_keys = kept_keys::keep_named(reader, &listed, &mut manifests).await?;
    let adopting = Adopting { reader, listed: &listed, inventory: &inventory, adopt: &request.options.adopt };
    adopting.take_owners_off(&mut manifests).await?;
    let targeting = Targeting { reader, manifests: &manifests, inventory: &inventory, listed: &listed };
    let targeted = targeting.select(&request.options.targets)?;
    targeted.retain(&mut manifests);
    let recorded = targeted.part_of(&inventory);
    let values = Values::read(&manifests).await;
    let external = ExternalSecrets::read(reader, &manifests).await?;
    external.keep_hidden(reader, &mut manifests).await;
    let edges = graph::edges(&manifests);
    let observing = ObserveRequest {
        reader,
        stack: &request.stack,
        manifests: &manifests,
        listed: &listed,
        inventory: &recorded,
        digest_key: found_key.known(),
        values: &values,
        external: &external,
        edges: &edges,
        ownership: request.ownership,
        refresh: request.refresh,
        adopt: &request.options.adopt,
    };
    let observation = observing.observe().await;
    namespaces::keep_adopted(&mut manifests, &observation.observed, &inventory);
    // What is left alone is not observed, and so not decided; but it is the stack's.
    let mut owned: BTreeMap<_, _> =
        inventory.entries.iter().map(|(object, entry)| (object.clone(), owned(entry))).collect();
    if request.options.crds {
        keep_crds_in_use(reader, &request.stack, &mut owned).await?;
    }
    standing::learn_endings(reader, &inventory, &observation, &mut owned).await?;
    let mut plan = compute(&Inputs {
        stack: &request.stack,
        desired: &observation.desired,
        observed: &observation.observed,
        owned: &owned,
        options: &request.options,
    });
    plan.left = observation.left(&plan);
    observation.amend(&mut manifests);
    terminating::gather(reader, &mut plan).await;
    let (unhealthy, unread) = standing::unhealthy(reader, &inventory, &plan, &observation).await?;
    plan.unhealthy = unhealthy;
    plan.problems.extend(unread);
    plan.problems.extend(observation.unread.iter().cloned());
    let resources = reader.resources();
    plan.problems.extend(without_definition(&plan, |kind| Some(resources.find(kind, None)?.qualified())));
    succeed(reader, &mut plan, (&observation.observed, &owned), &request.options.moved).await?;
    plan.problems.extend(observation.secret_problems(&external));
    plan.problems.extend(not_permitted::warning(reader, &plan));
    plan.problems.extend(digest_key::warning(&found_key, &plan, &manifests));
    plan.problems.extend(values.problems());
    let quota_problems = capacity::problems(reader, &plan, &observation).await?;
    plan.problems.extend(quota_problems);
    plan.problems.extend(targeted.about_the_rest(request.notes.problems));
    plan.problems.extend(targeted.warning());
    plan.problems.extend(unsafe_images_again(&plan, request.did));
    plan.incomplete = targeted.incomplete;
    plan.warn_of_unread(&request.notes.unread);
    plan.effects.extend(request.notes.effects);
    plan.effects.extend(kind_roles::effect(&plan));
    let unmanaged::Unmanaged { lost, names, unknown, effects } = unmanaged::find(reader, &plan, &inventory).await?;
    plan.unmanaged = lost;
    plan.unmanaged_names = names;
    plan.unknown = unknown;
    plan.effects.extend(effects);
    let keeps_keys = !kept_keys.effects.is_empty();
    plan.effects.extend(kept_keys.effects);
    plan.problems.extend(kept_keys.problems);
    Ok(Planned {
        plan,
        manifests,
        values,
        inventory,
        token,
        ownership: request.ownership,
        refused: BTreeMap::new(),
        keeps_keys,
        rendered,
    })
}

/// What is said of images with known holes that a rollback brings back.
fn unsafe_images_again(plan: &Plan, did: Option<Did>) -> Vec<Problem> {
    let images = matches!(did, Some(Did::Rollback { .. })).then(|| unsafe_images(plan));
    images.into_iter().flatten().map(unsafe_image).collect()
}

/// The warning of an image that is gone back to. Of a description its validation warns.
fn unsafe_image(image: UnsafeImage) -> Problem {
    let message = format!("gateway of cluster `{}`: {}", image.cluster, image.message);
    Problem::new(Severity::Warning, "unsafe-image", message).with_hint(image.hint)
}

/// Says what comes in the place of what, and what that means for callers of gateways.
async fn succeed(
    reader: &Reader,
    plan: &mut Plan,
    (observed, owned): (&BTreeMap<ObjectRef, Observed>, &BTreeMap<ObjectRef, Owned>),
    renamed: &[Moved],
) -> Result<(), OpsError> {
    let mut pairs = succession::successors(plan, observed, owned);
    pairs.extend(moved::pairs(plan, renamed));
    let (successions, replaced) = successions(reader, pairs).await?;
    plan.effects.extend(access::effects(plan, observed, &replaced));
    plan.effects.extend(tools::effects(plan, observed, &replaced));
    plan.effects.extend(peers::effects(plan, observed));
    plan.successions = successions;
    Ok(())
}

/// What comes in the place of what, with what differs; and what was there, by what comes. One GET for each pair; where this
/// identity may not look, the creation and the deletion stand for themselves.
async fn successions(
    reader: &Reader,
    pairs: Vec<(ObjectRef, &Change)>,
) -> Result<(Vec<Succession>, BTreeMap<ObjectRef, Value>), OpsError> {
    let (mut successions, mut replaced) = (Vec::new(), BTreeMap::new());
    for (old, new) in pairs {
        match reader.find(&old).await {
            Ok(Some(content)) => {
                successions.push(Succession::new((old, new), &content));
                replaced.insert(new.object.clone(), content);
            }
            // It went meanwhile: apply will find that out.
            Ok(None) | Err(ClusterError::Forbidden(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok((successions, replaced))
}

fn owned(entry: &Entry) -> Owned {
    Owned {
        uid: entry.uid.clone(),
        digest: entry.digest.clone(),
        address: entry.address.clone(),
        depends_on: entry.depends_on.clone(),
        lifecycle: entry.lifecycle,
        adopted: entry.adopted,
        standing: entry.standing,
    }
}

/// A CRD takes all objects of its kind with it. The CRDs of one group belong together: when another stack
/// has an object of any of them, all are kept.
async fn keep_crds_in_use(
    reader: &Reader,
    stack: &str,
    owned: &mut BTreeMap<ObjectRef, Owned>,
) -> Result<(), OpsError> {
    let mut used = BTreeSet::new();
    for crd in owned.iter().filter(|(_, owned)| owned.lifecycle == Lifecycle::Shared).map(|(crd, _)| crd) {
        let Some(resource) = unmanaged::served_by(reader, crd).await? else { continue };
        let objects = reader.list_metadata(&resource, None, None).await?;
        if objects.iter().any(|meta| meta.stack() != Some(stack)) {
            used.insert(resource.api.group.clone());
        }
    }
    for (crd, owned) in owned.iter_mut().filter(|(_, owned)| owned.lifecycle == Lifecycle::Shared) {
        if crd.name.split_once('.').is_some_and(|(_, group)| used.contains(group)) {
            owned.lifecycle = Lifecycle::Kept;
        }
    }
    Ok(())
}
