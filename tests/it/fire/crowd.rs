//! Many runs at once: of one stack, of which one writes at a time, and of different stacks, which meet at what they share.

use std::process::{Child, Stdio};

use super::life::Place;
use super::world;
use crate::bench::{Bench, Said, said};

const MAPS: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: NAME}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: one, namespace: NAME}
data: {key: value}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: two, namespace: NAME}
data: {key: value}
";

/// Starts a run and lets it go on.
pub(super) fn start(bench: &Bench, args: &[&str]) -> Child {
    bench.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Waits for all of them.
pub(super) fn ends(children: Vec<Child>) -> Vec<Said> {
    children.into_iter().map(|child| said(&child.wait_with_output().unwrap())).collect()
}

#[test]
fn of_many_applies_of_one_stack_one_writes_and_the_others_wait_or_say_who_does() {
    for (count, patience) in [(2, "60s"), (20, "0s")] {
        let place = Place::new("crowd");
        place.bench.write("stack.yaml", MAPS);
        let name = &place.bench.name;
        let args = ["apply", "--yes", "--lock-timeout", patience, "--stack", name, "stack.yaml"];
        let said = ends((0..count).map(|_| start(&place.bench, &args)).collect());
        let (done, others): (Vec<_>, Vec<_>) = said.iter().partition(|said| said.code == Some(0));
        assert!(!done.is_empty(), "{said:?}");
        let locked =
            |said: &&Said| said.code == Some(5) && said.err.contains("process ") && said.err.contains("since ");
        assert!(others.iter().all(locked), "{others:?}");
        assert!(patience == "0s" || others.is_empty(), "{others:?}");
        // Each object was written once, by one of them.
        let seen = place.recorder.take();
        for part in ["/configmaps/one?", "/configmaps/two?", &format!("/namespaces/{name}?")] {
            let wrote = seen.iter().filter(|seen| seen.writes() && seen.uri.contains(part)).count();
            assert_eq!(wrote, 1, "{part} of {count}");
        }
        assert!(!world::is_locked(&place.recorder, name));
        let _ = place.run(&["plan", "--detailed-exitcode", "--stack", name, "stack.yaml"]).exits(0);
        let _ = place.run(&["destroy", "--yes", "--stack", name]).exits(0);
    }
}
