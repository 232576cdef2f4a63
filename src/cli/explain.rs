//! `langop explain`.

use clap::{Args, Subcommand};

use super::args::{DescriptionArgs, Output, TargetArgs};
use super::connect::connect;
use super::explain_field::{self, FieldArgs};
use super::named_files::NamedFiles;
use super::{describe, named_agent, output};
use crate::error::{CommandError, Error};
use crate::exit::Exit;
use crate::ops::{self, AccessQuestion, NotThere, OutageTerm};
use crate::reach::{self, Answer, World};
use crate::render::{Target, needs};
use crate::report;

/// Say what a field of a description takes, or why something is as it is
///
/// `langop explain models.timeout` is short for `langop explain field models.timeout`.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct ExplainArgs {
    #[command(subcommand)]
    subject: Option<Subject>,
    #[command(flatten)]
    field: FieldArgs,
}

#[derive(Debug, Subcommand)]
enum Subject {
    Field(FieldArgs),
    Reach(Box<ReachArgs>),
    Agent(AgentArgs),
    Outage(OutageArgs),
    Access(AccessArgs),
    Keys(Box<KeysArgs>),
}

/// Say what happens to whom when a provider, a model, a region or a host is out
///
/// For each agent and each model that it lists, and once for whoever may call any model: who answers. Several things are
/// out at once where several are named. `*` stands for anything: `region=eu-*`, `host=*.amazonaws.com`. A model is the name
/// of a `LanguageModel`, with several clusters also `CLUSTER/NAME`, or the name that several are called by.
///
/// `unaffected`: nothing that answers is out. `served`: other deployments of the same name answer. `degraded`: another model
/// answers, a fallback. `dead`: nobody answers. Found in what is rendered, without a server.
///
/// Exit codes: 0 all calls are answered, 1 some are dead, 64 a name that means nothing.
#[derive(Args, Debug)]
struct OutageArgs {
    /// What is out: `provider=NAME`, `model=NAME`, `region=NAME` or `host=NAME`
    #[arg(required = true, value_name = "KIND=NAME")]
    out: Vec<String>,
    #[command(flatten)]
    files: NamedFiles,
    /// Print the answer as one JSON document
    #[arg(long)]
    json: bool,
}

fn outage(args: &OutageArgs) -> Result<Exit, Error> {
    let term = |text: &String| OutageTerm::parse(text).ok_or_else(|| CommandError::NotAnOutage(text.clone()));
    let terms = args.out.iter().map(term).collect::<Result<Vec<_>, _>>()?;
    let stack = describe::load_offline(&args.files.description())?;
    let outage = ops::outage(&stack, &needs(&stack).assumed_target(), &terms);
    let outage = outage.map_err(|unknown| CommandError::NothingOut { term: unknown.term, has: unknown.has })?;
    match Output::of_flag(args.json) {
        Output::Json => output::json_document(&report::json::outage(&outage))?,
        Output::Human => output::result(&report::human::outage(&outage, &output::style()))?,
    }
    Ok(if outage.is_deadly() { Exit::Failed } else { Exit::Done })
}

/// Say where the keys of providers can get to: models, hosts, pods, and with `--live` people
///
/// For each key of a Secret that a gateway calls with: the models that use it, the hosts that it is sent to, and the
/// containers that hold it. With `--live` the roles and bindings of the target are read, and pods of its own: who may read the
/// Secret, who may run a pod that names it, and who may get into one. Rights that are given otherwise than by roles are not
/// seen. No value of a Secret is read.
#[derive(Args, Debug)]
struct KeysArgs {
    #[command(flatten)]
    files: NamedFiles,
    /// Read roles, bindings and pods of the target too
    #[arg(long)]
    live: bool,
    #[command(flatten)]
    target: TargetArgs,
    /// Print the answer as one JSON document
    #[arg(long)]
    json: bool,
}

async fn keys(args: &KeysArgs) -> Result<Exit, Error> {
    let stack = describe::load_offline(&args.files.description())?;
    let mut keys = ops::key_exposure(&stack, &needs(&stack).assumed_target());
    if args.live {
        ops::add_key_subjects(&connect(&args.target).await?.reader(), &mut keys).await?;
    }
    match Output::of_flag(args.json) {
        Output::Json => output::json_document(&report::json::keys(&keys))?,
        Output::Human => output::result(&report::human::keys(&keys, &output::style()))?,
    }
    Ok(Exit::Done)
}

/// Say who may call which model, and why
///
/// Callers are the agents of a gateway, and its teams where it takes tokens. Names are all that it serves: those of models
/// and their aliases, and of a whole catalogue as `NAME/*`, of which a caller may have a part. Found in what is rendered,
/// without a server.
///
/// Exit codes: 0 the answer, also where nothing may be called; with CALLER and MODEL 1 where none of it may be; 64 a name that
/// means nothing.
#[derive(Args, Debug)]
struct AccessArgs {
    /// Who calls: `agent.NAME`, `team.NAME` or NAME alone; with several clusters also `CLUSTER/NAME`
    caller: Option<String>,
    /// What is called; `*` stands for anything
    model: Option<String>,
    #[command(flatten)]
    files: NamedFiles,
    /// Print the answer as one JSON document
    #[arg(long)]
    json: bool,
}

