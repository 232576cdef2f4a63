//! `langop rollback`.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clap::Args;

use super::args::{self, ApplyingArgs, Output, PlanningArgs, TargetArgs};
use super::connect::{connect, connect_for_reading, connect_for_writing, records, store};
use super::execute::{Execution, Work};
use super::progress::Progress;
use super::report_args::ReportArgs;
use super::reports::Reports;
use super::{header, output, plan, signals};
use crate::cluster::{Ownership, Reader};
use crate::error::{CommandError, Error, chain};
use crate::exit::Exit;
use crate::object::credential::masked;
use crate::ops::{self, PlanRequest, RollbackGoal};
use crate::plan::PlanOptions;
use crate::report::{self, HistoryRow};
use crate::state::{HistoryEntry, Inventory, Records};

/// Make the cluster what an earlier apply made it
///
/// The last five applies of a stack are kept beside its record, with their objects and without any value of a Secret: those
/// that are there stay as they are. Goes back to the newest one before the present of which everything was seen ready, or
/// to that of `--to`; a rollback that was cut off goes on, and after one that was finished it goes further back. Plans, shows the plan, asks, and then does exactly that; no description is read.
///
/// The description stays as it is: the next `langop plan` of it shows the way forward again.
#[derive(Args, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line are independent of each other")]
pub(crate) struct RollbackArgs {
    /// The stack
    stack: String,
    /// Go back to the apply with this serial, however it ended; `--list` says which there are
    #[arg(long, value_name = "SERIAL")]
    to: Option<u64>,
    /// List what can be gone back to, and do nothing
    #[arg(long, conflicts_with_all = ["to", "plan", "yes", "reports", "targets", "exclude"])]
    list: bool,
    /// Show the plan alone. Writes nothing
    #[arg(long, conflicts_with = "yes")]
    plan: bool,
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    planning: PlanningArgs,
    #[command(flatten)]
    applying: ApplyingArgs,
    #[command(flatten)]
    reports: ReportArgs,
    /// Also lose what others have in namespaces that are deleted, of kinds whose CRD is, or below their owners
    #[arg(long)]
    include_unmanaged: bool,
    /// Print one JSON document with --list and --plan, else what happens as one JSON object a line, which needs --yes
    #[arg(long)]
    json: bool,
    /// Show every field of what is created
    #[arg(long)]
    full: bool,
}

pub(crate) async fn run(args: RollbackArgs) -> Result<Exit, Error> {
    if args.list {
        return list(&args).await;
    }
    let command = if args.plan { "plan" } else { "rollback" };
    let reports = Reports::open(&args.reports, Output::of_flag(args.json), command)?;
    reports.about(&args.stack);
    if args.plan {
        let of_plan = Arc::clone(&reports);
        return reports.around(signals::reading(move || show_plan(args, of_plan))).await;
    }
    reports.around(Box::pin(rollback(args, &reports))).await
}

async fn list(args: &RollbackArgs) -> Result<Exit, Error> {
    let connection = connect(&args.target).await?;
    let records = records(&args.target, &connection);
    let inventory = recorded(&records, &args.stack).await?;
    let rows: Vec<_> = records.history(&inventory).await?.into_iter().map(row).collect();
    match Output::of_flag(args.json) {
        Output::Json => output::json_document(&report::json::history(&inventory, &rows))?,
        Output::Human => output::result(&report::human::history(&inventory, &rows, &output::table_style()))?,
    }
    Ok(Exit::Done)
}

fn row(found: crate::state::Found) -> HistoryRow {
    let problem = found.entry.as_ref().err().map(|error| chain(error));
    HistoryRow { found, problem }
}

