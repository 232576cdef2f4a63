//! Plans, events and results as text: for people, for programs, and the graph. Pure: values in, strings out;
//! who prints them, where, and whether a terminal is there, is the command line's business.

mod counts;
pub mod graph;
pub mod human;
pub mod json;
#[cfg(test)]
mod samples;
pub mod yaml;

pub use counts::Counts;
