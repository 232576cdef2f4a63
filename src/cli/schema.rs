//! `langop schema`.

use clap::Args;

use super::exit::Exit;
use super::output;
use crate::stack;

/// Print the JSON Schema of description files, for editors
#[derive(Args, Debug)]
pub(crate) struct SchemaArgs {}

pub(crate) fn run() -> Exit {
    output::result_line(&format!("{:#}", stack::schema()));
    Exit::Done
}
