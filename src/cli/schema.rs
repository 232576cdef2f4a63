//! `langop schema`.

use clap::Args;

use super::output;
use crate::error::Error;
use crate::exit::Exit;
use crate::plan::saved;
use crate::report::json::{self, Document};
use crate::stack;

/// Print the JSON Schema of description files, for editors, of saved plans, or of what commands print with --json
#[derive(Args, Debug)]
pub(crate) struct SchemaArgs {
    /// Of what
    #[arg(long, value_enum, default_value_t = Of::Description)]
    of: Of,
}

/// What has a schema.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Of {
    /// Description files
    Description,
    /// What `langop plan --out` writes
    Plan,
    /// What `langop plan --json` and `langop show --json` print
    PlanDocument,
    /// A line of what `langop apply --json` and `langop destroy --json` print
    Events,
    /// What `langop status --json` prints
    Status,
    /// What `langop spend --json` prints
    Spend,
    /// What `langop state list --json` prints
    State,
    /// What `langop check --json` prints
    Check,
    /// What `langop self-test --json` prints
    SelfTest,
    /// What `langop validate --json` prints
    Validate,
    /// What `langop explain outage --json` prints
    Outage,
}

pub(crate) fn run(args: &SchemaArgs) -> Result<Exit, Error> {
    let schema = match args.of {
        Of::Description => stack::schema(),
        Of::Plan => saved::schema(),
        Of::PlanDocument => json::schema(Document::Plan),
        Of::Events => json::schema(Document::Events),
        Of::Status => json::schema(Document::Status),
        Of::Spend => json::schema(Document::Spend),
        Of::State => json::schema(Document::State),
        Of::Check => json::schema(Document::Check),
        Of::SelfTest => json::schema(Document::SelfTest),
        Of::Validate => json::schema(Document::Validate),
        Of::Outage => json::schema(Document::Outage),
    };
    output::result_line(&format!("{schema:#}"))?;
    Ok(Exit::Done)
}
