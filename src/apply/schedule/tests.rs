//! What the schedule promises: by example, and by playing random runs against a model.

use proptest::prelude::*;

use super::*;
use crate::graph::Dependency;

fn node(name: usize) -> ObjectRef {
    ObjectRef::namespaced("", "ConfigMap", "x", &format!("n{name:02}"))
}

fn graph(edges: &[(usize, usize, Wait)], count: usize) -> Graph {
    let mut needs: BTreeMap<ObjectRef, Vec<Dependency>> = BTreeMap::new();
    for &(object, on, wait) in edges {
        let why = format!("data.n{on:02}");
        let on = node(on);
        needs.entry(node(object)).or_default().push(Dependency { on, wait, why });
    }
    Graph::new((0..count).map(node), needs).unwrap()
}

fn start_all(schedule: &mut Schedule) -> Vec<ObjectRef> {
    std::iter::from_fn(|| schedule.start_next()).collect()
}

#[test]
fn each_wait_frees_at_its_time() {
    let edges = [(1, 0, Wait::Exists), (2, 0, Wait::Established), (3, 0, Wait::Ready)];
    let mut schedule = Schedule::new(&graph(&edges, 4), Limit::new(9, 9));
    assert_eq!(start_all(&mut schedule), [node(0)]);
    schedule.applied(&node(0));
    assert_eq!(start_all(&mut schedule), [node(1)]);
    schedule.established(&node(0));
    assert_eq!(start_all(&mut schedule), [node(2)]);
    schedule.ready(&node(0));
    assert_eq!(start_all(&mut schedule), [node(3)]);
    for name in 1..4 {
        assert!(!schedule.is_finished());
        schedule.ready(&node(name));
    }
    assert!(schedule.is_finished());
}

#[test]
fn awaiting_readiness_takes_no_place() {
    let mut schedule = Schedule::new(&graph(&[], 3), Limit::new(1, 1));
    assert_eq!(start_all(&mut schedule), [node(0)]);
    schedule.applied(&node(0));
    assert_eq!(schedule.in_flight(), 0);
    assert_eq!(start_all(&mut schedule), [node(1)]);
}

#[test]
fn a_failure_skips_what_needs_it_and_nothing_else() {
    let edges = [(1, 0, Wait::Exists), (2, 1, Wait::Exists), (3, 2, Wait::Exists), (4, 0, Wait::Exists)];
    let mut schedule = Schedule::new(&graph(&edges, 6), Limit::new(9, 9));
    assert_eq!(start_all(&mut schedule), [node(0), node(5)]);
    schedule.ready(&node(0));
    assert_eq!(start_all(&mut schedule), [node(1), node(4)]);
    let skips = schedule.failed(&node(1));
    let because: Vec<String> = skips.into_iter().map(|skip| skip.because).collect();
    assert_eq!(
        because,
        [
            "needs `ConfigMap/n01 in x` (data.n01), which failed",
            "needs `ConfigMap/n02 in x` (data.n02), which was skipped because `ConfigMap/n01 in x` failed",
        ]
    );
    schedule.ready(&node(4));
    schedule.ready(&node(5));
    assert!(schedule.is_finished());
}

#[test]
fn an_object_that_exists_but_never_gets_ready_holds_back_only_who_needs_that() {
    let edges = [(1, 0, Wait::Exists), (2, 0, Wait::Ready)];
    let mut schedule = Schedule::new(&graph(&edges, 3), Limit::new(9, 9));
    start_all(&mut schedule);
    schedule.applied(&node(0));
    let skips = schedule.failed(&node(0));
    assert_eq!(skips.iter().map(|skip| &skip.object).collect::<Vec<_>>(), [&node(2)]);
    assert_eq!(start_all(&mut schedule), [node(1)]);
}

