//! `langop render`.

use clap::Args;

use super::args::Description;
use super::exit::Exit;
use super::{describe, output};
use crate::object::Manifest;
use crate::render::{self, Target};
use crate::report;

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
    let target = Target { cilium: args.cilium, ..Target::default() };
    let manifests = render::render(&stack, &target).into_iter();
    let manifests: Vec<_> = manifests.map(|manifest| manifest.in_stack(&stack.name)).collect();
    output::result(&report::yaml::documents(manifests.iter().map(Manifest::shown)));
    Exit::Done
}
