//! Which requests each command sends for each object, and beside them. The one place that knows.

use std::collections::BTreeSet;

use super::rule::{Resource, Verb};
use super::{Namespaces, Purpose, Request, Roles, Scope, grants, kinds::Kinds, looks};
use crate::api;
use crate::object::field::{items, text};
use crate::object::names::{CLUSTER_KIND, GROUP, HISTORY, QUOTA, SYSTEM_NAMESPACE, history_name, record_name};
use crate::object::{GroupKind, Lifecycle, Manifest, ObjectRef, digest, is_custom_group};

/// Records of more objects than these may take several `ConfigMap`s: 82 to 95 bytes an object, and some room.
const LARGEST_WHOLE: usize = 9_000;

/// Everything that is asked of the API server.
pub(super) fn roles(request: &Request<'_>) -> Roles {
    let roles = Roles { rules: std::collections::BTreeMap::new(), guessed: BTreeSet::new() };
    let mut asked = Asked { request, kinds: Kinds::new(request.manifests), roles };
    match request.purpose {
        Purpose::Plan | Purpose::PlanWithDryRun | Purpose::Apply | Purpose::Destroy => {}
        purpose => return asked.looks(purpose),
    }
    asked.record();
    asked.cluster();
    for manifest in request.manifests {
        asked.object(manifest);
    }
    asked.kind_roles();
    asked.target();
    asked.surroundings();
    asked.roles
}

struct Asked<'a> {
    request: &'a Request<'a>,
    kinds: Kinds,
    roles: Roles,
}