#[test]
fn deletions_run_backwards() {
    let edges = [(1, 0, Wait::Exists), (2, 0, Wait::Established)];
    let mut schedule = Schedule::reversed(&graph(&edges, 3), Limit::new(9, 9));
    assert_eq!(start_all(&mut schedule), [node(2), node(1)]);
    schedule.ready(&node(2));
    schedule.applied(&node(1));
    assert_eq!(start_all(&mut schedule), []);
    let skips = schedule.failed(&node(1));
    assert_eq!(skips[0].because, "is needed by `ConfigMap/n01 in x` (data.n00), which failed");
    assert!(schedule.is_finished());
}

#[test]
fn interrupted_runs_end_with_what_is_in_flight() {
    let mut schedule = Schedule::new(&graph(&[(2, 0, Wait::Exists)], 3), Limit::new(1, 9));
    assert_eq!(start_all(&mut schedule), [node(0)]);
    let skips = schedule.interrupt();
    let skipped: Vec<&ObjectRef> = skips.iter().map(|skip| &skip.object).collect();
    assert_eq!(skipped, [&node(1), &node(2)]);
    schedule.ready(&node(0));
    assert_eq!(start_all(&mut schedule), []);
    assert!(schedule.is_finished());
}

#[test]
fn reports_about_others_change_nothing() {
    let mut schedule = Schedule::new(&graph(&[], 1), Limit::new(1, 1));
    schedule.ready(&node(0));
    schedule.applied(&node(7));
    assert_eq!(schedule.failed(&node(0)), []);
    assert_eq!(start_all(&mut schedule), [node(0)]);
    schedule.ready(&node(0));
    assert_eq!(schedule.failed(&node(0)), []);
    assert!(schedule.is_finished());
}

/// One move of a random run: which of the objects being worked on, and what happens to it.
#[derive(Clone, Copy, Debug)]
enum Move {
    Start,
    Applied(usize),
    Established(usize),
    Ready(usize),
    Failed(usize),
    Throttled,
    Interrupt,
}

fn moves() -> impl Strategy<Value = Move> {
    prop_oneof![
        8 => Just(Move::Start),
        4 => (0_usize..20).prop_map(Move::Applied),
        2 => (0_usize..20).prop_map(Move::Established),
        4 => (0_usize..20).prop_map(Move::Ready),
        1 => (0_usize..20).prop_map(Move::Failed),
        1 => Just(Move::Throttled),
    ]
}

fn waits() -> impl Strategy<Value = Wait> {
    prop_oneof![Just(Wait::Exists), Just(Wait::Established), Just(Wait::Ready)]
}

/// What really happened, kept apart from the schedule.
#[derive(Default)]
struct Model {
    needs: BTreeMap<ObjectRef, Vec<(ObjectRef, Wait)>>,
    reached: BTreeMap<ObjectRef, Wait>,
    working: Vec<ObjectRef>,
    started: BTreeSet<ObjectRef>,
    failed: BTreeSet<ObjectRef>,
    skipped: BTreeSet<ObjectRef>,
    interrupted: bool,
}

impl Model {
    fn met(&self, need: &(ObjectRef, Wait)) -> bool {
        self.reached.get(&need.0).is_some_and(|had| *had >= need.1)
    }

    fn start(&mut self, schedule: &mut Schedule) -> bool {
        let Some(object) = schedule.start_next() else {
            return false;
        };
        assert!(!self.interrupted, "started after the interrupt");
        assert!(self.needs[&object].iter().all(|need| self.met(need)), "too early");
        assert!(self.started.insert(object.clone()), "started twice");
        self.working.push(object);
        true
    }

    fn reach(&mut self, schedule: &mut Schedule, pick: usize, wait: Wait) {
        if self.working.is_empty() {
            return;
        }
        let place = pick % self.working.len();
        let object = self.working[place].clone();
        match wait {
            Wait::Exists => schedule.applied(&object),
            Wait::Established => schedule.established(&object),
            Wait::Ready => schedule.ready(&object),
        }
        let had = self.reached.entry(object).or_insert(wait);
        *had = wait.max(*had);
        if wait == Wait::Ready {
            self.working.remove(place);
        }
    }

