//! `langop budget`.

use clap::{Args, Subcommand};

use super::confirm::{Answer, ask};
use super::connect::connect;
use super::live_cluster::LiveClusterArgs;
use super::output;
use super::signals::Signals;
use super::spend::counted;
use crate::error::{CommandError, Error};
use crate::exit::Exit;
use crate::object::Spender;
use crate::ops;
use crate::report;

/// Let budgets begin anew
#[derive(Args, Debug)]
pub(crate) struct BudgetArgs {
    #[command(subcommand)]
    command: BudgetCommand,
}

#[derive(Debug, Subcommand)]
enum BudgetCommand {
    Reset(ResetArgs),
}

/// Forget what counts for a budget: its owner may spend the whole of it again, at once
///
/// What was spent stays in `langop spend`. The gateway writes into its log that it was reset. Edits of a budget reset
/// nothing; to let someone spend more, raise it.
#[derive(Args, Debug)]
struct ResetArgs {
    /// Whose: `cluster`, `team.NAME`, `agent.NAME` or `model.NAME`
    #[arg(value_parser = spender)]
    of: Spender,
    #[command(flatten)]
    cluster: LiveClusterArgs,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
}

fn spender(text: &str) -> Result<Spender, String> {
    let known = match text.split_once('.') {
        Some((kind, name)) if !name.is_empty() => format!("{kind}/{name}").parse(),
        _ => text.parse(),
    };
    known.map_err(|()| "it is `cluster`, `team.NAME`, `agent.NAME` or `model.NAME`".to_owned())
}

pub(crate) async fn run(args: BudgetArgs) -> Result<Exit, Error> {
    let BudgetCommand::Reset(args) = args.command;
    let candidates = args.cluster.candidates()?;
    let connection = connect(&args.cluster.target).await?;
    let signals = Signals::listen()?;
    let (reader, forwarder) = (connection.reader(), connection.forwarder()?);
    let asked = counted(&args.cluster, candidates, (&reader, &forwarder));
    let (cluster, spending) = match signals.unless_interrupted(asked).await {
        Ok(answer) => answer?,
        Err(exit) => return Ok(exit),
    };
    let Some(budget) = spending.budgets.iter().find(|budget| budget.of == args.of) else {
        let has = spending.budgets.iter().map(|budget| report::human::spender(&budget.of)).collect();
        return Err(CommandError::NoSuchBudget { of: report::human::spender(&args.of), cluster, has }.into());
    };
    output::note(&format!("in cluster `{cluster}`: {}", report::human::budget(budget)));
    if !args.yes {
        let question = "Forget what counts for it? Only `yes` is taken as yes:".to_owned();
        if let Answer::No(exit) = ask(question, "yes", &signals).await {
            return Ok(exit);
        }
    }
    let reset = ops::reset_budget(&reader, &forwarder, &cluster, &args.of).await?;
    let left = reset.budgets.iter().find(|budget| budget.of == args.of);
    output::result(&left.map_or_else(String::new, |budget| format!("{}\n", report::human::budget(budget))))?;
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_budget_is_named_as_everywhere() {
        assert_eq!(spender("agent.scout"), Ok(Spender::Agent("scout".to_owned())));
        assert_eq!(spender("cluster"), Ok(Spender::Cluster));
        for wrong in ["agent", "agent.", "planet.x", ""] {
            assert!(spender(wrong).is_err(), "{wrong}");
        }
    }
}
