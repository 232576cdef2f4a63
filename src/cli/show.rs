//! `langop show`.

use std::path::PathBuf;

use clap::Args;

use super::args::Output;
use super::report_args::ReportArgs;
use super::reports::Reports;
use super::{output, plan, saved};
use crate::error::Error;
use crate::exit::Exit;
use crate::report::terraform;

/// Show a saved plan as it was made, without a server
#[derive(Args, Debug)]
pub(crate) struct ShowArgs {
    /// The file that `langop plan --out` wrote
    file: PathBuf,
    #[command(flatten)]
    reports: ReportArgs,
    /// Print the plan as one JSON document, as `langop plan --json` does
    #[arg(long)]
    json: bool,
    /// Print the plan in the shape of another program
    #[arg(long, value_enum, conflicts_with = "json")]
    format: Option<Shape>,
    /// Show every field of what is created
    #[arg(long)]
    full: bool,
}

/// The shape of another program's plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Shape {
    /// That of `terraform show -json`, for policies that read it
    Terraform,
}

pub(crate) fn run(args: &ShowArgs) -> Result<Exit, Error> {
    let reports = Reports::open(&args.reports, Output::of_flag(args.json || args.format.is_some()), "show")?;
    reports.finish(show(args, &reports))
}

fn show(args: &ShowArgs, reports: &Reports) -> Result<Exit, Error> {
    let saved = saved::open(&args.file)?;
    output::note(&format!(
        "made at {:.0} by langop {} from the description {}",
        saved.made_at,
        saved.langop,
        saved.description.get(..12).unwrap_or_default()
    ));
    let plan = saved.plan();
    reports.plan(&plan, &(&saved.target).into());
    if args.format == Some(Shape::Terraform) {
        output::json_document(&terraform(&plan, saved.made_at))?;
        return Ok(Exit::Done);
    }
    plan::show(&plan, (&saved.target).into(), Output::of_flag(args.json), output::detail(args.full))?;
    Ok(Exit::Done)
}