    fn skip(&mut self, skips: Vec<Skip>) {
        for skip in skips {
            assert!(!self.started.contains(&skip.object), "skipped after its start");
            assert!(skip.root.is_none_or(|root| self.failed.contains(&root)));
            assert!(self.skipped.insert(skip.object), "skipped twice");
        }
    }

    fn play(&mut self, schedule: &mut Schedule, step: Move) {
        match step {
            Move::Start => {
                self.start(schedule);
            }
            Move::Applied(pick) => self.reach(schedule, pick, Wait::Exists),
            Move::Established(pick) => self.reach(schedule, pick, Wait::Established),
            Move::Ready(pick) => self.reach(schedule, pick, Wait::Ready),
            Move::Failed(pick) if !self.working.is_empty() => {
                let object = self.working.remove(pick % self.working.len());
                self.failed.insert(object.clone());
                self.skip(schedule.failed(&object));
            }
            Move::Failed(_) => {}
            Move::Throttled => schedule.throttled(),
            Move::Interrupt => {
                self.interrupted = true;
                self.skip(schedule.interrupt());
            }
        }
        let in_flight = self.working.iter().filter(|object| !self.reached.contains_key(*object));
        assert_eq!(schedule.in_flight(), in_flight.count());
    }

    /// Exactly those are skipped that need what failed too early or was skipped.
    fn check_skips(&self) {
        for (object, needs) in &self.needs {
            let lost = |(on, wait): &(ObjectRef, Wait)| {
                let short = self.reached.get(on).is_none_or(|had| had < wait);
                self.skipped.contains(on) || (self.failed.contains(on) && short)
            };
            assert_eq!(self.skipped.contains(object), needs.iter().any(lost), "{object}");
        }
    }
}

proptest! {
    #[test]
    fn any_run_ends_and_starts_nothing_too_early(
        edges in proptest::collection::vec((0_usize..16, 0_usize..16, waits()), 0..50),
        names in Just((0..16).collect::<Vec<usize>>()).prop_shuffle(),
        steps in proptest::collection::vec(moves(), 0..80),
        limits in (1_usize..6, 1_usize..6),
        reversed in any::<bool>(),
        interrupt_at in proptest::option::weighted(0.3, 0_usize..60),
    ) {
        let edges: Vec<_> = edges
            .into_iter()
            .filter(|(a, b, _)| a != b)
            .map(|(a, b, wait)| (names[a.max(b)], names[a.min(b)], wait))
            .collect();
        let graph = graph(&edges, 16);
        let limit = Limit::new(limits.0, limits.1);
        let mut model = Model::default();
        for object in graph.order() {
            model.needs.entry(object.clone()).or_default();
            for need in graph.dependencies(object) {
                let (from, to, wait) = if reversed {
                    (need.on.clone(), object.clone(), Wait::Ready)
                } else {
                    (object.clone(), need.on.clone(), need.wait)
                };
                model.needs.entry(from).or_default().push((to, wait));
            }
        }
        let mut schedule = if reversed {
            Schedule::reversed(&graph, limit)
        } else {
            Schedule::new(&graph, limit)
        };
        for (number, step) in steps.into_iter().enumerate() {
            if interrupt_at == Some(number) {
                model.play(&mut schedule, Move::Interrupt);
            }
            model.play(&mut schedule, step);
            prop_assert!(schedule.in_flight() <= limits.1);
        }
        while !schedule.is_finished() {
            if !model.start(&mut schedule) {
                prop_assert!(!model.working.is_empty(), "deadlock");
                model.reach(&mut schedule, 0, Wait::Ready);
            }
        }
        prop_assert!(model.working.is_empty());
        prop_assert_eq!(schedule.in_flight(), 0);
        prop_assert_eq!(model.started.len() + model.skipped.len(), 16);
        if !model.interrupted {
            model.check_skips();
        }
    }
}