async fn show_plan(args: RollbackArgs, reports: Arc<Reports>) -> Result<Exit, Error> {
    let output = Output::of_flag(args.json);
    let progress = Arc::new(Progress::new(output));
    let connection = connect_for_reading(&args.target, &progress).await?;
    let (records, reader) = (records(&args.target, &connection), connection.reader());
    header::show(&args.target, reader.session(), &args.stack);
    let planning = Box::pin(async {
        let request = request(&args, &records, &reader).await?;
        let recorded = records.read(&args.stack).await?;
        Ok::<_, Error>(Box::pin(ops::plan(&reader, (&records, recorded), request)).await?)
    });
    let plan = progress.planning(&reader, planning).await?.plan;
    reports.plan(&plan, &reader.session().into());
    plan::show(&plan, reader.session().into(), output, output::detail(args.full))?;
    if plan.errors().next().is_some() {
        return Ok(plan::refused(&plan));
    }
    plan::require(&plan, &args.planning)?;
    Ok(Exit::Done)
}

async fn rollback(args: RollbackArgs, reports: &Arc<Reports>) -> Result<Exit, Error> {
    let progress = Arc::new(Progress::new(Output::of_flag(args.json)).reporting(reports));
    let connection = connect_for_writing(&args.target, args.applying.timeout, &progress).await?;
    header::show(&args.target, connection.session(), &args.stack);
    let (store, reader) = (store(&args.target, &connection), connection.reader());
    let execution = Execution {
        writer: &connection.writer(),
        store: &store,
        planning: &args.planning,
        applying: &args.applying,
        progress,
        detail: output::detail(args.full),
        include_unmanaged: args.include_unmanaged,
        kept_keys: AtomicBool::default(),
    };
    let work = async || Ok(Work::Plan(Box::new(request(&args, &store, &reader).await?)));
    let exit = Box::pin(execution.run(&args.stack, work)).await?;
    if exit == Exit::Done {
        output::note("the description is as it was: the next `langop plan` of it shows the way forward again");
    }
    Ok(exit)
}

/// What is planned, and says to what the stack goes back.
async fn request(args: &RollbackArgs, records: &Records, reader: &Reader) -> Result<PlanRequest, Error> {
    let inventory = recorded(records, &args.stack).await?;
    let goal = args.to.map_or(RollbackGoal::Healthy, RollbackGoal::Serial);
    let choice = ops::choose(&inventory, records.history(&inventory).await?, goal)?;
    choice.passed.iter().for_each(|passed| output::note(&masked(passed)));
    if choice.goes_on {
        output::note("goes on with a rollback that was not finished");
    }
    output::note(&words(&inventory, &choice.entry));
    let planning = &args.planning;
    let options = PlanOptions {
        adopt: args::selection(&planning.adopt),
        replace: args::selection(&planning.replace),
        replace_unproven: args::selection(&planning.replace_unproven),
        include_adopted: args::selection(&planning.include_adopted),
        delete_protected: args::selection(&planning.delete_protected),
        targets: args::targets(planning),
        ..PlanOptions::default()
    };
    let ownership = if planning.force_conflicts { Ownership::Force } else { Ownership::Respect };
    let request = ops::go_back(reader, &inventory, &choice, options, ownership).await?;
    let refresh = if planning.refresh == args::Refresh::Full { ops::Refresh::All } else { ops::Refresh::Changed };
    Ok(PlanRequest { refresh, ..request })
}

async fn recorded(records: &Records, stack: &str) -> Result<Inventory, Error> {
    let recorded = records.read(stack).await?;
    Ok(recorded.ok_or_else(|| CommandError::NoRecord(stack.to_owned()))?.0)
}

fn words(inventory: &Inventory, entry: &HistoryEntry) -> String {
    let images: Vec<_> =
        entry.images.iter().map(|(cluster, image)| format!("gateway of cluster `{cluster}`: {image}")).collect();
    let images = if images.is_empty() { String::new() } else { format!("; {}", images.join(", ")) };
    format!(
        "back from serial {} to serial {} of {:.0} (langop {}{images})",
        inventory.serial, entry.serial, entry.at, entry.langop
    )
}
