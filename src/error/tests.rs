//! Every variant of every error enum: no message repeats that of its source, and the rendered chain says each once.

use std::collections::BTreeSet;
use std::io;
use std::mem::discriminant;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{CommandError, Error, chain};
use crate::cluster::{ClusterError, Effect, FieldConflict, ForwardError, Loss};
use crate::dev;
use crate::exit::Exit;
use crate::object::{Address, GroupKind, ObjectRef};
use crate::ops::{ImportError, Lack, Missing, OpsError};
use crate::plan::saved::SavedPlanError;
use crate::reach::ReachError;
use crate::report::ReportError;
use crate::stack::{LoadRequest, load};
use crate::state::{Held, RecordCluster, RenameError, StateError};

/// Words that only a source can have.
const MARKER: &str = "the words of the source";

fn source() -> io::Error {
    io::Error::other(MARKER)
}

fn marked() -> String {
    MARKER.to_owned()
}

fn text() -> String {
    "text".to_owned()
}

fn cluster() -> Vec<ClusterError> {
    vec![
        ClusterError::Config(marked()),
        ClusterError::Unreachable { server: text(), cause: marked(), effect: Effect::Unknown },
        ClusterError::Unauthorized(marked()),
        ClusterError::Forbidden(marked()),
        ClusterError::Denied(marked()),
        ClusterError::NamespaceTerminating(marked()),
        ClusterError::Quota { message: marked(), uncounted: false },
        ClusterError::NotFound(marked()),
        ClusterError::UnknownKind(GroupKind::new("apps", "Deployment")),
        ClusterError::UnknownVersion {
            kind: GroupKind::new("apps", "Deployment"),
            wanted: text(),
            served: vec![text()],
        },
        ClusterError::StaleGroup { kind: GroupKind::new("apps", "Deployment"), group_version: text() },
        ClusterError::NotServed { kind: GroupKind::new("apps", "Deployment"), definition: text() },
        ClusterError::FieldConflict(vec![FieldConflict { field: text(), manager: text() }]),
        ClusterError::Conflict(marked()),
        ClusterError::Invalid { message: marked(), causes: Vec::new() },
        ClusterError::DryRunUnsupported(marked()),
        ClusterError::Rejected { code: 410, message: marked() },
        ClusterError::Unavailable { code: 503, message: marked(), tries: 2 },
        ClusterError::NotSent(Loss::Removed(marked())),
        ClusterError::Malformed(marked()),
    ]
}

fn cluster_of(id: &str) -> RecordCluster {
    RecordCluster { id: id.to_owned(), server: "https://a".to_owned() }
}

fn state() -> Vec<StateError> {
    let held = Held { holder: None, identity: text(), renewed: None };
    let mut all = vec![
        StateError::StackName(text()),
        StateError::Locked { stack: text(), held: Box::new(held) },
        StateError::Moved(text()),
        StateError::OtherCluster {
            stack: text(),
            recorded: Box::new(cluster_of("1")),
            here: Box::new(cluster_of("2")),
        },
        StateError::LockLost(Loss::Unrenewed { after: Duration::from_secs(1), cause: marked() }),
        StateError::Late,
        StateError::TooNew { place: text(), found: 9, known: 1 },
        StateError::Corrupt { place: text(), cause: marked() },
        StateError::HistoryCorrupt { place: text(), cause: marked() },
        StateError::HistoryForeign(text()),
        StateError::TooLarge { stack: text(), objects: 1 },
        StateError::PartMissing { stack: text(), part: text() },
        StateError::File { path: PathBuf::from("file"), cause: source() },
        StateError::NotAFile(PathBuf::from("file")),
        StateError::NoKey(text()),
    ];
    all.extend(cluster().into_iter().map(StateError::Cluster));
    all
}

fn saved_plan() -> Vec<SavedPlanError> {
    let made_at = jiff::Timestamp::UNIX_EPOCH;
    vec![
        SavedPlanError::Unwritable(serde::ser::Error::custom(MARKER)),
        SavedPlanError::Credentials(vec![text()]),
        SavedPlanError::Unrepeatable(vec![text()]),
        SavedPlanError::Illegible(serde::ser::Error::custom(MARKER)),
        SavedPlanError::Altered,
        SavedPlanError::NewerFormat { found: 2, known: 1 },
        SavedPlanError::NoSuchFormat { found: 0, known: 1 },
        SavedPlanError::OtherVersion { made_by: text() },
        SavedPlanError::Expired { made_at, max_age: jiff::SignedDuration::from_hours(1) },
        SavedPlanError::FromTheFuture { made_at },
        SavedPlanError::HasErrors(1),
        SavedPlanError::OtherTarget(marked()),
        SavedPlanError::OtherRecord { stack: text(), because: marked() },
        SavedPlanError::Impossible(vec![marked()]),
    ]
}

