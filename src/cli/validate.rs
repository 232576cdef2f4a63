//! `langop validate`.

use std::collections::BTreeMap;

use clap::Args;

use super::args::{DescriptionArgs, Output, TargetArgs};
use super::environment_name::are_several;
use super::named_environments::all_named;
use super::report_args::ReportArgs;
use super::reports::Reports;
use super::{describe, failure, output};
use crate::error::{CommandError, Error};
use crate::exit::Exit;
use crate::plan::{Problem, unmatched};
use crate::render::{needs, render};
use crate::report::json::ValidationDocument;
use crate::stack::Stack;
use crate::{ops, report};

/// Check the description, without a server
#[derive(Args, Debug)]
pub(crate) struct ValidateArgs {
    #[command(flatten)]
    description: DescriptionArgs,
    #[command(flatten)]
    reports: ReportArgs,
    /// Print all errors and warnings as one JSON document
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &ValidateArgs) -> Result<Exit, Error> {
    let output = Output::of_flag(args.json);
    if are_several(&args.description) {
        if !args.reports.are_of_environments() {
            return Err(CommandError::OncePerEnvironment("--report").into());
        }
        return each(args, output);
    }
    let of_one = match args.description.env.as_slice() {
        [name] => args.reports.in_environment(name),
        _ => args.reports.clone(),
    };
    let reports = Reports::open(&of_one, output, "validate")?;
    reports.finish(match output {
        Output::Human => sentence(&args.description, &reports),
        Output::Json => document(&args.description, &reports, |document| output::json_document(document)),
    })
}

/// Checks each environment that is named, one after the other. A mistake in one keeps no other from being checked.
///
/// # Errors
/// The environments of the description cannot be listed, or a report cannot be written.
fn each(args: &ValidateArgs, output: Output) -> Result<Exit, Error> {
    let (mut worst, mut documents) = (Exit::Done, BTreeMap::new());
    for name in all_named(&args.description, &TargetArgs::default())? {
        let one = DescriptionArgs { env: vec![name.clone()], ..args.description.clone() };
        let reports = Reports::open(&args.reports.in_environment(&name), output, "validate")?;
        let exit = match output {
            Output::Human => {
                output::result_line(&format!("Environment `{name}`"))?;
                reports.finish(sentence(&one, &reports)).unwrap_or_else(|error| failure::report(&error))
            }
            Output::Json => reports.finish(document(&one, &reports, |document| {
                let document = serde_json::to_value(document).map_err(CommandError::from)?;
                documents.insert(name, document);
                Ok(())
            }))?,
        };
        worst = worst.worse(exit);
    }
    if output == Output::Json {
        output::json_document(&report::json::validations(worst as u8, documents))?;
    }
    Ok(worst)
}

/// What is wrong, for a person, else what there is.
fn sentence(description: &DescriptionArgs, reports: &Reports) -> Result<Exit, Error> {
    let loaded = describe::load_whole(description, &TargetArgs::default())?;
    let problems = problems(&loaded.stack);
    reports.validated(&report::json::validation(Ok(&loaded), &problems));
    let stack = loaded.stack;
    for problem in &problems {
        output::note(report::human::problem(problem, &output::style()).trim_end());
    }
    if problems.iter().any(Problem::is_error) {
        return Ok(Exit::Invalid);
    }
    output::result_line(&format!("stack `{}` is valid: {}", stack.name, summary(&stack)))?;
    Ok(Exit::Done)
}

/// The same for programs.
fn document(
    description: &DescriptionArgs,
    reports: &Reports,
    print: impl FnOnce(&ValidationDocument<'_>) -> Result<(), Error>,
) -> Result<Exit, Error> {
    let read = match describe::read(description, &TargetArgs::default()) {
        Ok(loaded) => Ok(loaded),
        Err(Error::Description(invalid)) => Err(invalid),
        Err(error) => return Err(error),
    };
    let problems = read.as_ref().map_or_else(|_| Vec::new(), |loaded| problems(&loaded.stack));
    let document = report::json::validation(read.as_ref().map_err(AsRef::as_ref), &problems);
    reports.validated(&document);
    print(&document)?;
    Ok(if document.valid { Exit::Done } else { Exit::Invalid })
}

fn problems(stack: &Stack) -> Vec<Problem> {
    let target = needs(stack).assumed_target();
    let mut problems = ops::opened(stack, &target);
    if !stack.rules.is_empty() {
        problems.extend(unmatched::problems(&stack.rules, &render(stack, &target)));
    }
    problems
}

fn summary(stack: &Stack) -> String {
    let counts = [
        ("cluster", stack.clusters.len()),
        ("model", stack.models.len()),
        ("agent", stack.agents.len()),
        ("tool", stack.tools.len()),
        ("persona", stack.personas.len()),
        ("team", stack.teams.len()),
        ("secret", stack.secrets.len()),
        ("manifest", stack.manifests.len()),
    ];
    let counts = counts.iter().filter(|(_, count)| *count > 0);
    let words = counts.map(|(word, count)| format!("{count} {word}{}", if *count == 1 { "" } else { "s" }));
    words.collect::<Vec<_>>().join(", ")
}
