//! A whole run: what is desired first, in the order of its dependencies; then what goes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;

use super::deadline::Patience;
use super::delete_group::DeleteGroups;
use super::failure::Failure;
use super::job::Job;
use super::limit::Limit;
use super::looks::Looks;
use super::message::Message;
use super::object_work::{apply_object, delete_object};
use super::record::{History, Record, When};
use super::room;
use super::schedule::{Schedule, Skip};
use super::silent::SilentKinds;
use super::versions::Versions;
use super::way_back;
use super::work_inputs::{WorkInputs, awaited};
use super::{Event, Outcome, Run, Stop};
use crate::cluster::{Ownership, Reader, Writer};
use crate::graph::Graph;
use crate::object::{ErrorKind, ObjectRef, ObjectVersion, digest};
use crate::plan::{Action, Change, Plan, Reason};
use crate::state::{DigestKey, Inventory, StateError, Store, Token};

/// Objects at once at the start; the limit grows as the server keeps up.
const FIRST_AT_ONCE: usize = 8;
/// How long the last write of the record may take once waits are given up.
const LAST_WRITE: std::time::Duration = std::time::Duration::from_secs(3);

/// Everything a run needs.
pub(crate) struct ApplyRequest<'a> {
    /// Writes to the cluster.
    pub writer: &'a Writer,
    /// Keeps the record.
    pub store: &'a Store,
    /// The plan; without errors.
    pub plan: &'a Plan,
    /// One job for each change.
    pub jobs: BTreeMap<ObjectRef, Job>,
    /// The record as the plan read it.
    pub inventory: Inventory,
    /// What a write of the record must find.
    pub token: Option<Token>,
    /// Whether fields are taken from other managers.
    pub ownership: Ownership,
    /// How long waits may take.
    pub patience: Patience,
    /// Objects at once.
    pub parallelism: usize,
    /// Whether it has an entry in the history when it changes something.
    pub history: History,
    /// Objects that are left alone, and how they end by that. They have no jobs.
    pub refused: BTreeMap<ObjectRef, Outcome>,
    /// How far the run may still go; also moved when the lock is lost.
    pub stop: watch::Receiver<Stop>,
}

struct Runner<'a, R: FnMut(Event)> {
    inputs: Arc<WorkInputs>,
    record: Record<'a>,
    report: R,
    stop: watch::Receiver<Stop>,
    begun: BTreeMap<ObjectRef, Instant>,
    outcomes: BTreeMap<ObjectRef, Outcome>,
    /// Objects for which this identity lacks a right.
    forbidden: BTreeSet<ObjectRef>,
    /// Objects that were deleted to be made again.
    deleted: BTreeSet<ObjectRef>,
    /// Those of them that were made again.
    made_again: BTreeSet<ObjectRef>,
    /// Clusters whose gateways went back by themselves, and to which serials.
    rolled_back: BTreeMap<String, u64>,
    parallelism: usize,
    interrupted: bool,
    /// Who waits until the record was written.
    awaiting: Vec<oneshot::Sender<()>>,
    /// Why the record could not be written: nothing new is started without it.
    unrecorded: Option<StateError>,
}

/// Applies a plan: what is desired in the order of its dependencies, then what goes in the reverse of it. What happens
/// to objects is in the [`Run`], and told to `report` meanwhile.
///
/// Costs one request where digests of secret values are recorded, at least one for each object that changes, one GET a
/// look until it is ready or gone, and a write of the record at the start, at most once a second, and at the end.
///
/// # Errors
/// The record cannot be written, or was changed by another run, before anything is sent. Later that is
/// [`Run::unrecorded`]: what was begun then is in the record of the last write.
pub(crate) async fn run(request: ApplyRequest<'_>, report: impl FnMut(Event)) -> Result<Run, StateError> {
    let begun = Instant::now();
    let stack = request.inventory.stack.clone();
    let record =
        Record::open(request.store, request.inventory, request.token, (&request.jobs, request.history)).await?;
    // The key goes with the record, so that one is there first.
    let digest_key = digest_key(request.store, &stack, &request.jobs).await?;
    let versions = Versions::default();
    for change in &request.plan.changes {
        let (uid, version) = (&change.precondition.uid, &change.precondition.resource_version);
        if let (Some(uid), Some(resource_version)) = (uid.clone(), version.clone()) {
            versions.put(&change.object, ObjectVersion::Known { uid, resource_version });
        }
    }
    let inputs = WorkInputs {
        writer: request.writer.clone(),
        looks: Looks::new(Reader::clone(request.writer), &stack),
        versions,
        awaited: awaited(&request.jobs),
        jobs: request.jobs,
        ownership: request.ownership,
        patience: request.patience,
        silent: SilentKinds::default(),
        digest_key,
        stop: request.stop.clone(),
        store: request.store.clone(),
        recorded: way_back::recorded(record.inventory()),
        counts: record.counts(),
    };
    let mut runner = Runner {
        inputs: Arc::new(inputs),
        record,
        report,
        stop: request.stop,
        begun: BTreeMap::new(),
        outcomes: request.refused,
        forbidden: BTreeSet::new(),
        deleted: BTreeSet::new(),
        made_again: BTreeSet::new(),
        rolled_back: BTreeMap::new(),
        parallelism: request.parallelism,
        interrupted: false,
        awaiting: Vec::new(),
        unrecorded: None,
    };
    runner.report_refused(request.plan);
    runner.make_room(request.plan).await;
    runner.apply_desired(request.plan).await;
    runner.delete_undesired(request.plan).await;
    Ok(runner.finish(request.plan, begun).await)
}

