//! What a description says of things beside describing them: what is called otherwise now, what is let go of, what is
//! taken over. Each table has a file of its own.

use super::adopt::{self, Adopt};
use super::described::Described;
use super::diagnostic::{Diagnostic, Files};
use super::forget::{self, Forget};
use super::moved::{self, Moved};
use super::tree::Node;

/// What a description says of things beside describing them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statements {
    /// `[[moved]]`.
    pub moved: Vec<Moved>,
    /// `[[forget]]`.
    pub forget: Vec<Forget>,
    /// `[[adopt]]`.
    pub adopt: Vec<Adopt>,
}

/// What the description says, and what is wrong with that.
pub(super) fn read(root: &Node, described: &Described, files: &Files, found: &mut Vec<Diagnostic>) -> Statements {
    let forgotten = forget::check(root.items_of("forget"), described, found);
    moved::check(root.items_of("moved"), described, found);
    adopt::check(root.items_of("adopt"), described, &forgotten, found);
    Statements {
        moved: moved::read(root.items_of("moved"), files),
        forget: forget::read(root.items_of("forget"), files),
        adopt: adopt::read(root.items_of("adopt"), files),
    }
}
