//! `langop validate`.

use clap::Args;

use super::args::Description;
use super::exit::Exit;
use super::{describe, output};
use crate::render::Target;
use crate::{ops, report};

/// Check the description, without a server
#[derive(Args, Debug)]
pub(crate) struct ValidateArgs {
    #[command(flatten)]
    description: Description,
}

pub(crate) fn run(args: &ValidateArgs) -> Exit {
    match describe::load(&args.description) {
        Ok(stack) => {
            for problem in ops::opened(&stack, &Target::assumed(&stack)) {
                output::note(report::human::problem(&problem, &output::style()).trim_end());
            }
            output::result_line(&format!("stack `{}` is valid: {}", stack.name, summary(&stack)));
            Exit::Done
        }
        Err(exit) => exit,
    }
}

fn summary(stack: &crate::stack::Stack) -> String {
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
