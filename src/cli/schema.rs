//! `langop schema`.

use clap::Args;

use super::output;
use crate::error::Error;
use crate::exit::Exit;
use crate::plan::saved;
use crate::stack;

/// Print the JSON Schema of description files, for editors, or of saved plans
#[derive(Args, Debug)]
pub(crate) struct SchemaArgs {
    /// Of which files
    #[arg(long, value_enum, default_value_t = Of::Description)]
    of: Of,
}

/// Files that have a schema.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Of {
    /// Description files
    Description,
    /// What `langop plan --out` writes
    Plan,
}

pub(crate) fn run(args: &SchemaArgs) -> Result<Exit, Error> {
    let schema = match args.of {
        Of::Description => stack::schema(),
        Of::Plan => saved::schema(),
    };
    output::result_line(&format!("{schema:#}"))?;
    Ok(Exit::Done)
}
