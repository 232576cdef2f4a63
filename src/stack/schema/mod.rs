//! The shape of description files: one schema, made from the types of [`crate::api`], from which the
//! reader's messages and `langop schema` both come. Knows no rule that spans two values.

mod build;
mod examples;
mod field;
mod fit;
mod hide;
mod leaf;
mod params;
mod publish;

pub(super) use build::shapes;
pub(crate) use field::{Field, Fields, UnknownField};
pub(super) use fit::{fit, join};
pub(super) use hide::hide;
pub use publish::publish;
