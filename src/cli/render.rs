//! `langop render`.

use clap::Args;

use super::args::Description;
use super::exit::Exit;
use super::{describe, output};
use crate::object::Manifest;
use crate::render::{self, Target};

/// Print the objects of the description as YAML, without a server
///
/// Values of Secrets, uids of owners and hashes of Secret versions are not in it: only apply knows them.
#[derive(Args, Debug)]
pub(crate) struct RenderArgs {
    #[command(flatten)]
    description: Description,
    /// Render for a target with Cilium
    #[arg(long)]
    cilium: bool,
}

pub(crate) fn run(args: &RenderArgs) -> Exit {
    let stack = match describe::load(&args.description) {
        Ok(stack) => stack,
        Err(exit) => return exit,
    };
    let needs = render::needs(&stack);
    let target = Target { cilium: needs.cilium || args.cilium, ..Target::default() };
    let names: Vec<_> = needs.host_names.into_keys().collect();
    if !target.cilium && !names.is_empty() {
        // Addresses of the moment would make the output another one each time.
        output::note(&format!("note: left out, for each plan resolves them: `{}`", names.join("`, `")));
    }
    let manifests = render::render(&stack, &target);
    output::yaml(manifests.iter().map(Manifest::rendered));
    Exit::Done
}
