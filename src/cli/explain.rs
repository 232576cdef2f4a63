//! `langop explain`.

use clap::{Args, Subcommand};

use super::args::{DescriptionArgs, Output};
use super::{describe, output};
use crate::error::Error;
use crate::exit::Exit;
use crate::reach::{self, World};
use crate::render::{Target, needs};
use crate::report;

/// Say why something is as it is, without a server
#[derive(Args, Debug)]
pub(crate) struct ExplainArgs {
    #[command(subcommand)]
    subject: Subject,
}

#[derive(Debug, Subcommand)]
enum Subject {
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
    description: DescriptionArgs,
    /// Answer for a target with Cilium
    #[arg(long)]
    cilium: bool,
    /// Print the answers as one JSON document
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &ExplainArgs) -> Result<Exit, Error> {
    let Subject::Reach(args) = &args.subject;
    let stack = describe::load(&args.description)?;
    let assumed = needs(&stack).assumed_target();
    let target = Target { cilium: assumed.cilium || args.cilium, ..assumed };
    let world = World { stack: &stack, target: &target };
    let ends = reach::parse(&world, &args.from, &args.to)?;
    let answers = reach::explain(&world, &ends);
    match Output::of_flag(args.json) {
        Output::Json => output::json_document(&report::json::reach(&answers))?,
        Output::Human => output::result(&report::human::reach(&answers, &output::style()))?,
    }
    let allowed = answers.iter().all(|answer| answer.allowed);
    Ok(if allowed { Exit::Done } else { Exit::Failed })
}
