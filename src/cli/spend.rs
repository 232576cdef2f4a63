//! `langop spend`.

use clap::Args;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::connect::connect;
use super::live_cluster::{Candidates, LiveClusterArgs};
use super::output;
use super::signals::Signals;
use crate::cluster::{Forwarder, Reader};
use crate::error::Error;
use crate::exit::Exit;
use crate::ops::{self, Spending};
use crate::report;
use crate::report::human::SpentBy;

/// Show what calls of a cluster's gateway cost: by agent, by team, by model or in all, since the first of the month
///
/// The gateway counts it in its store, by what `LiteLLM` says that a call cost; days are those of UTC, and kept for 400 days.
/// It is asked through a port-forward to a ready pod, with the administrator's key from the Secret `gateway-auth`, which
/// is read for that and kept in memory only.
#[derive(Args, Debug)]
pub(crate) struct SpendArgs {
    #[command(flatten)]
    cluster: LiveClusterArgs,
    /// Whose spending makes a row
    #[arg(long, value_enum, default_value_t = SpentBy::Agent)]
    by: SpentBy,
    /// The first day, as `2026-11-01`; default: the first of this month
    #[arg(long, value_name = "DATE")]
    since: Option<Date>,
    /// One JSON document, with each day by itself
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(args: SpendArgs) -> Result<Exit, Error> {
    let candidates = args.cluster.candidates()?;
    let connection = connect(&args.cluster.target).await?;
    let signals = Signals::listen()?;
    let (reader, forwarder) = (connection.reader(), connection.forwarder()?);
    let asked = counted(&args.cluster, candidates, (&reader, &forwarder));
    let (cluster, mut spending) = match signals.unless_interrupted(asked).await {
        Ok(answer) => answer?,
        Err(exit) => return Ok(exit),
    };
    let today = TimeZone::UTC.to_datetime(Timestamp::now()).date();
    let since = args.since.unwrap_or_else(|| today.first_of_month()).to_string();
    // Days are written so that their order is that of their text.
    spending.days.retain(|day| day.day >= since);
    if args.json {
        output::json_document(&report::json::spending(&cluster, &since, &spending))?;
    } else {
        output::result(&report::human::spending(&spending, args.by, &since, &output::table_style()))?;
    }
    Ok(Exit::Done)
}

/// The cluster that is meant, and what its gateway has counted.
pub(super) async fn counted(
    args: &LiveClusterArgs,
    candidates: Candidates,
    (reader, forwarder): (&Reader, &Forwarder),
) -> Result<(String, Spending), Error> {
    let cluster = args.choose(candidates, reader).await?;
    let spending = ops::spending(reader, forwarder, &cluster).await?;
    Ok((cluster, spending))
}
