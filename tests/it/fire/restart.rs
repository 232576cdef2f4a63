//! A control plane of its own, for what would disturb the other tests: that has nothing of langop yet, and that dies.

use std::time::Duration;

use langop::dev::{self, Lifetime, Silent, Status, Wish};

use super::blow::reaches;
use super::crowd::{ends, start};
use super::life::Place;
use crate::bench::{Bench, eventually, said};
use crate::control_plane::OwnHome;
use crate::proxy::{Counted, Recorder, Side};

const STACK: &str = r#"
stack = "NAME"

[clusters.NAME]
"#;

/// How a run may end whose API server went away.
const DESIGNED: [i32; 5] = [0, 1, 3, 6, 69];

fn up(own: &OwnHome) {
    dev::up(&own.home, &Wish { nodes: None, lifetime: Lifetime::With(std::process::id()) }, &Silent).unwrap();
}

/// Ends a part of the control plane as a crash would, with all that hangs on it.
fn crash(own: &OwnHome, part: &str) {
    let Status::Running { state, .. } = dev::status(&own.home).unwrap() else { panic!("it does not run") };
    let pid = state.processes[part].to_string();
    assert!(std::process::Command::new("kill").args(["-KILL", &pid]).status().unwrap().success());
    eventually("its end", Duration::from_secs(20), || !matches!(dev::status(&own.home), Ok(Status::Running { .. })));
}

#[test]
fn a_new_api_server_takes_twenty_stacks_at_once_and_may_crash_in_the_middle_of_a_run() {
    let own = OwnHome::new();
    up(&own);
    // Each wants the CRDs, and the namespace of the records, to be there.
    let benches: Vec<_> = (0..20).map(|_| Bench::at("fresh", own.home.kubeconfig())).collect();
    let children = benches.iter().map(|bench| {
        bench.write("langop.toml", STACK);
        start(bench, &["apply", "--yes"])
    });
    for (bench, said) in benches.iter().zip(ends(children.collect())) {
        // A CRD of another run that is not served for ten seconds is a refusal before anything is changed.
        let early = said.code == Some(1) && said.all().contains("the server does not serve the kind");
        let ended = if early { bench.langop(&["apply", "--yes"]) } else { said };
        assert_eq!(ended.code, Some(0), "{}: {ended:?}", bench.name);
    }
    for bench in &benches[..2] {
        let _ = bench.langop(&["plan", "--detailed-exitcode"]).exits(0);
    }

    let files = tempfile::tempdir().unwrap();
    let recorder = Recorder::before(files.path(), &own.home.kubeconfig());
    let bench = Bench::at("crash", recorder.kubeconfig.clone());
    bench.write("langop.toml", STACK);
    for (command, part) in [("apply", "etcd"), ("destroy", "kube-apiserver")] {
        let held = recorder.hold(4, Side::After, Counted::Writes);
        let mut child = start(&bench, &[command, "--yes"]);
        assert!(reaches(&held, &mut child), "{:?}", said(&child.wait_with_output().unwrap()));
        crash(&own, part);
        held.lose();
        up(&own);
        let ended = said(&child.wait_with_output().unwrap());
        assert!(ended.code.is_some_and(|code| DESIGNED.contains(&code)), "{command} without {part}: {ended:?}");
        println!("{command} without {part} ended with {:?}", ended.code);
        recorder.calm();
        let _ = bench.langop(&[command, "--yes"]).exits(0);
        if command == "apply" {
            let _ = bench.langop(&["plan", "--detailed-exitcode"]).exits(0);
        }
    }
    let gone = recorder.look(&format!("/api/v1/namespaces/{}", bench.name));
    assert!(gone.is_none() && Place::left(&recorder, &bench.name).is_empty());
}
