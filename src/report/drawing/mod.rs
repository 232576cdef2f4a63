//! A graph as a picture: what stands in it. Objects stand in the box of their namespace, which says that they wait for it;
//! arrows say all else, but for those that others imply. Where things stand is [`place`]'s to decide, how they look the
//! style sheet's; why an arrow is there, nobody's here.

mod arrows;
mod place;
mod scene;
mod svg;
#[cfg(test)]
mod tests;

pub(super) use scene::{Look, Scene, Subject};
pub(super) use svg::{document, inline};

/// The style of a picture; a page has its own colours for actions beside it.
pub(super) const STYLE: &str = include_str!("drawing.css");
