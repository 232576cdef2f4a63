//! `langop render`.

use clap::Args;

use super::args::{DescriptionArgs, TargetArgs};
use super::connect::connect;
use super::reports::Reports;
use super::{describe, output, plan};
use crate::error::{CommandError, Error};
use crate::exit::Exit;
use crate::object::{Address, AddressPattern, Manifest, ObjectRef};
use crate::ops::{self, Open};
use crate::render::{self, Target};
use crate::stack::nearest;

/// Print the objects of the description as YAML, without a server
///
/// Values of Secrets, uids of owners and hashes of Secret versions are not in it: only apply knows them. With `--resolve` it
/// is what another hand may apply, such as kubectl, Argo CD or Flux: without the Secrets, which langop makes, and with what
/// the target knows of them.
#[derive(Args, Debug)]
pub(crate) struct RenderArgs {
    #[command(flatten)]
    description: DescriptionArgs,
    #[command(flatten)]
    target: TargetArgs,
    /// Print only what ADDRESS covers; `*` stands for anything. May be given several times
    #[arg(long, value_name = "ADDRESS")]
    only: Vec<String>,
    /// Render for a target with Cilium
    #[arg(long, conflicts_with = "resolve")]
    cilium: bool,
    /// Leave Secrets out, and fill in what the target knows, for another hand to apply
    #[arg(long)]
    resolve: bool,
}

pub(crate) async fn run(args: RenderArgs) -> Result<Exit, Error> {
    if args.resolve { for_others(&args).await } else { without_server(&args) }
}

fn without_server(args: &RenderArgs) -> Result<Exit, Error> {
    let stack = describe::load_offline(&args.description)?;
    let needs = render::needs(&stack);
    let assumed = needs.assumed_target();
    let target = Target { cilium: assumed.cilium || args.cilium, ..assumed };
    let names: Vec<_> = needs.host_names.into_keys().collect();
    if !target.cilium && !names.is_empty() {
        // Addresses of the moment would make the output another one each time.
        output::note(&format!("note: left out, for each plan resolves them: `{}`", names.join("`, `")));
    }
    if !target.optional_kinds.is_empty() {
        let kinds: Vec<_> = target.optional_kinds.iter().map(ToString::to_string).collect();
        output::note(&format!("note: a plan leaves out what its target has no kind for: {}", kinds.join(", ")));
    }
    let manifests = only(render::render(&stack, &target), &args.only)?;
    output::yaml_documents(manifests.iter().map(Manifest::rendered))?;
    Ok(Exit::Done)
}

async fn for_others(args: &RenderArgs) -> Result<Exit, Error> {
    let stack = describe::load(&args.description, &args.target)?;
    let connection = connect(&args.target).await?;
    let reader = connection.reader();
    let (manifests, _) = plan::desired(&stack, &reader, &Reports::none()).await?;
    let resolved = ops::resolved(&reader, only(manifests, &args.only)?).await?;
    if !resolved.open.is_empty() {
        return Err(CommandError::NotKnownYet(resolved.open.iter().map(words).collect()).into());
    }
    if !resolved.left_out.is_empty() {
        let names: Vec<_> = resolved.left_out.iter().map(ToString::to_string).collect();
        output::note(&format!("note: left out, for langop makes them: {}", names.join(", ")));
    }
    output::yaml_documents(resolved.objects.into_iter())?;
    Ok(Exit::Done)
}

/// What is not known of an object, with what makes it known.
fn words(open: &Open) -> String {
    let Open { object, named } = open;
    match named {
        Some(named) => {
            format!("{object} names {named}, which is not there: `langop apply --target={}`", Address::object(named))
        }
        None => format!("{object} has a value of the run that makes it: `langop apply` alone can"),
    }
}

/// What the patterns cover, in the order in which all of it is printed; everything without a pattern.
fn only(mut manifests: Vec<Manifest>, texts: &[String]) -> Result<Vec<Manifest>, CommandError> {
    // What defines a kind and what others live in come first, as `kubectl apply` needs it.
    manifests.sort_by_key(|manifest| rank(&manifest.reference));
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

fn rank(object: &ObjectRef) -> u8 {
    match object {
        crd if crd.is_crd() => 0,
        namespace if namespace.is("", "Namespace") => 1,
        _ => 2,
    }
}
