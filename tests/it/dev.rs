//! `langop dev`: its life, what it survives, what it keeps private; and that what it runs is a real cluster.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use langop::dev::{self, Lifetime, Silent, State, Status, Wish};

use crate::bench::{Said, eventually, said};
use crate::control_plane::{self, OwnHome};

const SOON: Duration = Duration::from_secs(20);

impl OwnHome {
    fn run(&self, args: &[&str]) -> Said {
        said(&self.langop(args).output().unwrap())
    }

    fn state(&self) -> State {
        match dev::status(&self.home).unwrap() {
            Status::Running { state, .. } => state,
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn one_life_from_up_to_reset() {
    let own = OwnHome::new();
    assert!(own.run(&["dev", "status"]).exits(1).out.starts_with("stopped\n"));

    // Two at once start one.
    let both =
        [(); 2].map(|()| own.langop(&["dev", "up"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
    let kubeconfig = format!("{}\n", own.home.kubeconfig().display());
    for child in both {
        let said = said(&child.wait_with_output().unwrap());
        assert_eq!((said.code, &said.out), (Some(0), &kubeconfig), "{}", said.err);
    }
    let first = own.state();

    // A second `up` finds it and changes nothing but the number of nodes.
    assert_eq!(own.run(&["dev", "up", "--nodes", "2"]).exits(0).out, kubeconfig);
    assert_eq!(own.state(), first);
    let nodes = own.run(&["dev", "kubectl", "--", "get", "nodes", "-o", "name"]).exits(0).out;
    assert_eq!(nodes, "node/langop-dev-0\nnode/langop-dev-1\n");

    let status = own.run(&["dev", "status"]).exits(0).out;
    assert!(status.starts_with(&format!("running     {} (Kubernetes v1.36.", first.url)), "{status}");
    assert!(status.contains(kubeconfig.trim()), "{status}");

    only_loopback_listens(&first);
    others_may_read_nothing(own.root.path());

    // The exit code of kubectl is that of the command.
    own.run(&["dev", "kubectl", "get", "node", "no-such-node"]).exits(1);
    own.run(&["dev", "kubectl", "--", "create", "configmap", "kept"]).exits(0);

    // Data and address survive a stop.
    own.run(&["dev", "stop"]).exits(0);
    everything_ended(&first);
    own.run(&["dev", "status"]).exits(1);
    let refused = own.run(&["dev", "kubectl", "get", "nodes"]).exits(1);
    assert_eq!(refused.err, "error: no local control plane runs\nhint: `langop dev up` starts one\n");
    own.run(&["dev", "up"]).exits(0);
    own.run(&["dev", "kubectl", "get", "configmap", "kept"]).exits(0);
    assert_eq!(own.state().url, first.url);
    let nodes = own.run(&["dev", "kubectl", "get", "nodes", "-o", "name"]).exits(0).out;
    assert_eq!(nodes.lines().count(), 2);

    // A reset leaves no data.
    let last = own.state();
    own.run(&["dev", "reset"]).exits(0);
    everything_ended(&last);
    assert!(!own.home.kubeconfig().exists() && !own.home.data().join("etcd").exists());
}

#[test]
fn what_crashed_or_hangs_is_replaced() {
    let own = OwnHome::new();
    own.run(&["dev", "up"]).exits(0);
    own.run(&["dev", "kubectl", "--", "create", "configmap", "kept"]).exits(0);

    let replaced = |reason: &str| {
        let said = own.run(&["dev", "up"]).exits(0);
        assert!(said.err.contains(&format!("replacing the local control plane: {reason}")), "{}", said.err);
        own.run(&["dev", "kubectl", "get", "configmap", "kept"]).exits(0);
    };

    // A part that dies takes the others with it, and says so.
    let state = own.state();
    kill("-KILL", state.processes["etcd"]);
    eventually("the end of the supervisor", SOON, || !alive(state.supervisor));
    everything_ended(&state);
    let status = own.run(&["dev", "status"]).exits(1).out;
    assert!(status.starts_with("stopped\nlast end    `etcd` ended (signal: killed); its log is `"), "{status}");
    replaced("`etcd` ended (signal: killed)");

    // So does the supervisor, which had no chance to say anything.
    let state = own.state();
    kill("-KILL", state.supervisor);
    everything_ended(&state);
    assert!(own.run(&["dev", "status"]).exits(1).out.starts_with("broken      its supervisor was killed\n"));
    replaced("its supervisor was killed");

    // One that is not ready, and that nobody waits for any more.
    let state = own.state();
    fs::remove_file(own.home.data().join("state.json")).unwrap();
    replaced("it is only half started");
    everything_ended(&state);

    // One whose server accepts connections and says nothing.
    let state = own.state();
    kill("-STOP", state.processes["kube-apiserver"]);
    replaced("its API server does not answer");
    everything_ended(&state);

    // One of another version of langop.
    let state = own.state();
    let file = own.home.data().join("state.json");
    let other = own.home.build().with_file_name("0".repeat(64));
    std::os::unix::fs::symlink(own.home.build().canonicalize().unwrap(), other).unwrap();
    fs::write(&file, fs::read_to_string(&file).unwrap().replace(&state.sources, &"0".repeat(64))).unwrap();
    replaced("it was built by another version of langop");
    everything_ended(&state);
}

#[test]
fn what_belongs_to_another_directory_is_not_taken_for_this_ones() {
    let (first, second) = (OwnHome::new(), OwnHome::new());
    let mark = ["dev", "kubectl", "--", "get", "configmap", "of-the-first"];
    first.run(&["dev", "up"]).exits(0);
    first.run(&["dev", "kubectl", "--", "create", "configmap", "of-the-first"]).exits(0);
    second.run(&["dev", "up"]).exits(0);
    let (original, state) = (first.state(), second.state());
    let copy = |file: &str| fs::copy(first.home.data().join(file), second.home.data().join(file)).unwrap();
    let replaced = |reason: &str| {
        let said = second.run(&["dev", "up"]).exits(0);
        assert!(said.err.contains(&format!("replacing the local control plane: {reason}")), "{}", said.err);
        second.run(&mark).exits(1);
    };

    // The state of another directory, over the one of this directory's control plane.
    copy("state.json");
    let refused = second.run(&mark).exits(1);
    assert_eq!(refused.err, "error: no local control plane runs\nhint: `langop dev up` starts one\n");
    let reason = format!("its state was written in another directory, `{}`", first.home.data().display());
    let status = second.run(&["dev", "status"]).exits(1).out;
    assert!(status.starts_with(&format!("broken      {reason}\n")), "{status}");
    replaced(&reason);
    everything_ended(&state);

    // The kubeconfig of another directory: it would lead every command there.
    copy("kubeconfig");
    replaced("its kubeconfig leads to another server");

    // A whole directory, copied while its control plane runs: nothing runs in the copy.
    second.run(&["dev", "reset"]).exits(0);
    copy("state.json");
    assert_eq!(second.run(&["dev", "status"]).exits(1).out, "stopped\n");
    assert_eq!(first.state(), original);
    first.run(&mark).exits(0);
}

#[test]
fn a_home_that_was_moved_while_it_ran_is_ended_and_nothing_else_is() {
    let (old, new) = (OwnHome::new(), OwnHome::new());
    old.run(&["dev", "up"]).exits(0);
    old.run(&["dev", "kubectl", "--", "create", "configmap", "kept"]).exits(0);
    let moved = old.state();
    fs::rename(old.home.data(), new.home.data()).unwrap();

    // Another one starts where it was.
    old.run(&["dev", "up"]).exits(0);
    let next = old.state();
    let said = new.run(&["dev", "up"]).exits(0);
    let reason = format!("its state was written in another directory, `{}`", old.home.data().display());
    assert!(said.err.contains(&reason), "{}", said.err);
    everything_ended(&moved);
    assert_eq!(old.state(), next);
    new.run(&["dev", "kubectl", "--", "get", "configmap", "kept"]).exits(0);
    old.run(&["dev", "kubectl", "--", "get", "configmap", "kept"]).exits(1);
}

#[test]
fn a_home_is_the_same_under_another_name() {
    let own = OwnHome::new();
    own.run(&["dev", "up"]).exits(0);
    let state = own.state();
    let directory = tempfile::tempdir().unwrap();
    let link = directory.path().join("link");
    std::os::unix::fs::symlink(own.root.path(), &link).unwrap();
    let run = |args: &[&str]| said(&own.langop(args).env("LANGOP_DEV_HOME", &link).output().unwrap());
    run(&["dev", "status"]).exits(0);
    run(&["dev", "kubectl", "--", "get", "nodes"]).exits(0);
    run(&["dev", "up"]).exits(0);
    assert_eq!(own.state(), state);
    run(&["dev", "stop"]).exits(0);
    everything_ended(&state);
}

#[test]
fn it_can_be_tied_to_the_life_of_a_process() {
    let own = OwnHome::new();
    let mut owner = Command::new("sleep").arg("600").spawn().unwrap();
    let wish = Wish { nodes: None, lifetime: Lifetime::With(owner.id()) };
    dev::up(&own.home, &wish, &Silent).unwrap();
    let state = own.state();
    // Not waited for yet: a dead process is dead also when its parent is busy.
    owner.kill().unwrap();
    everything_ended(&state);
    eventually("the end of its data", SOON, || !own.home.data().exists());
    owner.wait().unwrap();
}

#[test]
fn without_go_it_says_what_to_install() {
    let root = tempfile::tempdir().unwrap();
    let none = said(&up(root.path()).env("PATH", root.path()).output().unwrap()).exits(1);
    insta::assert_snapshot!(none.err, @r"
    error: the local control plane is compiled on first use, and there is no `go` on the PATH
    hint: install Go 1.26 or newer (https://go.dev/doc/install), or use a cluster that you have: `--kubeconfig FILE`
    ");

    let go = root.path().join("go");
    fs::write(&go, "#!/bin/sh\necho go1.24.9\necho local\n").unwrap();
    fs::set_permissions(&go, fs::Permissions::from_mode(0o755)).unwrap();
    let old = said(&up(root.path()).env("PATH", root.path()).output().unwrap()).exits(1);
    insta::assert_snapshot!(old.err, @r"
    error: the local control plane needs Go 1.26 or newer; `go` on the PATH is 1.24.9
    hint: install Go 1.26 or newer (https://go.dev/doc/install), or let it fetch one: `go env -w GOTOOLCHAIN=auto`
    ");
}

#[test]
fn without_a_registry_it_shows_what_go_says() {
    let root = tempfile::tempdir().unwrap();
    let mut up = up(root.path());
    // Port 1 answers nobody.
    up.env("GOMODCACHE", root.path().join("modules")).env("GOPROXY", "http://127.0.0.1:1");
    let said = said(&up.output().unwrap()).exits(1);
    assert!(said.err.contains("error: cannot fetch the Go modules of the local control plane:\n    "), "{}", said.err);
    assert!(said.err.contains("127.0.0.1:1: connect: connection refused"), "{}", said.err);
    assert!(said.err.contains("hint: check the network, or set `GOPROXY` to a module proxy"), "{}", said.err);
}

#[test]
fn a_deployment_becomes_available_and_its_namespace_goes() {
    kubectl(&["create", "namespace", "dev-workload"]);
    kubectl(&["-n", "dev-workload", "create", "deployment", "web", "--image=nginx", "--replicas=2"]);
    kubectl(&["-n", "dev-workload", "rollout", "status", "deployment/web", "--timeout=30s"]);
    kubectl(&["delete", "namespace", "dev-workload", "--timeout=60s"]);
    assert!(!kubectl_said(&["get", "namespace", "dev-workload"]).status.success());
}

#[test]
fn a_quota_limits() {
    kubectl(&["create", "namespace", "dev-quota"]);
    kubectl(&["-n", "dev-quota", "create", "quota", "few", "--hard=count/secrets=1"]);
    // The quota counts only when its controller has seen it.
    let hard = ["-n", "dev-quota", "get", "quota", "few", "-o", "jsonpath={.status.hard.count/secrets}"];
    eventually("the quota to be in force", SOON, || kubectl(&hard) == "1");
    kubectl(&["-n", "dev-quota", "create", "secret", "generic", "one"]);
    let second = kubectl_said(&["-n", "dev-quota", "create", "secret", "generic", "two"]);
    assert!(String::from_utf8_lossy(&second.stderr).contains("exceeded quota: few"), "{second:?}");
    kubectl(&["delete", "namespace", "dev-quota", "--wait=false"]);
}

#[test]
fn rights_are_checked() {
    let can = |who: &str| kubectl_said(&["auth", "can-i", "create", "pods", "--as", who]).status.success();
    assert!(!can("system:serviceaccount:default:default"));
    assert!(can("system:serviceaccount:kube-system:replicaset-controller"));
}

#[test]
fn pods_fail_and_take_their_time_as_their_image_says() {
    kubectl(&["create", "namespace", "dev-images"]);
    for name in ["does-not-exist", "crash-loop", "slow-start"] {
        kubectl(&["-n", "dev-images", "run", name, &format!("--image=dev.langop.io/{name}:1")]);
    }
    let reason = |pod: &str| {
        let path = "jsonpath={.status.containerStatuses[0].state.waiting.reason}";
        kubectl(&["-n", "dev-images", "get", "pod", pod, "-o", path])
    };
    eventually("the missing image", SOON, || reason("does-not-exist") == "ImagePullBackOff");
    eventually("the crash", SOON, || reason("crash-loop") == "CrashLoopBackOff");
    let early = kubectl_said(&["-n", "dev-images", "wait", "pod/slow-start", "--for=condition=Ready", "--timeout=1s"]);
    assert!(!early.status.success());
    kubectl(&["-n", "dev-images", "wait", "pod/slow-start", "--for=condition=Ready", "--timeout=30s"]);
    kubectl(&["delete", "namespace", "dev-images", "--wait=false"]);
}

fn kubectl(args: &[&str]) -> String {
    let said = kubectl_said(args);
    assert!(said.status.success(), "kubectl {args:?}: {said:?}");
    String::from_utf8(said.stdout).unwrap()
}

fn kubectl_said(args: &[&str]) -> Output {
    control_plane::kubectl().args(args).output().unwrap()
}

/// `langop dev up` that finds no build.
fn up(root: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_langop"));
    command.args(["dev", "up"]).env("LANGOP_DEV_HOME", root.join("home"));
    command
}

fn kill(signal: &str, process: u32) {
    assert!(Command::new("kill").args([signal, &process.to_string()]).status().unwrap().success());
}

/// Whether the process runs; one that nobody has waited for yet does not.
fn alive(process: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

#[track_caller]
fn everything_ended(state: &State) {
    let processes: Vec<_> = state.processes.values().copied().chain([state.supervisor]).collect();
    eventually("the end of all parts", SOON, || !processes.iter().any(|process| alive(*process)));
}

fn only_loopback_listens(state: &State) {
    let sockets: BTreeSet<String> =
        state.processes.values().chain([&state.supervisor]).flat_map(|p| sockets(*p)).collect();
    let mut listeners = 0;
    for table in ["/proc/net/tcp", "/proc/net/tcp6", "/proc/net/udp", "/proc/net/udp6"] {
        for line in fs::read_to_string(table).unwrap_or_default().lines().skip(1) {
            let fields: Vec<_> = line.split_whitespace().collect();
            let (local, status, socket) = (fields[1], fields[3], fields[9]);
            // 0A is LISTEN; 07 is a bound UDP socket.
            if sockets.contains(socket) && (status == "0A" || status == "07") {
                listeners += 1;
                assert!(local.starts_with("0100007F:"), "{table}: {line}");
            }
        }
    }
    assert_eq!(listeners, state.ports.len());
}

/// The numbers of the sockets that a process has open.
fn sockets(process: u32) -> Vec<String> {
    let entries = fs::read_dir(format!("/proc/{process}/fd")).unwrap();
    let links = entries.filter_map(|entry| fs::read_link(entry.unwrap().path()).ok());
    let number = |link: &Path| Some(link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned());
    links.filter_map(|link| number(&link)).collect()
}

fn others_may_read_nothing(directory: &Path) {
    let mode = |path: &Path| fs::symlink_metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(directory) & 0o077, 0, "{}", directory.display());
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_symlink() {
            // The build, which is shared: its directory must be closed as well.
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o077, 0, "{}", path.display());
        } else if path.is_dir() {
            others_may_read_nothing(&path);
        } else {
            assert_eq!(mode(&path) & 0o177, 0, "{}", path.display());
        }
    }
}
