//! `langop apply`.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::Args;
use jiff::{SignedDuration, Timestamp};

use super::args::{ApplyingArgs, DescriptionArgs, Output, PlanningArgs, Refresh, TargetArgs, duration};
use super::connect::{connect_for_writing, store};
use super::execute::{Execution, Work};
use super::plan::{self, Goal};
use super::progress::Progress;
use super::report_args::ReportArgs;
use super::reports::Reports;
use super::{describe, header, output, saved};
use crate::apply::WaitFor;
use crate::error::{CommandError, Error};
use crate::exit::Exit;
use crate::ops::{self, OpsError, PlanRequest};
use crate::plan::saved::Now;
use crate::state::Did;

/// How old a saved plan may be: after a week nobody remembers what was approved.
const MAX_AGE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Make the cluster what the description says
///
/// Plans, shows the plan, asks, and then does exactly that. What is in the record and no longer in the
/// description is deleted.
///
/// Given a file that `langop plan --out` wrote, it does what that plan says, without a question, and leaves alone what is
/// not as it was when the plan was made (exit code 4).
#[derive(Args, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line are independent of each other")]
pub(crate) struct ApplyArgs {
    #[command(flatten)]
    description: DescriptionArgs,
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    planning: PlanningArgs,
    #[command(flatten)]
    applying: ApplyingArgs,
    #[command(flatten)]
    reports: ReportArgs,
    /// Also lose what others have in namespaces that are deleted, of kinds whose CRD is, or below their owners
    #[arg(long)]
    include_unmanaged: bool,
    /// How old a saved plan may be; default: a week
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    max_age: Option<Duration>,
    /// Wait only for what other objects need; the next plan and apply say what is not ready
    #[arg(long)]
    no_wait: bool,
    /// Print what happens as one JSON object a line; needs --yes
    #[arg(long, requires = "yes")]
    json: bool,
    /// Show every field of what is created
    #[arg(long)]
    full: bool,
}

pub(crate) async fn run(args: ApplyArgs) -> Result<Exit, Error> {
    let reports = Reports::open(&args.reports, Output::of_flag(args.json), "apply")?;
    reports.around(Box::pin(apply(args, &reports))).await
}

async fn apply(args: ApplyArgs, reports: &Arc<Reports>) -> Result<Exit, Error> {
    if let Some(plan) = saved::named(&args.description.files())? {
        return Box::pin(apply_saved(&args, plan, reports)).await;
    }
    if args.max_age.is_some() {
        return Err(CommandError::NoPlanForMaxAge.into());
    }
    let stack = reports.described(describe::load_whole(&args.description, &args.target)?);
    let progress = Arc::new(Progress::new(Output::of_flag(args.json)).reporting(reports));
    let connection = connect_for_writing(&args.target, args.applying.timeout, &progress).await?;
    header::show(&args.target, connection.session(), &stack.name);
    let applying = ApplyingArgs { waits_for: waits_for(&args), ..args.applying };
    let execution = Execution {
        writer: &connection.writer(),
        store: &store(&args.target, &connection),
        planning: &args.planning,
        applying: &applying,
        progress,
        detail: output::detail(args.full),
        include_unmanaged: args.include_unmanaged,
        kept_keys: AtomicBool::default(),
    };
    let request = async |did| {
        let request = plan::request(&args.planning, &stack, (&connection.reader(), reports), Goal::Described).await?;
        Ok(Work::Plan(Box::new(PlanRequest { did, ..request })))
    };
    let exit = execution.run(&stack.name, async || request(Some(Did::Apply)).await).await?;
    if exit != Exit::Done || !execution.kept_keys.load(Ordering::Relaxed) {
        return Ok(exit);
    }
    // The pods that needed them may have gone; what was asked for is that the keys go, too.
    let applying = ApplyingArgs { yes: true, ..applying.clone() };
    // It is one apply with the first, and one entry of the history.
    Execution { applying: &applying, ..execution }.run(&stack.name, async || request(None).await).await
}

/// Applies a saved plan, without a question: whoever approved the file has answered it.
async fn apply_saved(args: &ApplyArgs, file: &Path, reports: &Arc<Reports>) -> Result<Exit, Error> {
    let flags = planning_flags(args);
    if !flags.is_empty() {
        return Err(CommandError::PlannedAlready(flags).into());
    }
    let plan = saved::open(file)?;
    let max_age = args.max_age.map_or(Ok(MAX_AGE), SignedDuration::try_from).unwrap_or(SignedDuration::MAX);
    plan.check_applicable(Now { time: Timestamp::now(), max_age }).map_err(OpsError::from)?;
    let progress = Arc::new(Progress::new(Output::of_flag(args.json)).reporting(reports));
    let connection = connect_for_writing(&args.target, args.applying.timeout, &progress).await?;
    let here = ops::saved::target_id(connection.session());
    plan.check_target(&here).map_err(OpsError::from)?;
    header::show(&args.target, connection.session(), &plan.stack);
    let execution = Execution {
        writer: &connection.writer(),
        store: &store(&args.target, &connection),
        planning: &args.planning,
        applying: &ApplyingArgs { yes: true, waits_for: waits_for(args), ..args.applying.clone() },
        progress,
        detail: output::detail(args.full),
        include_unmanaged: plan.asked.include_unmanaged,
        kept_keys: AtomicBool::default(),
    };
    let stack = plan.stack.clone();
    Box::pin(execution.run(&stack, async || Ok(Work::Saved(Box::new(plan))))).await
}

fn waits_for(args: &ApplyArgs) -> WaitFor {
    if args.no_wait { WaitFor::WhatOthersNeed } else { WaitFor::Everything }
}

/// The flags that say what is planned: it is planned already.
fn planning_flags(args: &ApplyArgs) -> Vec<&'static str> {
    let DescriptionArgs { recursive, vars, env, stack, namespace, .. } = &args.description;
    let PlanningArgs {
        refresh,
        force_conflicts,
        adopt,
        include_adopted,
        replace,
        replace_unproven,
        delete_protected,
        targets,
        exclude,
        require: _,
        require_safe_image: _,
    } = &args.planning;
    let flags = [
        ("--recursive", *recursive),
        ("--var", !vars.is_empty()),
        ("--env", !env.is_empty()),
        ("--stack", stack.is_some()),
        ("--namespace", namespace.is_some()),
        ("--refresh", *refresh != Refresh::Proved),
        ("--force-conflicts", *force_conflicts),
        ("--adopt", !adopt.is_empty()),
        ("--include-adopted", !include_adopted.is_empty()),
        ("--replace", !replace.is_empty()),
        ("--replace-unproven", !replace_unproven.is_empty()),
        ("--delete-protected", !delete_protected.is_empty()),
        ("--target", !targets.is_empty()),
        ("--exclude", !exclude.is_empty()),
        ("--include-unmanaged", args.include_unmanaged),
    ];
    flags.into_iter().filter(|(_, is_given)| *is_given).map(|(flag, _)| flag).collect()
}
