//! Asks before anything is written.

use super::output;
use super::signals::Signals;
use crate::error::{CommandError, Error};
use crate::exit::Exit;
use crate::plan::Plan;

/// What was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The plan may be applied.
    Yes,
    /// It may not; the command ends so.
    No(Exit),
}

/// What the command line agreed to, so that it is not asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Consent {
    /// That the plan is applied.
    pub(crate) apply: bool,
    /// That objects of others are lost with what is deleted, or may be.
    pub(crate) lose_unmanaged: bool,
}

/// Asks whether the plan may be applied.
pub(crate) async fn confirm(plan: &Plan, consent: Consent, signals: &Signals) -> Result<Answer, Error> {
    if !plan.has_changes() {
        return Ok(Answer::Yes);
    }
    let takes_others = plan.takes_others();
    if !takes_others.is_empty() && !consent.lose_unmanaged {
        if consent.apply {
            return Err(CommandError::Unmanaged.into());
        }
        for taker in takes_others {
            let (question, word) = loss(taker);
            if let no @ Answer::No(_) = ask(question, word, signals).await {
                return Ok(no);
            }
        }
    }
    if consent.apply {
        return Ok(Answer::Yes);
    }
    let what = if plan.destroy { "Destroy all of this?" } else { "Apply these changes?" };
    Ok(ask(format!("{what} Only `yes` is taken as yes:"), "yes", signals).await)
}

/// The question whether everything may be lost that goes with an object, and the word that allows it.
fn loss(taker: &str) -> (String, &str) {
    match taker.rsplit_once('/') {
        // The name of a namespace has no slash, an address has.
        None => (format!("Everything in it is lost. Type the name of the namespace `{taker}` to go on:"), taker),
        Some((_, name)) => (format!("All that goes with `{taker}` is lost. Type its name, `{name}`, to go on:"), name),
    }
}

/// Asks a question that one word alone answers with yes.
pub(crate) async fn ask(question: String, word: &str, signals: &Signals) -> Answer {
    let answer = tokio::task::spawn_blocking(move || output::ask(&question));
    tokio::select! {
        answer = answer => match answer {
            Ok(Some(answer)) if answer == word => Answer::Yes,
            _ => {
                output::note("nothing was changed");
                Answer::No(Exit::Failed)
            }
        },
        exit = signals.interrupted() => {
            output::note("\nnothing was changed");
            Answer::No(exit)
        }
    }
}