fn ops() -> Vec<OpsError> {
    let object = ObjectRef::namespaced("", "Secret", "prod", "key");
    let mut all = vec![
        OpsError::NoSuchTarget { pattern: text(), near: None },
        OpsError::MissingValues(vec![Missing { object, key: text(), because: marked() }]),
        OpsError::NothingToRotate { cluster: text(), why: text() },
        OpsError::NoWayBack { stack: text(), because: marked() },
        OpsError::NoSuchSerial { stack: text(), serial: 9, has: vec![7] },
        OpsError::LackingKeys(vec![text()]),
        OpsError::OldKeysInUse(vec![text()]),
        OpsError::NoSpending { cluster: text(), because: marked() },
        OpsError::NoGatewayLog { cluster: text(), because: marked() },
        OpsError::NoLog { pod: text(), cause: ClusterError::NotFound(marked()) },
    ];
    all.extend(cluster().into_iter().map(OpsError::Cluster));
    all.extend(state().into_iter().map(OpsError::State));
    all.extend(saved_plan().into_iter().map(OpsError::from));
    all.push(OpsError::Import(ImportError::NoCluster(text())));
    all
}

fn dev() -> Vec<dev::Error> {
    let path = || PathBuf::from("file");
    let second = Duration::from_secs(1);
    vec![
        dev::Error::NoHome,
        dev::Error::File { verb: "write", path: path(), cause: source() },
        dev::Error::NoGo,
        dev::Error::BrokenGo(marked()),
        dev::Error::OldGo { found: text() },
        dev::Error::Fetch { output: marked() },
        dev::Error::Compile { output: marked(), sources: path() },
        dev::Error::Start { reason: marked(), log: path() },
        dev::Error::Slow { within: second, log: path() },
        dev::Error::Stop { process: 1 },
        dev::Error::Stranger { lock: path() },
        dev::Error::NotRunning,
        dev::Error::NoPython,
        dev::Error::UnfitPython { name: "python3", version: text() },
        dev::Error::IncompletePython { name: "python3", lacking: text() },
        dev::Error::Venv { output: marked() },
        dev::Error::Pip { what: "x", output: marked() },
        dev::Error::Port { port: 1, cause: source() },
        dev::Error::GatewayEnded { status: text() },
        dev::Error::GatewaySlow { within: second },
        dev::Error::Program { name: text(), cause: source() },
        dev::Error::ProgramEnded { name: text(), status: text() },
        dev::Error::ProgramSilent { name: text(), port: 1, within: second },
        dev::Error::Nodes(marked()),
    ]
}

fn reach() -> Vec<ReachError> {
    vec![
        ReachError::Unknown { what: text(), name: text(), near: None },
        ReachError::Ambiguous { name: text(), all: vec![text()] },
        ReachError::PortOfSender(text()),
        ReachError::NotAPort(text()),
        ReachError::NotAHost(text()),
        ReachError::NotAService(text()),
        ReachError::NotALabel(text()),
        ReachError::UnknownService(text()),
        ReachError::NoSuchPort { service: text(), has: vec![text()] },
        ReachError::UnknownPod(text()),
        ReachError::Sidecar { name: text(), agents: vec![text()] },
        ReachError::EmptyGroup(text()),
    ]
}

/// A task that was ended.
fn task() -> tokio::task::JoinError {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let pending = tokio::spawn(std::future::pending::<()>());
        pending.abort();
        pending.await.unwrap_err()
    })
}