impl Asked<'_> {
    fn allow(&mut self, scope: &Scope, resource: &Resource, verbs: &[Verb]) {
        self.roles.allow(scope, resource, verbs);
    }

    fn allow_named(&mut self, scope: &Scope, resource: &Resource, verbs: &[Verb], name: &str) {
        self.roles.allow_named(scope, resource, verbs, name);
    }

    /// A command that changes nothing, and asks about no object by itself.
    fn looks(mut self, purpose: Purpose) -> Roles {
        self.cluster();
        let mut roles = self.roles;
        let (request, kinds) = (self.request, self.kinds);
        let within = |namespace: &str| scope(request, namespace);
        if matches!(purpose, Purpose::Status | Purpose::Logs | Purpose::Events) {
            // Whether the target has the kind of clusters, and which it has.
            definitions(&kinds, &mut roles);
            roles.allow(&Scope::Cluster, &Resource::new(GROUP, "languageclusters"), &[Verb::List]);
        }
        match purpose {
            Purpose::Stacks => looks::stacks(&mut roles),
            Purpose::Check => looks::check(request, &mut roles, within),
            Purpose::Logs => looks::logs(request, &mut roles, within),
            Purpose::Events => looks::events(request, &mut roles, within),
            _ => looks::status(request, &mut roles, within),
        }
        roles
    }

    /// Record, lock, and the key of the record's digests. A right to create cannot be bound to a name.
    fn record(&mut self) {
        let scope = Scope::Namespace(SYSTEM_NAMESPACE.to_owned());
        let name = record_name(self.request.stack);
        let (record, lock) = (Resource::new("", "configmaps"), Resource::new("coordination.k8s.io", "leases"));
        let secrets = Resource::new("", "secrets");
        let keyed = self.request.manifests.iter().any(digest::counts_values);
        if self.request.manifests.len() > LARGEST_WHOLE {
            self.record_parts(&scope, &record);
        }
        for resource in [&record, &lock] {
            self.allow_named(&scope, resource, &[Verb::Get], &name);
            if self.request.purpose.keeps_record() {
                self.allow(&scope, resource, &[Verb::Create]);
                self.allow_named(&scope, resource, &[Verb::Update, Verb::Delete], &name);
            }
        }
        if self.request.purpose.keeps_record() {
            let verbs = [Verb::Get, Verb::Update, Verb::Delete];
            for place in 0..HISTORY {
                self.allow_named(&scope, &record, &verbs, &history_name(self.request.stack, place));
            }
        }
        match self.request.purpose {
            // Its key seals the history, too.
            Purpose::Apply => {
                self.allow(&scope, &secrets, &[Verb::Create]);
                self.allow_named(&scope, &secrets, &[Verb::Get, Verb::Delete], &name);
            }
            Purpose::Destroy => self.allow_named(&scope, &secrets, &[Verb::Get, Verb::Delete], &name),
            _ if keyed => self.allow_named(&scope, &secrets, &[Verb::Get], &name),
            _ => {}
        }
    }

    /// The parts of a record that one `ConfigMap` cannot hold are named by their content, which no right can say.
    fn record_parts(&mut self, scope: &Scope, record: &Resource) {
        self.allow(scope, record, &[Verb::Get]);
        if self.request.purpose.keeps_record() {
            self.allow(scope, record, &[Verb::List, Verb::Delete]);
        }
    }

    /// Which cluster it is: the plan says so, and the record is held against it.
    fn cluster(&mut self) {
        self.allow_named(&Scope::Cluster, &Resource::new("", "namespaces"), &[Verb::Get], "kube-system");
    }

    /// What is asked about one object, and sent for it.
    fn object(&mut self, manifest: &Manifest) {
        let object = &manifest.reference;
        let (kind, scope) = (object.group_kind(), self.scope(object.namespace.as_deref()));
        let resource = self.kinds.resource(&kind);
        if self.kinds.is_guessed(&kind) {
            self.roles.guessed.insert(format!("{}.{}", resource.name, resource.group));
        }
        // A right to list Secrets is one to read them all: theirs are asked for by their names.
        let is_secret = object.is("", "Secret");
        if !is_secret {
            self.allow(&scope, &resource, &[Verb::List]);
        }
        let verbs = self.verbs(manifest);
        let (create, others): (Vec<_>, Vec<_>) = verbs.into_iter().partition(|verb| *verb == Verb::Create);
        self.allow(&scope, &resource, &create);
        if is_secret || has_names_of_its_own(object) {
            self.allow_named(&scope, &resource, &others, &object.name);
        } else {
            self.allow(&scope, &resource, &others);
        }
        if self.request.purpose.writes_objects() && grants::gives_rights(object) {
            grants::add(manifest, self.request.manifests, &scope, &mut self.roles.rules);
        }
        if self.request.purpose == Purpose::Apply && object.is(GROUP, CLUSTER_KIND) {
            self.cluster_status(&object.name);
        }
    }

    /// The roles that come with the CRDs. Who makes them must hold what they give.
    fn kind_roles(&mut self) {
        let own = |manifest: &Manifest| manifest.lifecycle == Lifecycle::Shared;
        if self.request.purpose != Purpose::Apply || !self.request.manifests.iter().any(own) {
            return;
        }
        let roles = Resource::new(grants::GROUP, "clusterroles");
        self.allow(&Scope::Cluster, &roles, &[Verb::Create]);
        for role in api::roles() {
            let name = text(&role, "/metadata/name").unwrap_or_default();
            self.allow_named(&Scope::Cluster, &roles, &[Verb::Get, Verb::Patch], name);
            self.roles.rules.entry(Scope::Cluster).or_default().carry(items(&role, "/rules"));
        }
    }

    /// The status of a language cluster says how its gateway and its quota are, if it has one.
    fn cluster_status(&mut self, cluster: &str) {
        let status = Resource::new(GROUP, "languageclusters/status");
        self.allow_named(&Scope::Cluster, &status, &[Verb::Patch], cluster);
        let within = self.scope(Some(cluster));
        // They are listed across namespaces, and one by one where that is not allowed.
        if within != Scope::Cluster {
            self.allow_named(&within, &Resource::new("", "resourcequotas"), &[Verb::Get], QUOTA);
        }
    }

    fn verbs(&self, manifest: &Manifest) -> Vec<Verb> {
        let stays = manifest.lifecycle == Lifecycle::Shared;
        let made_once = manifest.lifecycle == Lifecycle::CreateOnce;
        match self.request.purpose {
            // What is made once is not read: the record says that it was made.
            Purpose::Plan if made_once => vec![],
            Purpose::Plan => vec![Verb::Get],
            Purpose::PlanWithDryRun => vec![Verb::Get, Verb::Create, Verb::Patch],
            Purpose::Apply if stays => vec![Verb::Get, Verb::Create, Verb::Patch],
            Purpose::Apply => vec![Verb::Get, Verb::Create, Verb::Patch, Verb::Delete],
            Purpose::Destroy if stays => vec![Verb::Get],
            // A namespace that stays loses langop's labels.
            Purpose::Destroy if manifest.reference.is("", "Namespace") => vec![Verb::Get, Verb::Patch, Verb::Delete],
            Purpose::Destroy => vec![Verb::Get, Verb::Delete],
            Purpose::Status | Purpose::Check | Purpose::Logs | Purpose::Events | Purpose::Stacks => vec![],
        }
    }

    /// What rendering and the plan look up on the target, beside the stack's own objects.
    fn target(&mut self) {
        if self.request.purpose == Purpose::Destroy {
            // What others have in the namespaces that go, of whatever kind.
            return self.allow(&Scope::Cluster, &Resource::new("*", "*"), &[Verb::List]);
        }
        let secrets = Resource::new("", "secrets");
        for secret in self.request.external_secrets.iter().chain(&self.request.needs.secret_keys) {
            let scope = self.scope(secret.namespace.as_deref());
            self.allow_named(&scope, &secrets, &[Verb::Get], &secret.name);
        }
        // Their namespaces need not be there, and a Role in them could not be made then.
        for service in &self.request.needs.services {
            self.allow_named(&Scope::Cluster, &Resource::new("", "services"), &[Verb::Get], &service.name);
        }
        if self.request.needs.clusters {
            self.allow(&Scope::Cluster, &Resource::new("apps", "daemonsets"), &[Verb::List]);
        }
        let custom = |manifest: &Manifest| is_custom_group(&manifest.reference.group);
        if self.request.needs.clusters || self.request.manifests.iter().any(custom) {
            definitions(&self.kinds, &mut self.roles);
        }
    }

    /// What stands around the objects: what quotas leave for them, and why pods do not start.
    fn surroundings(&mut self) {
        if self.request.purpose == Purpose::Destroy {
            return;
        }
        let objects = || self.request.manifests.iter().map(|manifest| &manifest.reference);
        let namespaces: BTreeSet<_> = objects().filter_map(|object| object.namespace.clone()).collect();
        for namespace in namespaces {
            let scope = self.scope(Some(&namespace));
            let here = |object: &&ObjectRef| object.namespace.as_deref() == Some(&namespace);
            let quota = objects().filter(here).any(|object| object.is("", "ResourceQuota"));
            let workloads: BTreeSet<_> = objects().filter(here).filter(|object| runs_pods(object)).cloned().collect();
            self.allow(&scope, &Resource::new("", "resourcequotas"), &[Verb::List]);
            let scalable = |manifest: &&Manifest| here(&&manifest.reference) && has_replicas(manifest);
            if self.request.manifests.iter().any(|manifest| scalable(&manifest)) {
                // Whether an autoscaler keeps a count that the plan would change.
                self.allow(&scope, &Resource::new("autoscaling", "horizontalpodautoscalers"), &[Verb::List]);
            }
            if quota {
                self.allow(&scope, &Resource::new("", "limitranges"), &[Verb::List]);
            }
            let holds_values =
                |manifest: &&Manifest| here(&&manifest.reference) && manifest.lifecycle == Lifecycle::Managed;
            let mut held = self.request.manifests.iter().filter(holds_values);
            if quota || held.any(|manifest| manifest.reference.is("", "Secret")) {
                // What others use; and whether a pod still names a key that leaves a Secret.
                self.allow(&scope, &Resource::new("", "pods"), &[Verb::List]);
            }
            if self.request.purpose == Purpose::Apply {
                self.causes(&scope, &workloads);
            }
        }
    }

    /// Why a workload does not get ready: its pods, their revisions, events.
    fn causes(&mut self, scope: &Scope, workloads: &BTreeSet<ObjectRef>) {
        for object in workloads {
            self.allow(scope, &Resource::new("", "pods"), &[Verb::List]);
            self.allow(scope, &Resource::new("", "events"), &[Verb::List]);
            match object.kind.as_str() {
                "Deployment" => self.allow(scope, &Resource::new("apps", "replicasets"), &[Verb::List]),
                "DaemonSet" => self.allow(scope, &Resource::new("apps", "controllerrevisions"), &[Verb::List]),
                _ => {}
            }
        }
    }

    /// Where rights in a namespace are granted.
    fn scope(&self, namespace: Option<&str>) -> Scope {
        namespace.map_or(Scope::Cluster, |namespace| scope(self.request, namespace))
    }
}

