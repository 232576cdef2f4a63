//! What is called otherwise now: which of its objects keep their names, which are made anew in the place of the old ones,
//! and what would be lost by that. Pure.
//!
//! Kubernetes renames nothing. An object that keeps its name moves in the record alone. Any other is made under its new
//! name before the old one goes, and what lives in it or with it is not carried over: where that matters (keys that
//! langop made and may not read, the data of claims), a move is an error until that loss is asked for.

use super::inputs::Inputs;
use super::{Action, Change, Plan, Problem, Reason, Severity};
use crate::object::{Address, AddressForm, Lifecycle, ObjectRef, role};
use crate::stack::Moved;

/// Says of each object what it was called, and what is lost with the old name.
pub(super) fn note(inputs: &Inputs<'_>, plan: &mut Plan) {
    for moved in &inputs.options.moved {
        let one = OneMove { moved, inputs };
        one.note(plan);
    }
}

/// Pairs of an object that goes and the one that is made in its place under another name.
#[must_use]
pub(crate) fn pairs<'a>(plan: &'a Plan, moves: &[Moved]) -> Vec<(ObjectRef, &'a Change)> {
    let carries_others = |old: &ObjectRef| {
        plan.changes.iter().any(|change| matches!(&change.reason, Reason::With { object } if object == old))
    };
    let pair = |(moved, new): (&Moved, &'a Change)| {
        let is_old = |change: &&Change| {
            let (old, new) = (&change.object, &new.object);
            is(&moved.from, &change.address, old)
                && (&old.group, &old.kind, &old.namespace) == (&new.group, &new.kind, &new.namespace)
        };
        let mut olds = plan.with_action(Action::Delete).filter(is_old);
        let old = olds.next().filter(|old| olds.next().is_none() && !carries_others(&old.object))?;
        Some((old.object.clone(), new))
    };
    let made = plan.with_action(Action::Create).filter_map(|change| {
        let from = change.moved_from.as_ref()?;
        Some((moves.iter().find(|moved| moved.from == *from)?, change))
    });
    made.filter_map(pair).collect()
}

/// Whether an address is that of an object, or the name of it.
fn is(wanted: &Address, address: &Address, object: &ObjectRef) -> bool {
    wanted == address || *wanted == Address::object(object)
}

fn goes(change: &Change) -> bool {
    matches!(change.action, Action::Delete | Action::Forget)
}

struct OneMove<'a> {
    moved: &'a Moved,
    inputs: &'a Inputs<'a>,
}

