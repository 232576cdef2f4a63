//! A rotation of a gateway's secrets that is killed right after it wrote them: whichever command comes next goes on from
//! what is there.

use std::process::Stdio;
use std::time::Duration;

use crate::bench::Bench;
use crate::proxy::{Counted, Recorder, Side};

const STACK: &str = r#"stack = "NAME"

[clusters.NAME]

[models.llama]
provider = "openai-compatible"
modelName = "llama3.2"
endpoint = "http://llama.models.svc:8080"

[agents.scout]
image = "registry.example.com/scout:1"
models = [{ name = "llama" }]
"#;

/// Kills a rotation when its write of this number to the gateway's Secret is done.
fn killed((recorder, bench): (&Recorder, &Bench), at: usize) {
    let held = recorder.hold(at, Side::After, Counted::WritesTo("/secrets/gateway-auth"));
    let args = ["rotate", "gateway-auth", &bench.name, "--yes", "--timeout=20s"];
    let mut child = bench.command(&args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    assert!(held.is_reached(Duration::from_mins(1)), "it does not come to this write");
    child.kill().unwrap();
    child.wait().unwrap();
    held.lose();
    recorder.calm();
}

/// Which generation of secrets the gateway has, and the one to come.
fn generations(bench: &Bench) -> [Option<String>; 2] {
    let secret = bench.object(&["secret", "gateway-auth", "-n", &bench.name]);
    let annotations = &secret["metadata"]["annotations"];
    ["langop.io/key-generation", "langop.io/next-key-generation"]
        .map(|name| annotations[name].as_str().map(str::to_owned))
}

#[test]
fn a_rotation_that_was_killed_is_finished_by_the_next_rotate_or_apply_and_not_begun_anew() {
    let files = tempfile::tempdir().unwrap();
    let recorder = Recorder::start(files.path());
    let bench = Bench::at("rotation-killed", recorder.kubeconfig.clone());
    bench.write("langop.toml", STACK);
    let ready = "--timeout=20s";
    bench.langop(&["apply", "--yes", ready]).exits(0);
    let rotate = ["rotate", "gateway-auth", &bench.name, "--yes", ready];
    let is_at = |generation: &str| {
        assert_eq!(generations(&bench), [Some(generation.to_owned()), None]);
        bench.langop(&["plan", "--detailed-exitcode"]).exits(0);
    };

    // In the first step: the other two follow.
    killed((&recorder, &bench), 1);
    bench.langop(&rotate).exits(0);
    is_at("2");
    // In the last one: the gateway does not know of it yet.
    killed((&recorder, &bench), 2);
    let said = bench.langop(&rotate).exits(0).all();
    assert!(said.contains("goes on where it was cut off") && !said.contains("step 1 of 3"), "{said}");
    is_at("3");
    killed((&recorder, &bench), 2);
    bench.langop(&["apply", "--yes", ready]).exits(0);
    is_at("4");
    bench.langop(&["destroy", "--yes"]).exits(0);
}
