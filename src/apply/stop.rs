//! How far a run may still go.

/// How far a run may still go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stop {
    /// On.
    #[default]
    Go,
    /// Nothing new is started; what is in flight is finished.
    Finish,
    /// Waits are given up too; the record is still written.
    Abort,
}
