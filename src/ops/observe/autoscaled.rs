//! Which objects an autoscaler scales: those of the same description, and those on the server. Asks for the latter only
//! where a count of replicas would change.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tokio::sync::Mutex;

use crate::cluster::{ClusterError, Reader};
use crate::object::field::text;
use crate::object::{GroupKind, Manifest, ObjectRef, Word};
use crate::ops::hidden::Hidden;
use crate::plan::Problem;

/// What scales an object, by the object: `HorizontalPodAutoscaler/prod/web`.
type Scaled = BTreeMap<ObjectRef, String>;

/// The autoscalers that are known.
pub(super) struct Autoscalers<'a> {
    reader: &'a Reader,
    described: Scaled,
    /// Those on the server by namespace, as far as they were asked for; none where they may not be listed.
    live: Mutex<BTreeMap<Word, Option<Scaled>>>,
    /// Objects of which it is not known whether one scales them, for this identity may not look.
    hidden: Mutex<BTreeSet<ObjectRef>>,
}

impl<'a> Autoscalers<'a> {
    pub(super) fn new(reader: &'a Reader, manifests: &[Manifest]) -> Self {
        let described = manifests.iter().filter_map(|manifest| scaled(&manifest.reference, &manifest.object));
        Self { reader, described: described.collect(), live: Mutex::default(), hidden: Mutex::default() }
    }

    /// What of the description scales the object.
    pub(super) fn described(&self, object: &ObjectRef) -> Option<&String> {
        self.described.get(object)
    }

    /// What on the server scales the object. One LIST for each namespace; nothing is known to scale it where this
    /// identity may not list, which [`Autoscalers::unread`] says.
    pub(super) async fn live(&self, object: &ObjectRef) -> Result<Option<String>, ClusterError> {
        let Some(namespace) = &object.namespace else { return Ok(None) };
        let mut live = self.live.lock().await;
        if !live.contains_key(namespace) {
            live.insert(namespace.clone(), self.list(namespace).await?);
        }
        let Some(Some(scaled)) = live.get(namespace) else {
            self.hidden.lock().await.insert(object.clone());
            return Ok(None);
        };
        Ok(scaled.get(object).cloned())
    }

    /// The warning about what could not be seen.
    pub(super) async fn unread(&self) -> Option<Problem> {
        let hidden = self.hidden.lock().await;
        let objects = hidden.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
        let hidden =
            Hidden { code: "autoscalers-unread", verb: "list", resource: "horizontalpodautoscalers.autoscaling" };
        hidden.warning("whether an autoscaler keeps the replicas that the plan changes", &objects)
    }

    async fn list(&self, namespace: &str) -> Result<Option<Scaled>, ClusterError> {
        let kind = GroupKind::new("autoscaling", "HorizontalPodAutoscaler");
        let Ok(resource) = self.reader.resource(&kind, None) else { return Ok(Some(Scaled::new())) };
        let found = match self.reader.list(&resource, Some(namespace), None).await {
            Err(ClusterError::Forbidden(_)) => return Ok(None),
            answer => answer?,
        };
        let autoscalers = found.iter().filter_map(|object| {
            let name = text(object, "/metadata/name")?;
            scaled(&ObjectRef::namespaced(&kind.group, &kind.kind, namespace, name), object)
        });
        Ok(Some(autoscalers.collect()))
    }
}

/// What an autoscaler scales, and what it is called: Kubernetes' own, and KEDA's `ScaledObject`, whose target is a
/// Deployment unless it says otherwise.
fn scaled(autoscaler: &ObjectRef, object: &Value) -> Option<(ObjectRef, String)> {
    let own = autoscaler.is("autoscaling", "HorizontalPodAutoscaler");
    if !own && !autoscaler.is("keda.sh", "ScaledObject") {
        return None;
    }
    let target = object.pointer("/spec/scaleTargetRef")?;
    let keda = |default: &'static str| if own { "" } else { default };
    let api_version = text(target, "/apiVersion").unwrap_or(keda("apps/v1"));
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    let kind = text(target, "/kind").unwrap_or(keda("Deployment"));
    let namespace = autoscaler.namespace.as_deref()?;
    let name = format!("{}/{}", autoscaler.kind, autoscaler.name);
    Some((ObjectRef::namespaced(group, kind, namespace, text(target, "/name")?), name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn targets_are_found_by_what_each_autoscaler_leaves_out() {
        let of = |group: &str, kind: &str, target: Value| {
            let autoscaler = ObjectRef::namespaced(group, kind, "n", "x");
            scaled(&autoscaler, &json!({"spec": {"scaleTargetRef": target}})).map(|(object, _)| object.to_string())
        };
        let web = ObjectRef::namespaced("apps", "Deployment", "n", "web").to_string();
        let whole = json!({"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"});
        assert_eq!(of("autoscaling", "HorizontalPodAutoscaler", whole.clone()), Some(web.clone()));
        assert_eq!(of("keda.sh", "ScaledObject", json!({"name": "web"})), Some(web));
        assert_eq!(of("example.com", "ScaledObject", whole), None);
    }
}
