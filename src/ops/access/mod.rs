//! Who reaches what and who calls which model, of all clusters of a description at once, for pages. Read off the
//! description as `explain reach` and `explain agent` read it; asks no server. It keeps to a number of answers: what is left
//! out is counted.

mod calls;
mod reach;

use crate::reach::{Answer, World};
use crate::render::Target;
use crate::stack::Stack;

#[cfg(test)]
pub(crate) use calls::AgentCalls;
pub(crate) use calls::{Call, Calls};

/// Most ends of either side of a cluster; more are counted.
const ENDS: usize = 40;

/// Most answers of all clusters together: each asks all rules about all ports.
const ANSWERS: usize = 4_000;

/// Who reaches and calls what.
#[derive(Clone, Debug, Default)]
pub(crate) struct Access {
    /// By cluster.
    pub clusters: Vec<ClusterAccess>,
    /// Clusters that were left out.
    pub left_out: usize,
}

/// The same within one cluster.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClusterAccess {
    /// The cluster.
    pub cluster: String,
    /// Who connects.
    pub from: Ends,
    /// Who is connected to.
    pub to: Ends,
    /// A row for each of `from`, with an answer for each of `to`; none where nobody connects to itself, or nobody knows.
    pub answers: Vec<Vec<Option<Answer>>>,
    /// Which models its agents may call.
    pub calls: Calls,
}

/// Some of all ends.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ends {
    /// As `explain reach` takes them, without the cluster.
    pub shown: Vec<String>,
    /// How many more there are.
    pub more: usize,
}

/// Everything of a stack on a target.
#[must_use]
pub(crate) fn access(stack: &Stack, target: &Target) -> Access {
    let world = World::new(stack, target);
    let mut access = Access::default();
    let mut room = ANSWERS;
    for cluster in stack.clusters.keys() {
        let (from, to) = reach::ends(&world, target, cluster);
        let asked = from.shown.len() * to.shown.len();
        if asked > room {
            access.left_out += 1;
            continue;
        }
        room -= asked;
        let answers = reach::answers(&world, cluster, (&from.shown, &to.shown));
        let calls = calls::of_cluster(stack, target, cluster);
        access.clusters.push(ClusterAccess { cluster: cluster.clone(), from, to, answers, calls });
    }
    access
}

/// As many as are shown.
fn cut(mut all: Vec<String>) -> Ends {
    let more = all.len().saturating_sub(ENDS);
    all.truncate(ENDS);
    Ends { shown: all, more }
}
