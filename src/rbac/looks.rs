//! Which requests the commands send that look at what runs and change nothing: `status`, `check`, `logs`, `events`,
//! `stacks`.

use std::collections::BTreeSet;

use super::rule::{Resource, Verb};
use super::{Request, Roles, Scope};
use crate::object::names::{CLUSTER_KIND, GATEWAY, GATEWAY_AUTH, GROUP, QUOTA, SYSTEM_NAMESPACE};

/// What runs in the namespace of a cluster, listed to judge its agents and tools.
const RUNNING: [(&str, &str); 7] = [
    (GROUP, "languagemodels"),
    (GROUP, "languageagents"),
    (GROUP, "languagetools"),
    ("apps", "deployments"),
    ("batch", "cronjobs"),
    ("batch", "jobs"),
    ("", "pods"),
];

/// Records and locks of all stacks.
pub(super) fn stacks(roles: &mut Roles) {
    let scope = Scope::Namespace(SYSTEM_NAMESPACE.to_owned());
    for (group, resource) in [("", "configmaps"), ("coordination.k8s.io", "leases")] {
        roles.allow(&scope, &Resource::new(group, resource), &[Verb::List]);
    }
    // The parts of records that take several; who may list them may read them all.
    roles.allow(&scope, &Resource::new("", "configmaps"), &[Verb::Get]);
}

/// What keeps pods, and these, listed to tell whose an event is.
const KEEPERS: [(&str, &str); 5] =
    [("", "pods"), ("apps", "deployments"), ("apps", "replicasets"), ("batch", "cronjobs"), ("batch", "jobs")];

/// What is in the namespaces of the clusters.
pub(super) fn status(request: &Request<'_>, roles: &mut Roles, within: impl Fn(&str) -> Scope) {
    for cluster in clusters(request) {
        let scope = within(cluster);
        roles.allow_named(&scope, &Resource::new("apps", "deployments"), &[Verb::Get], GATEWAY);
        roles.allow_named(&scope, &Resource::new("", "resourcequotas"), &[Verb::Get], QUOTA);
        for (group, resource) in RUNNING {
            roles.allow(&scope, &Resource::new(group, resource), &[Verb::List]);
        }
    }
}

/// A pod of each gateway, the way to it, and what the key is made from. Newer API servers hold `create` against a
/// port-forward too (Kubernetes, feature gate `AuthorizePodWebsocketUpgradeCreatePermission`).
pub(super) fn check(request: &Request<'_>, roles: &mut Roles, within: impl Fn(&str) -> Scope) {
    for cluster in clusters(request) {
        let scope = within(cluster);
        roles.allow(&scope, &Resource::new("", "pods"), &[Verb::List]);
        roles.allow(&scope, &Resource::new("", "pods/portforward"), &[Verb::Get, Verb::Create]);
        roles.allow_named(&scope, &Resource::new("", "secrets"), &[Verb::Get], GATEWAY_AUTH);
    }
}

/// The pods of each gateway and what they log, and the gateway, which says why it has none.
pub(super) fn logs(request: &Request<'_>, roles: &mut Roles, within: impl Fn(&str) -> Scope) {
    for cluster in clusters(request) {
        let scope = within(cluster);
        roles.allow(&scope, &Resource::new("", "pods"), &[Verb::List]);
        roles.allow(&scope, &Resource::new("", "pods/log"), &[Verb::Get]);
        roles.allow_named(&scope, &Resource::new("apps", "deployments"), &[Verb::Get], GATEWAY);
    }
}

/// Events, and what they are mostly about. Those about other kinds are shown without a look at these.
pub(super) fn events(request: &Request<'_>, roles: &mut Roles, within: impl Fn(&str) -> Scope) {
    for cluster in clusters(request) {
        let scope = within(cluster);
        for (group, resource) in KEEPERS.into_iter().chain([("", "events")]) {
            roles.allow(&scope, &Resource::new(group, resource), &[Verb::List]);
        }
    }
}

fn clusters<'a>(request: &'a Request<'_>) -> BTreeSet<&'a str> {
    let objects = request.manifests.iter().map(|manifest| &manifest.reference);
    objects.filter(|object| object.is(GROUP, CLUSTER_KIND)).map(|object| object.name.as_str()).collect()
}
