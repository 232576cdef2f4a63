//! The `langop.io/v1alpha1` kinds: fields, defaults, schemas and the rules a schema can hold.
//!
//! One file a kind, one file a shared noun. Field names and meanings are those of the public
//! Language Operator, so that its samples paste in. Knows no file, no server and no gateway: what a
//! field becomes is decided in [`crate::render`].
//!
//! A spec keeps what was written: optional fields that were left out stay out, and the defaults are
//! answered by methods (`Gateway::auth_enabled`), never written into the value.

mod agent;
mod budget;
mod cluster;
mod crds;
mod credentials;
mod deployment;
mod duration;
mod ingress;
mod jwt;
mod metrics;
mod model;
mod network;
mod persona;
mod policy;
mod roles;
mod schedule;
mod schema;
mod status;
mod store;
mod team;
mod tool;
mod traces;

pub use agent::{
    AccessMode, AgentCredential, AgentKey, AgentModel, AgentPort, AgentTool, ConcurrencyPolicy, Execution,
    ExecutionMode, Header, LanguageAgent, LanguageAgentSpec, ModelRole, Workspace,
};
pub use budget::Budget;
pub use cluster::{
    Capacity, CapacityStatus, Gateway, GatewayAuth, LanguageCluster, LanguageClusterSpec, LanguageClusterStatus,
    ManagedResource,
};
pub(crate) use crds::SCHEMA;
pub use crds::crds;
pub use credentials::CREDENTIAL_KEYS;
pub use deployment::{Autoscaling, DeploymentSpec, PullPolicy, ServiceType};
pub use duration::Duration;
pub use ingress::{ClusterIngress, ClusterTls, IssuerKind, IssuerRef, TlsMode};
pub use jwt::{GatewayJwt, JwksSecretRef};
pub use metrics::{GatewayMetrics, MetricsDashboard, MetricsRules};
pub use model::{Cost, LanguageModel, LanguageModelSpec, Provider, RateLimits, SecretKeyRef, SecretRef};
pub use network::{
    ClusterNetworkPolicies, DnsFallback, EgressRule, GatewayNetworkPolicies, IngressRule, NetworkPeer, NetworkPolicies,
    NetworkPort, NetworkRule, NetworkRules, PeerForm, Protocol, ServicePeer,
};
pub use persona::{LanguagePersona, LanguagePersonaSpec};
pub use policy::ClusterPolicy;
pub use roles::roles;
pub use schedule::cron_schedule;
pub use status::{AgentPhase, AgentStatus, MemberStatus, Phase};
pub use store::{GatewayStore, OnOutage, StoreSecretRef};
pub use team::{LanguageTeam, LanguageTeamSpec, may_match_within};
pub use tool::{DeploymentMode, LanguageTool, LanguageToolSpec, Stdio, ToolStatus, ToolType, Transport};
pub use traces::{
    CallbackSecretRef, DatadogCallback, GatewayCallbacks, GatewayTraces, HeadersSecretRef, LangfuseCallback,
};

pub use crate::object::names::GROUP;
/// `apiVersion` of the kinds.
pub const API_VERSION: &str = "langop.io/v1alpha1";
