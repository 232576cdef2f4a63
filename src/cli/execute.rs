//! What `apply` and `destroy` have in common: lock, plan, confirmation, run, report.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::watch;

use super::args::{ApplyingArgs, Output, PlanningArgs};
use super::confirm::{Answer, Consent, confirm};
use super::locking::{self, give_back, unchanged};
use super::plan::{refused, require, show};
use super::progress::Progress;
use super::reports::as_line;
use super::signals::Signals;
use super::{failure, output};
use crate::apply::{Event, Outcome, Run, Stop};
use crate::cluster::{ClusterError, Writer, both};
use crate::error::{CommandError, Error, chain, exit_of};
use crate::exit::Exit;
use crate::object::credential::masked;
use crate::ops::saved::Verified;
use crate::ops::{self, Applied, ApplyOptions, PlanRequest};
use crate::plan::saved::{Refused, SavedPlan};
use crate::plan::{Action, Plan};
use crate::report;
use crate::report::human::Detail;
use crate::state::{Holding, Kept, Lock, Recorded, StateError, Store};

/// What a run is to do.
pub(crate) enum Work {
    /// What a plan says that is made first.
    Plan(Box<PlanRequest>),
    /// What a saved plan says.
    Saved(Box<SavedPlan>),
}

/// One run of `apply` or `destroy`.
pub(crate) struct Execution<'a> {
    pub(crate) writer: &'a Writer,
    pub(crate) store: &'a Store,
    pub(crate) planning: &'a PlanningArgs,
    pub(crate) applying: &'a ApplyingArgs,
    pub(crate) progress: Arc<Progress>,
    pub(crate) detail: Detail,
    /// Whether what others have in deleted namespaces may be lost.
    pub(crate) include_unmanaged: bool,
    /// Whether the run kept keys of Secrets for pods that may have gone with it.
    pub(crate) kept_keys: AtomicBool,
}

