//! `langop dev gateway`: what the gateway of a cluster is given in its pod, given to a process here.

use std::collections::BTreeMap;

use clap::Args;
use secrecy::SecretBox;
use serde_json::{Value, json};

use super::args::TargetArgs;
use super::named_files::NamedFiles;
use super::signals::Signals;
use super::startup::Startup;
use super::{describe, output};
use crate::dev::gateway::{self, Gateway, GatewayWish, LITELLM};
use crate::dev::{self, DevHome};
use crate::error::{CommandError, Error};
use crate::exit::Exit;
use crate::object::{KeyId, SecretValue, agent_key};
use crate::ops::{self, GatewayPod};
use crate::render;
use crate::stack::Stack;

/// The agent that the printed key stands for: one that every gateway knows, whatever agents it has.
const CALLER: &str = "langop-check";
/// The variable of the pod that agents' keys are made with.
pub(super) const HMAC_SECRET: &str = "LANGOP_GATEWAY_HMAC_SECRET";
/// Where the configuration is in the pod.
const CONFIG: (&str, &str) = ("/etc/langop", "config.yaml");

#[derive(Args, Debug)]
pub(crate) struct GatewayArgs {
    /// The cluster; may be left out when the description has one
    cluster: Option<String>,
    #[command(flatten)]
    files: NamedFiles,
    /// The port on 127.0.0.1; default: 4000, or one that is free
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,
    /// Only install `LiteLLM`, and print the directory of its Python environment
    #[arg(long, exclusive = true)]
    prepare: bool,
}

pub(crate) async fn run(home: DevHome, args: &GatewayArgs) -> Result<Exit, Error> {
    if args.prepare {
        return prepare(&home);
    }
    let stack = describe::load(&args.files.description(), &TargetArgs::of_dev())?;
    let pod = pod(&stack, cluster(&stack, args.cluster.as_deref())?).await?;
    // Before signals are listened to: so far Ctrl-C may just end everything.
    Startup::new().during(|progress| gateway::environment(&home, progress))?;
    let signals = Signals::listen()?;
    let port = args.port;
    let served = tokio::task::spawn_blocking(move || serve(&home, pod, port, &signals)).await;
    served.map_err(CommandError::from)?
}

fn prepare(home: &DevHome) -> Result<Exit, Error> {
    let place = Startup::new().during(|progress| gateway::environment(home, progress))?;
    output::result_line(&place.display().to_string())?;
    Ok(Exit::Done)
}

/// The cluster that is meant.
fn cluster<'a>(stack: &'a Stack, named: Option<&str>) -> Result<&'a str, CommandError> {
    let all: Vec<_> = stack.clusters.keys().map(String::as_str).collect();
    let has = || all.iter().copied().map(str::to_owned).collect();
    match (named, all.as_slice()) {
        (Some(named), _) => {
            let found = all.iter().copied().find(|name| *name == named);
            found.ok_or_else(|| CommandError::NoSuchGateway { name: named.to_owned(), has: has() })
        }
        (None, [one]) => Ok(one),
        (None, []) => Err(CommandError::NoCluster),
        (None, _) => Err(CommandError::WhichCluster(has())),
    }
}

/// The pod of the cluster's gateway, or all that is in the way. Tells what is not as in the cluster.
pub(super) async fn pod(stack: &Stack, cluster: &str) -> Result<GatewayPod, CommandError> {
    let mut stack = stack.clone();
    if without_store(&mut stack, cluster) {
        output::note("note: left out: `gateway.store`; one process counts for itself");
    }
    if without_observers(&mut stack, cluster) {
        output::note("note: left out: `gateway.traces` and `gateway.callbacks`; nobody is told of calls");
    }
    let stack = &stack;
    let manifests = render::render(stack, &render::needs(stack).assumed_target());
    let outside = |name: &str| {
        let value = std::env::var_os(name).filter(|value| !value.is_empty());
        value.map(|value| SecretValue::new(value.into_encoded_bytes()))
    };
    let pod = ops::gateway_pod(&manifests, cluster, outside).await;
    let pod = pod.unwrap_or_else(|| Ok(GatewayPod::default())).map_err(CommandError::MissingValues)?;
    for what in &pod.left_out {
        output::note(&format!("note: left out: {what}"));
    }
    for (model, url) in render::inner_endpoints(stack, cluster) {
        output::note(&format!("warning: calls of model `{model}` will fail here: only pods reach {url}"));
    }
    Ok(pod)
}

