//! `langop status`.

use clap::Args;

use super::args::{DescriptionArgs, Output, TargetArgs};
use super::connect::connect;
use super::{describe, output};
use crate::error::Error;
use crate::exit::Exit;
use crate::ops::{self, ClusterState, MemberState};
use crate::report;
use crate::report::human::{Capacity, MemberRow, StatusRow};

/// Show the language clusters: phase, endpoint, models, capacity, and how their agents and tools run
///
/// Of the stack that the description or `--stack` names; without either, of all stacks.
#[derive(Args, Debug)]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    description: DescriptionArgs,
    #[command(flatten)]
    target: TargetArgs,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(args: StatusArgs) -> Result<Exit, Error> {
    let description = &args.description;
    let is_unnamed = description.files.is_empty() && description.env.is_empty();
    let stack = match (&description.stack, is_unnamed) {
        (Some(name), true) => Some(name.clone()),
        (None, true) => None,
        (_, false) => Some(describe::load(description, &args.target)?.name),
    };
    let connection = connect(&args.target).await?;
    let states = ops::status(&connection.reader(), stack.as_deref()).await?;
    if Output::of_flag(args.json) == Output::Json {
        output::json_document(&report::json::status(&states))?;
        return Ok(Exit::Done);
    }
    let rows: Vec<_> = states.into_iter().map(row).collect();
    output::result(&report::human::status(&rows, &output::table_style()))?;
    Ok(Exit::Done)
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