impl Execution<'_> {
    /// From lock to report. The lock is released however it ends.
    pub(crate) async fn run(
        &self,
        stack: &str,
        work: impl AsyncFnOnce() -> Result<Work, Error>,
    ) -> Result<Exit, Error> {
        let signals = Signals::listen()?;
        if !self.applying.yes && (self.output() == Output::Json || !output::interactive()) {
            return Err(CommandError::NobodyToAsk.into());
        }
        let patience = self.applying.lock.lock_timeout;
        let Some(lock) = locking::take(self.store, stack, patience, (&signals, &self.progress)).await? else {
            return Ok(signals.exit().unwrap_or(Exit::Interrupted));
        };
        // The record is read under the lock, beside what the description needs to know of the cluster.
        let work = both(Box::pin(work()), async { Ok(self.store.read(stack).await?) });
        let work = tokio::select! {
            work = work => Some(work),
            _ = signals.interrupted() => None,
        };
        let ended = match work {
            Some(Ok(work)) => Box::pin(self.run_locked(&lock, &signals, work)).await,
            Some(Err(error)) => Err(error),
            None => Ok(unchanged(&signals)),
        };
        // The run's own error says more than that its lock could not be given back.
        let released = give_back(lock, &signals).await;
        let exit = ended?;
        released?;
        Ok(exit)
    }

    async fn run_locked(&self, lock: &Lock, signals: &Signals, work: (Work, Recorded)) -> Result<Exit, Error> {
        let (writer, store) = (self.writer.guarded(lock.guard()), self.store.under(lock));
        let under = Execution {
            writer: &writer,
            store: &store,
            planning: self.planning,
            applying: self.applying,
            progress: Arc::clone(&self.progress),
            detail: self.detail,
            include_unmanaged: self.include_unmanaged,
            kept_keys: AtomicBool::default(),
        };
        let exit = match work {
            (Work::Plan(request), recorded) => under.plan_and_apply((lock, signals), (*request, recorded)).await,
            (Work::Saved(saved), recorded) => under.apply_saved((lock, signals), (&saved, recorded)).await,
        };
        self.kept_keys.store(under.kept_keys.load(Ordering::Relaxed), Ordering::Relaxed);
        exit
    }

    /// With a writer and a store that write only as long as the lock is held.
    async fn plan_and_apply(
        &self,
        (lock, signals): (&Lock, &Signals),
        (request, recorded): (PlanRequest, Recorded),
    ) -> Result<Exit, Error> {
        let stop = signals.or_lost(lock.holding(), Arc::clone(&self.progress));
        let planning = Box::pin(ops::plan(self.writer, (self.store, recorded), request));
        let planned = tokio::select! {
            planned = self.progress.planning(self.writer, planning) => planned?,
            _ = signals.interrupted() => return Ok(unchanged(signals)),
        };
        self.progress.reports().plan(&planned.plan, &self.writer.session().into());
        let failed = planned.plan.errors().next().is_some();
        // A stream of events has no plan in it; only one that is not applied is a document of its own.
        let lost = !self.include_unmanaged && !planned.plan.takes_others().is_empty();
        if self.output() == Output::Human || failed || lost {
            show(&planned.plan, self.writer.session().into(), self.output(), self.detail)?;
        }
        if failed {
            return Ok(refused(&planned.plan));
        }
        require(&planned.plan, self.planning)?;
        let consent = Consent { apply: self.applying.yes, lose_unmanaged: self.include_unmanaged };
        match confirm(&planned.plan, consent, signals).await? {
            Answer::Yes => {
                self.kept_keys.store(planned.keeps_keys && planned.plan.has_changes(), Ordering::Relaxed);
                self.apply(Verified { planned, refused: Refused::default() }, stop, (lock, signals)).await
            }
            Answer::No(exit) => Ok(exit),
        }
    }

    /// What was approved is shown as it was, and what is not so any more before anything is done.
    async fn apply_saved(
        &self,
        (lock, signals): (&Lock, &Signals),
        (saved, recorded): (&SavedPlan, Recorded),
    ) -> Result<Exit, Error> {
        let stop = signals.or_lost(lock.holding(), Arc::clone(&self.progress));
        self.progress.reports().plan(&saved.plan(), &(&saved.target).into());
        if self.output() == Output::Human {
            show(&saved.plan(), (&saved.target).into(), self.output(), self.detail)?;
        }
        let verifying = Box::pin(ops::saved::verify(self.writer, (self.store, recorded), saved));
        let verified = tokio::select! {
            verified = self.progress.planning(self.writer, verifying) => verified?,
            _ = signals.interrupted() => return Ok(unchanged(signals)),
        };
        require(&verified.planned.plan, self.planning)?;
        self.apply(verified, stop, (lock, signals)).await
    }

    async fn apply(
        &self,
        verified: Verified,
        stop: watch::Receiver<Stop>,
        (lock, signals): (&Lock, &Signals),
    ) -> Result<Exit, Error> {
        let Verified { planned, refused } = verified;
        let plan = planned.plan.clone();
        let options = ApplyOptions {
            patience: self.applying.patience(),
            parallelism: usize::from(self.applying.parallelism),
            stop: stop.clone(),
        };
        let changes = plan.changes.iter().filter(|change| change.action != Action::NoOp).count();
        self.progress.begin(changes, self.writer)?;
        self.show_refused(&refused)?;
        let applied =
            ops::apply(self.writer, self.store, planned, options, |event: Event| self.progress.tell(&event)).await;
        let told = self.progress.end();
        let Applied { run, status, roles, kept } = applied?;
        let exit = signals.exit().unwrap_or_else(|| {
            let exit = with_status(exit(&run, &lock.holding().borrow()), &status);
            with_roles(exit, &roles)
        });
        let reported = self.report(&plan, &run);
        if let Some(error) = &run.unrecorded {
            failure::report_state(error);
        }
        if let Err(error) = status {
            failure::warn("the status of the language clusters could not be written", &error.into());
        }
        if let Err(error) = roles {
            kind_roles(error);
        }
        not_kept(kept);
        match told.and(reported) {
            // How the run ended says more than that it could not be told.
            Err(error) if exit != Exit::Done => {
                failure::report(&error);
                Ok(exit)
            }
            reported => reported.map(|()| exit),
        }
    }

    fn show_refused(&self, refused: &Refused) -> Result<(), Error> {
        let lines: Vec<_> =
            refused.stale.iter().map(|stale| report::json::stale(stale).at(jiff::Timestamp::now())).collect();
        for line in &lines {
            self.progress.reports().line(as_line(line));
        }
        if self.output() == Output::Human {
            return output::result(&report::human::stale(refused, &output::style()));
        }
        lines.into_iter().try_for_each(|line| output::json_line(&line))
    }

    fn report(&self, plan: &Plan, run: &Run) -> Result<(), Error> {
        let last = report::json::run(plan, run).at(jiff::Timestamp::now());
        self.progress.reports().run(run);
        self.progress.reports().line(as_line(&last));
        if self.output() == Output::Json {
            return output::json_line(&last);
        }
        output::result(&report::human::run(plan, run, &output::style()))?;
        if run.interrupted {
            output::note("run again to go on: what is done is recorded, and is not done twice");
        }
        for (cluster, endpoint) in ops::endpoints(plan, run) {
            output::result_line(&format!("gateway of cluster `{cluster}`: {endpoint}"))?;
        }
        Ok(())
    }

    fn output(&self) -> Output {
        self.progress.output()
    }
}

