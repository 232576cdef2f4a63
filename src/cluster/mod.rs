//! The Kubernetes API server, as langop sees it. The only code that names a `kube::Client`.
//!
//! [`Reader`] can send GET, LIST and `dryRun=All` and nothing else; `plan` is given only that.
//! [`Writer`] adds the writes. Secret values are dropped on arrival; [`Reader::secret_value`] is the one
//! exception, for `langop check` and for the key of the record's digests. [`Forwarder`] talks to pods,
//! [`PodLogs`] reads what they log.

mod body;
mod both;
mod connect;
mod definitions;
mod discovery;
mod error;
mod escalation;
mod forward;
mod guard;
mod identification;
mod kubeconfig;
mod last_state;
mod loss;
mod meta_page;
mod page;
mod permission;
mod pod_log;
mod reader;
mod readyz;
mod redact;
mod refusal;
mod replacement;
mod resource;
mod retry;
mod review;
mod served;
mod session;
mod shape;
mod takeover;
mod translation;
mod version;
mod wire;
mod writer;

pub use body::{Body, Ownership};
pub(crate) use both::both;
pub use connect::{Access, Connection, ContextNamespace};
pub use error::{Cause, ClusterError, Effect, FieldConflict};
pub use forward::{ForwardError, Forwarder};
pub use guard::Guard;
pub use loss::Loss;
pub use permission::Right;
pub use pod_log::{LogQuery, PodLog, PodLogs};
pub use reader::{DryRun, Reader};
pub use replacement::Replacement;
pub use resource::{Resource, Resources};
pub use review::Question;
pub use session::Session;
pub use version::ServerVersion;
pub use wire::{OnRetry, Retry};
pub use writer::{Propagation, Writer};
