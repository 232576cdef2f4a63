//! `langop status`.

use clap::Args;

use super::args::{DescriptionArgs, Output, TargetArgs};
use super::connect::connect;
use super::watch::watch;
use super::{describe, output};
use crate::cluster::Reader;
use crate::error::Error;
use crate::exit::Exit;
use crate::ops::{self, ClusterState, MemberState};
use crate::report;
use crate::report::human::{Capacity, MemberRow, StatusRow};
use crate::stack::Stack;

/// Show the language clusters: phase, endpoint, models, capacity, and how their agents and tools run
///
/// Of the stack that the description or `--stack` names; without either, of all stacks. Where a gateway has a store, it
/// is asked what is left of budgets, with a key from the Secret `gateway-auth`, and not with `--watch`. Ends with 0
/// where all of them are ready and their agents and tools run, with 6 where one is not, or is described and not there.
#[derive(Args, Debug)]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    description: DescriptionArgs,
    #[command(flatten)]
    target: TargetArgs,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    /// Look again every two seconds until Ctrl-C: redraws a terminal, and prints elsewhere what has changed
    #[arg(long, conflicts_with = "json")]
    watch: bool,
}

pub(crate) async fn run(args: StatusArgs) -> Result<Exit, Error> {
    let description = &args.description;
    let is_unnamed = description.names_none() && description.env.is_empty();
    let described = if is_unnamed { None } else { Some(describe::load(description, &args.target)?) };
    let stack = described.as_ref().map(|stack| &stack.name).or(description.stack.as_ref());
    let connection = connect(&args.target).await?;
    let reader = connection.reader();
    let look = async || look(&reader, stack, described.as_ref()).await;
    if args.watch {
        return watch(async || Ok(look().await?.into_iter().map(row).collect())).await;
    }
    let mut states = look().await?;
    if states.iter().any(|state| state.counts_cost) {
        ops::ask_for_budgets(&reader, &connection.forwarder()?, &mut states).await;
    }
    let exit = exit(&states);
    if Output::of_flag(args.json) == Output::Json {
        output::json_document(&report::json::status(&states, exit == Exit::Done))?;
        return Ok(exit);
    }
    let rows: Vec<_> = states.into_iter().map(row).collect();
    output::result(&report::human::status(&rows, &output::table_style()))?;
    Ok(exit)
}

/// All clusters that are meant, by name, also those that are not there.
async fn look(reader: &Reader, stack: Option<&String>, described: Option<&Stack>) -> Result<Vec<ClusterState>, Error> {
    let mut states = ops::status(reader, stack.map(String::as_str)).await?;
    states.extend(described.iter().flat_map(|stack| absent(stack, &states)).collect::<Vec<_>>());
    states.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(states)
}

/// Clusters of the description that are not there.
fn absent(stack: &Stack, states: &[ClusterState]) -> Vec<ClusterState> {
    let names = stack.clusters.keys().filter(|name| !states.iter().any(|state| state.name == **name));
    names.map(|name| ClusterState::absent(name)).collect()
}

/// What a script asks for: whether all that was shown is as it should be.
fn exit(states: &[ClusterState]) -> Exit {
    if states.iter().all(ClusterState::is_healthy) { Exit::Done } else { Exit::Unhealthy }
}

fn row(state: ClusterState) -> StatusRow {
    let limit = |(key, (used, hard)): (String, (String, String))| Capacity { resource: word(&key), used, hard };
    StatusRow {
        cluster: state.name,
        phase: state.phase.to_owned(),
        endpoint: state.endpoint,
        models: state.models,
        capacity: state.capacity.into_iter().map(limit).collect(),
        reason: state.reason,
        members: state.members.into_iter().map(member).collect(),
        no_budgets: state.budgets.as_ref().err().cloned(),
        budgets: state.budgets.unwrap_or_default(),
    }
}

fn member(state: MemberState) -> MemberRow {
    let last_run = state.last_run.map(|(phase, at)| at.map_or(phase.clone(), |at| format!("{phase} {at}")));
    MemberRow {
        noun: state.noun.to_owned(),
        name: state.name,
        phase: state.phase,
        models: state.models,
        group: state.group,
        restarts: state.restarts,
        last_run,
        reason: state.reason,
    }
}

/// The user's word for a key of the quota.
fn word(key: &str) -> String {
    match key {
        "count/languageagents.langop.io" => "agents",
        "count/languagemodels.langop.io" => "models",
        "count/languagetools.langop.io" => "tools",
        "count/languagepersonas.langop.io" => "personas",
        "limits.cpu" => "cpu",
        "limits.memory" => "memory",
        other => other,
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cluster(phase: &'static str, member: Option<bool>) -> ClusterState {
        let member = member.map(|healthy| MemberState {
            noun: "agent",
            name: "a".to_owned(),
            group: None,
            models: Vec::new(),
            phase: String::new(),
            restarts: 0,
            last_run: None,
            reason: None,
            healthy,
        });
        ClusterState { phase, members: member.into_iter().collect(), ..ClusterState::absent("c") }
    }

    #[test]
    fn a_script_hears_of_a_gateway_and_of_an_agent_that_is_not_well() {
        assert_eq!(exit(&[]), Exit::Done);
        assert_eq!(exit(&[cluster("Ready", None), cluster("Ready", Some(true))]), Exit::Done);
        for unwell in [
            cluster("Pending", None),
            cluster("Failed", None),
            cluster("Ready", Some(false)),
            ClusterState::absent("c"),
        ] {
            assert_eq!(exit(&[cluster("Ready", None), unwell]), Exit::Unhealthy);
        }
    }
}
