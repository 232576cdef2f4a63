//! `langop destroy`.

use clap::Args;

use super::args::{Applying, Description, Planning, Target};
use super::carry_out::CarryOut;
use super::connect::{WRITING, connect, store};
use super::describe;
use super::exit::Exit;
use crate::cluster::Ownership;
use crate::ops::{PlanRequest, Refresh};
use crate::plan::{Notes, PlanOptions, Selection};

/// Take everything of the stack away
///
/// Shows first what else would be lost with its namespaces. The description is read only for the name of the
/// stack: without one, name the stack with `--stack`.
#[derive(Args, Debug)]
pub(crate) struct DestroyArgs {
    #[command(flatten)]
    description: Description,
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    planning: Planning,
    #[command(flatten)]
    applying: Applying,
    /// Also lose what others have in the namespaces
    #[arg(long)]
    include_unmanaged: bool,
    /// Also delete the CRDs of langop.io, if no other stack uses them
    #[arg(long)]
    crds: bool,
    /// Print what happens as one JSON object a line; needs --yes
    #[arg(long, requires = "yes")]
    json: bool,
}

pub(crate) async fn run(args: DestroyArgs) -> anyhow::Result<Exit> {
    let stack = match &args.description.stack {
        Some(name) if args.description.files.is_empty() => name.clone(),
        _ => match describe::load(&args.description) {
            Ok(stack) => stack.name,
            Err(exit) => return Ok(exit),
        },
    };
    let connection = connect(&args.target, WRITING).await?;
    let carry_out = CarryOut {
        writer: &connection.writer(),
        store: &store(&args.target, &connection),
        planning: &args.planning,
        applying: &args.applying,
        json: args.json,
        full: false,
        include_unmanaged: args.include_unmanaged,
    };
    let options =
        PlanOptions { adopt: Selection::Nothing, replace: Selection::Nothing, destroy: true, crds: args.crds };
    let request = PlanRequest {
        stack: stack.clone(),
        manifests: Vec::new(),
        options,
        ownership: Ownership::Respect,
        refresh: Refresh::Changed,
        notes: Notes::default(),
    };
    carry_out.run(&stack, async || Ok(request)).await
}
