//! `langop plan`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::args::{self, DescriptionArgs, Output, PlanningArgs, Require, TargetArgs};
use super::connect::{connect_for_reading, records};
use super::progress::Progress;
use super::report_args::{ReportArgs, file_of};
use super::reports::Reports;
use super::{describe, header, no_such_stack, output, saved, signals};
use crate::cluster::{ClusterError, Ownership, Reader, both};
use crate::error::{CommandError, Error};
use crate::exit::Exit;
use crate::object::Manifest;
use crate::ops::{self, PlanRequest, Refresh};
use crate::plan::{Confidence, Notes, Plan, PlanOptions, Selection, UnsafeImage, unmatched, unsafe_images, weakest};
use crate::report::human::{Detail, Style};
use crate::report::json::TargetDocument;
use crate::stack::Stack;
use crate::state::{Held, StateError};
use crate::{render, report};

/// Show what would change, verified by the API server. Writes nothing
#[derive(Args, Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line are independent of each other")]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    pub(super) description: DescriptionArgs,
    #[command(flatten)]
    pub(super) target: TargetArgs,
    #[command(flatten)]
    planning: PlanningArgs,
    #[command(flatten)]
    pub(super) reports: ReportArgs,
    /// Save the plan to this file, for `langop show` and `langop apply`; `{env}` in it is the environment
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    /// Let the saved plan lose what others have in what it deletes, as far as it names it
    #[arg(long, requires = "out")]
    include_unmanaged: bool,
    /// Show the plan of `langop destroy`
    #[arg(long)]
    destroy: bool,
    /// Print the plan as one JSON document
    #[arg(long)]
    pub(super) json: bool,
    /// Exit with 2 when changes are pending, with 6 when there are none and something is not healthy
    #[arg(long)]
    detailed_exitcode: bool,
    /// Show every field of what is created
    #[arg(long)]
    pub(super) full: bool,
}

impl PlanArgs {
    /// The same for one environment.
    pub(super) fn in_environment(&self, name: &str) -> Self {
        let mut args = self.clone();
        args.description.env = vec![name.to_owned()];
        args.reports = self.reports.in_environment(name);
        args.out = self.out.as_deref().map(|file| file_of(file, name));
        args
    }
}

/// What a plan leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Goal {
    /// The cluster is as described.
    Described,
    /// Nothing of the stack is left.
    Destroyed,
}

pub(crate) async fn run(args: PlanArgs) -> Result<Exit, Error> {
    let reports = Reports::open(&args.reports, Output::of_flag(args.json), "plan")?;
    let of_plan = Arc::clone(&reports);
    reports.around(signals::reading(move || plan(args, of_plan))).await
}

async fn plan(args: PlanArgs, reports: Arc<Reports>) -> Result<Exit, Error> {
    let (output, detail) = (Output::of_flag(args.json), output::detail(args.full));
    one(&args, &reports, |plan, target| show(plan, target, output, detail)).await
}

