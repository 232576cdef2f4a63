//! The questions before anything is written.

use super::exit::Exit;
use super::output;
use super::signals::Signals;
use crate::plan::Plan;

/// Asks whether the plan may be carried out. None means yes; else how the command ends.
pub(crate) async fn agreed(plan: &Plan, yes: bool, include_unmanaged: bool, signals: &Signals) -> Option<Exit> {
    if !plan.has_changes() {
        return None;
    }
    if !plan.unmanaged.is_empty() && !include_unmanaged {
        if yes {
            output::note("error: namespaces that are deleted hold objects that this stack did not make; see above");
            output::note("hint: move them away, or pass `--include-unmanaged` to lose them too");
            return Some(Exit::Failed);
        }
        for namespace in plan.unmanaged.keys() {
            let question = format!("Everything in it is lost. Type the name of the namespace `{namespace}` to go on:");
            match ask(question, signals).await {
                Ok(Some(answer)) if answer == *namespace => {}
                Ok(_) => return Some(declined()),
                Err(exit) => return Some(exit),
            }
        }
    }
    if yes {
        return None;
    }
    let what = if plan.destroy { "Destroy all of this?" } else { "Apply these changes?" };
    match ask(format!("{what} Only `yes` is taken as yes:"), signals).await {
        Ok(Some(answer)) if answer == "yes" => None,
        Ok(_) => Some(declined()),
        Err(exit) => Some(exit),
    }
}

fn declined() -> Exit {
    output::note("nothing was changed");
    Exit::Failed
}

async fn ask(question: String, signals: &Signals) -> Result<Option<String>, Exit> {
    let answer = tokio::task::spawn_blocking(move || output::ask(&question));
    tokio::select! {
        answer = answer => Ok(answer.unwrap_or(None)),
        exit = signals.interrupted() => {
            output::note("\nnothing was changed");
            Err(exit)
        }
    }
}