fn command() -> Vec<CommandError> {
    let lack = Lack { variable: None, kind: "Secret", name: text(), key: None, because: marked(), has_source: false };
    vec![
        CommandError::NobodyToAsk,
        CommandError::Unmanaged,
        CommandError::LowConfidence,
        CommandError::UnsafeImage { cluster: text(), message: text(), hint: text() },
        CommandError::NoSuchCluster(text()),
        CommandError::NoSuchBudget { of: text(), cluster: text(), has: vec![text()] },
        CommandError::NoSuchGateway { name: text(), has: vec![text()] },
        CommandError::NoCluster,
        CommandError::WhichCluster(vec![text()]),
        CommandError::NameACluster(vec![text()]),
        CommandError::NoClusterHere,
        CommandError::NoSuchLiveCluster { name: text(), has: vec![text()] },
        CommandError::NothingAt { address: text(), near: Some(text()) },
        CommandError::NoSuchAgent { name: text(), near: Some(text()), has: vec![text()] },
        CommandError::NotAnOutage(text()),
        CommandError::NoSuchCaller { name: text(), has: vec![text()] },
        CommandError::NotServed { name: text(), has: vec![text()] },
        CommandError::NothingOut { term: text(), has: vec![text()] },
        CommandError::WhichAgent(vec![text()]),
        CommandError::NoSuchTool { agent: text(), tool: text(), has: vec![text()] },
        CommandError::NoSuchObject(text()),
        CommandError::NotKnownYet(vec![text()]),
        CommandError::MissingValues(vec![lack]),
        CommandError::NoRecord(text()),
        CommandError::RecordExists(text()),
        CommandError::OneEnvironment(vec![text()]),
        CommandError::NoSuchEnvironment { pattern: text(), has: vec![text()] },
        CommandError::OncePerEnvironment("--out"),
        CommandError::NoSuchEntry { stack: text(), address: text(), near: None },
        CommandError::NotAnAddress { text: text(), fault: "fault" },
        CommandError::Rename(Box::new(RenameError::Taken {
            to: Address::cluster("prod"),
            object: ObjectRef::of_namespace("prod"),
        })),
        CommandError::OtherTarget { what: "context", wanted: text(), found: text(), place: text() },
        CommandError::PlanAmongFiles(PathBuf::from("file")),
        CommandError::NotADescription(PathBuf::from("file")),
        CommandError::NoSavedPlan(PathBuf::from("file")),
        CommandError::PlannedAlready(vec!["--adopt"]),
        CommandError::NoPlanForMaxAge,
        CommandError::PlanToStream,
        CommandError::PlanFile { verb: "read", path: PathBuf::from("file"), cause: source() },
        CommandError::FileExists(PathBuf::from("file")),
        CommandError::DescriptionExists(PathBuf::from("file")),
        CommandError::MissingFlags(vec!["--name"]),
        CommandError::NoSuchField { path: text(), known: text(), name: text(), near: None },
        CommandError::ReadFile { path: PathBuf::from("file"), cause: source() },
        CommandError::WriteFile { path: PathBuf::from("file"), cause: source() },
        CommandError::OneReportEach(text()),
        CommandError::Output(source()),
        CommandError::Json(serde::ser::Error::custom(MARKER)),
        CommandError::Signals(source()),
        CommandError::Kubectl(source()),
        CommandError::Task(task()),
    ]
    .into_iter()
    .chain(report().into_iter().map(CommandError::from))
    .collect()
}

fn report() -> [ReportError; 2] {
    [ReportError::Json(serde::ser::Error::custom(MARKER)), ReportError::Junit(text())]
}

fn all() -> Vec<Error> {
    let nowhere = tempfile::tempdir().unwrap();
    let invalid = load(&LoadRequest { directory: nowhere.path().to_owned(), ..LoadRequest::default() }).unwrap_err();
    let mut all = vec![Error::from(Box::new(invalid))];
    all.extend(reach().into_iter().map(Error::from));
    all.extend(cluster().into_iter().map(Error::from));
    all.extend(state().into_iter().map(Error::from));
    all.extend(ops().into_iter().map(Error::from));
    all.extend(dev().into_iter().map(Error::from));
    all.extend(command().into_iter().map(Error::from));
    all
}

fn repeated(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    let mut outer: &dyn std::error::Error = error;
    while let Some(inner) = outer.source() {
        if outer.to_string().contains(&inner.to_string()) {
            return Some(format!("`{outer}` repeats `{inner}`"));
        }
        outer = inner;
    }
    None
}

