//! `langop apply`.

use clap::Args;

use super::args::{Applying, Description, Planning, Target};
use super::carry_out::CarryOut;
use super::connect::{WRITING, connect, store};
use super::exit::Exit;
use super::{describe, plan};

/// Make the cluster what the description says
///
/// Plans, shows the plan, asks, and then does exactly that. What is in the record and no longer in the
/// description is deleted.
#[derive(Args, Debug)]
pub(crate) struct ApplyArgs {
    #[command(flatten)]
    description: Description,
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    planning: Planning,
    #[command(flatten)]
    applying: Applying,
    /// Also lose what others have in namespaces that are deleted
    #[arg(long)]
    include_unmanaged: bool,
    /// Print what happens as one JSON object a line; needs --yes
    #[arg(long, requires = "yes")]
    json: bool,
    /// Show every field of what is created
    #[arg(long)]
    full: bool,
}

pub(crate) async fn run(args: ApplyArgs) -> anyhow::Result<Exit> {
    let stack = match describe::load(&args.description) {
        Ok(stack) => stack,
        Err(exit) => return Ok(exit),
    };
    let connection = connect(&args.target, WRITING).await?;
    let carry_out = CarryOut {
        writer: &connection.writer(),
        store: &store(&args.target, &connection),
        planning: &args.planning,
        applying: &args.applying,
        json: args.json,
        full: args.full,
        include_unmanaged: args.include_unmanaged,
    };
    carry_out.run(&stack.name, async || plan::request(&args.planning, &stack, &connection.reader(), false).await).await
}
