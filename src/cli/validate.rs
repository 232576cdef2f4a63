//! `langop validate`.

use clap::Args;

use super::args::{DescriptionArgs, Output, TargetArgs};
use super::{describe, output};
use crate::error::Error;
use crate::exit::Exit;
use crate::plan::{Problem, unmatched};
use crate::render::{needs, render};
use crate::stack::Stack;
use crate::{ops, report};

/// Check the description, without a server
#[derive(Args, Debug)]
pub(crate) struct ValidateArgs {
    #[command(flatten)]
    description: DescriptionArgs,
    /// Print all errors and warnings as one JSON document
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &ValidateArgs) -> Result<Exit, Error> {
    match Output::of_flag(args.json) {
        Output::Human => {
            let stack = describe::load_offline(&args.description)?;
            let problems = problems(&stack);
            for problem in &problems {
                output::note(report::human::problem(problem, &output::style()).trim_end());
            }
            if problems.iter().any(Problem::is_error) {
                return Ok(Exit::Invalid);
            }
            output::result_line(&format!("stack `{}` is valid: {}", stack.name, summary(&stack)))?;
            Ok(Exit::Done)
        }
        Output::Json => document(&args.description),
    }
}

fn document(description: &DescriptionArgs) -> Result<Exit, Error> {
    let read = match describe::read(description, &TargetArgs::default()) {
        Ok(loaded) => Ok(loaded),
        Err(Error::Description(invalid)) => Err(invalid),
        Err(error) => return Err(error),
    };
    let problems = read.as_ref().map_or_else(|_| Vec::new(), |loaded| problems(&loaded.stack));
    let document = report::json::validation(read.as_ref().map_err(AsRef::as_ref), &problems);
    output::json_document(&document)?;
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
        ("secret", stack.secrets.len()),
        ("manifest", stack.manifests.len()),
    ];
    let counts = counts.iter().filter(|(_, count)| *count > 0);
    let words = counts.map(|(word, count)| format!("{count} {word}{}", if *count == 1 { "" } else { "s" }));
    words.collect::<Vec<_>>().join(", ")
}
