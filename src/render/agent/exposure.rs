//! The Ingress of an agent that exposes a port, at its name under the cluster's domain. Whether the gateway is exposed
//! does not matter to it.

use crate::api::{AgentPort, LanguageAgentSpec};
use crate::object::Manifest;
use crate::render::scope::Scope;
use crate::render::workload::{self, Exposed, Workload};

use super::Agent;

/// The port of an agent that is reached from outside: that needs a domain.
pub(in crate::render) fn exposed(scope: &Scope<'_>, agent: &LanguageAgentSpec) -> Option<AgentPort> {
    scope.spec().domain.as_ref()?;
    agent.listening().into_iter().find(|port| port.expose == Some(true))
}

pub(super) fn ingress(agent: &Agent<'_>, workload: &Workload<'_>) -> Option<Manifest> {
    let scope = agent.scope;
    let port = exposed(scope, agent.spec())?;
    let exposed = Exposed {
        host: format!("{}.{}", agent.name, scope.spec().domain.as_deref()?),
        path: "/",
        port: &port.name,
        // One for each host: several Ingresses that fill one Secret would fight.
        tls_secret: format!("{}-tls", agent.name),
    };
    let settings = scope.spec().ingress.clone().unwrap_or_default();
    Some(workload::ingress(workload, &settings, &exposed))
}
