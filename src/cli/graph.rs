//! `langop graph`.

use clap::Args;

use super::args::Description;
use super::exit::Exit;
use super::{describe, output};
use crate::graph;
use crate::object::{Address, ObjectRef};
use crate::render::{self, Target};
use crate::report;

/// Show what waits for what, without a server
#[derive(Args, Debug)]
pub(crate) struct GraphArgs {
    #[command(flatten)]
    description: Description,
    /// Print in Graphviz' DOT language
    #[arg(long, conflicts_with = "why")]
    dot: bool,
    /// Explain why A comes after B; addresses such as `Deployment/prod/gateway`
    #[arg(long, num_args = 2, value_names = ["A", "B"])]
    why: Option<Vec<String>>,
    /// Render for a target with Cilium
    #[arg(long)]
    cilium: bool,
}

pub(crate) fn run(args: &GraphArgs) -> Exit {
    let stack = match describe::load(&args.description) {
        Ok(stack) => stack,
        Err(exit) => return exit,
    };
    let assumed = render::needs(&stack).assumed_target();
    let target = Target { cilium: assumed.cilium || args.cilium, ..assumed };
    let objects: Vec<_> = graph::edges(&render::render(&stack, &target)).into_iter().collect();
    match args.why.as_deref() {
        Some([from, to]) => return why(&objects, from, to),
        _ if args.dot => output::result(&report::graph::dot(&objects)),
        _ => output::result(&report::graph::tree(&objects)),
    }
    Exit::Done
}

fn why(objects: &[(ObjectRef, Vec<graph::Dependency>)], from: &str, to: &str) -> Exit {
    let find = |address: &str| {
        objects.iter().map(|(object, _)| object).find(|object| Address::object(object).as_str() == address)
    };
    let (Some(a), Some(b)) = (find(from), find(to)) else {
        let missing = if find(from).is_none() { from } else { to };
        output::note(&format!("error: the description has no object `{missing}`"));
        output::note("hint: `langop graph` lists them; write them as `Kind/namespace/name`");
        return Exit::Usage;
    };
    match report::graph::why(objects, a, b) {
        Some(text) => output::result(&text),
        None => output::result_line(&format!("{from} does not wait for {to}")),
    }
    Exit::Done
}
