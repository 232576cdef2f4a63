//! `langop plan`.

use clap::Args;

use super::args::{self, Description, Planning, Require, Target};
use super::connect::{LOOKING, connect, records};
use super::exit::Exit;
use super::{describe, output};
use crate::cluster::Ownership;
use crate::ops::{self, PlanRequest, Refresh};
use crate::plan::{Confidence, Notes, Plan, PlanOptions, weakest};
use crate::report::human::Style;
use crate::{render, report};

/// Show what would change, verified by the API server. Writes nothing
#[derive(Args, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line are independent of each other")]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    description: Description,
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    planning: Planning,
    /// Show the plan of `langop destroy`
    #[arg(long)]
    destroy: bool,
    /// Print the plan as one JSON document
    #[arg(long)]
    json: bool,
    /// Exit with 2 when changes are pending
    #[arg(long)]
    detailed_exitcode: bool,
    /// Show every field of what is created
    #[arg(long)]
    full: bool,
}

pub(crate) async fn run(args: PlanArgs) -> anyhow::Result<Exit> {
    let stack = match describe::load(&args.description) {
        Ok(stack) => stack,
        Err(exit) => return Ok(exit),
    };
    let connection = connect(&args.target, LOOKING).await?;
    let records = records(&args.target, &connection);
    let reader = connection.reader();
    let request = request(&args.planning, &stack, &reader, args.destroy).await?;
    let planned = ops::plan(&reader, &records, request).await?;
    show(&planned.plan, args.json, args.full)?;
    if let Some(held) = records.peek(&stack.name).await? {
        output::note(&format!("note: this stack is being changed right now by {held}"));
    }
    if planned.plan.errors().next().is_some() {
        return Ok(Exit::Failed);
    }
    if !passes(&planned.plan, args.planning.require) {
        return Ok(Exit::Gate);
    }
    Ok(if args.detailed_exitcode && planned.plan.has_changes() { Exit::Pending } else { Exit::Done })
}

/// What is asked of the engine for a stack.
pub(crate) async fn request(
    planning: &Planning,
    stack: &crate::stack::Stack,
    reader: &crate::cluster::Reader,
    destroy: bool,
) -> anyhow::Result<PlanRequest> {
    let options = PlanOptions {
        adopt: args::selection(&planning.adopt),
        replace: args::selection(&planning.replace),
        destroy,
        crds: false,
    };
    let (manifests, notes) = if destroy { (Vec::new(), Notes::default()) } else { desired(stack, reader).await? };
    Ok(PlanRequest {
        stack: stack.name.clone(),
        manifests,
        options,
        ownership: if planning.force_conflicts { Ownership::Force } else { Ownership::Respect },
        refresh: if planning.refresh == args::Refresh::Full { Refresh::All } else { Refresh::Changed },
        notes,
    })
}

/// What the stack is on this target, and what was found out on the way.
async fn desired(
    stack: &crate::stack::Stack,
    reader: &crate::cluster::Reader,
) -> anyhow::Result<(Vec<crate::object::Manifest>, Notes)> {
    let needs = render::needs(stack);
    let mut target = ops::target(reader, &needs).await?;
    let notes = ops::isolation(reader, stack, &needs, &mut target).await?;
    Ok((render::render(stack, &target), notes))
}

/// Prints a plan.
pub(crate) fn show(plan: &Plan, json: bool, full: bool) -> anyhow::Result<()> {
    if json {
        output::result(&report::json::document(&report::json::plan(plan))?);
    } else {
        output::result(&report::human::plan(plan, &Style { full, ..output::style() }));
    }
    Ok(())
}

/// Whether every change is known as well as is required; says so when not.
pub(crate) fn passes(plan: &Plan, require: Option<Require>) -> bool {
    let limit = match require {
        None => return true,
        Some(Require::Server) => Confidence::Recorded,
        Some(Require::Shadow) => Confidence::Shadow,
        Some(Require::Schema) => Confidence::Schema,
    };
    let passes = weakest(plan).is_none_or(|weakest| *weakest <= limit);
    if !passes {
        output::note("error: not every change is known as well as `--require` asks for; see the marks in the plan");
    }
    passes
}
