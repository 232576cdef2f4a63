//! `langop explain`.

use clap::{Args, Subcommand};

use super::args::{DescriptionArgs, Output, TargetArgs};
use super::connect::connect;
use super::explain_field::{self, FieldArgs};
use super::{describe, named_agent, output};
use crate::error::Error;
use crate::exit::Exit;
use crate::ops;
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
