//! `langop explain`.

use clap::{Args, Subcommand};

use super::args::{Description, Target as TargetArgs};
use super::connect::{LOOKING, connect};
use super::exit::Exit;
use super::{describe, output};
use crate::ops;
use crate::reach::{self, Answer, World};
use crate::render::Target;
use crate::report;

/// Say why something is as it is
#[derive(Args, Debug)]
pub(crate) struct ExplainArgs {
    #[command(subcommand)]
    question: Question,
}

#[derive(Debug, Subcommand)]
enum Question {
    Reach(ReachArgs),
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
    description: Description,
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

pub(crate) async fn run(args: &ExplainArgs) -> anyhow::Result<Exit> {
    let Question::Reach(args) = &args.question;
    let mut stack = match describe::load(&args.description) {
        Ok(stack) => stack,
        Err(exit) => return Ok(exit),
    };
    let target = if args.live {
        let reader = connect(&args.target, LOOKING).await?.reader();
        ops::surround(&reader, &mut stack).await?;
        ops::target(&reader, &stack).await?
    } else {
        Target::assumed(&stack)
    };
    let target = Target { cilium: target.cilium || args.cilium, ..target };
    answer(args, &World::new(&stack, &target))
}

fn answer(args: &ReachArgs, world: &World<'_>) -> anyhow::Result<Exit> {
    let ends = match reach::parse(world, &args.from, &args.to) {
        Ok(ends) => ends,
        Err(error) => {
            output::note(&format!("error: {error}"));
            if let Some(hint) = error.hint() {
                output::note(&format!("hint: {hint}"));
            }
            return Ok(Exit::Usage);
        }
    };
    let answers = reach::explain(world, &ends);
    if args.json {
        output::result(&report::json::document(&report::json::reach(&answers))?);
    } else {
        output::result(&report::human::reach(&answers, &output::style()));
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
