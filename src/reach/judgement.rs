//! What all policies do to one connection at one of its ends.

use super::answer::RuleRef;
use super::ask::Ask;
use super::end::{End, Pod};
use super::policy::{Effect, Holds, Peer, Rule, Section, is_like};
use super::selector::Labels;
use super::way::Way;
use super::world::World;

/// What policies say of a connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Judgement {
    /// Policies that close the pod but for rules.
    pub closing: Vec<RuleRef>,
    /// The first rule that allows it.
    pub allowing: Option<RuleRef>,
    /// The first rule that refuses it, whatever else allows it.
    pub refusing: Option<RuleRef>,
    /// Rules that mean the end and not the port.
    pub near: Vec<RuleRef>,
    /// What may allow it, if what is not evaluated holds.
    pub may_allow: Vec<RuleRef>,
    /// What may refuse it, likewise.
    pub may_refuse: Vec<RuleRef>,
}

/// What the policies of the world say of a connection at `pod`, which is one of its ends. `named` says whether
/// the description itself makes Cilium learn the addresses of names for the pod.
pub(super) fn judge(world: &World<'_>, pod: &Pod, (way, ask): (Way, Ask<'_>), named: bool) -> Judgement {
    let home = world.namespace(&pod.namespace);
    let other = if way == Way::Out { ask.to } else { ask.from };
    let case = Case { world, way, ask, other, learns: named || learns(world, pod, &home, other) };
    let mut all = Judgement::default();
    for section in world.policies.iter().filter(|section| section.way == way) {
        match section.subject.selects(pod, &home) {
            Holds::No => {}
            Holds::Yes => case.add(section, None, &mut all),
            Holds::Maybe(what) => case.add(section, Some(what), &mut all),
        }
    }
    all
}

/// Whether some rule lets the pod ask Cilium's DNS proxy for the host: only then its addresses are known.
fn learns(world: &World<'_>, pod: &Pod, home: &Labels, other: &End) -> bool {
    let End::Host(host) = other else { return false };
    let sections = world.policies.iter().filter(|one| one.way == Way::Out);
    let selecting = sections.filter(|section| section.subject.selects(pod, home) == Holds::Yes);
    let mut names = selecting.flat_map(|section| &section.rules).flat_map(|rule| &rule.resolves);
    names.any(|pattern| is_like(pattern, host))
}

struct Case<'a> {
    world: &'a World<'a>,
    way: Way,
    ask: Ask<'a>,
    other: &'a End,
    learns: bool,
}

impl Case<'_> {
    /// Adds what a policy says, when it selects the pod or (`doubt`) perhaps does.
    fn add(&self, section: &Section, doubt: Option<&'static str>, all: &mut Judgement) {
        if section.closes {
            match doubt {
                None => all.closing.push(section.named()),
                Some(_) => all.may_refuse.push(RuleRef { beyond: doubt, ..section.named() }),
            }
        }
        for rule in &section.rules {
            self.weigh(section, rule, doubt, all);
        }
    }

    fn weigh(&self, section: &Section, rule: &Rule, doubt: Option<&'static str>, all: &mut Judgement) {
        let doubt = match self.means(rule) {
            Holds::No => return,
            Holds::Yes => doubt,
            Holds::Maybe(what) => doubt.or(Some(what)),
        };
        let spans = rule.ports.as_ref();
        if spans.is_some_and(|spans| !spans.iter().any(|span| span.has(self.ask.to, self.ask.port))) {
            if rule.effect == Effect::Allow && doubt.is_none() {
                all.near.push(section.rule(rule, Some("other ports"), None));
            }
            return;
        }
        let named = section.rule(rule, None, doubt.or(rule.beyond));
        match (rule.effect, doubt) {
            (Effect::Allow, None) if self.needs_name(rule) => {
                let lacks = "names that Cilium's DNS proxy has learned: no rule lets the pod ask it for this one";
                all.near.push(section.rule(rule, Some(lacks), None));
            }
            (Effect::Allow, None) => all.allowing = all.allowing.take().or(Some(named)),
            (Effect::Deny, None) => all.refusing = all.refusing.take().or(Some(named)),
            (Effect::Allow, Some(_)) => all.may_allow.push(named),
            (Effect::Deny, Some(_)) => all.may_refuse.push(named),
        }
    }

    /// Whether a rule means the other end.
    fn means(&self, rule: &Rule) -> Holds {
        let labels = self.other.pod().map(|pod| self.world.namespace(&pod.namespace)).unwrap_or_default();
        Holds::any(rule.peers.iter().map(|peer| peer.is(self.other, &labels)))
    }

    /// Whether the rule means the host by name alone, and nothing lets the pod learn its addresses.
    fn needs_name(&self, rule: &Rule) -> bool {
        let by_name = |peer: &Peer| matches!(peer, Peer::Named(_));
        let otherwise = || {
            let others = rule.peers.iter().filter(|peer| !by_name(peer));
            Holds::any(others.map(|peer| peer.is(self.other, &Labels::new()))) == Holds::Yes
        };
        self.way == Way::Out && matches!(self.other, End::Host(_)) && !self.learns && !otherwise()
    }
}
