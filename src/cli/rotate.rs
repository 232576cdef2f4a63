//! `langop rotate`.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use clap::Args;
use tokio::time::Instant;

use super::args::{ApplyingArgs, Output, PlanningArgs, TargetArgs};
use super::connect::{connect_for_writing, store};
use super::execute::{Execution, Work};
use super::named_files::NamedFiles;
use super::plan::{self, Goal};
use super::progress::Progress;
use super::reports::Reports;
use super::signals::Signals;
use super::{describe, header};
use crate::cluster::Reader;
use crate::error::{CommandError, Error};
use crate::exit::Exit;
use crate::ops::{self, OpsError, RotationStep};
use crate::report::human::Detail;

/// How long to wait before pods are looked at again.
const PAUSE: Duration = Duration::from_secs(1);

/// What can be rotated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum What {
    /// The secrets of the gateway: what keys of agents are made with, and the administrator's key
    GatewayAuth,
}

/// Replace the secrets of a gateway, and the keys that are made with them
///
/// Three plans, shown and applied one after the other, asked for before the first. The gateway restarts and takes keys of
/// the new secret beside those of the old; agents get keys of the new one, and their pods change over; the old secret
/// goes, and the gateway restarts again. No call is refused meanwhile. Run it again when it was interrupted: it goes on.
///
/// What else the description changes is applied, too.
#[derive(Args, Debug)]
pub(crate) struct RotateArgs {
    #[arg(value_enum)]
    what: What,
    /// The cluster
    cluster: String,
    #[command(flatten)]
    files: NamedFiles,
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    applying: ApplyingArgs,
    /// End the old keys although pods still have them: their calls are refused from then on
    #[arg(long)]
    end_old_keys: bool,
    /// Print what happens as one JSON object a line; needs --yes
    #[arg(long, requires = "yes")]
    json: bool,
}

pub(crate) async fn run(args: RotateArgs) -> Result<Exit, Error> {
    let What::GatewayAuth = args.what;
    let stack = describe::load(&args.files.description(), &args.target)?;
    if !stack.clusters.contains_key(&args.cluster) {
        return Err(
            CommandError::NoSuchGateway { name: args.cluster, has: stack.clusters.keys().cloned().collect() }.into()
        );
    }
    let progress = Arc::new(Progress::new(Output::of_flag(args.json)));
    let connection = connect_for_writing(&args.target, args.applying.timeout, &progress).await?;
    let reader = connection.reader();
    header::show(&args.target, connection.session(), &stack.name);
    let signals = Signals::listen()?;
    // Nothing is taken from others or replaced on the way.
    let planning = PlanningArgs::default();
    let steps = ops::rotation_steps(&reader, &args.cluster).await?;
    for &step in steps {
        if step == RotationStep::Retire && !args.end_old_keys {
            let waiting = signals.unless_interrupted(wait_for_pods(&reader, &args, &progress)).await;
            match waiting {
                Ok(waited) => waited?,
                Err(exit) => {
                    progress.note("the keys of the old secret are good yet: run again, and it goes on from here");
                    return Ok(exit);
                }
            }
        }
        // Who agreed to the first step has seen the others.
        let applying = ApplyingArgs { yes: args.applying.yes || Some(&step) != steps.first(), ..args.applying.clone() };
        let execution = Execution {
            writer: &connection.writer(),
            store: &store(&args.target, &connection),
            planning: &planning,
            applying: &applying,
            progress: Arc::clone(&progress),
            detail: Detail::Brief,
            include_unmanaged: false,
            kept_keys: AtomicBool::default(),
        };
        let work = async || {
            let mut request = plan::request(&planning, &stack, (&reader, &Reports::none()), Goal::Described).await?;
            ops::rotate(&reader, &mut request, &args.cluster, step).await?;
            Ok(Work::Plan(Box::new(request)))
        };
        let exit = execution.run(&stack.name, work).await?;
        if exit != Exit::Done {
            return Ok(exit);
        }
    }
    Ok(Exit::Done)
}

/// Waits until no pod of an agent has a key of the old secret any more.
async fn wait_for_pods(reader: &Reader, args: &RotateArgs, progress: &Progress) -> Result<(), Error> {
    let deadline = Instant::now() + args.applying.timeout;
    let mut told = false;
    loop {
        let old = ops::pods_with_old_keys(reader, &args.cluster).await.map_err(OpsError::from)?;
        if old.is_empty() {
            return Ok(());
        }
        let old: Vec<_> = old.into_iter().collect();
        if Instant::now() >= deadline {
            return Err(OpsError::OldKeysInUse(old).into());
        }
        if !std::mem::replace(&mut told, true) {
            progress.note(&format!("waiting for pods that have keys of the old secret: {}", old.join(", ")));
        }
        tokio::time::sleep(PAUSE).await;
    }
}
