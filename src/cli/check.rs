//! `langop check`.

use std::time::Duration;

use clap::Args;

use super::args::{DescriptionArgs, Output, TargetArgs, duration};
use super::connect::connect;
use super::report_args::ReportArgs;
use super::reports::Reports;
use super::signals::Signals;
use super::{describe, output};
use crate::error::{CommandError, Error};
use crate::exit::Exit;
use crate::ops::{self, CheckRequest, ClusterCheck, Fault, Verdict};
use crate::report;

/// Ask the gateways, where they run, whether they serve what the description says
///
/// For each cluster, through a port-forward to a ready pod: is it ready, and does it list the models of the
/// description. It asks as an agent does, or as the administrator where agents are restricted to their models. The
/// key is made from the Secret `gateway-auth`, which is read for that and kept in memory only.
#[derive(Args, Debug)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    description: DescriptionArgs,
    #[command(flatten)]
    target: TargetArgs,
    /// Only the gateway of this cluster
    #[arg(long, value_name = "NAME")]
    cluster: Option<String>,
    /// Also call each model once, with a few tokens, and show time and cost. Providers bill for it
    #[arg(long)]
    call: bool,
    /// How long such a call may take
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = duration)]
    timeout: Duration,
    #[command(flatten)]
    reports: ReportArgs,
    /// One JSON document
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(args: CheckArgs) -> Result<Exit, Error> {
    let reports = Reports::open(&args.reports, Output::of_flag(args.json), "check")?;
    reports.around(Box::pin(check(args, &reports))).await
}

async fn check(args: CheckArgs, reports: &Reports) -> Result<Exit, Error> {
    let stack = reports.described(describe::load_whole(&args.description, &args.target)?);
    if let Some(named) = args.cluster.as_ref().filter(|named| !stack.clusters.contains_key(*named)) {
        return Err(CommandError::NoSuchCluster(named.clone()).into());
    }
    let request = CheckRequest { cluster: args.cluster, call: args.call, within: args.timeout };
    let connection = connect(&args.target).await?;
    let (reader, forwarder) = (connection.reader(), connection.forwarder()?);
    let signals = Signals::listen()?;
    let checks = tokio::select! {
        checks = ops::check(&reader, &forwarder, &stack, &request) => checks?,
        exit = signals.interrupted() => return Ok(exit),
    };
    reports.checked(&checks);
    show(&checks, Output::of_flag(args.json))?;
    let silent = |check: &ClusterCheck| matches!(check.fault, Some(Fault::Silent(_)));
    if args.target.dev && checks.iter().any(silent) {
        output::note("hint: pods of the local control plane run nothing; `langop dev gateway` runs a gateway here");
    }
    Ok(exit(&checks))
}

fn show(checks: &[ClusterCheck], output: Output) -> Result<(), Error> {
    match output {
        Output::Json => output::json_document(&report::json::check(checks)),
        Output::Human => output::result(&report::human::check(checks, &output::style())),
    }
}

fn exit(checks: &[ClusterCheck]) -> Exit {
    match checks.iter().map(ClusterCheck::verdict).max() {
        None | Some(Verdict::Good) => Exit::Done,
        Some(Verdict::NotReady) => Exit::Unhealthy,
        Some(Verdict::Failed) => Exit::Failed,
    }
}
