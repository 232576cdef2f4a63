//! What `apply` and `destroy` have in common: lock, plan, question, run, report.

use crate::apply::{Event, Outcome, Run, Stop};
use crate::cluster::{Reader, Writer};
use crate::ops::{self, Manner, PlanRequest, Planned};
use crate::plan::Plan;
use crate::report;
use crate::report::human::Style;
use crate::state::{Lock, Store};

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
    pub(crate) async fn run(&self, request: impl FnOnce(&Reader) -> PlanRequest) -> anyhow::Result<Exit> {
        let request = request(self.writer);
        let signals = Signals::listen()?;
        if !self.applying.yes && (self.json || !output::interactive()) {
            output::note("error: nobody can be asked here");
            output::note("hint: pass `--yes` to go on without a question; `langop plan` shows what would happen");
            return Ok(Exit::Usage);
        }
        let patience = self.applying.lock_timeout;
        let lock = ops::lock(self.store, &request.stack, patience, signals.stop.clone(), |holder| {
            output::note(&format!("waiting for the lock: {holder}"));
        });
        let lock = lock.await?;
        let ended = self.under(&lock, &signals, request).await;
        lock.release().await?;
        ended
    }

    async fn under(&self, lock: &Lock, signals: &Signals, request: PlanRequest) -> anyhow::Result<Exit> {
        let stop = ops::stop(lock, signals.stop.clone());
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
        let manner = Manner {
            patience: self.applying.patience(),
            parallelism: usize::from(self.applying.parallelism),
            stop: stop.clone(),
        };
        let mut progress = Progress::new(self.json);
        let run = ops::apply(self.writer, self.store, planned, manner, |event: Event| progress.tell(&event)).await;
        progress.close();
        let run = run?;
        self.report(&plan, &run)?;
        Ok(exit(&run, signals))
    }

    fn report(&self, plan: &Plan, run: &Run) -> anyhow::Result<()> {
        if self.json {
            output::result_line(&serde_json::to_string(&report::json::run(plan, run))?);
            return Ok(());
        }
        let style = Style { colour: output::colour(), ..Style::default() };
        output::result(&report::human::run(plan, run, &style));
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
