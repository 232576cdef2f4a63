//! Plans, events and results as text: for people, for programs, and the graph. Pure: values in, strings out;
//! who prints them, where, and whether a terminal is there, is the command line's business.

mod build;
mod checks;
mod contents;
mod counts;
mod depth;
mod diagnostics;
mod drawing;
mod drifted;
mod error;
mod format;
mod github;
mod gitlab;
pub(crate) mod graph;
mod headline;
mod history_row;
mod html;
pub(crate) mod human;
pub(crate) mod json;
mod junit;
mod literals;
mod markdown;
mod planned;
#[cfg(test)]
mod sample_outage;
#[cfg(test)]
mod sample_reports;
#[cfg(test)]
mod samples;
mod sarif;
mod stack_row;
mod terraform;
mod text;
pub(crate) mod yaml;

pub(crate) use build::build;
pub(crate) use checks::problems as check_problems;
pub(crate) use contents::{End, Report, Target};
pub(crate) use counts::Counts;
pub(crate) use depth::Depth;
pub(crate) use drifted::problems as drift_problems;
pub(crate) use error::ReportError;
pub(crate) use format::Format;
pub(crate) use history_row::HistoryRow;
pub(crate) use stack_row::StackRow;
pub(crate) use terraform::terraform;