#[test]
fn no_message_repeats_that_of_its_source_and_the_chain_says_it_once() {
    let forward: [ForwardError; 3] = [
        ClusterError::Forbidden(marked()).into(),
        ForwardError::Broken(marked()),
        ForwardError::Late(Duration::from_secs(1)),
    ];
    let joined = all();
    let errors = joined.iter().map(|error| error as &(dyn std::error::Error + 'static));
    for error in errors.chain(forward.iter().map(|error| error as _)) {
        assert_eq!(repeated(error), None, "{error:?}");
        let (rendered, detail) = (chain(error), format!("{error:?}"));
        assert_eq!(rendered.matches(MARKER).count(), usize::from(detail.contains(MARKER)), "{rendered}\n{detail}");
    }
}

#[test]
fn a_permission_that_is_missing_on_the_record_is_said_once() {
    let forbidden = ClusterError::Forbidden("configmaps is forbidden: User \"u\" cannot get".to_owned());
    let error = Error::from(StateError::Cluster(forbidden));
    let expected = "record and lock in namespace `langop-system`: configmaps is forbidden: User \"u\" cannot get";
    assert_eq!((chain(&error).as_str(), error.exit(), error.code()), (expected, Exit::Forbidden, "forbidden"));
    assert!(error.hint().is_some_and(|hint| hint.contains("ConfigMaps and Leases")), "{:?}", error.hint());
}

/// How many variants the enum of a file has: each has its own words.
fn variants(source: &str) -> usize {
    let code = source.split("impl ").next().unwrap_or_default();
    code.matches("#[error(").count()
}

#[test]
fn every_variant_is_among_those_tested() {
    fn kinds<T>(all: &[T]) -> usize {
        let mut seen = Vec::new();
        for error in all.iter().map(discriminant) {
            if !seen.contains(&error) {
                seen.push(error);
            }
        }
        seen.len()
    }
    for (tested, source) in [
        (kinds(&cluster()), include_str!("../cluster/error.rs")),
        (kinds(&state()), include_str!("../state/error.rs")),
        (kinds(&ops()), include_str!("../ops/error.rs")),
        (kinds(&saved_plan()), include_str!("../plan/saved/error.rs")),
        (kinds(&dev()), include_str!("../dev/error.rs")),
        (kinds(&reach()), include_str!("../reach/parse/error.rs")),
        (kinds(&report()), include_str!("../report/error.rs")),
        (kinds(&command()), include_str!("command.rs")),
        (kinds(&all()), include_str!("../error.rs")),
    ] {
        assert_eq!(tested, variants(source), "{}", source.lines().next().unwrap_or_default());
    }
}

/// Files with error types that are tested here, and those whose errors have no source.
const ERRORS: [&str; 10] = [
    "error.rs",
    "error/command.rs",
    "cluster/error.rs",
    "cluster/forward.rs",
    "dev/error.rs",
    "ops/error.rs",
    "plan/saved/error.rs",
    "reach/parse/error.rs",
    "report/error.rs",
    "state/error.rs",
];
const WITHOUT_SOURCE: [&str; 8] = [
    "cluster/loss.rs",
    "graph/dag.rs",
    "object/manifest.rs",
    "object/path.rs",
    "object/quantity.rs",
    "ops/import/error.rs",
    "stack/layout/mod.rs",
    "state/edit.rs",
];

#[test]
fn every_error_type_is_among_those_tested() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = BTreeSet::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if std::fs::read_to_string(&path).is_ok_and(|text| text.contains("thiserror::Error)]")) {
                found.insert(path.strip_prefix(&root).unwrap().display().to_string());
            }
        }
    }
    found.remove("error/tests.rs");
    let known = ERRORS.iter().chain(&WITHOUT_SOURCE);
    assert_eq!(found, known.map(|name| (*name).to_owned()).collect());
    for file in WITHOUT_SOURCE {
        let text = std::fs::read_to_string(root.join(file)).unwrap();
        assert!(!text.contains("#[from]") && !text.contains("#[source]"), "{file} has a source now: test it here");
    }
}

#[test]
fn codes_are_stable_names() {
    for error in all() {
        let code = error.code();
        assert!(code.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{code}");
    }
    assert_eq!(Error::from(OpsError::MissingValues(Vec::new())).exit(), Exit::Invalid);
    assert_eq!(Error::from(CommandError::Output(io::ErrorKind::BrokenPipe.into())).exit(), Exit::ClosedPipe);
    assert_eq!(Error::from(CommandError::Output(source())).exit(), Exit::Failed);
}
