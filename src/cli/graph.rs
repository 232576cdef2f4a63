//! `langop graph`.

use clap::Args;

use super::args::DescriptionArgs;
use super::{describe, output};
use crate::error::{CommandError, Error};
use crate::exit::Exit;
use crate::graph;
use crate::object::{Address, ObjectRef};
use crate::render::{self, Target};
use crate::report;

/// Show what waits for what, without a server
#[derive(Args, Debug)]
pub(crate) struct GraphArgs {
    #[command(flatten)]
    description: DescriptionArgs,
    /// How it is printed
    #[arg(long, value_enum, default_value_t = Format::Tree, conflicts_with = "why")]
    format: Format,
    /// The same as `--format dot`
    #[arg(long, conflicts_with_all = ["why", "format"])]
    dot: bool,
    /// Print one JSON document
    #[arg(long, conflicts_with_all = ["dot", "format", "why"])]
    json: bool,
    /// Explain why A comes after B; addresses such as `Deployment/prod/gateway`
    #[arg(long, num_args = 2, value_names = ["A", "B"])]
    why: Option<Vec<String>>,
    /// Render for a target with Cilium
    #[arg(long)]
    cilium: bool,
}

/// How a graph is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Tree,
    /// Graphviz' DOT language
    Dot,
    /// Mermaid, which GitHub and GitLab draw
    Mermaid,
    /// A picture
    Svg,
}

pub(crate) fn run(args: &GraphArgs) -> Result<Exit, Error> {
    let stack = describe::load_offline(&args.description)?;
    let assumed = render::needs(&stack).assumed_target();
    let target = Target { cilium: assumed.cilium || args.cilium, ..assumed };
    let objects: Vec<_> = graph::edges(&render::render(&stack, &target)).into_iter().collect();
    let format = if args.dot { Format::Dot } else { args.format };
    match (args.why.as_deref(), format) {
        (Some([from, to]), _) => why(&objects, from, to)?,
        _ if args.json => output::json_document(&report::json::graph(&objects))?,
        (_, Format::Tree) => output::result(&report::graph::tree(&objects))?,
        (_, Format::Dot) => output::result(&report::graph::dot(&objects))?,
        (_, Format::Mermaid) => output::result(&report::graph::mermaid(&objects))?,
        (_, Format::Svg) => output::result(&report::graph::svg(&objects))?,
    }
    Ok(Exit::Done)
}

fn why(objects: &[(ObjectRef, Vec<graph::Dependency>)], from: &str, to: &str) -> Result<(), Error> {
    let find = |address: &str| {
        let mut all = objects.iter().map(|(object, _)| object);
        let found = all.find(|object| Address::object(object).as_str() == address);
        found.ok_or_else(|| CommandError::NoSuchObject(address.to_owned()))
    };
    match report::graph::why(objects, find(from)?, find(to)?) {
        Some(text) => output::result(&text),
        None => output::result_line(&format!("{from} does not wait for {to}")),
    }
}
