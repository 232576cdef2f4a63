//! What the workloads of a cluster have in common: how their pods are hardened, what they run as, how many there are,
//! and how the user's part joins langop's. Knows of no gateway and no agent: each comes as a [`Workload`].

mod container;
mod credentials_hash;
mod exposure;
mod hardening;
mod identity;
mod merged;
mod pod;
mod scaling;
mod service;
mod versioned;

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use k8s_openapi::{Metadata, Resource};
use serde::Serialize;

pub(super) use container::{FALLBACK_TO_LOGS, amounts, secret_variable, variable};
pub(super) use credentials_hash::{credentials_hash, users_secrets};
pub(super) use exposure::{Exposed, certificate, ingress};
pub(super) use hardening::hardened;
pub(super) use identity::manifests as identity;
pub(super) use merged::{environment, mounts};
pub(super) use pod::{Parts, metadata, rolling, spec, tmp_mount, tmp_volume};
pub(super) use scaling::{manifests as scaling, replicas};
pub(super) use service::manifest as service;
pub(super) use versioned::Versioned;

use crate::api::DeploymentSpec;
use crate::object::role::Role;
use crate::object::{Manifest, Source};
use crate::stack::Item;

use super::scope::Scope;

/// A workload while it is rendered.
#[derive(Clone, Copy)]
pub(super) struct Workload<'a> {
    pub scope: &'a Scope<'a>,
    /// What it is; its name is the name of its objects.
    pub role: Role<'a>,
    /// How it runs, as written.
    pub deployment: &'a DeploymentSpec,
    /// Name of the service account that langop makes for it.
    pub account: &'a str,
    /// The user and the group that its pods run as, unless the description says otherwise.
    pub user: User,
    /// Where it is written.
    source: &'a Source,
    places: &'a BTreeMap<String, Source>,
}

/// Whom the processes of a pod run as; numeric, so that the kubelet sees that it is not root.
#[derive(Clone, Copy)]
pub(super) struct User {
    pub id: i64,
    pub group: i64,
    /// The group that owns volumes; none leaves them as they are.
    pub volumes: Option<i64>,
}

impl<'a> Workload<'a> {
    pub(super) fn new<T>(
        scope: &'a Scope<'a>,
        item: &'a Item<T>,
        role: Role<'a>,
        (account, user): (&'a str, User),
        deployment: &'a DeploymentSpec,
    ) -> Self {
        Self { scope, role, deployment, account, user, source: &item.source, places: &item.places }
    }

    /// The name of its Deployment, Service and the like.
    pub(super) fn name(&self) -> &'a str {
        self.role.name
    }

    /// Metadata of an object of it.
    pub(super) fn meta(&self, name: &str) -> ObjectMeta {
        self.scope.meta(name, self.role)
    }

    /// Its pods.
    pub(super) fn pods(&self) -> LabelSelector {
        LabelSelector { match_labels: Some(self.role.selector(self.scope.cluster)), ..LabelSelector::default() }
    }

    /// The manifest of an object of it.
    pub(super) fn manifest<T>(&self, object: &T) -> Manifest
    where
        T: Resource + Metadata<Ty = ObjectMeta> + Serialize,
    {
        let mut manifest = self.scope.manifest(object);
        manifest.source = Some(self.source.clone());
        manifest
    }

    /// Says where parts of a manifest were written: JSON pointer → dotted path in what describes the workload.
    pub(super) fn places<'p>(&self, manifest: &mut Manifest, parts: impl IntoIterator<Item = (String, &'p str)>) {
        let written = parts.into_iter().filter_map(|(pointer, path)| Some((pointer, self.places.get(path)?.clone())));
        manifest.places.extend(written);
    }
}
