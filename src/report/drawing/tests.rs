//! Pictures: nothing breaks out of them, the same scene is the same picture, and what is said once is not said twice.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::arrows::Arrow;
use super::place::place;
use super::{Look, Scene, Subject, document};
use crate::object::{ObjectRef, is_unprintable};
use crate::plan::{Dependency, Wait};

type Objects = Vec<(ObjectRef, Vec<Dependency>)>;

fn object(kind: &str, name: &str) -> ObjectRef {
    ObjectRef::namespaced("", kind, "prod", name)
}

fn on(object: ObjectRef, wait: Wait) -> Dependency {
    Dependency { on: object, wait, why: "`x`".to_owned() }
}

fn namespace() -> ObjectRef {
    ObjectRef::of_namespace("prod")
}

fn scene(objects: &Objects) -> Scene {
    let subjects: Vec<_> =
        objects.iter().map(|(object, depends_on)| Subject { object, depends_on, look: Look::default() }).collect();
    Scene::of_objects(&subjects)
}

fn sample() -> Objects {
    let in_namespace = || on(namespace(), Wait::Exists);
    let crd = ObjectRef::of_crd("widgets.example.io");
    let gateway = || object("Deployment", "gateway");
    vec![
        (namespace(), vec![]),
        (crd.clone(), vec![]),
        (object("Secret", "key"), vec![in_namespace()]),
        (gateway(), vec![in_namespace(), on(object("Secret", "key"), Wait::Exists), on(crd, Wait::Established)]),
        (
            object("Ingress", "gateway"),
            vec![on(gateway(), Wait::Ready), on(object("Secret", "key"), Wait::Exists), in_namespace()],
        ),
        (object("ServiceAccount", "lone"), vec![in_namespace(), on(object("Secret", "theirs"), Wait::Exists)]),
    ]
}

fn names(scene: &Scene, arrow: &Arrow) -> (String, String) {
    let name = |end: super::arrows::End| match end.node {
        Some(node) => scene.nodes[node].title.clone(),
        None => scene.panels[end.panel].title.clone(),
    };
    (name(arrow.from), name(arrow.to))
}

#[test]
fn boxes_and_other_arrows_are_not_said_again() {
    let scene = scene(&sample());
    let arrows: Vec<_> = scene.arrows.iter().map(|arrow| names(&scene, arrow)).collect();
    let expected = [
        ("prod", "CustomResourceDefinition/widgets.example.io"),
        ("ServiceAccount/lone in prod", "Secret/theirs in prod, not of this stack"),
        ("Deployment/gateway in prod", "Secret/key in prod"),
        ("Ingress/gateway in prod", "Deployment/gateway in prod"),
    ];
    let mut expected: Vec<_> = expected.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect();
    let mut arrows = arrows;
    expected.sort();
    arrows.sort();
    assert_eq!(arrows, expected);
}

#[test]
fn a_picture_is_as_it_was() {
    insta::assert_snapshot!(document(&scene(&sample())));
}

#[test]
fn what_has_no_namespace_may_be_all_there_is_and_nothing_too() {
    let alone = vec![(ObjectRef::of_crd("a.b.c"), vec![])];
    assert!(document(&scene(&alone)).contains("a.b.c"));
    assert!(document(&scene(&Vec::new())).contains("<svg"));
}

#[test]
fn nothing_breaks_out_of_a_picture() {
    let evil = "a\"></title></style><script>alert(1)</script>&\u{1b}[31m\u{0}\u{202e}";
    let objects = vec![(ObjectRef::namespaced("", evil, evil, evil), vec![on(object(evil, evil), Wait::Ready)])];
    let text = document(&scene(&objects));
    assert!(!text.contains("<script") && text.matches("</style>").count() == 1, "{text}");
    assert!(!text.contains(|c: char| c != '\n' && is_unprintable(c)), "{text}");
}

#[test]
fn two_thousand_objects_are_placed_apart() {
    let objects: Objects = (0..2_000)
        .map(|number: usize| {
            let name = |number: usize| object("ConfigMap", &format!("n{number}"));
            let before = (1..4).filter_map(|step| number.checked_sub(step * 7)).filter(|_| number % 10 > 3);
            (name(number), before.map(|one| on(name(one), Wait::Exists)).collect())
        })
        .collect();
    let scene = scene(&objects);
    let placed = place(&scene);
    assert_eq!(placed.nodes.len(), 2_000);
    let corners: BTreeSet<_> = placed.nodes.values().map(|rect| (rect.x, rect.y)).collect();
    assert_eq!(corners.len(), 2_000, "two stand in one place");
    assert_eq!(placed, place(&scene));
}

proptest! {
    #[test]
    fn any_graph_is_placed_within_its_boxes_and_the_same_again(
        edges in prop::collection::btree_set((0_usize..14, 0_usize..14), 0..40),
        spaces in prop::collection::vec(0_u8..3, 14),
    ) {
        let name = |number: usize| match spaces[number] {
            0 => ObjectRef::of_crd(&format!("n{number}")),
            space => ObjectRef::namespaced("", "ConfigMap", &format!("s{space}"), &format!("n{number}")),
        };
        let on_of = |number: usize| {
            edges.iter().filter(move |(from, _)| *from == number).map(|(_, to)| on(name(*to), Wait::Ready)).collect()
        };
        let objects: Objects = (0..14).map(|number| (name(number), on_of(number))).collect();
        let scene = scene(&objects);
        let placed = place(&scene);
        prop_assert_eq!(&placed, &place(&scene));
        for (panel, outer) in scene.panels.iter().zip(&placed.panels) {
            for node in panel.frame.iter().chain(&panel.content) {
                let inner = placed.nodes[node];
                prop_assert!(inner.x >= outer.x && inner.x + inner.width <= outer.x + outer.width);
                prop_assert!(inner.y >= outer.y && inner.y + inner.height <= outer.y + outer.height);
                prop_assert!(inner.x + inner.width <= placed.width && inner.y + inner.height <= placed.height);
            }
        }
        let all: Vec<_> = placed.nodes.values().collect();
        for (at, one) in all.iter().enumerate() {
            for other in &all[at + 1..] {
                let apart = one.x + one.width <= other.x || other.x + other.width <= one.x
                    || one.y + one.height <= other.y || other.y + other.height <= one.y;
                prop_assert!(apart, "{:?} {:?}", one, other);
            }
        }
    }
}
