//! What one end says of a connection: the description's own rules, and the policies beside it. They add up
//! (Kubernetes, *Network Policies*): a pod is closed when either closes it, and then what either allows is allowed.

use super::answer::{RuleRef, Side};
use super::ask::Ask;
use super::judgement::{Judgement, judge};
use super::own::Own;
use super::way::Way;
use super::world::World;
use super::{egress, ingress};

/// What the description alone says of one end.
pub(super) fn own(world: &World<'_>, ask: Ask<'_>, way: Way) -> Own {
    match way {
        Way::Out => egress::decide(world, ask),
        Way::In => ingress::decide(world, ask),
    }
}

/// What one end says.
pub(super) fn decide(world: &World<'_>, ask: Ask<'_>, way: Way) -> Side {
    let own = own(world, ask, way);
    let end = if way == Way::Out { ask.from } else { ask.to };
    let Some(pod) = end.pod().filter(|_| !world.policies.is_empty()) else { return own.side() };
    let named = way == Way::Out && egress::learns_names(world, pod);
    let judged = judge(world, pod, (way, ask), named);
    let (may_allow, may_refuse) = (judged.may_allow.clone(), judged.may_refuse.clone());
    let mut side = added(own, judged);
    side.undecided = if side.allowed { may_refuse } else { may_allow };
    side
}

fn added(own: Own, judged: Judgement) -> Side {
    if let Some(rule) = judged.refusing {
        return Side::no("a policy refuses it, whatever else allows it", vec![rule]);
    }
    match (own, judged.allowing) {
        (Own::Closed(side), _) if side.allowed => side,
        (Own::Open(side), _) if judged.closing.is_empty() => side,
        (_, Some(rule)) => Side::by(rule),
        (Own::Closed(side), None) => {
            let rules: Vec<RuleRef> = side.rules.iter().cloned().chain(judged.near).collect();
            Side { rules, ..side }
        }
        (Own::Open(_), None) => {
            let rules = if judged.near.is_empty() { judged.closing } else { judged.near };
            Side::no("policies beside the description select it, and no rule of theirs allows it", rules)
        }
    }
}
