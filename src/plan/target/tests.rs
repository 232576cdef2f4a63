use proptest::prelude::*;

use super::*;

fn object(name: &str) -> ObjectRef {
    ObjectRef::namespaced("", "ConfigMap", "n", name)
}

fn all(names: &[&str]) -> BTreeSet<ObjectRef> {
    names.iter().map(|name| object(name)).collect()
}

/// Name, whether it goes, what it needs, what it stands on.
type Given<'a> = (&'a str, bool, &'a [&'a str], &'a [&'a str]);

fn nodes(given: &[Given<'_>]) -> Nodes {
    let node = |(name, goes, needs, stands_on): &Given<'_>| {
        let address = Address::member("model", name);
        (object(name), Node { address, goes: *goes, needs: all(needs), stands_on: all(stands_on) })
    };
    Nodes::new(given.iter().map(node).collect())
}

fn patterns(texts: &[&str]) -> Vec<AddressPattern> {
    texts.iter().map(|text| AddressPattern::new(text)).collect()
}

fn kept(nodes: &Nodes, target: &[&str], exclude: &[&str]) -> String {
    let (kept, _) = nodes.select(&patterns(target), &patterns(exclude)).unwrap();
    kept.into_iter().map(|object| object.name).collect::<Vec<_>>().join(" ")
}

/// A configuration of which a new version comes: the workload changes over, then the old one goes.
const ROLLOUT: [Given<'static>; 5] = [
    ("new", false, &["space"], &[]),
    ("old", true, &[], &["space"]),
    ("space", false, &[], &[]),
    ("work", false, &["new", "space"], &["old", "space"]),
    ("other", false, &["space"], &["space"]),
];

#[test]
fn a_target_brings_what_it_needs_and_nothing_else() {
    let nodes = nodes(&ROLLOUT);
    assert_eq!(kept(&nodes, &["model.work"], &[]), "new space work");
    assert_eq!(kept(&nodes, &["ConfigMap/n/new"], &[]), "new space");
    assert_eq!(kept(&nodes, &["model.space"], &[]), "space");
    assert_eq!(kept(&nodes, &["model.*"], &[]), "new old other space work");
}

#[test]
fn what_goes_brings_what_stands_on_it() {
    let stacked = nodes(&ROLLOUT);
    assert_eq!(kept(&stacked, &["model.old"], &[]), "new old space work");
    let gone = nodes(&[("space", true, &[], &[]), ("in", true, &[], &["space"]), ("apart", true, &[], &[])]);
    assert_eq!(kept(&gone, &["model.space"], &[]), "in space");
    assert_eq!(kept(&gone, &["model.in"], &[]), "in");
}

#[test]
fn what_needs_the_excluded_is_left_alone_and_what_it_stands_on_stays() {
    let stacked = nodes(&ROLLOUT);
    assert_eq!(kept(&stacked, &[], &["model.work"]), "new other space", "the old version is still in use");
    assert_eq!(kept(&stacked, &[], &["model.new"]), "other space");
    assert_eq!(kept(&stacked, &[], &["model.space"]), "");
    assert_eq!(kept(&stacked, &["model.work", "model.other"], &["model.work"]), "other space");
    let gone = nodes(&[("space", true, &[], &[]), ("in", true, &[], &["space"]), ("apart", true, &[], &["space"])]);
    assert_eq!(kept(&gone, &[], &["model.in"]), "apart");
}

#[test]
fn a_plan_says_what_it_is_about_and_why() {
    let (_, said) = nodes(&ROLLOUT).select(&patterns(&["model.work", "model.o*"]), &patterns(&["model.new"])).unwrap();
    let names = |objects: &[ObjectRef]| objects.iter().map(|one| one.name.clone()).collect::<Vec<_>>().join(" ");
    assert_eq!((names(&said.targeted), names(&said.needed)), ("other".to_owned(), "space".to_owned()));
    assert_eq!((names(&said.excluded), names(&said.dependents)), ("new".to_owned(), "old work".to_owned()));
    assert_eq!(names(&said.left_alone), "new old work");
    let error = nodes(&ROLLOUT).select(&[], &patterns(&["model.w*", "model.none"])).unwrap_err();
    assert_eq!(error, Unmatched { pattern: "model.none".to_owned() });
}

proptest! {
    /// Whatever depends on what, what is kept can be done while all else stays.
    #[test]
    fn what_is_kept_can_be_done_alone(
        goes in prop::collection::vec(any::<bool>(), 8),
        edges in prop::collection::vec((0_usize..8, 0_usize..8, any::<bool>()), 0..24),
        target in prop::collection::vec(0_usize..8, 0..3),
        exclude in prop::collection::vec(0_usize..8, 0..3),
    ) {
        let name = |index: usize| format!("o{index}");
        let mut given: BTreeMap<_, _> = (0..8)
            .map(|index| {
                let address = Address::member("model", &name(index));
                let node = Node { address, goes: goes[index], needs: BTreeSet::new(), stands_on: BTreeSet::new() };
                (object(&name(index)), node)
            })
            .collect();
        for (from, to, stands) in edges {
            let node = given.get_mut(&object(&name(from))).unwrap();
            // What stays needs nothing that goes.
            if stands || node.goes {
                node.stands_on.insert(object(&name(to)));
            } else if !goes[to] {
                node.needs.insert(object(&name(to)));
            }
        }
        let nodes = Nodes::new(given);
        let texts = |of: &[usize]| of.iter().map(|index| AddressPattern::new(&format!("model.{}", name(*index)))).collect::<Vec<_>>();
        let (kept, _) = nodes.select(&texts(&target), &texts(&exclude)).unwrap();
        for (object, node) in &nodes.0 {
            if kept.contains(object) && !node.goes {
                prop_assert!(node.needs.iter().all(|need| kept.contains(need)), "{object} lacks what it needs");
            }
            if !kept.contains(object) {
                let lost = node.stands_on.iter().find(|under| nodes.0[*under].goes && kept.contains(*under));
                prop_assert!(lost.is_none(), "{object} stays, and {lost:?} goes");
            }
        }
        for index in exclude {
            prop_assert!(!kept.contains(&object(&name(index))));
        }
    }
}
