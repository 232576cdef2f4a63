//! Plans, events and results as text: for people, for programs, and the graph. Pure: values in, strings out;
//! who prints them, where, and whether a terminal is there, is the command line's business.

mod build;
mod counts;
mod depth;
pub(crate) mod graph;
pub(crate) mod human;
pub(crate) mod json;
#[cfg(test)]
mod samples;
mod stack_row;
pub(crate) mod yaml;

pub(crate) use build::build;
pub(crate) use counts::Counts;
pub(crate) use depth::Depth;
pub(crate) use stack_row::StackRow;
