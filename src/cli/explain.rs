//! `langop explain`.

use clap::{Args, Subcommand};

use super::args::Description;
use super::exit::Exit;
use super::{describe, output};
use crate::reach::{self, World};
use crate::render::{Target, needs};
use crate::report;

/// Say why something is as it is, without a server
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
/// Namespaces and Pods beside the description (`kubectl get svc,ns -A -o yaml`) are believed.
///
/// Exit codes: 0 allowed, 1 refused, 64 a name that means nothing.
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
    /// Print the answers as one JSON document
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &ExplainArgs) -> anyhow::Result<Exit> {
    let Question::Reach(args) = &args.question;
    let stack = match describe::load(&args.description) {
        Ok(stack) => stack,
        Err(exit) => return Ok(exit),
    };
    let assumed = needs(&stack).assumed_target();
    let target = Target { cilium: assumed.cilium || args.cilium, ..assumed };
    let world = World { stack: &stack, target: &target };
    let ends = match reach::parse(&world, &args.from, &args.to) {
        Ok(ends) => ends,
        Err(error) => {
            output::note(&format!("error: {error}"));
            if let Some(hint) = error.hint() {
                output::note(&format!("hint: {hint}"));
            }
            return Ok(Exit::Usage);
        }
    };
    let answers = reach::explain(&world, &ends);
    if args.json {
        output::result(&report::json::document(&report::json::reach(&answers))?);
    } else {
        output::result(&report::human::reach(&answers, &output::style()));
    }
    let allowed = answers.iter().all(|answer| answer.allowed);
    Ok(if allowed { Exit::Done } else { Exit::Failed })
}
