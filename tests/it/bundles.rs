//! Operators as the field installs them: one bundle, one apply, whatever is in it. Bundles of our own, in the manner of
//! the public ones that each names in its head.

use std::fmt::Write as _;

use crate::bench::{Bench, Checked};

/// A bundle and the arguments that its documentation would give.
struct Bundle {
    name: &'static str,
    text: &'static str,
    /// Whether it names no namespace: `kubectl create namespace`, and `-n` with every command.
    placed: bool,
    /// How many objects the next release changes.
    next: usize,
}

const BUNDLES: [Bundle; 6] = [
    Bundle { name: "certificates", text: include_str!("bundles/certificates.yaml"), placed: false, next: 1 },
    Bundle { name: "monitoring", text: include_str!("bundles/monitoring.yaml"), placed: false, next: 2 },
    Bundle { name: "gitops", text: include_str!("bundles/gitops.yaml"), placed: true, next: 2 },
    Bundle { name: "ingress", text: include_str!("bundles/ingress.yaml"), placed: false, next: 2 },
    Bundle { name: "policies", text: include_str!("bundles/policies.yaml"), placed: false, next: 2 },
    Bundle { name: "eventing", text: include_str!("bundles/eventing.yaml"), placed: false, next: 2 },
];

/// The bundle of the next release: with the lines after `#+`, without those before `#-`.
fn upgraded(text: &str) -> String {
    let kept = text.lines().filter(|line| !line.ends_with("#-"));
    kept.fold(String::new(), |mut next, line| {
        let _ = writeln!(next, "{}", line.replacen("#+ ", "", 1));
        next
    })
}

fn run(bundle: &Bundle) {
    let bench = Bench::new(bundle.name);
    let name = bench.name.as_str();
    // More than an annotation holds, as the schema of a pod in a CRD.
    let text = bundle.text.replace("BIG", &"x".repeat(300_000));
    if bundle.placed {
        bench.kubectl(&["create", "namespace", name]);
    }
    let langop = |command: &[&str], files: &[&str]| -> Checked {
        let placed = if bundle.placed { vec!["-n", name] } else { Vec::new() };
        bench.langop(&[command, &["--stack", name], &placed, files].concat()).exits(0)
    };
    let apply = |text: &str, expected: &str| {
        bench.write("bundle.yaml", text);
        let planned = langop(&["plan"], &["bundle.yaml"]);
        assert!(planned.out.contains(expected), "{name}: {expected}:\n{}", planned.all());
        langop(&["apply", "--yes"], &["bundle.yaml"]);
        langop(&["plan", "--detailed-exitcode"], &["bundle.yaml"]);
    };
    let objects = text.matches("\nkind: ").count();
    apply(&text, &format!("Plan: {objects} to add, 0 to change, 0 to destroy"));
    let changed = text.replace("level=info", "level=debug");
    apply(&changed, "Plan: 0 to add, 1 to change, 0 to destroy");
    let next = upgraded(&changed);
    assert_ne!(next, changed);
    apply(&next, &format!("Plan: 0 to add, {} to change, 0 to destroy", bundle.next));
    langop(&["destroy", "--yes"], &[]);
    let left =
        bench.kubectl(&["get", "crd,clusterrole,clusterrolebinding,validatingwebhookconfiguration", "-o", "name"]);
    let left: Vec<_> = left.lines().filter(|object| object.contains(name)).collect();
    assert_eq!(left, Vec::<&str>::new(), "{name}");
    if bundle.placed {
        bench.kubectl(&["delete", "namespace", name, "--wait=false"]);
    }
}

#[test]
fn bundles_of_operators_are_installed_changed_upgraded_and_destroyed_with_one_command_each() {
    std::thread::scope(|scope| {
        let runs: Vec<_> = BUNDLES.iter().map(|bundle| scope.spawn(|| run(bundle))).collect();
        let failed = runs.into_iter().map(std::thread::ScopedJoinHandle::join).filter(Result::is_err).count();
        assert_eq!(failed, 0, "of {} bundles", BUNDLES.len());
    });
}