/// The key of the digests that this run records, if any of them needs one.
async fn digest_key(
    store: &Store,
    stack: &str,
    jobs: &BTreeMap<ObjectRef, Job>,
) -> Result<Option<DigestKey>, StateError> {
    let mut manifests = jobs.values().filter_map(|job| job.manifest.as_ref());
    if !manifests.any(digest::counts_values) {
        return Ok(None);
    }
    store.digest_key_to_record(stack).await
}

/// Whether the change takes the object away, or out of the record.
fn goes(change: &Change) -> bool {
    matches!(change.action, Action::Delete | Action::Forget)
}

impl<R: FnMut(Event)> Runner<'_, R> {
    /// Tells of what is left alone from the start.
    fn report_refused(&mut self, plan: &Plan) {
        for change in &plan.changes {
            if let Some(outcome) = self.outcomes.get(&change.object).cloned() {
                let (object, action) = (change.object.clone(), change.action);
                (self.report)(Event::Finished { object, action, outcome, elapsed: Duration::ZERO });
            }
        }
    }

    /// Deletes what must be gone before a quota lets something new in.
    async fn make_room(&mut self, plan: &Plan) {
        let crowded = room::crowded(plan, &self.inputs).await;
        let going = room::going(plan, &crowded);
        let going: Vec<_> = going.into_iter().filter(|change| !self.outcomes.contains_key(&change.object)).collect();
        if going.is_empty() {
            return;
        }
        self.delete(going).await;
        for one in crowded {
            if *self.stop.borrow() < Stop::Finish {
                room::wait_counted(&self.inputs, &one).await;
            }
        }
    }

    /// Creates, updates, replaces; waits.
    async fn apply_desired(&mut self, plan: &Plan) {
        let wanted = plan.changes.iter().filter(|change| !goes(change) && !self.outcomes.contains_key(&change.object));
        let edges: BTreeMap<_, _> = wanted.map(|change| (change.object.clone(), change.depends_on.clone())).collect();
        // A plan with a cycle has an error and is not applied.
        let graph = Graph::breaking_cycles(edges.keys().cloned(), edges.clone());
        let schedule = Schedule::new(&graph, self.limit());
        self.walk(schedule, apply_object).await;
    }

    /// Deletes what needs a request, and waits until all that goes with it is gone.
    async fn delete_undesired(&mut self, plan: &Plan) {
        let (going, wanted): (Vec<_>, Vec<_>) = plan.changes.iter().partition(|change| goes(change));
        let mut outcomes = wanted.iter().filter_map(|change| self.outcomes.get(&change.object));
        let failed = outcomes.any(|outcome| !matches!(outcome, Outcome::Applied | Outcome::Unchanged));
        let going: Vec<_> = going.into_iter().filter(|change| !self.outcomes.contains_key(&change.object)).collect();
        if failed || self.unrecorded.is_some() {
            for change in going {
                let because = "not everything that is desired could be applied".to_owned();
                self.record_outcome(&change.object, Outcome::Skipped { because });
            }
            return;
        }
        self.delete(going).await;
    }

    async fn delete(&mut self, going: Vec<&Change>) {
        let groups = Arc::new(DeleteGroups::new(going.iter().copied()));
        let mut nodes = groups.dependencies.clone();
        for change in going.iter().filter(|change| change.action == Action::Forget) {
            nodes.insert(change.object.clone(), Vec::new());
        }
        let graph = Graph::breaking_cycles(nodes.keys().cloned(), nodes.clone());
        let schedule = Schedule::reversed(&graph, self.limit());
        self.walk(schedule, move |inputs, object, sender| delete_object(inputs, object, Arc::clone(&groups), sender))
            .await;
    }

    /// Walks a schedule to its end, or as far as the stop request lets it.
    async fn walk<W, F>(&mut self, mut schedule: Schedule, work: W)
    where
        W: Fn(Arc<WorkInputs>, ObjectRef, mpsc::UnboundedSender<Message>) -> F,
        F: Future<Output = ()> + Send + 'static,
    {
        let (sender, mut messages) = mpsc::unbounded_channel();
        let mut tasks = JoinSet::new();
        let mut seconds = tokio::time::interval(Duration::from_secs(1));
        loop {
            if *self.stop.borrow() >= Stop::Finish {
                self.interrupt(&mut schedule);
            }
            let when = if self.awaiting.is_empty() { When::Due } else { When::Now };
            self.keep_record(when, &mut schedule).await;
            self.answer_awaiting();
            while let Some(object) = schedule.start_next() {
                self.start(&object);
                tasks.spawn(work(Arc::clone(&self.inputs), object, sender.clone()));
            }
            if schedule.is_finished() || *self.stop.borrow() == Stop::Abort && tasks.is_empty() {
                break;
            }
            tokio::select! {
                Some(message) = messages.recv() => self.handle_message(message, &mut schedule),
                _ = seconds.tick() => {}
                changed = self.stop.changed() => {
                    if changed.is_ok() && *self.stop.borrow() == Stop::Abort {
                        self.abort(&mut schedule, &mut tasks, &mut messages).await;
                    }
                }
            }
            if self.inputs.writer.take_throttled() {
                schedule.throttled();
            }
        }
        self.keep_record(When::Now, &mut schedule).await;
    }

    /// Writes the record when it is time. Without one nothing new may be started: what is made then would be nobody's.
    async fn keep_record(&mut self, when: When, schedule: &mut Schedule) {
        if self.unrecorded.is_none() {
            let mut stop = self.stop.clone();
            let written = tokio::select! {
                written = self.record.write(when) => written,
                // The last write is still to come.
                () = aborted(&mut stop) => Ok(()),
            };
            self.unrecorded = written.err();
        }
        if self.unrecorded.is_some() {
            for Skip { object, .. } in schedule.interrupt() {
                let because = "the record could not be written".to_owned();
                self.record_outcome(&object, Outcome::Skipped { because });
            }
        }
    }

    /// Tells who waits for it that the record was written. Who waits in vain sees its question dropped.
    fn answer_awaiting(&mut self) {
        for waiting in self.awaiting.drain(..).filter(|_| self.unrecorded.is_none()) {
            // Nobody waits any more when the run was aborted.
            let _ = waiting.send(());
        }
    }

    fn start(&mut self, object: &ObjectRef) {
        self.begun.insert(object.clone(), Instant::now());
        let action = self.action(object);
        if action != Action::NoOp {
            (self.report)(Event::Started { object: object.clone(), action });
        }
    }

    fn handle_message(&mut self, message: Message, schedule: &mut Schedule) {
        match message {
            Message::Deleted { object } => {
                if let Some(job) = self.inputs.jobs.get(&object) {
                    self.record.deleted(job);
                }
                self.deleted.insert(object);
            }
            Message::Accepted { object } => {
                schedule.succeeded();
                schedule.applied(&object);
            }
            Message::Written { object, live, digest } => {
                if self.deleted.contains(&object) {
                    self.made_again.insert(object.clone());
                }
                if let Some(job) = self.inputs.jobs.get(&object) {
                    self.record.applied(job, live.as_ref(), digest);
                }
                schedule.succeeded();
                schedule.applied(&object);
            }
            Message::Altered { object, fields } => (self.report)(Event::Altered { object, fields }),
            Message::Waiting { object, readiness } => {
                let elapsed = self.elapsed(&object);
                (self.report)(Event::Waiting { object, readiness, elapsed });
            }
            Message::Established { object } => schedule.established(&object),
            Message::Ready { object, standing, version } => {
                self.record.stands(&object, standing, version);
                schedule.ready(&object);
                let unchanged = self.action(&object) == Action::NoOp;
                self.record_outcome(&object, if unchanged { Outcome::Unchanged } else { Outcome::Applied });
            }
            Message::Owns { manifest, written } => {
                self.record.owns(&manifest);
                self.awaiting.push(written);
            }
            Message::WentBack { manifest, live, digest } => self.record.went_back(&manifest, &live, digest),
            Message::RolledBack { cluster, serial } => drop(self.rolled_back.insert(cluster, serial)),
            Message::Stands { object, standing, version } => self.record.stands(&object, standing, version),
            Message::Gone { object } => {
                self.record.gone(&object);
                let forgotten = self.action(&object) == Action::Forget;
                // What goes with another object is no node of its own.
                schedule.ready(&object);
                self.record_outcome(&object, if forgotten { Outcome::Forgotten } else { Outcome::Deleted });
            }
            Message::Failed { object, failure, unhealthy } => {
                let outcome = self.failed(&object, failure, unhealthy);
                self.record_outcome(&object, outcome);
                self.skip(schedule.failed(&object));
            }
        }
    }

    fn interrupt(&mut self, schedule: &mut Schedule) {
        let skips = schedule.interrupt();
        if !self.interrupted {
            self.interrupted = true;
            (self.report)(Event::Interrupted);
        }
        self.skip(skips);
    }

    fn skip(&mut self, skips: Vec<Skip>) {
        for Skip { object, because, .. } in skips {
            self.record_outcome(&object, Outcome::Skipped { because });
        }
    }

    fn limit(&self) -> Limit {
        Limit::new(self.parallelism.min(FIRST_AT_ONCE), self.parallelism)
    }

    /// Gives up what is being waited for. Requests that are under way are lost; the record already owns
    /// what they may have made.
    async fn abort(
        &mut self,
        schedule: &mut Schedule,
        tasks: &mut JoinSet<()>,
        messages: &mut mpsc::UnboundedReceiver<Message>,
    ) {
        self.interrupt(schedule);
        tasks.shutdown().await;
        while let Ok(message) = messages.try_recv() {
            self.handle_message(message, schedule);
        }
        let open: Vec<_> = self.begun.keys().filter(|object| !self.outcomes.contains_key(*object)).cloned().collect();
        for object in open {
            let failure =
                Failure { error: "interrupted before it was ready".to_owned(), hint: None, kind: ErrorKind::Failed };
            let skips = schedule.failed(&object);
            let outcome = self.failed(&object, failure, true);
            self.record_outcome(&object, outcome);
            self.skip(skips);
        }
    }

    /// A failure says what is gone because of it, and how to get it back.
    fn failed(&mut self, object: &ObjectRef, failure: Failure, unhealthy: bool) -> Outcome {
        let Failure { mut error, mut hint, kind } = failure;
        if kind == ErrorKind::Stale {
            return Outcome::Stale { because: error };
        }
        if kind == ErrorKind::Forbidden {
            self.forbidden.insert(object.clone());
        }
        let deleted = self.deleted.contains(object);
        if deleted && !self.made_again.contains(object) {
            error.push_str("\nthe old object was deleted to make way for it, and nothing stands in its place");
            let back = "correct the description and apply again to make it anew, or apply the description as it was to \
                        get the old one back; what others had written into it is lost";
            hint = Some(hint.map_or_else(|| back.to_owned(), |hint| format!("{hint}; {back}")));
        }
        Outcome::Failed { error, hint, unhealthy, deleted }
    }

    fn record_outcome(&mut self, object: &ObjectRef, outcome: Outcome) {
        let (action, elapsed) = (self.action(object), self.elapsed(object));
        if matches!(outcome, Outcome::Skipped { .. }) {
            self.record.never_made(object, action);
        }
        if outcome != Outcome::Unchanged {
            (self.report)(Event::Finished { object: object.clone(), action, outcome: outcome.clone(), elapsed });
        }
        self.outcomes.insert(object.clone(), outcome);
    }

    fn action(&self, object: &ObjectRef) -> Action {
        self.inputs.jobs.get(object).map_or(Action::NoOp, |job| job.change.action)
    }

    /// What goes with another object takes as long as that one.
    fn elapsed(&self, object: &ObjectRef) -> Duration {
        let with = || match &self.inputs.jobs.get(object)?.change.reason {
            Reason::With { object } => self.begun.get(object),
            _ => None,
        };
        self.begun.get(object).or_else(with).map(Instant::elapsed).unwrap_or_default()
    }

    async fn finish(mut self, plan: &Plan, begun: Instant) -> Run {
        let unrecorded = self.last_write().await.err().map(Arc::new);
        let recorded = self.record.recorded().filter(|_| unrecorded.is_none());
        let mut outcomes = self.outcomes;
        let skipped = || Outcome::Skipped { because: "interrupted".to_owned() };
        let ended = plan.changes.iter().map(|change| {
            let outcome = outcomes.remove(&change.object).unwrap_or_else(skipped);
            (change.object.clone(), change.action, outcome)
        });
        Run {
            outcomes: ended.collect(),
            elapsed: begun.elapsed(),
            interrupted: self.interrupted,
            forbidden: self.forbidden,
            unrecorded,
            recorded,
            rolled_back: self.rolled_back,
        }
    }

    /// Writes the record for the last time, also where an earlier write failed: that may have passed.
    async fn last_write(&mut self) -> Result<(), StateError> {
        let mut stop = self.stop.clone();
        let out_of_time = async {
            aborted(&mut stop).await;
            tokio::time::sleep(LAST_WRITE).await;
        };
        tokio::select! {
            written = self.record.close() => written,
            () = out_of_time => Err(StateError::Late),
        }
    }
}

/// Returns when waits are to be given up.
async fn aborted(stop: &mut watch::Receiver<Stop>) {
    if stop.wait_for(|stop| *stop == Stop::Abort).await.is_err() {
        // Nobody can ask for it any more.
        std::future::pending::<()>().await;
    }
}
