//! Words that mean nothing, or too much.

use crate::object::ErrorKind;

/// Why a question cannot be asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReachError {
    /// A name that the description does not have.
    #[error("the description has no {what} `{name}`")]
    Unknown {
        /// What was looked for: `agent`, `agent, tool or group`.
        what: String,
        /// The name.
        name: String,
        /// What was probably meant.
        near: Option<String>,
    },
    /// A name that several things have.
    #[error("`{name}` is several: `{}`", .all.join("`, `"))]
    Ambiguous {
        /// The name.
        name: String,
        /// What it may be.
        all: Vec<String>,
    },
    /// A port of who connects.
    #[error("`:{0}` is at FROM, and only who is connected to has a port")]
    PortOfSender(String),
    /// No port.
    #[error("`{0}` is not a port: write `443`, `53/UDP` or `http`")]
    NotAPort(String),
    /// No host name.
    #[error("`{0}` is neither a name of the description nor of a host")]
    NotAHost(String),
    /// No Service.
    #[error("`service/{0}` lacks its namespace")]
    NotAService(String),
    /// No label.
    #[error("`{0}` is not a label: write `key=value`")]
    NotALabel(String),
    /// A Service that nobody knows, or that selects no pods.
    #[error("nobody knows what is behind `service/{0}`")]
    UnknownService(String),
    /// A port that a Service does not have.
    #[error("`service/{service}` has no such port; it has `{}`", .has.join("`, `"))]
    NoSuchPort {
        /// The Service.
        service: String,
        /// Its ports.
        has: Vec<String>,
    },
    /// A pod without a document.
    #[error("no document describes `pod/{0}`")]
    UnknownPod(String),
    /// A tool that runs in the pods of its agents.
    #[error("tool `{name}` has no pod of its own: it runs beside each agent that uses it")]
    Sidecar {
        /// Its name.
        name: String,
        /// The agents that use it.
        agents: Vec<String>,
    },
    /// A group that no agent is in.
    #[error("group `{0}` has no agent")]
    EmptyGroup(String),
}

impl ReachError {
    /// What kind of failure it is: always one of the command line.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::Usage
    }

    /// Its stable name, for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown { .. } => "reach-unknown-name",
            Self::Ambiguous { .. } => "reach-ambiguous-name",
            Self::PortOfSender(_) => "reach-port-of-sender",
            Self::NotAPort(_) => "reach-bad-port",
            Self::NotAHost(_) => "reach-bad-host",
            Self::NotAService(_) => "reach-bad-service",
            Self::NotALabel(_) => "reach-bad-label",
            Self::UnknownService(_) => "reach-unknown-service",
            Self::NoSuchPort { .. } => "reach-unknown-port",
            Self::UnknownPod(_) => "reach-unknown-pod",
            Self::Sidecar { .. } => "reach-sidecar",
            Self::EmptyGroup(_) => "reach-empty-group",
        }
    }

    /// The next step.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unknown { near: Some(near), .. } => Some(format!("did you mean `{near}`?")),
            Self::Unknown { near: None, .. } | Self::NotAHost(_) => Some(
                "ends are `agent.NAME`, `tool.NAME`, `group.NAME`, `gateway`, `service/NAME.NAMESPACE`, \
                 `pod/NAMESPACE/KEY=VALUE`, a host, an address or a network"
                    .to_owned(),
            ),
            Self::Ambiguous { all, .. } => all.first().map(|first| format!("write `{first}`")),
            Self::NotAService(name) => Some(format!("write `service/{name}.NAMESPACE`")),
            Self::UnknownService(_) | Self::UnknownPod(_) => Some(
                "name a file with its document after the description; `kubectl get svc,ns -A -o yaml` writes them all"
                    .to_owned(),
            ),
            Self::Sidecar { agents, .. } => agents
                .first()
                .map(|agent| format!("ask about `agent.{agent}`: the rules of an agent are those of its whole pod")),
            Self::EmptyGroup(name) => Some(format!("put an agent into it: `group = \"{name}\"`")),
            _ => None,
        }
    }
}
