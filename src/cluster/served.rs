//! Whether a kind that discovery lacks is really not there.
//!
//! Discovery alone proves nothing: for some seconds after an API server starts, `/apis` answers 200 without the
//! groups of CRDs and of aggregated APIs. A kind is absent only when no CRD defines it, and no `APIService` that
//! discovery does not list yet may serve it.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::definitions::Group;
use super::{ClusterError, Reader, Resource, both};
use crate::object::GroupKind;
use crate::object::field::{items, text};

/// How long discovery may lag behind what defines kinds; one deadline for all kinds of a connection.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(500);

impl Reader {
    /// The resource of a kind in its preferred version; none only when the server is known not to have the kind.
    /// No request for a kind that discovery lists; else two LISTs for each group, and one GET for each of its CRDs.
    ///
    /// # Errors
    /// `StaleGroup` or `NotServed` when there may be objects of the kind that nobody can see now, and whatever
    /// keeps this identity from finding out.
    pub async fn served(&self, kind: &GroupKind) -> Result<Option<Resource>, ClusterError> {
        if let Some(resource) = self.discovered(kind)? {
            return Ok(Some(resource));
        }
        // One at a time: what the first finds out, the others need not ask.
        let mut found = self.definitions.0.lock().await;
        loop {
            if let Some(resource) = self.discovered(kind)? {
                return Ok(Some(resource));
            }
            if !found.groups.contains_key(&kind.group) {
                found.groups.insert(kind.group.clone(), self.defined(&kind.group).await?);
            }
            let Some(definition) = found.groups.get(&kind.group).and_then(|group| self.definition(kind, group)) else {
                return Ok(None);
            };
            if found.lags_since.get_or_insert_with(Instant::now).elapsed() > PATIENCE {
                return Err(ClusterError::NotServed { kind: kind.clone(), definition });
            }
            tokio::time::sleep(PAUSE).await;
            self.rediscover().await?;
        }
    }

    /// Waits until discovery lists the kind of every CRD that is established, so that a LIST of all kinds leaves nothing
    /// out. One LIST where it does already. An identity that may not list CRDs has what discovery says.
    ///
    /// # Errors
    /// `NotServed` when discovery goes on lacking one.
    pub async fn wait_discovered(&self) -> Result<(), ClusterError> {
        let crds = self.resource(&GroupKind::of_crds(), None)?;
        let listed = match self.list(&crds, None, None).await {
            Err(ClusterError::Forbidden(_)) => return Ok(()),
            answer => answer?,
        };
        for crd in listed.iter().filter(|crd| is_established(crd)) {
            self.served(&GroupKind::defined_by(crd)).await?;
        }
        Ok(())
    }

    fn discovered(&self, kind: &GroupKind) -> Result<Option<Resource>, ClusterError> {
        match self.resource(kind, None) {
            Err(ClusterError::UnknownKind(_)) => Ok(None),
            answer => answer.map(Some),
        }
    }

    /// What defines a kind that discovery lacks.
    fn definition(&self, kind: &GroupKind, group: &Group) -> Option<String> {
        if let Some(crd) = group.crds.get(&kind.kind) {
            return Some(format!("CustomResourceDefinition/{crd}"));
        }
        let resources = self.resources();
        // What discovery lists and finds up to date really lacks the kind.
        let mut unlisted = group.aggregated.iter().filter(|version| !resources.announces(&kind.group, version));
        unlisted.next().map(|version| format!("APIService/{version}.{}", kind.group))
    }

    async fn defined(&self, group: &str) -> Result<Group, ClusterError> {
        let mut defined = Group::default();
        let crds = self.resource(&GroupKind::of_crds(), None)?;
        let resource = self.resource(&GroupKind::new("apiregistration.k8s.io", "APIService"), None)?;
        let (metas, services) = both(self.list_metadata(&crds, None, None), self.list(&resource, None, None)).await?;
        for meta in metas {
            // A CRD's name is `plural.group`.
            if meta.reference.name.split_once('.').is_some_and(|(_, of)| of == group)
                && let Some(crd) = self.get(&crds, &meta.reference).await?
            {
                defined.crds.insert(GroupKind::defined_by(&crd).kind, meta.reference.name);
            }
        }
        let of_group =
            services.iter().filter(|service| text(service, "/spec/group") == Some(group) && aggregated(service));
        defined.aggregated = of_group.filter_map(|service| text(service, "/spec/version")).map(str::to_owned).collect();
        Ok(defined)
    }
}

fn is_established(crd: &Value) -> bool {
    let mut conditions = items(crd, "/status/conditions").iter();
    conditions.any(|one| text(one, "/type") == Some("Established") && text(one, "/status") == Some("True"))
}

/// An `APIService` without a Service stands for the API server itself and its CRDs.
fn aggregated(service: &Value) -> bool {
    service.pointer("/spec/service").is_some_and(|service| !service.is_null())
}
