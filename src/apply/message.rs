//! What the work on an object tells the run. Decides nothing.

use serde_json::Value;
use tokio::sync::oneshot;

use super::failure::Failure;
use crate::object::{Manifest, ObjectRef};
use crate::readiness::{Readiness, Standing};

/// What work tells the run.
pub(super) enum Message {
    /// Its deletion, for a replacement, was accepted.
    Deleted {
        object: ObjectRef,
    },
    /// Its deletion was accepted; what is left is to wait.
    Accepted {
        object: ObjectRef,
    },
    Written {
        object: ObjectRef,
        live: Option<Value>,
        digest: String,
    },
    /// The server made something else of these fields.
    Altered {
        object: ObjectRef,
        fields: Vec<String>,
    },
    Waiting {
        object: ObjectRef,
        readiness: Readiness,
    },
    /// Its kind is established and served; only for CRDs.
    Established {
        object: ObjectRef,
    },
    Ready {
        object: ObjectRef,
        standing: Standing,
        /// The resourceVersion at which it was seen ready.
        version: Option<String>,
    },
    /// An object is about to be made that no job is about: who tells so waits until the record has it.
    Owns {
        manifest: Box<Manifest>,
        written: oneshot::Sender<()>,
    },
    /// An object was written as an earlier run had it.
    WentBack {
        manifest: Box<Manifest>,
        live: Value,
        digest: String,
    },
    /// The gateway of a cluster serves as in the entry of the history with this serial.
    RolledBack {
        cluster: String,
        serial: u64,
    },
    /// How far it has come since.
    Stands {
        object: ObjectRef,
        standing: Standing,
        version: Option<String>,
    },
    Gone {
        object: ObjectRef,
    },
    Failed {
        object: ObjectRef,
        failure: Failure,
        unhealthy: bool,
    },
}
