//! How much of a tree is shown.

/// How deep what is below a thing is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depth {
    /// What is right below it.
    One,
    /// Everything below it.
    All,
}
