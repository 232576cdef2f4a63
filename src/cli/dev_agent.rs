//! `langop dev agent`: what an agent is given in its pod, given to a command here, beside its gateway and its tools.

use clap::Args;
use clap::builder::TypedValueParser;

use super::args::TargetArgs;
use super::named_files::NamedFiles;
use super::signals::Signals;
use super::startup::Startup;
use super::{describe, dev_gateway, local_agent, named_agent, output};
use crate::dev::agent::{self, Running};
use crate::dev::gateway::{self, Gateway};
use crate::dev::{self, DevHome};
use crate::error::{CommandError, Error};
use crate::exit::Exit;

use local_agent::LocalAgent;

#[derive(Args, Debug)]
pub(crate) struct AgentArgs {
    /// The agent; with several clusters `CLUSTER/NAME`
    agent: String,
    /// What runs in the place of its image; a shell reads it
    #[arg(long, value_name = "COMMAND")]
    command: String,
    /// What runs in the place of a tool's image: a server that listens on 127.0.0.1, on the port in `PORT`. Of a tool
    /// with `stdio`, a program in the place of its own
    #[arg(long = "tool", value_name = "NAME=COMMAND", value_parser = ToolCommand)]
    tools: Vec<(String, String)>,
    #[command(flatten)]
    files: NamedFiles,
    /// The port of the gateway on 127.0.0.1; default: 4000, or one that is free
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,
}

/// `NAME=COMMAND`.
#[derive(Clone)]
struct ToolCommand;

impl TypedValueParser for ToolCommand {
    type Value = (String, String);

    fn parse_ref(
        &self,
        command: &clap::Command,
        _: Option<&clap::Arg>,
        text: &std::ffi::OsStr,
    ) -> Result<Self::Value, clap::Error> {
        let pair = text.to_str().and_then(|text| text.split_once('='));
        let pair = pair.filter(|(name, command)| !name.is_empty() && !command.is_empty());
        pair.map(|(name, command)| (name.to_owned(), command.to_owned())).ok_or_else(|| {
            let words = "a value of `--tool` is not written as NAME=COMMAND\n";
            clap::Error::raw(clap::error::ErrorKind::ValueValidation, words).with_cmd(command)
        })
    }
}

pub(crate) async fn run(home: DevHome, args: &AgentArgs) -> Result<Exit, Error> {
    let stack = describe::load(&args.files.description(), &TargetArgs::of_dev())?;
    let (key, item) = named_agent::find(&stack, &args.agent)?;
    let pod = dev_gateway::pod(&stack, &key.cluster).await?;
    let local = LocalAgent::read(&stack, (key, item), &args.tools, pod.variables.get(dev_gateway::HMAC_SECRET)).await?;
    for note in &local.notes {
        output::note(&format!("note: {note}"));
    }
    // Before signals are listened to: so far Ctrl-C may just end everything.
    Startup::new().during(|progress| {
        gateway::environment(&home, progress)?;
        local.needs_bridge().then(|| agent::bridge(&home, progress)).transpose()
    })?;
    let signals = Signals::listen()?;
    let (port, command) = (args.port, args.command.clone());
    let served = tokio::task::spawn_blocking(move || {
        let gateway =
            Startup::new().during(|progress| gateway::start(&home, &dev_gateway::wish(pod, port), progress))?;
        serve(&home, gateway, (local, &command), &signals)
    });
    served.await.map_err(CommandError::from)?
}

fn serve(
    home: &DevHome,
    mut gateway: Gateway,
    (local, command): (LocalAgent, &str),
    signals: &Signals,
) -> Result<Exit, Error> {
    let go_on = || signals.exit().is_none();
    output::note("starting the gateway; it takes some seconds");
    if !gateway.wait_ready(go_on)? {
        return Ok(signals.exit().unwrap_or(Exit::Interrupted));
    }
    let bridge = if local.needs_bridge() { Some(agent::bridge(home, &dev::Silent)?) } else { None };
    let name = local.name.clone();
    let wish = local.wish(command, &gateway.url(), bridge.as_deref())?;
    let Some(running) = agent::start(home, &wish, go_on)? else {
        return Ok(signals.exit().unwrap_or(Exit::Interrupted));
    };
    output::note(&format!("agent `{name}` runs, its gateway at {}; Ctrl-C ends all of it", gateway.url()));
    watch(gateway, running, &name, signals)
}

/// Until the agent ends, or what it needs does.
fn watch(mut gateway: Gateway, mut running: Running, name: &str, signals: &Signals) -> Result<Exit, Error> {
    let go_on = || *signals.stop.borrow() != crate::apply::Stop::Abort;
    loop {
        if let Some(exit) = signals.exit() {
            output::note("ending the agent, its tools and its gateway; Ctrl-C again ends them at once");
            running.finish(go_on);
            gateway.finish(go_on);
            return Ok(exit);
        }
        if let Some(status) = running.ended() {
            output::note(&format!("agent `{name}` ended with {status}"));
            return Ok(if status.success() { Exit::Done } else { Exit::Failed });
        }
        if let Some((name, status)) = running.ended_tool() {
            return Err(dev::Error::ProgramEnded { name, status: status.to_string() }.into());
        }
        if let Some(status) = gateway.ended() {
            return Err(dev::Error::GatewayEnded { status: status.to_string() }.into());
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
}