impl OneMove<'_> {
    fn note(&self, plan: &mut Plan) {
        let Moved { from, to, .. } = self.moved;
        if let Some(both) =
            plan.changes.iter().find(|change| !goes(change) && is(from, &change.address, &change.object))
        {
            // An object that is part of a thing now has an address of its own still.
            if !is(to, &both.address, &both.object) {
                plan.problems.push(self.still_described(both));
                return;
            }
        }
        let olds: Vec<_> = plan.changes.iter().filter(|change| goes(change) && self.was_called_so(change)).collect();
        let lost = self.lost(plan, &olds);
        let is_left = !olds.is_empty();
        let mut reached = None;
        for new in plan.changes.iter_mut().filter(|change| !goes(change) && to.covers(&change.address, &change.object))
        {
            reached.get_or_insert_with(|| new.object.clone());
            let renamed = new.action == Action::Create && is_left;
            let kept = self
                .inputs
                .owned
                .get(&new.object)
                .is_some_and(|owned| owned.address != new.address && is(from, &owned.address, &new.object));
            if renamed || kept {
                new.moved_from = Some(from.clone());
            }
        }
        if let Some(reached) = reached.filter(|_| !lost.is_empty()) {
            self.say_lost(plan, &reached, &lost);
        }
    }

    fn was_called_so(&self, change: &Change) -> bool {
        self.moved.from.covers(&change.address, &change.object)
    }

    fn still_described(&self, change: &Change) -> Problem {
        let message = format!("`{}` is moved to `{}`, and described all the same", self.moved.from, self.moved.to);
        Problem::new(Severity::Error, "move-conflict", message)
            .about(&change.object, Some(change.address.clone()), Some(self.moved.source.clone()))
            .with_hint("take the description of the old one away, or the move".to_owned())
    }

    /// What goes with the old name and cannot be made again.
    fn lost(&self, plan: &Plan, olds: &[&Change]) -> Vec<String> {
        let deleted = olds.iter().filter(|change| change.action == Action::Delete);
        let namespaces: Vec<_> =
            deleted.filter(|old| old.object.is("", "Namespace")).map(|old| old.object.name.as_str()).collect();
        let in_them =
            |change: &&Change| change.object.namespace.as_deref().is_some_and(|name| namespaces.contains(&name));
        let is_old = |change: &&Change| olds.iter().any(|old| old.object == change.object);
        let along = plan.with_action(Action::Delete).filter(|change| in_them(change) || is_old(change));
        let mut lost: Vec<_> = along.filter_map(|change| self.loss(change)).collect();
        lost.sort();
        if let Some(AddressForm::Thing("agent", name)) = self.moved.from.form().filter(|_| !olds.is_empty()) {
            lost.push(format!("the key of the agent `{name}`: the gateway's keys follow from names"));
        }
        lost
    }

    fn loss(&self, change: &Change) -> Option<String> {
        let object = &change.object;
        let made_once = self.inputs.owned.get(object).is_some_and(|owned| owned.lifecycle == Lifecycle::CreateOnce);
        if object.is("", "PersistentVolumeClaim") {
            Some(format!("the data of {object}"))
        } else if let Some(cluster) = object.namespace.as_deref().filter(|name| *object == role::gateway_auth(name)) {
            Some(format!("the keys of the gateway of cluster `{cluster}`: whoever calls it needs another"))
        } else {
            made_once.then(|| format!("the generated values of {object}"))
        }
    }

    fn say_lost(&self, plan: &mut Plan, object: &ObjectRef, lost: &[String]) {
        let Moved { from, to, source } = self.moved;
        let replace = &self.inputs.options.replace;
        let asked = replace.has(to, object) || replace.has(from, object);
        if asked {
            let lost = lost.iter().map(|lost| format!("`{from}` becomes `{to}`, and with the old one goes: {lost}"));
            plan.effects.extend(lost);
            return;
        }
        let message = format!(
            "`{from}` cannot become `{to}` and keep what it has: Kubernetes renames nothing, and langop reads no Secret to \
             carry it over. Lost would be\n- {}",
            lost.join("\n- ")
        );
        let problem = Problem::new(Severity::Error, "move-loses", message);
        let hint =
            format!("`--replace={to}` makes the new one, and then deletes the old one with that; or keep the name");
        plan.problems.push(problem.about(object, Some(to.clone()), Some(source.clone())).with_hint(hint));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::object::Source;
    use crate::plan::{PlanOptions, Selection};

    fn change(kind: &str, namespace: &str, name: &str, address: &str, action: Action) -> Change {
        let object = ObjectRef::namespaced("", kind, namespace, name);
        Change { address: Address::parse(address).unwrap(), ..Change::bare(object, action, Reason::Absent) }
    }

    fn moved(from: &str, to: &str, changes: Vec<Change>, replace: Selection) -> Plan {
        let address = |text: &str| Address::parse(text).unwrap();
        let source = Source { file: "langop.toml".into(), line: 7, column: 1 };
        let (desired, observed, owned) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let moved: Vec<Moved> =
            serde_json::from_value(serde_json::json!([{"from": address(from), "to": address(to), "source": source}]))
                .unwrap();
        let options = PlanOptions { replace, moved, ..PlanOptions::default() };
        let mut plan = Plan { changes, ..Plan::default() };
        let inputs = Inputs { stack: "s", desired: &desired, observed: &observed, owned: &owned, options: &options };
        note(&inputs, &mut plan);
        plan
    }

    fn said(plan: &Plan) -> String {
        let problems = plan.problems.iter().map(|problem| format!("{}: {}", problem.code, problem.message));
        problems.chain(plan.effects.clone()).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn what_goes_with_an_old_name_is_named_and_goes_only_when_that_is_asked_for() {
        let claims = || {
            vec![
                change("PersistentVolumeClaim", "n", "new", "PersistentVolumeClaim/n/new", Action::Create),
                change("PersistentVolumeClaim", "n", "old", "PersistentVolumeClaim/n/old", Action::Delete),
            ]
        };
        let names = ("PersistentVolumeClaim/n/old", "PersistentVolumeClaim/n/new");
        let plan = moved(names.0, names.1, claims(), Selection::Nothing);
        assert!(
            said(&plan).starts_with("move-loses: ")
                && said(&plan).contains("the data of PersistentVolumeClaim/old in n")
        );
        assert_eq!(plan.problems[0].source.as_ref().map(|source| source.line), Some(7));
        let plan = moved(names.0, names.1, claims(), Selection::Everything);
        assert!(plan.problems.is_empty() && said(&plan).contains("goes: the data of"), "{}", said(&plan));

        let cluster = vec![
            change("LanguageModel", "b", "m", "model.m", Action::Create),
            change("Secret", "a", "gateway-auth", "Secret/a/gateway-auth", Action::Delete),
            change("ConfigMap", "c", "other", "ConfigMap/c/other", Action::Create),
        ];
        let plan = moved("cluster.a", "cluster.b", cluster, Selection::Nothing);
        assert!(said(&plan).contains("the keys of the gateway of cluster `a`"), "{}", said(&plan));
        let from = |index: usize| plan.changes[index].moved_from.as_ref().map(Address::as_str);
        assert_eq!((from(0), from(2)), (Some("cluster.a"), None));
        let agents = vec![
            change("LanguageAgent", "n", "new", "agent.new", Action::Create),
            change("LanguageAgent", "n", "old", "agent.old", Action::Delete),
        ];
        assert!(
            said(&moved("agent.old", "agent.new", agents, Selection::Nothing)).contains("the key of the agent `old`")
        );
    }

    #[test]
    fn a_move_that_loses_nothing_is_no_error_and_one_that_is_done_is_silent() {
        let models = vec![
            change("LanguageModel", "n", "new", "model.new", Action::Create),
            change("LanguageModel", "n", "old", "model.old", Action::Delete),
        ];
        let plan = moved("model.old", "model.new", models.clone(), Selection::Nothing);
        assert_eq!((said(&plan), plan.changes[0].moved_from.is_some()), (String::new(), true));
        let moves: Vec<Moved> = serde_json::from_value(serde_json::json!([{"from": "model.old", "to": "model.new",
            "source": {"file": "f", "line": 1, "column": 1}}]))
        .unwrap();
        let pairs = pairs(&plan, &moves);
        assert_eq!(
            pairs.iter().map(|(old, new)| (old.name.as_str(), new.object.name.as_str())).collect::<Vec<_>>(),
            [("old", "new")]
        );
        let done = moved("model.old", "model.new", models[..1].to_vec(), Selection::Nothing);
        assert_eq!((said(&done), done.changes[0].moved_from.is_some()), (String::new(), false));
        let both = vec![
            change("LanguageModel", "n", "new", "model.new", Action::Create),
            change("LanguageModel", "n", "old", "model.old", Action::NoOp),
        ];
        assert!(said(&moved("model.old", "model.new", both, Selection::Nothing)).starts_with("move-conflict: "));
    }
}
