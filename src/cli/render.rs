//! `langop render`.

use clap::Args;

use super::args::DescriptionArgs;
use super::{describe, output};
use crate::error::Error;
use crate::exit::Exit;
use crate::object::Manifest;
use crate::render::{self, Target};

/// Print the objects of the description as YAML, without a server
///
/// Values of Secrets, uids of owners and hashes of Secret versions are not in it: only apply knows them.
#[derive(Args, Debug)]
pub(crate) struct RenderArgs {
    #[command(flatten)]
    description: DescriptionArgs,
    /// Render for a target with Cilium
    #[arg(long)]
    cilium: bool,
}

pub(crate) fn run(args: &RenderArgs) -> Result<Exit, Error> {
    let stack = describe::load_offline(&args.description)?;
    let needs = render::needs(&stack);
    let target = Target { cilium: needs.cilium || args.cilium, ..Target::default() };
    let names: Vec<_> = needs.host_names.into_keys().collect();
    if !target.cilium && !names.is_empty() {
        // Addresses of the moment would make the output another one each time.
        output::note(&format!("note: left out, for each plan resolves them: `{}`", names.join("`, `")));
    }
    let manifests = render::render(&stack, &target);
    output::yaml_documents(manifests.iter().map(Manifest::rendered))?;
    Ok(Exit::Done)
}
