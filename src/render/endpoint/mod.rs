//! Where a model's calls go and with which credentials, and what is behind a Service: what the gateway, its
//! isolation and a plan all ask. Knows no object that comes of it.

mod configured;
mod credential;
mod host;
mod keys;
mod model;
mod observers;
mod outbound;
mod proxy;
mod service;
mod store;

pub use configured::{Configured, configured_hosts};
pub(super) use credential::{Assignment, Presence, SecretKey, assignments};
pub(super) use host::uri;
pub use host::{Endpoint, Host};
pub(crate) use keys::{ModelKey, model_keys};
pub(crate) use model::needed_hosts;
pub(super) use model::{Identity, model_endpoints};
pub(super) use observers::{observers, observing_endpoints};
pub(super) use outbound::destinations;
pub use outbound::{Purpose, gateway_endpoints, inner_endpoints};
pub use service::backend;
pub(super) use store::{Store, existing_store};
