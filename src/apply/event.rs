//! What happens while applying, handed to a reporter. The engine prints nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::record::Recorded;
use crate::object::ObjectRef;
use crate::plan::Action;
use crate::readiness::Readiness;
use crate::state::StateError;

/// How one object ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) enum Outcome {
    /// It was written.
    Applied,
    /// There was nothing to do.
    Unchanged,
    /// It is gone.
    Deleted,
    /// It left the inventory.
    Forgotten,
    /// It could not be written or never became ready.
    Failed {
        /// What went wrong, without any secret.
        error: String,
        /// The next command or edit.
        hint: Option<String>,
        /// It was written, but did not become ready in time.
        unhealthy: bool,
        /// The object that it was to replace had been deleted by then.
        deleted: bool,
    },
    /// It is not as it was when the plan was made, and was left alone.
    Stale {
        /// The reason.
        because: String,
    },
    /// Something it needs failed, or the run was interrupted.
    Skipped {
        /// The reason.
        because: String,
    },
}

impl Outcome {
    /// Whether a Service was made, and nobody gave it the address that it asks for: nothing else about a Service takes
    /// time.
    #[must_use]
    pub(crate) fn lacks_address(&self, object: &ObjectRef) -> bool {
        object.is("", "Service") && matches!(self, Self::Failed { unhealthy: true, .. })
    }
}

/// One thing that happened.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub(crate) enum Event {
    /// Work on an object began.
    Started {
        /// The object.
        object: ObjectRef,
        /// What is done.
        action: Action,
    },
    /// It was written, and the API server made something else of fields that were sent.
    Altered {
        /// The object.
        object: ObjectRef,
        /// The fields, as a diff writes them.
        fields: Vec<String>,
    },
    /// It was written and is being waited for.
    Waiting {
        /// The object.
        object: ObjectRef,
        /// What it looks like now.
        readiness: Readiness,
        /// Since it was written.
        elapsed: Duration,
    },
    /// A request is sent again after a passing fault.
    Retrying {
        /// The object, if the request was about one.
        object: Option<ObjectRef>,
        /// Method and path.
        request: String,
        /// The fault.
        because: String,
        /// The pause before.
        after: Duration,
        /// For how long it is still tried.
        left: Duration,
    },
    /// An object is done.
    Finished {
        /// The object.
        object: ObjectRef,
        /// What was done.
        action: Action,
        /// How it ended.
        outcome: Outcome,
        /// From start to end.
        elapsed: Duration,
    },
    /// Ctrl-C or SIGTERM: nothing new is started.
    Interrupted,
}

/// The result of a whole run: every object of the plan with its outcome, in plan order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Run {
    /// Objects, actions, outcomes.
    pub outcomes: Vec<(ObjectRef, Action, Outcome)>,
    /// From first to last request.
    pub elapsed: Duration,
    /// Whether the user interrupted it.
    pub interrupted: bool,
    /// Objects that failed because this identity lacks a right.
    pub forbidden: BTreeSet<ObjectRef>,
    /// Why the record does not say all of this.
    pub unrecorded: Option<Arc<StateError>>,
    /// What the record says of it; none where nothing of it was written, or nothing is left of the stack.
    pub recorded: Option<Recorded>,
    /// Clusters whose gateways went back by themselves, and to which serials.
    pub rolled_back: BTreeMap<String, u64>,
}
