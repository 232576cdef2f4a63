//! What a plan comes to under one key of one quota, and the words for it.

use super::item::Step;
use super::limit_range::Defaults;
use super::measure::Measure;
use super::pod::Pod;
use super::resource_quota::Quota;
use super::running::Running;
use super::scope;
use super::workload::{Need, Workload};
use crate::object::{ObjectRef, Quantity};

/// Most objects that one message names.
const NAMED: usize = 8;

/// What a plan comes to.
#[derive(Default)]
pub(super) struct Total {
    /// Used before the plan.
    pub(super) now: Quantity,
    /// What there must be room for, so that everything comes up sooner or later.
    pub(super) wanted: Quantity,
    /// What there must be room for, so that nothing waits for something else.
    pub(super) at_once: Quantity,
    /// The same with all that autoscalers may add.
    pub(super) most: Quantity,
    /// Whether this plan makes any of it.
    pub(super) grows: bool,
    /// Who wants it.
    pub(super) words: Vec<String>,
    /// What is taken away, and only after all this is there.
    pub(super) leaving: Vec<String>,
    /// What is taken away before all this is there.
    pub(super) first: Vec<String>,
}

impl Total {
    /// The same where what leaves may go first, as far as there is no room for both.
    pub(super) fn in_turn(mut self, hard: Quantity) -> Self {
        let leaving = Quantity::units(i64::try_from(self.leaving.len()).unwrap_or(i64::MAX));
        let after = self.wanted.less(leaving);
        if self.wanted > hard && after <= hard {
            (self.wanted, self.at_once, self.most) = (after, after, after);
            self.first = std::mem::take(&mut self.leaving);
        }
        self
    }
}

/// The pods of a namespace: the plan's and those of others.
pub(super) struct Pods<'a> {
    pub(super) workloads: Vec<Workload<'a>>,
    pub(super) running: &'a [Running<'a>],
    pub(super) defaults: &'a Defaults,
    /// Objects that the plan deletes.
    pub(super) leaving: &'a [&'a ObjectRef],
}

impl Pods<'_> {
    /// What pods come to under a key.
    pub(super) fn total(&self, quota: &Quota<'_>, key: &str, measure: &Measure) -> Total {
        let workloads = self.workloads.iter().filter(|workload| scope::counts(quota.spec, workload.spec));
        let needs: Vec<_> = workloads.map(|workload| workload.need(measure, self.defaults)).collect();
        let own = |pod: &Running<'_>| self.workloads.iter().any(|workload| pod.is_of(workload.item.object));
        let by_pods = self.live(quota, measure, |_| true);
        let now = quota.used(key).unwrap_or(by_pods);
        // The quota's count is late when pods went, the pods' own is too high when one has gone and shows yet.
        let others = now.less(self.live(quota, measure, own)).min(self.live(quota, measure, |pod| !own(pod)));
        let mut total = Total { now, ..sum(&needs, others) };
        let mut rest = others;
        for object in self.leaving {
            let amount = self.live(quota, measure, |pod| pod.is_of(object));
            if !amount.is_zero() {
                rest = rest.less(amount);
                total.leaving.push(format!("{}/{} {amount}", object.kind, object.name));
            }
        }
        if !rest.is_zero() {
            total.words.push(format!("others {rest}"));
        }
        total
    }

    fn live(&self, quota: &Quota<'_>, measure: &Measure, which: impl Fn(&Running<'_>) -> bool) -> Quantity {
        let counted = self.running.iter().filter(|pod| scope::counts(quota.spec, pod.spec) && which(pod));
        counted.map(|pod| Pod { spec: pod.spec, defaults: self.defaults }.amount(measure)).sum()
    }
}

/// One surge or one run at a time is enough: the others wait for it.
fn sum(needs: &[Need], others: Quantity) -> Total {
    let steady = others + needs.iter().map(|need| need.steady).sum();
    let extra = needs.iter().map(|need| need.extra).max().unwrap_or_default();
    let at_once = steady + needs.iter().map(|need| need.extra).sum();
    let counts = |need: &&Need| !(need.steady + need.extra).is_zero();
    Total {
        wanted: steady + extra,
        at_once,
        most: steady + needs.iter().map(|need| need.more).sum(),
        grows: needs.iter().filter(counts).any(|need| need.makes),
        words: needs.iter().filter(counts).map(|need| need.words.clone()).collect(),
        ..Total::default()
    }
}

/// What objects come to: those that are there, and those that the plan makes.
pub(super) fn of_objects(now: Quantity, counted: &[(&ObjectRef, Step)]) -> Total {
    let name = |object: &ObjectRef| format!("{}/{}", object.kind, object.name);
    let with_step = |step: Step| counted.iter().filter(move |(_, its)| *its == step).map(|(object, _)| name(object));
    let new: Vec<_> = with_step(Step::Create).collect();
    let wanted = now + Quantity::units(i64::try_from(new.len()).unwrap_or(i64::MAX));
    let mut words = vec![format!("{now} there")];
    if !new.is_empty() {
        words.push(format!("{} new: {}", new.len(), listed(&new)));
    }
    let leaving = with_step(Step::Delete).collect();
    Total { now, wanted, at_once: wanted, most: wanted, grows: !new.is_empty(), words, leaving, first: Vec::new() }
}

fn listed(names: &[String]) -> String {
    match names.get(NAMED..) {
        Some([_, ..]) => format!("{}, and {} more", names[..NAMED].join(", "), names.len() - NAMED),
        _ => names.join(", "),
    }
}