fn access(args: &AccessArgs) -> Result<Exit, Error> {
    let stack = describe::load_offline(&args.files.description())?;
    let question = AccessQuestion { caller: args.caller.clone(), model: args.model.clone() };
    let named = |name: &Option<String>| name.clone().unwrap_or_default();
    let access =
        ops::may_call(&stack, &needs(&stack).assumed_target(), &question).map_err(|nothing| match nothing {
            NotThere::Caller(has) => CommandError::NoSuchCaller { name: named(&args.caller), has },
            NotThere::Model(has) => CommandError::NotServed { name: named(&args.model), has },
        })?;
    match Output::of_flag(args.json) {
        Output::Json => output::json_document(&report::json::access(&access))?,
        Output::Human => output::result(&report::human::access(&access, &output::table_style()))?,
    }
    let is_refused = args.model.is_some() && access.iter().flat_map(|one| &one.callers).all(|one| one.may.is_empty());
    Ok(if is_refused { Exit::Failed } else { Exit::Done })
}

/// Say everything about one agent: its models and what is tried when they fail, its tools, the keys that it holds, whom
/// it reaches, its limits, its files, and where each is written
#[derive(Args, Debug)]
struct AgentArgs {
    /// The agent; with several clusters `CLUSTER/NAME`
    agent: String,
    #[command(flatten)]
    description: DescriptionArgs,
    /// Answer for a target with Cilium
    #[arg(long)]
    cilium: bool,
    /// Print the page as one JSON document
    #[arg(long)]
    json: bool,
}

fn agent(args: &AgentArgs) -> Result<Exit, Error> {
    let stack = describe::load_offline(&args.description)?;
    let target = needs(&stack).assumed_target();
    let target = Target { cilium: target.cilium || args.cilium, ..target };
    let page = ops::agent_page(&stack, &target, named_agent::find(&stack, &args.agent)?);
    match Output::of_flag(args.json) {
        Output::Json => output::json_document(&report::json::agent(&page))?,
        Output::Human => output::result(&report::human::agent(&page, &output::style()))?,
    }
    Ok(Exit::Done)
}

/// Say whether the description lets FROM reach TO, and by which rule of which line
///
/// FROM and TO are `agent.NAME`, `tool.NAME` or NAME alone, `group.NAME`, `gateway`, `service/NAME.NAMESPACE`,
/// `pod/NAMESPACE`, `pod/NAMESPACE/KEY=VALUE,…`, a host, an address or a network; with several clusters, names
/// are `CLUSTER/NAME`. A connection needs both ends: egress of FROM and ingress of TO. Documents of Services,
/// Namespaces and Pods beside the description (`kubectl get svc,ns,netpol -A -o yaml`) are believed.
///
/// Network policies beside the description have their say, and add up with its rules: `NetworkPolicy`,
/// `CiliumNetworkPolicy` and `CiliumClusterwideNetworkPolicy`. What is not evaluated (policies of Calico, Antrea
/// and administrators; groups, nodes and required labels of Cilium) is named, and the answer is then "not decided"
/// where it depends on it.
///
/// Exit codes: 0 allowed, 1 refused, 7 not decided, 64 a name that means nothing.
#[derive(Args, Debug)]
struct ReachArgs {
    /// Who connects
    from: String,
    /// Who is connected to: `TO`, `TO:443`, `TO:53/UDP`, `TO:http`, `[fd00::1]:443`
    #[arg(value_name = "TO[:PORT[/PROTOCOL]]")]
    to: String,
    #[command(flatten)]
    description: DescriptionArgs,
    /// Answer for a target with Cilium
    #[arg(long)]
    cilium: bool,
    /// Read policies, Namespaces and Services of the target too
    #[arg(long)]
    live: bool,
    #[command(flatten)]
    target: TargetArgs,
    /// Print the answers as one JSON document
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(args: &ExplainArgs) -> Result<Exit, Error> {
    match &args.subject {
        None => explain_field::run(&args.field),
        Some(Subject::Field(args)) => explain_field::run(args),
        Some(Subject::Reach(args)) => reach(args).await,
        Some(Subject::Agent(args)) => agent(args),
        Some(Subject::Outage(args)) => outage(args),
        Some(Subject::Access(args)) => access(args),
        Some(Subject::Keys(args)) => keys(args).await,
    }
}

async fn reach(args: &ReachArgs) -> Result<Exit, Error> {
    let mut stack = describe::load_beside_exports(&args.description, &args.target)?;
    let target = if args.live {
        let reader = connect(&args.target).await?.reader();
        ops::add_live_objects(&reader, &mut stack).await?;
        ops::target(&reader, &needs(&stack)).await?
    } else {
        needs(&stack).assumed_target()
    };
    let target = Target { cilium: target.cilium || args.cilium, ..target };
    let world = World::new(&stack, &target);
    let ends = reach::parse(&world, &args.from, &args.to)?;
    let answers = reach::explain(&world, &ends);
    match Output::of_flag(args.json) {
        Output::Json => output::json_document(&report::json::reach(&answers))?,
        Output::Human => output::result(&report::human::reach(&answers, &output::style()))?,
    }
    Ok(exit(&answers))
}

/// A refusal is said first: it holds whatever else may be decided.
fn exit(answers: &[Answer]) -> Exit {
    match answers {
        all if all.iter().any(|answer| !answer.allowed && !answer.undecided) => Exit::Failed,
        all if all.iter().any(|answer| answer.undecided) => Exit::Gate,
        _ => Exit::Done,
    }
}
