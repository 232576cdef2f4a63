//! `langop destroy`.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clap::Args;

use super::args::{self, ApplyingArgs, DescriptionArgs, Output, PlanningArgs, TargetArgs};
use super::connect::{connect_for_writing, store};
use super::execute::{Execution, Work};
use super::progress::Progress;
use super::report_args::ReportArgs;
use super::reports::Reports;
use super::{describe, header, no_such_stack};
use crate::cluster::Ownership;
use crate::error::Error;
use crate::exit::Exit;
use crate::ops::{PlanRequest, Refresh};
use crate::plan::{Notes, PlanOptions};
use crate::report::human::Detail;

/// Take everything of the stack away
///
/// Shows first what else would be lost with its namespaces. The description is read only for the name of the
/// stack: without one, name the stack with `--stack`.
#[derive(Args, Debug)]
pub(crate) struct DestroyArgs {
    #[command(flatten)]
    description: DescriptionArgs,
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    planning: PlanningArgs,
    #[command(flatten)]
    applying: ApplyingArgs,
    #[command(flatten)]
    reports: ReportArgs,
    /// Also lose what others have in the namespaces, of kinds whose CRD goes, or below their owners
    #[arg(long)]
    include_unmanaged: bool,
    /// Also delete the CRDs of langop.io, if no other stack uses them
    #[arg(long)]
    crds: bool,
    /// Print what happens as one JSON object a line; needs --yes
    #[arg(long, requires = "yes")]
    json: bool,
}

pub(crate) async fn run(args: DestroyArgs) -> Result<Exit, Error> {
    let reports = Reports::open(&args.reports, Output::of_flag(args.json), "destroy")?;
    reports.around(Box::pin(destroy(args, &reports))).await
}

async fn destroy(args: DestroyArgs, reports: &Arc<Reports>) -> Result<Exit, Error> {
    let described = describe::to_destroy(&args.description, &args.target)?;
    let stack = described.name;
    reports.about(&stack);
    let progress = Arc::new(Progress::new(Output::of_flag(args.json)).reporting(reports));
    let connection = connect_for_writing(&args.target, args.applying.timeout, &progress).await?;
    header::show(&args.target, connection.session(), &stack);
    let store = store(&args.target, &connection);
    if no_such_stack::is_told(&store, &stack, Output::of_flag(args.json)).await? {
        return Ok(Exit::Done);
    }
    let execution = Execution {
        writer: &connection.writer(),
        store: &store,
        planning: &args.planning,
        applying: &args.applying,
        progress,
        detail: Detail::Brief,
        include_unmanaged: args.include_unmanaged,
        kept_keys: AtomicBool::default(),
    };
    let options = PlanOptions {
        include_adopted: args::selection(&args.planning.include_adopted),
        delete_protected: args::selection(&args.planning.delete_protected),
        destroy: true,
        crds: args.crds,
        targets: args::targets(&args.planning),
        forget: described.statements.forget,
        ..PlanOptions::default()
    };
    let request = PlanRequest {
        stack: stack.clone(),
        manifests: Vec::new(),
        options,
        ownership: Ownership::Respect,
        refresh: Refresh::Changed,
        notes: Notes::default(),
        did: None,
    };
    Box::pin(execution.run(&stack, async || Ok(Work::Plan(Box::new(request))))).await
}
