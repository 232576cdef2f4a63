//! What cannot be written is no success: a full disk is a failure, a reader that went away ends a command like
//! `kubectl get | head`.

use std::fs::File;
use std::process::Stdio;

use crate::bench::{Bench, Said, said};

const STACK: &str = r#"
stack = "NAME"

[clusters.NAME]

[models.llama]
provider = "openai-compatible"
modelName = "llama3.2"
endpoint = "http://llama.models.svc:8080"
"#;

fn with_stdout(bench: &Bench, args: &[&str], stdout: impl Into<Stdio>) -> Said {
    said(&bench.command(args).env("HOME", bench.dir.path()).stdout(stdout).output().unwrap())
}

fn full_disk(bench: &Bench, args: &[&str]) -> Said {
    with_stdout(bench, args, File::options().write(true).open("/dev/full").unwrap())
}

fn closed_pipe(bench: &Bench, args: &[&str]) -> Said {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    with_stdout(bench, args, writer)
}

/// The command fails where it cannot write, and says so; where nobody reads, it says nothing.
#[track_caller]
fn checks_its_output(bench: &Bench, args: &[&str]) {
    let full = full_disk(bench, args);
    let expected = "error: cannot write to standard output: No space left on device (os error 28)\n";
    assert_eq!((full.code, full.err.ends_with(expected)), (Some(1), true), "{args:?}: {}", full.err);
    let closed = closed_pipe(bench, args);
    assert_eq!((closed.code, closed.err.contains("error")), (Some(141), false), "{args:?}: {}", closed.err);
}

#[test]
fn commands_without_a_server_check_that_their_output_is_written() {
    let bench = Bench::offline("full");
    bench.write("langop.toml", STACK);
    let deployment = format!("Deployment/{}/gateway", bench.name);
    let namespace = format!("Namespace/{}", bench.name);
    for args in [
        &["render"][..],
        &["crds"],
        &["schema"],
        &["validate"],
        &["validate", "--json"],
        &["graph"],
        &["graph", "--dot"],
        &["graph", "--why", &deployment, &namespace],
        &["explain", "reach", "agent.x", "gateway"],
        &["dev", "status"],
        &["--help"],
        &["plan", "--help"],
        &["--version"],
    ] {
        if args[0] == "explain" {
            bench.write(
                "langop.toml",
                &format!("{STACK}\n[agents.x]\nimage = \"x:1\"\nmodels = [{{ name = \"llama\" }}]\n"),
            );
            checks_its_output(&bench, &[args, &["--json"]].concat());
        }
        checks_its_output(&bench, args);
    }
    bench.write("langop.toml", "nonsense = 1");
    checks_its_output(&bench, &["validate", "--json"]);
}

#[test]
fn commands_with_a_server_check_that_their_output_is_written() {
    let bench = Bench::new("full-live");
    bench.write("langop.toml", STACK);
    for args in [&["plan"][..], &["plan", "--json"], &["check"], &["check", "--json"]] {
        checks_its_output(&bench, args);
    }
    // Nothing is changed that cannot be shown.
    for args in [&["apply", "--yes"][..], &["apply", "--yes", "--json"]] {
        checks_its_output(&bench, args);
        assert_eq!(bench.try_kubectl(&["get", "namespace", &bench.name]).code, Some(1), "{args:?}");
    }
    bench.langop(&["apply", "--yes"]).exits(0);
    checks_its_output(&bench, &["status", "--stack", &bench.name]);
    checks_its_output(&bench, &["state", "list", &bench.name]);
    checks_its_output(&bench, &["state", "rebuild", "--replace", &bench.name]);
    for args in [&["destroy", "--yes"][..], &["destroy", "--yes", "--json"]] {
        checks_its_output(&bench, args);
    }
    bench.langop(&["destroy", "--yes"]).exits(0);
}

/// What was begun is ended and recorded, although nobody reads of it any more.
#[test]
fn an_apply_whose_reader_goes_away_is_done_all_the_same() {
    let bench = Bench::new("full-later");
    bench.write("langop.toml", STACK);
    let mut child =
        bench.command(&["apply", "--yes", "--json"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    // The first line: from here on the run writes to nobody.
    let mut first = Vec::new();
    while first.last() != Some(&b'\n') {
        let mut byte = [0];
        std::io::Read::read_exact(&mut stdout, &mut byte).unwrap();
        first.extend(byte);
    }
    drop(stdout);
    let ended = said(&child.wait_with_output().unwrap()).exits(141);
    assert!(!ended.err.contains("error"), "{}", ended.err);
    bench.langop(&["plan", "--detailed-exitcode"]).exits(0);
    bench.langop(&["destroy", "--yes"]).exits(0);
}
