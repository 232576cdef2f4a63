//! `langop events`.

use clap::Args;

use super::args::Output;
use super::connect::connect;
use super::live_cluster::LiveClusterArgs;
use super::output;
use super::signals::Signals;
use crate::cluster::Reader;
use crate::error::Error;
use crate::exit::Exit;
use crate::{ops, report};

/// Show what Kubernetes says of a cluster's objects and their pods: its events, the newest last
///
/// The same event is shown once, with how often it was seen. What is proved to be about objects of others in the namespace
/// is left out. The API server forgets events, mostly after an hour.
#[derive(Args, Debug)]
pub(crate) struct EventsArgs {
    #[command(flatten)]
    cluster: LiveClusterArgs,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(args: EventsArgs) -> Result<Exit, Error> {
    let candidates = args.cluster.candidates()?;
    let connection = connect(&args.cluster.target).await?;
    let (reader, signals) = (connection.reader(), Signals::listen()?);
    let shown = async { show(&args.cluster.choose(candidates, &reader).await?, &reader, args.json).await };
    signals.unless_interrupted(shown).await.unwrap_or_else(Ok)
}

async fn show(cluster: &str, reader: &Reader, json: bool) -> Result<Exit, Error> {
    let events = ops::cluster_events(reader, cluster).await?;
    match Output::of_flag(json) {
        Output::Json => output::json_document(&report::json::cluster_events(cluster, &events))?,
        Output::Human => output::result(&report::human::cluster_events(&events, &output::style()))?,
    }
    Ok(Exit::Done)
}
