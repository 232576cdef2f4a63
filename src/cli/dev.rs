//! `langop dev`: arguments and words of the local control plane. What is done is decided in [`crate::dev`].

use std::num::NonZeroU8;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::{SpanRound, Timestamp, Unit};
use serde_json::{Value, json};

use super::args::Output;
use super::dev_agent::{self, AgentArgs};
use super::dev_gateway::{self, GatewayArgs};
use super::output;
use super::startup::Startup;
use crate::dev::{self, DevHome, Status, Wish};
use crate::error::{CommandError, Error};
use crate::exit::Exit;
use crate::report::json::FORMAT_VERSION;

/// Run a local control plane: a real API server, its controllers and simulated nodes
///
/// It needs no container runtime and no root: everything is compiled from the Go sources inside langop on
/// first use, runs as ordinary processes and listens on 127.0.0.1 only. Pods are simulated: they become
/// ready, but run nothing.
#[derive(Args, Debug)]
pub(crate) struct DevArgs {
    #[command(subcommand)]
    command: DevCommand,
}

#[derive(Debug, Subcommand)]
enum DevCommand {
    /// Start it, building it on first use; print the path of its kubeconfig
    Up {
        /// Simulated nodes; default: as many as there are, at first one
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=100))]
        nodes: Option<u8>,
    },
    /// Say what runs; exit code 1 when nothing usable does
    Status {
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
    /// Stop it; its data stays
    Stop,
    /// Stop it and delete its data
    Reset,
    /// Run kubectl against it: `langop dev kubectl -- get pods -A`
    Kubectl {
        /// Arguments of kubectl
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENTS")]
        arguments: Vec<std::ffi::OsString>,
    },
    /// Run the gateway of a cluster here, to try it: the real `LiteLLM` with the rendered configuration
    ///
    /// It needs no control plane, and listens on 127.0.0.1 only. Keys come from the description's `[secrets]`
    /// and go into the environment of the process. On first use `LiteLLM` is installed into langop's cache, for
    /// which it needs Python. Ctrl-C ends it once the calls that run are done; again, at once.
    Gateway(GatewayArgs),
    /// Run an agent here, to try it: a command of yours in the place of its image, with its gateway and its tools
    ///
    /// The command gets the environment and the configuration that its pod would get, and nothing else of yours; the
    /// addresses are those of this machine. `AGENT_CONFIG` names the configuration, which is `/etc/agent/config.yaml`
    /// in the pod, and `AGENT_WORKSPACE` an empty directory in the place of its workspace. The gateway is that of
    /// `langop dev gateway`. A tool with an image runs by `--tool NAME=COMMAND`; the program of one with `stdio` runs
    /// behind a bridge from the Python package index; one with `url` is where it is. Ctrl-C ends all of it.
    Agent(AgentArgs),
}

/// Runs `langop dev`. Only signals need the asynchronous runtime.
pub(crate) async fn run(args: &DevArgs) -> Result<Exit, Error> {
    let home = DevHome::from_env()?;
    match &args.command {
        DevCommand::Up { nodes } => up(&home, nodes.and_then(NonZeroU8::new)),
        DevCommand::Status { json } => status(&home, &dev::status(&home)?, Output::of_flag(*json)),
        DevCommand::Gateway(args) => dev_gateway::run(home, args).await,
        DevCommand::Agent(args) => dev_agent::run(home, args).await,
        DevCommand::Stop => stop(&home),
        DevCommand::Reset => reset(&home),
        DevCommand::Kubectl { arguments } => {
            let failed = dev::kubectl(&home)?.args(arguments).exec();
            Err(CommandError::Kubectl(failed).into())
        }
    }
}

/// The kubeconfig of the local control plane, which is built and started when needed: `--dev`.
pub(crate) async fn kubeconfig() -> Result<PathBuf, Error> {
    let ensure = || Startup::new().during(|progress| dev::ensure(&DevHome::from_env()?, progress));
    Ok(tokio::task::spawn_blocking(ensure).await.map_err(CommandError::from)??)
}

fn up(home: &DevHome, nodes: Option<NonZeroU8>) -> Result<Exit, Error> {
    let wish = Wish { nodes, ..Wish::default() };
    let kubeconfig = Startup::new().during(|progress| dev::up(home, &wish, progress))?;
    output::result_line(&kubeconfig.display().to_string())?;
    Ok(Exit::Done)
}

fn status(home: &DevHome, status: &Status, output: Output) -> Result<Exit, Error> {
    match output {
        Output::Json => output::json_document(&document(status))?,
        Output::Human => output::result(&describe(home, status))?,
    }
    if matches!(status, Status::Running { .. }) {
        return Ok(Exit::Done);
    }
    output::note("hint: `langop dev up` starts one that can be used");
    Ok(Exit::Failed)
}

fn document(status: &Status) -> Value {
    let (word, state, memory, because) = match status {
        Status::Running { state, memory } => ("running", Some(state), *memory, None),
        Status::Stopped { last } => ("stopped", None, None, last.as_ref().map(|end| end.reason.clone())),
        Status::Broken { because } => ("broken", None, None, Some(because.clone())),
    };
    json!({
        "format_version": FORMAT_VERSION,
        "state": word,
        "reason": because,
        "url": state.map(|state| &state.url),
        "kubeconfig": state.map(|state| &state.kubeconfig),
        "kubernetes": state.map(|state| &state.kubernetes),
        "started": state.map(|state| state.started),
        "memory_bytes": memory,
    })
}

fn describe(home: &DevHome, status: &Status) -> String {
    let lines = match status {
        Status::Running { state, memory } => {
            let memory = memory.map(|bytes| format!("memory      {} MiB", bytes >> 20));
            let head = [
                format!("running     {} (Kubernetes {})", state.url, state.kubernetes),
                format!("kubeconfig  {}", state.kubeconfig.display()),
                format!("since       {}", since(state.started, Timestamp::now())),
            ];
            head.into_iter().chain(memory).collect::<Vec<_>>()
        }
        Status::Stopped { last } => {
            let end = last.iter().map(|end| format!("last end    {}", end.reason));
            std::iter::once("stopped".to_owned()).chain(end).collect()
        }
        Status::Broken { because } => {
            vec![format!("broken      {because}"), format!("log         {}", home.log("supervisor").display())]
        }
    };
    lines.join("\n") + "\n"
}

fn stop(home: &DevHome) -> Result<Exit, Error> {
    let ran = Startup::new().during(|progress| dev::stop(home, progress))?;
    output::note(if ran { "stopped; `langop dev up` goes on with the same data" } else { "nothing runs" });
    Ok(Exit::Done)
}

fn reset(home: &DevHome) -> Result<Exit, Error> {
    Startup::new().during(|progress| dev::reset(home, progress))?;
    output::note("stopped, and all data deleted; the next `langop dev up` starts an empty one");
    Ok(Exit::Done)
}

/// `2h 5m`: seconds matter only in the first minutes.
fn since(started: Timestamp, now: Timestamp) -> String {
    let smallest = if now.duration_since(started).as_mins() < 10 { Unit::Second } else { Unit::Minute };
    let round = SpanRound::new().smallest(smallest).largest(Unit::Hour);
    started.until(now).and_then(|span| span.round(round)).map_or_else(|_| "?".to_owned(), |span| format!("{span:#}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uptime_is_short() {
        let started = Timestamp::UNIX_EPOCH;
        let after = |seconds| since(started, started + jiff::SignedDuration::from_secs(seconds));
        assert_eq!([after(5), after(65), after(7500)], ["5s", "1m 5s", "2h 5m"]);
    }
}
