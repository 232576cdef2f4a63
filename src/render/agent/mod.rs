//! What runs an agent: a Deployment, or a Job or `CronJob`; its files, environment and workspace; and what makes it
//! reachable. Nothing of it depends on which models a cluster has or what they are: a changed model list restarts the
//! gateway alone.

mod config;
mod container;
mod credentials;
mod cron_job;
mod deployment;
mod environment;
mod exposure;
mod job;
pub(super) mod key;
mod pod;
mod seed;
mod service;
mod tools;
mod workspace;

#[cfg(test)]
mod tests;

pub(super) use exposure::exposed;

use crate::api::{DeploymentSpec, Execution, ExecutionMode, LanguageAgentSpec};
use crate::object::role::Role;
use crate::object::{Manifest, labels};
use crate::stack::Item;

use super::scope::Scope;
use super::workload::{self, User, Workload};

/// Whom the images of agents are made for, as those of the public Language Operator.
const USER: User = User { id: 1000, group: 101, volumes: Some(101) };

/// Everything that runs the agents of a cluster, but its network policies.
pub(super) fn manifests(scope: &Scope<'_>) -> Vec<Manifest> {
    let agents = scope.agent_items().map(|(name, item)| Agent::new(scope, name, item));
    agents.flat_map(|agent| agent.manifests()).collect()
}

/// One agent while it is rendered.
struct Agent<'a> {
    scope: &'a Scope<'a>,
    name: &'a str,
    item: &'a Item<LanguageAgentSpec>,
    execution: Execution,
    account: String,
    deployment: DeploymentSpec,
    /// Secrets that its own variables come from.
    secrets: Vec<String>,
}

impl<'a> Agent<'a> {
    fn new(scope: &'a Scope<'a>, name: &'a str, item: &'a Item<LanguageAgentSpec>) -> Self {
        let execution = item.spec.execution();
        let deployment = deployment::settings(&item.spec, &execution);
        let secrets = pod::own_secrets(name, &item.spec);
        Self { scope, name, item, execution, account: format!("agent-{name}"), deployment, secrets }
    }

    fn spec(&self) -> &'a LanguageAgentSpec {
        &self.item.spec
    }

    fn workload(&self) -> Workload<'_> {
        let runs_as = (self.account.as_str(), USER);
        Workload::new(self.scope, self.item, Role::agent(self.name), runs_as, &self.deployment)
    }

    fn manifests(&self) -> Vec<Manifest> {
        let workload = self.workload();
        let pod = pod::Pod::of_agent(self, &workload);
        let mut manifests = vec![self.runner(&workload, &pod)];
        manifests.extend(pod.config_maps(&workload));
        manifests.push(key::manifest(self.scope, self.name, self.spec()));
        manifests.extend(credentials::secrets(self, &workload));
        manifests.extend(workspace::claim(self, &workload));
        manifests.extend(workload::identity(&workload));
        if self.spec().mode() == ExecutionMode::Service {
            manifests.push(service::manifest(self, &workload));
            manifests.extend(workload::scaling(&workload));
            manifests.extend(exposure::ingress(self, &workload));
        }
        manifests
    }

    /// What keeps or starts its pods.
    fn runner(&self, workload: &Workload<'_>, pod: &pod::Pod<'_>) -> Manifest {
        match (self.spec().mode(), &self.execution.schedule) {
            (ExecutionMode::Service, _) => deployment::manifest(self, workload, pod),
            (ExecutionMode::Task, None) => job::manifest(self, workload, pod),
            (ExecutionMode::Task, Some(schedule)) => cron_job::manifest(self, workload, pod, schedule),
        }
    }
}

/// The label by which network rules know the group of an agent.
fn group(spec: &LanguageAgentSpec) -> Option<(String, String)> {
    spec.group.as_ref().map(|group| (labels::GROUP.to_owned(), group.clone()))
}
