//! `langop check`.

use std::time::Duration;

use clap::Args;

use super::args::{Description, Target, duration};
use super::connect::{LOOKING, connect};
use super::exit::Exit;
use super::signals::Signals;
use super::{describe, output};
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
    description: Description,
    #[command(flatten)]
    target: Target,
    /// Only the gateway of this cluster
    #[arg(long, value_name = "NAME")]
    cluster: Option<String>,
    /// Also call each model once, with a few tokens, and show time and cost. Providers bill for it
    #[arg(long)]
    call: bool,
    /// How long such a call may take
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = duration)]
    timeout: Duration,
    /// One JSON document
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(args: CheckArgs) -> anyhow::Result<Exit> {
    let stack = match describe::load(&args.description) {
        Ok(stack) => stack,
        Err(exit) => return Ok(exit),
    };
    if let Some(named) = args.cluster.as_ref().filter(|named| !stack.clusters.contains_key(*named)) {
        output::note(&format!("error: the description has no cluster `{named}`"));
        return Ok(Exit::Invalid);
    }
    let request = CheckRequest { cluster: args.cluster, call: args.call, within: args.timeout };
    let connection = connect(&args.target, LOOKING).await?;
    let (reader, forwarder) = (connection.reader(), connection.forwarder()?);
    let signals = Signals::listen()?;
    let checks = tokio::select! {
        checks = ops::check(&reader, &forwarder, &stack, &request) => checks?,
        exit = signals.interrupted() => return Ok(exit),
    };
    show(&checks, args.json)?;
    let silent = |check: &ClusterCheck| matches!(check.fault, Some(Fault::Silent(_)));
    if args.target.dev && checks.iter().any(silent) {
        output::note("hint: pods of the local control plane run nothing; `langop dev gateway` runs a gateway here");
    }
    Ok(exit(&checks))
}

fn show(checks: &[ClusterCheck], json: bool) -> anyhow::Result<()> {
    if json {
        output::result(&report::json::document(&report::json::check(checks))?);
    } else {
        output::result(&report::human::check(checks, &output::style()));
    }
    Ok(())
}

fn exit(checks: &[ClusterCheck]) -> Exit {
    match checks.iter().map(ClusterCheck::verdict).max() {
        None | Some(Verdict::Good) => Exit::Done,
        Some(Verdict::NotReady) => Exit::Unhealthy,
        Some(Verdict::Failed) => Exit::Failed,
    }
}