fn scope(request: &Request<'_>, namespace: &str) -> Scope {
    let own = ObjectRef::of_namespace(namespace);
    let made = request.manifests.iter().any(|manifest| manifest.reference == own);
    if made && request.namespaces == Namespaces::Made { Scope::Cluster } else { Scope::Namespace(namespace.to_owned()) }
}

/// Who defines a kind that discovery lacks.
fn definitions(kinds: &Kinds, roles: &mut Roles) {
    roles.allow(&Scope::Cluster, &kinds.resource(&GroupKind::of_crds()), &[Verb::List]);
    roles.allow(&Scope::Cluster, &Resource::new("apiregistration.k8s.io", "apiservices"), &[Verb::List]);
}

/// Whether it has a count of replicas that an autoscaler may keep.
fn has_replicas(manifest: &Manifest) -> bool {
    manifest.object.pointer("/spec/replicas").is_some()
}

/// Kinds without a namespace that nothing replaces: replacing is tried under another name first.
fn has_names_of_its_own(object: &ObjectRef) -> bool {
    object.is_crd()
        || object.is("", "Namespace")
        || object.is(grants::GROUP, "ClusterRole")
        || object.is(GROUP, CLUSTER_KIND)
}

/// Whether readiness looks at its pods.
fn runs_pods(object: &ObjectRef) -> bool {
    object.group == "apps" || object.group == "batch"
}
