//! `langop render`.

use clap::Args;

use super::args::DescriptionArgs;
use super::{describe, output};
use crate::error::{CommandError, Error};
use crate::exit::Exit;
use crate::object::{Address, AddressPattern, Manifest};
use crate::render::{self, Target};
use crate::stack::nearest;

/// Print the objects of the description as YAML, without a server
///
/// Values of Secrets, uids of owners and hashes of Secret versions are not in it: only apply knows them.
#[derive(Args, Debug)]
pub(crate) struct RenderArgs {
    #[command(flatten)]
    description: DescriptionArgs,
    /// Print only what ADDRESS covers; `*` stands for anything. May be given several times
    #[arg(long, value_name = "ADDRESS")]
    only: Vec<String>,
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
    let manifests = only(render::render(&stack, &target), &args.only)?;
    output::yaml_documents(manifests.iter().map(Manifest::rendered))?;
    Ok(Exit::Done)
}

/// What the patterns cover, in the order in which all of it is printed; everything without a pattern.
fn only(mut manifests: Vec<Manifest>, texts: &[String]) -> Result<Vec<Manifest>, CommandError> {
    if texts.is_empty() {
        return Ok(manifests);
    }
    let patterns: Vec<_> = texts.iter().map(|text| AddressPattern::new(text)).collect();
    let has = |pattern: &AddressPattern, one: &Manifest| pattern.has(&one.address, &one.reference);
    if let Some(idle) = patterns.iter().find(|pattern| !manifests.iter().any(|one| has(pattern, one))) {
        let known: Vec<_> =
            manifests.iter().flat_map(|one| [one.address.clone(), Address::object(&one.reference)]).collect();
        let near = nearest(idle.as_str(), known.iter().map(Address::as_str)).map(str::to_owned);
        return Err(CommandError::NothingAt { address: idle.as_str().to_owned(), near });
    }
    manifests.retain(|one| patterns.iter().any(|pattern| has(pattern, one)));
    Ok(manifests)
}
