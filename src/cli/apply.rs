//! `langop apply`.

use std::sync::Arc;

use clap::Args;

use super::args::{ApplyingArgs, DescriptionArgs, Output, PlanningArgs, TargetArgs};
use super::connect::{connect_for_writing, store};
use super::execute::Execution;
use super::plan::{self, Goal};
use super::progress::Progress;
use super::{describe, output};
use crate::error::Error;
use crate::exit::Exit;

/// Make the cluster what the description says
///
/// Plans, shows the plan, asks, and then does exactly that. What is in the record and no longer in the
/// description is deleted.
#[derive(Args, Debug)]
pub(crate) struct ApplyArgs {
    #[command(flatten)]
    description: DescriptionArgs,
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    planning: PlanningArgs,
    #[command(flatten)]
    applying: ApplyingArgs,
    /// Also lose what others have in namespaces that are deleted, of kinds whose CRD is, or below their owners
    #[arg(long)]
    include_unmanaged: bool,
    /// Print what happens as one JSON object a line; needs --yes
    #[arg(long, requires = "yes")]
    json: bool,
    /// Show every field of what is created
    #[arg(long)]
    full: bool,
}

pub(crate) async fn run(args: ApplyArgs) -> Result<Exit, Error> {
    let stack = describe::load(&args.description, &args.target)?;
    let progress = Arc::new(Progress::new(Output::of_flag(args.json)));
    let connection = connect_for_writing(&args.target, &progress).await?;
    let execution = Execution {
        writer: &connection.writer(),
        store: &store(&args.target, &connection),
        planning: &args.planning,
        applying: &args.applying,
        progress,
        detail: output::detail(args.full),
        include_unmanaged: args.include_unmanaged,
    };
    let request = async || plan::request(&args.planning, &stack, &connection.reader(), Goal::Described).await;
    execution.run(&stack.name, request).await
}
