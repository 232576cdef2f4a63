//! What `apply` and `destroy` have in common: lock, plan, question, run, report.

use crate::apply::{Event, Outcome, Run, Stop};
use crate::cluster::Writer;
use crate::ops::{self, ApplyOptions, PlanRequest, Planned};
use crate::plan::Plan;
use crate::report;
use crate::state::{self, Holder, Lock, Store};

use super::args::{Applying, Planning};
use super::exit::Exit;
use super::plan::{passes, show};
use super::progress::Progress;
use super::signals::Signals;
use super::{output, question};

/// What is carried out, and how.
pub(crate) struct CarryOut<'a> {
    pub(crate) writer: &'a Writer,
    pub(crate) store: &'a Store,
    pub(crate) planning: &'a Planning,
    pub(crate) applying: &'a Applying,
    pub(crate) json: bool,
    pub(crate) full: bool,
    /// Whether what others have in deleted namespaces may be lost.
    pub(crate) include_unmanaged: bool,
}

impl CarryOut<'_> {
    /// From lock to report. The lock is released however it ends.
    pub(crate) async fn run(
        &self,
        stack: &str,
        request: impl AsyncFnOnce() -> anyhow::Result<PlanRequest>,
    ) -> anyhow::Result<Exit> {
        let signals = Signals::listen()?;
        if !self.applying.yes && (self.json || !output::interactive()) {
            output::note("error: nobody can be asked here");
            output::note("hint: pass `--yes` to go on without a question; `langop plan` shows what would happen");
            return Ok(Exit::Usage);
        }
        let patience = self.applying.lock_timeout;
        if let Some(held) = self.store.peek(stack).await? {
            output::note(&format!("waiting for the lock, which is held by {held}"));
        }
        let holder = Holder::this_process(state::ci_run_url(|name| std::env::var(name).ok()));
        let lock = tokio::select! {
            lock = self.store.lock(stack, &holder, patience) => lock?,
            exit = signals.interrupted() => return Ok(exit),
        };
        let ended = match request().await {
            Ok(request) => self.under(&lock, &signals, request).await,
            Err(error) => Err(error),
        };
        // The run's own error says more than that its lock could not be given back.
        let released = lock.release().await;
        let exit = ended?;
        released?;
        Ok(exit)
    }

    async fn under(&self, lock: &Lock, signals: &Signals, request: PlanRequest) -> anyhow::Result<Exit> {
        let stop = signals.or_lost(lock.lost());
        let planned = ops::plan(self.writer, self.store, request).await?;
        if !self.json {
            show(&planned.plan, false, self.full)?;
        }
        if planned.plan.errors().next().is_some() {
            if self.json {
                show(&planned.plan, true, self.full)?;
            }
            return Ok(Exit::Failed);
        }
        if !passes(&planned.plan, self.planning.require) {
            return Ok(Exit::Gate);
        }
        if let Some(exit) = question::agreed(&planned.plan, self.applying.yes, self.include_unmanaged, signals).await {
            return Ok(exit);
        }
        self.apply(planned, stop, signals).await
    }

    async fn apply(
        &self,
        planned: Planned,
        stop: tokio::sync::watch::Receiver<Stop>,
        signals: &Signals,
    ) -> anyhow::Result<Exit> {
        let plan = planned.plan.clone();
        let options = ApplyOptions {
            patience: self.applying.patience(),
            parallelism: usize::from(self.applying.parallelism),
            stop: stop.clone(),
        };
        let mut progress = Progress::new(self.json);
        let run = ops::apply(self.writer, self.store, planned, options, |event: Event| progress.tell(&event)).await;
        progress.close();
        let run = run?;
        self.report(&plan, &run)?;
        Ok(exit(&run, signals))
    }

    fn report(&self, plan: &Plan, run: &Run) -> anyhow::Result<()> {
        if self.json {
            output::result(&report::json::line(&report::json::run(plan, run).at(jiff::Timestamp::now()))?);
            return Ok(());
        }
        output::result(&report::human::run(plan, run, &output::style()));
        if run.interrupted {
            output::note("run again to go on: what is done is recorded, and is not done twice");
        }
        for (cluster, endpoint) in ops::endpoints(plan, run) {
            output::result_line(&format!("gateway of cluster `{cluster}`: {endpoint}"));
        }
        Ok(())
    }
}

fn exit(run: &Run, signals: &Signals) -> Exit {
    if run.interrupted {
        // Not by a signal: the lock was lost.
        return signals.exit().unwrap_or(Exit::Locked);
    }
    let outcomes = || run.outcomes.iter().map(|(_, _, outcome)| outcome);
    let failed = |outcome: &Outcome| matches!(outcome, Outcome::Failed { .. } | Outcome::Skipped { .. });
    let unhealthy = |outcome: &Outcome| matches!(outcome, Outcome::Failed { unhealthy: true, .. });
    let done = |outcome: &Outcome| matches!(outcome, Outcome::Applied | Outcome::Deleted | Outcome::Forgotten);
    match (outcomes().any(failed), outcomes().any(unhealthy), outcomes().any(done)) {
        (false, ..) => Exit::Done,
        (true, true, _) => Exit::Unhealthy,
        (true, false, true) => Exit::Partial,
        (true, false, false) => Exit::Failed,
    }
}