/// Takes the store of a cluster's gateway out: its pods alone reach one that langop runs, and the counts of one that is
/// there already are theirs. Whether there was any.
fn without_store(stack: &mut Stack, cluster: &str) -> bool {
    let gateway = stack.clusters.get_mut(cluster).and_then(|item| item.spec.gateway.as_mut());
    gateway.and_then(|gateway| gateway.store.take()).is_some()
}

/// Takes out whom a cluster's gateway tells of calls: what is tried here is not what happened there. Whether there was
/// anybody.
fn without_observers(stack: &mut Stack, cluster: &str) -> bool {
    let gateway = stack.clusters.get_mut(cluster).and_then(|item| item.spec.gateway.as_mut());
    gateway.is_some_and(|gateway| gateway.traces.take().is_some() | gateway.callbacks.take().is_some())
}

fn serve(home: &DevHome, pod: GatewayPod, port: Option<u16>, signals: &Signals) -> Result<Exit, Error> {
    let calls = Calls::of(&pod);
    let mut running = Startup::new().during(|progress| gateway::start(home, &wish(pod, port), progress))?;
    output::note(&format!("starting LiteLLM {LITELLM}; it takes some seconds"));
    if running.wait_ready(|| signals.exit().is_none())? {
        output::result(&calls.at(&running.url()))?;
        output::note("ready; the key is good for this run only. Ctrl-C ends it");
    }
    loop {
        if let Some(exit) = signals.exit() {
            end(running, signals);
            return Ok(exit);
        }
        if let Some(status) = running.ended() {
            return Err(dev::Error::GatewayEnded { status: status.to_string() }.into());
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
}

fn end(running: Gateway, signals: &Signals) {
    output::note("ending it when the calls that run are done; Ctrl-C again ends it at once");
    running.finish(|| *signals.stop.borrow() != crate::apply::Stop::Abort);
}

pub(super) fn wish(pod: GatewayPod, port: Option<u16>) -> GatewayWish {
    let boxed = |values: BTreeMap<String, SecretValue>| -> BTreeMap<_, _> {
        values.into_iter().map(|(name, value)| (name, SecretBox::new(Box::new(value.expose().to_vec())))).collect()
    };
    let directories = pod.directories.into_iter().map(|(path, files)| (path.into(), boxed(files))).collect();
    GatewayWish { directories, variables: boxed(pod.variables), arguments: pod.arguments, port, log: None }
}

/// Calls that work.
struct Calls {
    key: String,
    model: Option<String>,
}

impl Calls {
    fn of(pod: &GatewayPod) -> Self {
        let file =
            |name: &str| pod.directories.get(CONFIG.0).and_then(|files| files.get(name)).map(SecretValue::expose);
        // Where agents are restricted to their models, the first that has any is as good as another.
        let (caller, model) = match file("agents.json").and_then(restricted) {
            Some((agent, model)) => (agent, Some(model)),
            None => (CALLER.to_owned(), file(CONFIG.1).and_then(first)),
        };
        let key = pod.variables.get(HMAC_SECRET).map(|secret| agent_key(secret, &KeyId::first(&caller)));
        let key = key.map(|key| String::from_utf8_lossy(key.expose()).into_owned()).unwrap_or_default();
        Self { key, model }
    }

    /// The key is no secret worth keeping: what it is made with is made anew for each run.
    fn at(&self, url: &str) -> String {
        let head = format!("-H 'Authorization: Bearer {}'", self.key);
        let list = format!("curl {head} {url}/v1/models\n");
        let Some(model) = &self.model else { return list };
        let body = json!({ "model": model, "messages": [{ "role": "user", "content": "Hello" }] });
        // A single quote would end the shell's word.
        let body = body.to_string().replace('\'', r"'\''");
        format!("{list}curl {head} -H 'Content-Type: application/json' -d '{body}' {url}/v1/chat/completions\n")
    }
}

/// The first model that can be called by the name that it is listed under.
fn first(config: &[u8]) -> Option<String> {
    let config: Value = serde_saphyr::from_slice(config).ok()?;
    let names = config.get("model_list")?.as_array()?.iter().filter_map(|model| model.get("model_name")?.as_str());
    names.map(str::to_owned).find(|name| !name.contains('*'))
}

/// The first agent that may call a model, and that model; none where agents may call all.
fn restricted(agents: &[u8]) -> Option<(String, String)> {
    let agents: Value = serde_json::from_slice(agents).ok()?;
    agents.get("restricted")?.as_bool().filter(|restricted| *restricted)?;
    let all = agents.get("agents")?.as_object()?.iter();
    let mut usable = all.filter_map(|(name, agent)| {
        let mut models = agent.get("models")?.as_array()?.iter().filter_map(Value::as_str);
        Some((name.clone(), models.find(|model| !model.contains('*'))?.to_owned()))
    });
    usable.next()
}