/// Makes one plan, has it shown, and says how the command ends by it.
pub(super) async fn one(
    args: &PlanArgs,
    reports: &Reports,
    show: impl FnOnce(&Plan, TargetDocument<'_>) -> Result<(), Error>,
) -> Result<Exit, Error> {
    if args.out.as_deref() == Some(Path::new("-")) {
        return Err(CommandError::PlanToStream.into());
    }
    let goal = if args.destroy { Goal::Destroyed } else { Goal::Described };
    let stack = match goal {
        Goal::Described => reports.described(describe::load_whole(&args.description, &args.target)?),
        Goal::Destroyed => describe::to_destroy(&args.description, &args.target)?,
    };
    reports.about(&stack.name);
    let progress = Arc::new(Progress::new(Output::of_flag(args.json)));
    let connection = connect_for_reading(&args.target, &progress).await?;
    let records = records(&args.target, &connection);
    if goal == Goal::Destroyed && no_such_stack::is_told(&records, &stack.name, Output::of_flag(args.json)).await? {
        return Ok(Exit::Done);
    }
    let reader = connection.reader();
    header::show(&args.target, reader.session(), &stack.name);
    let planning = Box::pin(async {
        let request = request(&args.planning, &stack, (&reader, reports), goal);
        let (request, recorded) = both(request, async { Ok(records.read(&stack.name).await?) }).await?;
        let options = request.options.clone();
        let planned = Box::pin(ops::plan(&reader, (&records, recorded), request)).await?;
        Ok::<_, Error>((planned, options))
    });
    // A plan that was made is shown whether or not its lock could be looked at.
    let held = async { Ok(records.peek(&stack.name).await) };
    let ((planned, options), held) = progress.planning(&reader, both(planning, held)).await?;
    let plan = &planned.plan;
    reports.plan(plan, &reader.session().into());
    show(plan, reader.session().into())?;
    note_holder(held)?;
    let failed = plan.errors().next().is_some();
    if !failed {
        require(plan, &args.planning)?;
    }
    if let Some(file) = &args.out {
        saved::write(file, &ops::saved::save(&reader, &planned, &options, args.include_unmanaged)?)?;
    }
    if failed {
        return Ok(refused(plan));
    }
    Ok(if args.detailed_exitcode { exit(plan) } else { Exit::Done })
}

/// What `--detailed-exitcode` tells of a plan that can be applied.
fn exit(plan: &Plan) -> Exit {
    match (plan.has_changes(), plan.unhealthy.is_empty()) {
        (true, _) => Exit::Pending,
        (false, false) => Exit::Unhealthy,
        (false, true) => Exit::Done,
    }
}

/// Says who changes the stack right now. A plan needs no lock, so that one may plan who may not look at it.
fn note_holder(held: Result<Option<Held>, StateError>) -> Result<(), Error> {
    match held {
        Ok(None) => {}
        Ok(Some(held)) => output::note(&format!("note: this stack is being changed right now by {held}")),
        Err(StateError::Cluster(ClusterError::Forbidden(_))) => {
            output::note("note: whether a run is changing this stack is not known: its lock may not be read");
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

/// How a command ends whose plan cannot be applied.
pub(crate) fn refused(plan: &Plan) -> Exit {
    if plan.lacks_rights() { Exit::Forbidden } else { Exit::Failed }
}

/// What is asked of the engine for a stack; what its description says of access goes into the reports.
pub(crate) async fn request(
    planning: &PlanningArgs,
    stack: &Stack,
    (reader, reports): (&Reader, &Reports),
    goal: Goal,
) -> Result<PlanRequest, Error> {
    let options = PlanOptions {
        adopt: adopted(planning, stack),
        replace: args::selection(&planning.replace),
        replace_unproven: args::selection(&planning.replace_unproven),
        include_adopted: args::selection(&planning.include_adopted),
        delete_protected: args::selection(&planning.delete_protected),
        destroy: goal == Goal::Destroyed,
        crds: false,
        targets: args::targets(planning),
        moved: stack.statements.moved.clone(),
        forget: stack.statements.forget.clone(),
    };
    let (manifests, notes) = match goal {
        Goal::Described => desired(stack, reader, reports).await?,
        Goal::Destroyed => (Vec::new(), Notes::default()),
    };
    Ok(PlanRequest {
        stack: stack.name.clone(),
        manifests,
        options,
        ownership: if planning.force_conflicts { Ownership::Force } else { Ownership::Respect },
        refresh: if planning.refresh == args::Refresh::Full { Refresh::All } else { Refresh::Changed },
        notes,
        did: None,
    })
}

/// What may be taken over: what the command says, and what the description does.
fn adopted(planning: &PlanningArgs, stack: &Stack) -> Selection {
    let said = stack.statements.adopt.iter().map(|adopt| adopt.address.to_string());
    args::selection(&planning.adopt.iter().cloned().chain(said).collect::<Vec<_>>())
}

/// What the stack is on this target, and what was found out on the way.
pub(super) async fn desired(
    stack: &Stack,
    reader: &Reader,
    reports: &Reports,
) -> Result<(Vec<Manifest>, Notes), Error> {
    let (stack, placed) = ops::place(reader, stack).await?;
    let needs = render::needs(&stack);
    let (mut target, sets) = both(ops::target(reader, &needs), ops::daemon_sets(reader, &stack)).await?;
    let mut notes = ops::isolation(reader, &stack, &needs, (&mut target, sets)).await?;
    notes.problems.extend(placed);
    notes.effects.extend(ops::left_out(&needs, &target));
    notes.unread.clone_from(&stack.unread);
    reports.access(|| ops::access(&stack, &target));
    let mut manifests = render::render(&stack, &target);
    notes.problems.extend(unmatched::problems(&stack.rules, &manifests));
    notes.problems.extend(ops::adopt_statements(&stack.statements.adopt, &mut manifests));
    Ok((manifests, notes))
}

/// Prints a plan that was made on `target`.
pub(crate) fn show(plan: &Plan, target: TargetDocument<'_>, output: Output, detail: Detail) -> Result<(), Error> {
    match output {
        Output::Json => output::json_document(&report::json::plan(plan, target)),
        Output::Human => output::result(&report::human::plan(plan, &Style { detail, ..output::style() })),
    }
}

/// Fails unless every change is known as well as is required, and every image as safe.
pub(crate) fn require(plan: &Plan, planning: &PlanningArgs) -> Result<(), CommandError> {
    if planning.require_safe_image
        && let Some(UnsafeImage { cluster, message, hint }) = unsafe_images(plan).into_iter().next()
    {
        return Err(CommandError::UnsafeImage { cluster, message, hint });
    }
    let limit = match planning.require {
        None => return Ok(()),
        Some(Require::Server) => Confidence::Recorded,
        Some(Require::Shadow) => Confidence::Shadow,
        Some(Require::Schema) => Confidence::Schema,
    };
    let passes = weakest(plan).is_none_or(|weakest| *weakest <= limit);
    if passes { Ok(()) } else { Err(CommandError::LowConfidence) }
}
