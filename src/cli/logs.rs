//! `langop logs`.

use std::time::Duration;

use clap::Args;

use super::args::duration;
use super::connect::connect;
use super::live_cluster::LiveClusterArgs;
use super::output;
use super::signals::Signals;
use crate::cluster::{LogQuery, PodLogs, Reader};
use crate::error::Error;
use crate::exit::Exit;
use crate::object::credential::masked;
use crate::object::printable;
use crate::ops::{self, LogEvent, LogSource, Read};

/// Show what the gateway of a cluster logs, in all of its pods
///
/// Each line begins with its pod. langop has the gateway log errors alone; where it is told to log more, prompts are here
/// (`docs/gateway.md`). Ends with 1 where the log of a pod cannot be read.
#[derive(Args, Debug)]
pub(crate) struct LogsArgs {
    #[command(flatten)]
    cluster: LiveClusterArgs,
    /// Go on with what is logged from now on, also by pods that come later, until Ctrl-C
    #[arg(long, conflicts_with = "previous")]
    follow: bool,
    /// The container before it was started again
    #[arg(long)]
    previous: bool,
    /// So many lines from the end of each log
    #[arg(long, value_name = "N")]
    tail: Option<u32>,
    /// What is younger than that: `90s`, `5m`, `1h`
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    since: Option<Duration>,
}

pub(crate) async fn run(args: LogsArgs) -> Result<Exit, Error> {
    let candidates = args.cluster.candidates()?;
    let connection = connect(&args.cluster.target).await?;
    let signals = Signals::listen()?;
    let (reader, logs) = (connection.reader(), connection.pod_logs()?);
    tokio::select! {
        exit = async { show(&args, args.cluster.choose(candidates, &reader).await?, (&reader, &logs)).await } => exit,
        exit = signals.interrupted() => Ok(exit),
    }
}

async fn show(args: &LogsArgs, cluster: String, (reader, logs): (&Reader, &PodLogs)) -> Result<Exit, Error> {
    let source = LogSource { reader: reader.clone(), logs: logs.clone(), cluster };
    let query = LogQuery { follow: args.follow, previous: args.previous, tail: args.tail, since: args.since };
    if args.follow {
        ops::follow_logs(&source, query, tell).await?;
        return Ok(Exit::Done);
    }
    match ops::logs(&source, query, tell).await? {
        Read::All => Ok(Exit::Done),
        Read::Some => Ok(Exit::Failed),
    }
}

fn tell(event: LogEvent) -> Result<(), Error> {
    match event {
        LogEvent::Line { pod, text } => output::result_line(&line(&pod, &text)),
        LogEvent::Missing { pod, because } => {
            output::note(&masked(&format!("warning: no log of pod `{pod}`: {because}")));
            Ok(())
        }
    }
}

/// A line as it is shown: colours are left out, and nothing in it moves a terminal. What looks like a credential is masked
/// as everywhere, for a provider may quote a key.
fn line(pod: &str, text: &str) -> String {
    let plain = anstream::adapter::strip_str(text).to_string();
    format!("{pod} | {}", printable(&masked(&plain)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_its_pod_and_neither_colours_nor_keys() {
        assert_eq!(line("gateway-1", "\u{1b}[31mfailed\u{1b}[0m\u{202e}"), "gateway-1 | failed\\u{202e}");
        let shown = line("gateway-1", "Incorrect API key provided: sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCD");
        assert_eq!(shown, "gateway-1 | Incorrect API key provided: (sensitive)");
    }
}
