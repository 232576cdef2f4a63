//! What there is to say about one object and a quota. Knows no plan: whoever asks knows where the object was written.

use crate::object::ObjectRef;

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A quota has no room for what is to be made.
    OverQuota,
    /// A quota has room, but not for everything that may come.
    TightQuota,
    /// A quota has no room for both, so that what leaves goes before what is new is made.
    GoesFirst,
    /// A container says no limit where a quota asks for one.
    NoLimit,
}

impl Kind {
    /// The stable code of the problem.
    #[must_use]
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::OverQuota => "over-quota",
            Self::TightQuota => "tight-quota",
            Self::GoesFirst => "goes-first",
            Self::NoLimit => "no-limit",
        }
    }

    /// Whether the API server would refuse something.
    #[must_use]
    pub(crate) fn is_refusal(self) -> bool {
        !matches!(self, Self::TightQuota | Self::GoesFirst)
    }
}

/// One thing to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// What is wrong.
    pub kind: Kind,
    /// The quota or the workload.
    pub object: ObjectRef,
    /// The part of the object that it is about, as a JSON pointer; none for an object that is not desired.
    pub place: Option<String>,
    /// A lower-case fragment.
    pub message: String,
    /// The next command or edit.
    pub hint: Option<String>,
}
