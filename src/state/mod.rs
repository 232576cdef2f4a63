//! What a stack owns, where that is kept, and who may change it.
//!
//! [`Inventory`] and its formats are pure. [`Records`] reads it from a directory or a cluster and writes
//! nothing; [`Store`] adds the writes and the [`Lock`].

mod alive;
mod claim;
mod config_map;
mod digest_key;
mod edit;
mod epoch;
mod error;
mod file_lock;
mod format;
mod held;
mod history;
mod holder;
mod holding;
mod inventory;
mod key_secret;
mod lease;
mod local;
mod lock;
mod overview;
mod record_cluster;
mod renewal;
mod store;
mod system;
mod terms;

pub use crate::object::names::SYSTEM_NAMESPACE;
pub use crate::readiness::Standing;
pub use digest_key::{DigestKey, FoundKey};
pub use edit::RenameError;
pub use error::StateError;
pub(crate) use format::NEWEST as NEWEST_FORMAT;
pub use held::Held;
pub(crate) use history::{Did, Ended, Found, HistoryEntry, Kept, KeptObject};
pub use holder::{Holder, Place, ci_run_url};
pub use holding::Holding;
pub use inventory::{Entry, Inventory};
pub use lock::Lock;
pub use overview::{LockState, StackRecord};
pub use record_cluster::RecordCluster;
pub use store::{Recorded, Records, Store, Token};
pub use terms::Terms;
