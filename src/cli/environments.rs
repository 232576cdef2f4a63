//! `langop plan` of one environment or of several, each with its own result.

use serde_json::Value;

use super::args::Output;
use super::environment_name::are_several;
use super::named_environments::all_named;
use super::plan::{self, PlanArgs};
use super::report_args::is_of_environment;
use super::reports::Reports;
use super::{failure, output, signals};
use crate::error::{CommandError, Error};
use crate::exit::Exit;
use crate::report::human::EnvironmentRow;
use crate::report::json::{EnvironmentDocument, FaultDocument};
use crate::report::{self, Counts};

pub(crate) async fn run(args: PlanArgs) -> Result<Exit, Error> {
    if !are_several(&args.description) {
        let args = match args.description.env.as_slice() {
            [name] => args.in_environment(name),
            _ => args,
        };
        return Box::pin(plan::run(args)).await;
    }
    signals::reading(move || async move { each(&args).await }).await
}

/// Plans each environment that is named, one after the other. One that fails does not keep the others from it.
///
/// # Errors
/// The environments of the description cannot be listed, or a flag does not go with several.
async fn each(args: &PlanArgs) -> Result<Exit, Error> {
    if args.out.as_deref().is_some_and(|file| !is_of_environment(file)) {
        return Err(CommandError::OncePerEnvironment("--out").into());
    }
    if !args.reports.are_of_environments() {
        return Err(CommandError::OncePerEnvironment("--report").into());
    }
    let mut results = Vec::new();
    for name in all_named(&args.description, &args.target)? {
        results.push(EnvironmentPlan::make(args, name).await?);
    }
    show(&results, Output::of_flag(args.json))?;
    Ok(results.iter().fold(Exit::Done, |worst, result| worst.worse(result.exit)))
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
        let planning = async {
            let reports = Reports::open(&args.reports, Output::of_flag(args.json), "plan")?;
            let plan = plan::one(&args, &reports, |plan, target| {
                counts = Some(Counts::of_plan(plan));
                if args.json {
                    document =
                        Some(serde_json::to_value(report::json::plan(plan, target)).map_err(CommandError::from)?);
                    return Ok(());
                }
                plan::show(plan, target, Output::Human, output::detail(args.full))
            });
            reports.around(Box::pin(plan)).await
        };
        let ended = Box::pin(planning).await;
        let (exit, fault) = match ended {
            Ok(exit) => (exit, None),
            Err(error) => (failure::report(&error), Some(failure::document(&error))),
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
