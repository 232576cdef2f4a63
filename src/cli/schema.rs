//! `langop schema`.

use clap::Args;

use super::output;
use crate::error::Error;
use crate::exit::Exit;
use crate::stack;

/// Print the JSON Schema of description files, for editors
#[derive(Args, Debug)]
pub(crate) struct SchemaArgs {}

pub(crate) fn run() -> Result<Exit, Error> {
    output::result_line(&format!("{:#}", stack::schema()))?;
    Ok(Exit::Done)
}
