//! `langop drift`.

use clap::Args;

use super::args::{DescriptionArgs, Output, PlanningArgs, TargetArgs};
use super::connect::{connect, records};
use super::plan::{self, Goal};
use super::report_args::ReportArgs;
use super::reports::Reports;
use super::signals::Signals;
use super::{describe, header, output};
use crate::cluster::both;
use crate::error::Error;
use crate::exit::Exit;
use crate::ops::{self, DriftReport};
use crate::report;

/// Show what moved away from what was applied: which value to which, by whom and since when. Writes nothing
///
/// What the description says otherwise than it was applied is no drift: `langop plan` shows it. What others added and no
/// description mentions is theirs, and no drift either.
///
/// Exit codes: 0 nothing moved, 2 something did, 1 or 77 nothing moved as far as it could be found out.
#[derive(Args, Debug)]
pub(crate) struct DriftArgs {
    #[command(flatten)]
    description: DescriptionArgs,
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    reports: ReportArgs,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(args: DriftArgs) -> Result<Exit, Error> {
    let reports = Reports::open(&args.reports, Output::of_flag(args.json), "drift")?;
    let signals = Signals::listen()?;
    let work = async {
        tokio::select! {
            exit = drift(&args, &reports) => exit,
            exit = signals.interrupted() => Ok(exit),
        }
    };
    reports.around(Box::pin(work)).await
}

async fn drift(args: &DriftArgs, reports: &Reports) -> Result<Exit, Error> {
    let stack = reports.described(describe::load_whole(&args.description, &args.target)?);
    let connection = connect(&args.target).await?;
    let (records, reader) = (records(&args.target, &connection), connection.reader());
    header::show(&args.target, reader.session(), &stack.name);
    let planning = PlanningArgs::default();
    let request = plan::request(&planning, &stack, (&reader, reports), Goal::Described);
    let (request, recorded) = both(request, async { Ok(records.read(&stack.name).await?) }).await?;
    let report = ops::drift(&reader, (&records, recorded), request).await?;
    reports.drifted(&report, reader.session().into());
    match Output::of_flag(args.json) {
        Output::Json => output::json_document(&report::json::drift(&report, reader.session().into()))?,
        Output::Human => output::result(&report::human::drift(&report, &output::style()))?,
    }
    Ok(exit(&report))
}

/// That something moved says more than that something else is not known.
fn exit(report: &DriftReport) -> Exit {
    match (report.drifted.is_empty(), report.unknown.is_empty()) {
        (false, _) => Exit::Pending,
        (true, true) => Exit::Done,
        (true, false) if report.lacks_rights => Exit::Forbidden,
        (true, false) => Exit::Failed,
    }
}
