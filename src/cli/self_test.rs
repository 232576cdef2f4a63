//! `langop self-test`.

use clap::Args;

use super::args::{DescriptionArgs, Output, TargetArgs};
use super::connect::connect;
use super::{describe, output};
use crate::error::Error;
use crate::exit::Exit;
use crate::ops::{self, Finding, Fitness, Topic};
use crate::report;
use crate::stack::{DEFAULT_FILES, Stack};

/// Say whether a target is fit for langop: version, kinds, rights, network plugin, quotas, clock. Writes nothing
///
/// With a description, named or in this directory, every right that `langop apply` of it needs is asked for; without one,
/// all but the rights are looked at.
#[derive(Args, Debug)]
pub(crate) struct SelfTestArgs {
    #[command(flatten)]
    description: DescriptionArgs,
    #[command(flatten)]
    target: TargetArgs,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(args: SelfTestArgs) -> Result<Exit, Error> {
    let stack = described(&args)?;
    let connection = connect(&args.target).await?;
    let reader = connection.reader();
    let findings = ops::fitness(&reader, stack.as_ref()).await?;
    match Output::of_flag(args.json) {
        Output::Json => output::json_document(&report::json::fitness(&findings, reader.session().into()))?,
        Output::Human => output::result(&report::human::fitness(&findings, &output::style()))?,
    }
    Ok(exit(&findings))
}

/// The description, where there is one.
fn described(args: &SelfTestArgs) -> Result<Option<Stack>, Error> {
    let asked = !args.description.names_none() || !args.description.env.is_empty();
    let there = DEFAULT_FILES.iter().any(|name| std::path::Path::new(name).is_file());
    if asked || there { describe::load(&args.description, &args.target).map(Some) } else { Ok(None) }
}

fn exit(findings: &[Finding]) -> Exit {
    let unfit = findings.iter().filter(|finding| finding.fitness == Fitness::Unfit);
    let exits = unfit.map(|finding| if finding.topic == Topic::Rights { Exit::Forbidden } else { Exit::Failed });
    exits.fold(Exit::Done, Exit::worse)
}
