//! `langop stacks`.

use clap::Args;

use super::args::{Output, TargetArgs};
use super::connect::{connect, records};
use super::output;
use crate::error::{Error, chain};
use crate::exit::Exit;
use crate::report::{self, StackRow};
use crate::state::StackRecord;

/// List all stacks of a target: objects, last write of the record, who holds the lock
#[derive(Args, Debug)]
pub(crate) struct StacksArgs {
    #[command(flatten)]
    target: TargetArgs,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(args: StacksArgs) -> Result<Exit, Error> {
    let connection = connect(&args.target).await?;
    let stacks = records(&args.target, &connection).overview().await?;
    let rows: Vec<_> = stacks.into_iter().map(row).collect();
    match Output::of_flag(args.json) {
        Output::Json => output::json_document(&report::json::stacks(&rows))?,
        Output::Human => output::result(&report::human::stacks(&rows, &output::table_style()))?,
    }
    Ok(Exit::Done)
}

fn row(stack: StackRecord) -> StackRow {
    let problem = stack.record.as_ref().err().map(|error| chain(error));
    StackRow { stack, problem }
}
