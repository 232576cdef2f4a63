//! Text for people. Every value is made harmless for a terminal on its way in ([`crate::object::printable`]).

mod brief;
mod change;
pub(super) mod check;
mod event;
mod page;
mod plan;
mod problem;
mod reach;
mod run;
mod status;
mod unmanaged;
mod words;

pub use check::check;
pub use event::event;
pub use plan::plan;
pub use problem::problem;
pub use reach::reach;
pub use run::run;
pub use status::{Capacity, StatusRow, status};

/// How text looks. What is said does not depend on colour or width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Terminal colours in the text.
    pub colour: bool,
    /// Columns of the terminal. Only lines of tables are cut to it.
    pub width: usize,
    /// How much of a new object is shown.
    pub detail: Detail,
}

/// How much of a new object is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Its important fields.
    Brief,
    /// Every field.
    Full,
}

/// No colour, 100 columns, important fields.
impl Default for Style {
    fn default() -> Self {
        Self { colour: false, width: 100, detail: Detail::Brief }
    }
}