/// Says that nobody can go back to what was applied just now, and why.
fn not_kept(kept: Result<Kept, StateError>) {
    match kept {
        Ok(Kept::Whole) => {}
        Ok(Kept::Withheld(because)) => {
            output::note(&masked(&format!(
                "note: `langop rollback` cannot go back to what was applied here: {because}"
            )));
        }
        Err(error) => failure::warn("`langop rollback` cannot go back to what was applied here", &error.into()),
    }
}

/// Says that the roles for the kinds are not as they should be, and how somebody with more rights gets them.
fn kind_roles(error: ClusterError) {
    let what = "the ClusterRoles `langop-view` and `langop-edit`, which add the kinds to `view`, `edit` and `admin`, were \
                not written";
    if !matches!(error, ClusterError::Forbidden(_) | ClusterError::Denied(_)) {
        return failure::warn(what, &error.into());
    }
    let needs = "it takes `get`, `create`, `patch` and, with the CRDs, `delete` of `clusterroles`, and the rights that \
                 they give";
    output::note(&masked(&format!("warning: {what}: {}; {needs}", chain(&error))));
    output::note("hint: `langop crds` prints them, for whoever may make them");
}

/// The same with the roles for the kinds. Whom the server lets make none has done all that was asked for, and who has made
/// them another way has them.
fn with_roles(exit: Exit, roles: &Result<(), ClusterError>) -> Exit {
    match roles {
        Err(ClusterError::Denied(_) | ClusterError::FieldConflict(_)) => exit,
        roles => with_status(exit, roles),
    }
}

/// How a command ends whose objects ended so. A status that could not be written is something left undone, but for who
/// may not write one: that is how it was set up.
fn with_status(exit: Exit, status: &Result<(), ClusterError>) -> Exit {
    match status {
        Ok(()) | Err(ClusterError::Forbidden(_)) => exit,
        Err(_) if exit == Exit::Done => Exit::Partial,
        Err(_) => exit,
    }
}

/// Whether all that failed did so for lack of a right.
fn lacks_rights(run: &Run) -> bool {
    let mut failed = run.outcomes.iter().filter(|(_, _, outcome)| matches!(outcome, Outcome::Failed { .. })).peekable();
    failed.peek().is_some() && failed.all(|(object, ..)| run.forbidden.contains(object))
}

/// How a run ended that no signal interrupted.
fn exit(run: &Run, holding: &Holding) -> Exit {
    if let Holding::Lost(loss) = holding {
        return exit_of(loss.kind());
    }
    if let Some(error) = &run.unrecorded {
        return exit_of(error.kind());
    }
    let outcomes = || run.outcomes.iter().map(|(_, _, outcome)| outcome);
    let failed = |outcome: &Outcome| matches!(outcome, Outcome::Failed { .. } | Outcome::Skipped { .. });
    let unhealthy = |outcome: &Outcome| matches!(outcome, Outcome::Failed { unhealthy: true, .. });
    let done = |outcome: &Outcome| matches!(outcome, Outcome::Applied | Outcome::Deleted | Outcome::Forgotten);
    let stale = |outcome: &Outcome| matches!(outcome, Outcome::Stale { .. });
    // What failed says more than what was not tried.
    if outcomes().any(stale) && !outcomes().any(|outcome| matches!(outcome, Outcome::Failed { .. })) {
        return Exit::Stale;
    }
    match (outcomes().any(failed), outcomes().any(unhealthy), outcomes().any(done)) {
        (false, ..) => Exit::Done,
        (true, true, _) => Exit::Unhealthy,
        (true, false, true) => Exit::Partial,
        (true, false, false) if lacks_rights(run) => Exit::Forbidden,
        (true, false, false) => Exit::Failed,
    }
}
