//! `langop plan` of one environment or of several, each with its own result.

use serde_json::Value;

use super::args::{DescriptionArgs, Output};
use super::environment_name::{are_several, matches};
use super::plan::{self, PlanArgs};
use super::{describe, failure, output, signals};
use crate::error::{CommandError, Error, chain};
use crate::exit::Exit;
use crate::object::credential::masked;
use crate::report::human::EnvironmentRow;
use crate::report::json::{EnvironmentDocument, FaultDocument};
use crate::report::{self, Counts};
use crate::stack;

pub(crate) async fn run(args: PlanArgs) -> Result<Exit, Error> {
    if !are_several(&args.description) {
        return Box::pin(plan::run(args)).await;
    }
    signals::reading(move || async move { each(&args).await }).await
}

/// Plans each environment that is named, one after the other. One that fails does not keep the others from it.
///
/// # Errors
/// The environments of the description cannot be listed, or a flag does not go with several.
async fn each(args: &PlanArgs) -> Result<Exit, Error> {
    for (flag, is_given) in [("--out", args.out.is_some()), ("standard input", reads_stream(&args.description))] {
        if is_given {
            return Err(CommandError::OncePerEnvironment(flag).into());
        }
    }
    let names = named(args)?;
    let mut results = Vec::new();
    for name in names {
        results.push(EnvironmentPlan::make(args, name).await?);
    }
    show(&results, Output::of_flag(args.json))?;
    Ok(results.iter().fold(Exit::Done, |worst, result| worst.worse(result.exit)))
}

fn reads_stream(description: &DescriptionArgs) -> bool {
    description.files.iter().any(|file| file.as_os_str() == "-")
}

/// The environments that are meant, in the order of their names, each once.
fn named(args: &PlanArgs) -> Result<Vec<String>, Error> {
    let request = describe::request(&args.description, &args.target);
    let all = stack::environments(&request).map_err(Box::new)?;
    for pattern in &args.description.env {
        if !all.iter().any(|name| matches(pattern, name)) {
            return Err(CommandError::NoSuchEnvironment { pattern: pattern.clone(), has: all }.into());
        }
    }
    Ok(all.into_iter().filter(|name| args.description.env.iter().any(|pattern| matches(pattern, name))).collect())
}

/// What came of one environment.
struct EnvironmentPlan {
    name: String,
    exit: Exit,
    counts: Option<Counts>,
    document: Option<Value>,
    fault: Option<FaultDocument>,
}

impl EnvironmentPlan {
    /// Plans and shows one environment.
    async fn make(args: &PlanArgs, name: String) -> Result<Self, Error> {
        if !args.json {
            output::result_line(&format!("Environment `{name}`"))?;
        }
        let args = args.in_environment(&name);
        let (mut counts, mut document) = (None, None);
        let ended = Box::pin(plan::one(&args, |plan, target| {
            counts = Some(Counts::of_plan(plan));
            if args.json {
                document = Some(serde_json::to_value(report::json::plan(plan, target)).map_err(CommandError::from)?);
                return Ok(());
            }
            plan::show(plan, target, Output::Human, output::detail(args.full))
        }))
        .await;
        let (exit, fault) = match ended {
            Ok(exit) => (exit, None),
            Err(error) => (failure::report(&error), Some(fault(&error))),
        };
        if !args.json {
            output::result_line("")?;
        }
        Ok(Self { name, exit, counts, document, fault })
    }

    fn row(&self) -> EnvironmentRow<'_> {
        EnvironmentRow { name: &self.name, exit: self.exit as u8, ended: self.exit.words(), counts: self.counts }
    }
}

/// An error for programs.
fn fault(error: &Error) -> FaultDocument {
    FaultDocument {
        code: error.code(),
        message: masked(&chain(error)).into_owned(),
        hint: error.hint().map(|hint| masked(&hint).into_owned()),
    }
}

fn show(results: &[EnvironmentPlan], output: Output) -> Result<(), Error> {
    match output {
        Output::Human => {
            let rows: Vec<_> = results.iter().map(EnvironmentPlan::row).collect();
            output::result(&report::human::environments(&rows))
        }
        Output::Json => {
            let documents = results.iter().map(|result| {
                let EnvironmentPlan { name, exit, document, fault, .. } = result;
                (
                    name.as_str(),
                    EnvironmentDocument { exit_code: *exit as u8, plan: document.as_ref(), error: fault.as_ref() },
                )
            });
            let worst = results.iter().fold(Exit::Done, |worst, result| worst.worse(result.exit));
            output::json_document(&report::json::environments(worst as u8, documents.collect()))
        }
    }
}
