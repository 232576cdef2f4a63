//! What a plan says of the releases that gateways run: what a change of an image needs of the description, and which
//! images are not known to be safe. What is known of releases, [`crate::stack`] has.

use std::collections::BTreeMap;

use serde_json::Value;

use super::inputs::Inputs;
use super::observed::Observed;
use super::{Action, Plan};
use crate::object::ObjectRef;
use crate::object::field::{items, text};
use crate::object::names::{CLUSTER_KIND, GATEWAY, GROUP, MODEL_KIND};
use crate::object::role::{gateway_cluster, is_gateway_deployment};
use crate::stack::{ImageUses, image_fault, image_step};

/// The image of a gateway that is not known to be safe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UnsafeImage {
    /// The cluster.
    pub cluster: String,
    /// What is known against it, a lower-case fragment.
    pub message: String,
    /// What to do.
    pub hint: String,
}

/// A sentence for each gateway that comes to run another release, and one for each thing that this needs.
pub(super) fn effects(inputs: &Inputs<'_>) -> Vec<String> {
    let objects: BTreeMap<_, _> = inputs.desired.iter().map(|(object, desired)| (object, &*desired.object)).collect();
    let changed = inputs.desired.iter().filter_map(|(object, desired)| {
        let Some(Observed::Live { live, .. }) = inputs.observed.get(object) else { return None };
        let cluster = cluster(object, &desired.object)?;
        let (was, is) = (image(live)?, image(&desired.object)?);
        let (step, needed) = image_step(was, is, &uses(&objects, &cluster))?;
        let gateway = format!("gateway of cluster `{cluster}`");
        let needed = needed.into_iter().map(|needed| format!("{gateway}: {needed}")).collect::<Vec<_>>();
        Some(std::iter::once(format!("{gateway} {step}")).chain(needed).collect::<Vec<_>>())
    });
    changed.flatten().collect()
}

/// The images of a plan's gateways that have a hole in what is used, or of which nobody here knows whether they have one.
#[must_use]
pub(crate) fn unsafe_images(plan: &Plan) -> Vec<UnsafeImage> {
    let stays = plan.changes.iter().filter(|change| !matches!(change.action, Action::Delete | Action::Forget));
    unsafe_among(&stays.map(|change| (&change.object, &*change.desired)).collect())
}

/// The same of objects that belong together.
#[must_use]
pub(crate) fn unsafe_among(objects: &BTreeMap<&ObjectRef, &Value>) -> Vec<UnsafeImage> {
    let gateways = objects.iter().filter_map(|(object, desired)| {
        let cluster = cluster(object, desired)?;
        let fault = image_fault(image(desired)?, &uses(objects, &cluster))?;
        Some(UnsafeImage { cluster, message: fault.message, hint: fault.hint })
    });
    gateways.collect()
}

/// The cluster whose gateway's Deployment an object is.
fn cluster(object: &ObjectRef, desired: &Value) -> Option<String> {
    gateway_cluster(desired).filter(|_| is_gateway_deployment(object, desired))
}

fn image(deployment: &Value) -> Option<&str> {
    let containers = items(deployment, "/spec/template/spec/containers");
    text(containers.iter().find(|container| text(container, "/name") == Some(GATEWAY))?, "/image")
}

/// What the description of a cluster uses.
fn uses(objects: &BTreeMap<&ObjectRef, &Value>, cluster: &str) -> ImageUses {
    let whole = objects.get(&ObjectRef::cluster_scoped(GROUP, CLUSTER_KIND, cluster));
    let gateway = whole.and_then(|whole| whole.pointer("/spec/gateway")).unwrap_or(&Value::Null);
    let is_model = |object: &&ObjectRef| object.is(GROUP, MODEL_KIND) && object.namespace.as_deref() == Some(cluster);
    let models = objects.iter().filter(|(object, _)| is_model(object));
    ImageUses::of(gateway, models.filter_map(|(object, whole)| Some((&*object.name, whole.get("spec")?))))
}
