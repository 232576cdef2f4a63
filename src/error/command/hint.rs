//! What a user does next after a mistake of a command.

use super::{CommandError, quoted};
use crate::stack::nearest;
use crate::state::RenameError;

impl CommandError {
    /// The next step for a user, where there is one.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NobodyToAsk => {
                "pass `--yes` to go on without a question; `langop plan` shows what would happen".to_owned()
            }
            Self::Unmanaged => "move them away, or pass `--include-unmanaged` to lose them too".to_owned(),
            Self::NoSuchGateway { has, .. } if has.is_empty() => {
                "add `[clusters.NAME]` to it; files are named with `-f FILE`".to_owned()
            }
            Self::NoSuchBudget { has, .. } if has.is_empty() => "it has none".to_owned(),
            Self::NoSuchBudget { has, .. } => format!("it has those of {}", quoted(has)),
            Self::NoCluster => "add `[clusters.NAME]` to it".to_owned(),
            Self::WhichCluster(names) => {
                format!("`langop dev gateway {}`", names.first().map_or("", String::as_str))
            }
            Self::NameACluster(_) => "write its name behind the command".to_owned(),
            Self::NoSuchLiveCluster { has, .. } if !has.is_empty() => format!("it has {}", quoted(has)),
            Self::NoClusterHere | Self::NoSuchLiveCluster { .. } => {
                "`langop apply` makes one; `langop stacks` lists what the target has".to_owned()
            }
            Self::NoSuchAgent { near: Some(near), .. }
            | Self::NoSuchEntry { near: Some(near), .. }
            | Self::NothingAt { near: Some(near), .. } => {
                format!("did you mean `{near}`?")
            }
            Self::NothingAt { .. } => "`langop graph` lists the objects; `*` stands for anything".to_owned(),
            Self::NoSuchAgent { has, .. } if has.is_empty() => {
                "add `[agents.NAME]` to it; files are named with `-f FILE`".to_owned()
            }
            Self::NothingOut { has, .. } if has.is_empty() => "it has none; files are named with `-f FILE`".to_owned(),
            Self::NoSuchCaller { name, has } | Self::NotServed { name, has } => not_among(name, has),
            Self::NoSuchGateway { has, .. } | Self::NoSuchAgent { has, .. } | Self::NothingOut { has, .. } => {
                format!("it has {}; files are named with `-f FILE`", quoted(has))
            }
            Self::UnsafeImage { hint, .. } => hint.clone(),
            Self::NotAnOutage(_) => {
                "write `provider=`, `model=`, `region=` or `host=`, and files with `-f FILE`".to_owned()
            }
            Self::WhichAgent(all) => format!("write `{}`", all.first().map_or("", String::as_str)),
            Self::NoSuchTool { has, .. } if has.is_empty() => "it has none; leave `--tool` out".to_owned(),
            Self::NoSuchTool { has, .. } => format!("it has {}", quoted(has)),
            Self::NoSuchObject(_) => "`langop graph` lists them; write them as `Kind/namespace/name`".to_owned(),
            Self::NoRecord(stack) => format!("if it was lost, `langop state rebuild {stack}` makes it anew"),
            Self::RecordExists(_) => "`--replace` makes it anew all the same".to_owned(),
            Self::OneEnvironment(_) => "name one; `langop plan` and `langop validate` take several".to_owned(),
            Self::NoSuchEnvironment { has, .. } if has.is_empty() => "describe one: `[environments.NAME]`".to_owned(),
            Self::NoSuchEnvironment { pattern, has } => match nearest(pattern, has.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it has {}", quoted(has)),
            },
            Self::OncePerEnvironment("--out" | "--report") => {
                "write `{env}` in the name of the file: each environment then has its own".to_owned()
            }
            Self::OncePerEnvironment(_) => "plan them one by one".to_owned(),
            Self::NoSuchEntry { stack, .. } => format!("`langop state list {stack}` lists what it has"),
            Self::NotAnAddress { fault, .. } => (*fault).to_owned(),
            Self::Rename(error) if matches!(**error, RenameError::OtherObject { .. }) => {
                "describe it under its new name, with `[[moved]]` for what the plan is to say of it".to_owned()
            }
            Self::OtherTarget { place, .. } => {
                format!("choose the cluster with `--context` or `--kubeconfig`; `[target]` is at {place}")
            }
            Self::PlanAmongFiles(plan) => format!("`langop apply {}` alone applies it", plan.display()),
            Self::NotADescription(plan) => {
                let plan = plan.display();
                format!("`langop show {plan}` shows it, `langop apply {plan}` applies it")
            }
            Self::NoSavedPlan(_) => "`langop plan --out FILE` writes one".to_owned(),
            Self::NotKnownYet(_) => "let langop apply that first; then render again".to_owned(),
            Self::PlannedAlready(_) => "plan again with it".to_owned(),
            Self::FileExists(_) => "`--force` overwrites it; nothing was written".to_owned(),
            Self::NoSuchField { near: Some(near), .. } => format!("did you mean `{near}`?"),
            Self::NoSuchField { known, .. } => {
                let command = format!("langop explain field {known}");
                format!("`{}` lists what there is", command.trim_end())
            }
            Self::DescriptionExists(there) => {
                format!("`langop plan {}` plans it; a directory stands for one description", there.display())
            }
            Self::MissingFlags(_) => "`langop init --help` lists what can be said".to_owned(),
            Self::PlanToStream => "`--out FILE`; `--json` prints a plan for programs".to_owned(),
            Self::OneReportEach(place) if place == "-" => {
                "write all but one of `--json` and the reports to files: `--report FORMAT=FILE`".to_owned()
            }
            Self::OneReportEach(_) => "write each report to a file of its own".to_owned(),
            Self::LowConfidence
            | Self::Report(_)
            | Self::NoPlanForMaxAge
            | Self::PlanFile { .. }
            | Self::ReadFile { .. }
            | Self::WriteFile { .. }
            | Self::NoSuchCluster(_)
            | Self::MissingValues(_)
            | Self::Rename(_)
            | Self::Output(_)
            | Self::Json(_)
            | Self::Signals(_)
            | Self::Kubectl(_)
            | Self::Task(_) => return None,
        })
    }
}

/// A name without its kind.
fn bare(name: &str) -> &str {
    name.split_once('.').map_or(name, |(_, bare)| bare)
}

/// What was probably meant, by its name with or without its kind, or what there is.
fn not_among(name: &str, has: &[String]) -> String {
    let all = || has.iter().map(String::as_str);
    let near = nearest(name, all()).or_else(|| {
        let near = nearest(name, all().map(bare))?;
        all().find(|one| bare(one) == near)
    });
    match near {
        Some(near) => format!("did you mean `{near}`?"),
        None if has.is_empty() => "there is none; files are named with `-f FILE`".to_owned(),
        None => format!("there is {}; files are named with `-f FILE`", quoted(has)),
    }
}
