//! The stores and their locks: one contract for both, and what only the one in the cluster has.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use langop::cluster::{Access, Connection, Loss, Propagation, Resource, Writer};
use langop::object::{GroupKind, ObjectRef};
use langop::state::{
    DigestKey, FoundKey, Holder, Holding, Inventory, Lock, LockState, Records, SYSTEM_NAMESPACE, StateError, Store,
    Terms,
};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use crate::control_plane;

/// Short enough for a test, and still whole seconds, which is all that a Lease can say.
const TERMS: Terms = Terms { duration: Duration::from_secs(3), renew: Duration::from_millis(500) };

async fn writer(kubeconfig: &Path) -> Writer {
    let access = Access::new(Some(kubeconfig.to_owned()), None);
    Connection::open(&access, Duration::from_secs(5), Arc::new(|_| ())).await.unwrap().writer()
}

async fn cluster() -> Store {
    Store::kubernetes(writer(&control_plane::kubeconfig()).await).with_terms(TERMS)
}

/// A stack that no other test has, and no earlier run on the same control plane.
fn stack(test: &str) -> String {
    format!("{test}-{}", &Holder::this_process(None).run.simple().to_string()[..8])
}

fn holder() -> Holder {
    Holder::this_process(Some("https://ci.example.com/7".to_owned()))
}

async fn records(store: &Store) {
    let stack = &stack("records");
    assert!(store.read(stack).await.unwrap().is_none());
    let mut inventory = Inventory::new(stack);
    let first = store.write(&mut inventory, None).await.unwrap();
    assert_eq!(inventory.serial, 1);
    let (read, again) = store.read(stack).await.unwrap().unwrap();
    assert_eq!(read, inventory);

    // Where there is one, none can be made.
    let mut other = Inventory::new(stack);
    assert!(matches!(store.write(&mut other, None).await, Err(StateError::Moved(_))));
    assert_eq!(other.serial, 0);

    // Only over the version that was read, by whichever way.
    let second = store.write(&mut inventory, Some(again)).await.unwrap();
    assert_eq!(inventory.serial, 2);
    let stale = store.write(&mut inventory, Some(first.clone())).await;
    assert!(matches!(stale, Err(StateError::Moved(_))));
    assert!(matches!(store.remove(stack, first).await, Err(StateError::Moved(_))));
    assert_eq!(store.read(stack).await.unwrap().unwrap().0, inventory);

    // Removed once, and harmlessly again, because the first answer may have got lost.
    store.remove(stack, second.clone()).await.unwrap();
    store.remove(stack, second.clone()).await.unwrap();
    assert!(store.read(stack).await.unwrap().is_none());
    let late = store.write(&mut inventory, Some(second)).await;
    assert!(matches!(late, Err(StateError::Moved(_))));
}

async fn one_of_many_writers_wins(store: &Store) {
    let stack = stack("race");
    let mut inventory = Inventory::new(&stack);
    let token = store.write(&mut inventory, None).await.unwrap();
    let mut writers = JoinSet::new();
    for number in 0..8 {
        let (store, token) = (store.clone(), token.clone());
        let mut inventory = inventory.clone();
        let object = ObjectRef::of_namespace(&format!("n{number}"));
        inventory.entries.insert(object, entry());
        writers.spawn(async move { store.write(&mut inventory, Some(token)).await.map(|_| inventory) });
    }
    let ends = writers.join_all().await;
    let won: Vec<&Inventory> = ends.iter().filter_map(|end| end.as_ref().ok()).collect();
    assert_eq!(won.len(), 1);
    assert!(ends.iter().all(|end| matches!(end, Ok(_) | Err(StateError::Moved(_)))));
    assert_eq!(&store.read(&stack).await.unwrap().unwrap().0, won[0]);
}

fn entry() -> langop::state::Entry {
    langop::state::Entry {
        uid: None,
        generation: None,
        resource_version: None,
        fields: None,
        digest: String::new(),
        address: langop::object::Address::cluster("prod"),
        api_version: "v1".to_owned(),
        depends_on: Vec::new(),
        lifecycle: langop::object::Lifecycle::Managed,
        adopted: false,
        standing: langop::state::Standing::Ready,
    }
}

async fn locks(store: &Store) {
    let (one, two) = (&stack("one"), &stack("two"));
    assert_eq!(store.peek(one).await.unwrap(), None);
    let ours = holder();
    let lock = store.lock(one, &ours, Duration::ZERO).await.unwrap();
    assert_eq!(*lock.holding().borrow(), Holding::Held);
    let seen = store.peek(one).await.unwrap().unwrap();
    assert_eq!(seen.holder.as_ref(), Some(&ours));
    let text = refused(store, one).await;
    assert!(text.contains(&format!("stack `{one}` is locked by `{}`", ours.host)), "{text}");
    assert!(text.contains(&format!("process {}", ours.pid)), "{text}");
    assert!(text.contains("https://ci.example.com/7"), "{text}");

    // Each stack has a lock of its own, and records do not care.
    store.lock(two, &holder(), Duration::ZERO).await.unwrap().release().await.unwrap();
    assert!(store.read(one).await.unwrap().is_none());

    // Who waits gets it when it is given back.
    let waiting = {
        let (store, stack) = (store.clone(), one.clone());
        tokio::spawn(async move { store.lock(&stack, &holder(), Duration::from_secs(20)).await })
    };
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!waiting.is_finished());
    lock.release().await.unwrap();
    let next = waiting.await.unwrap().unwrap();
    assert_eq!(*next.holding().borrow(), Holding::Held);
    next.release().await.unwrap();
    assert_eq!(store.peek(one).await.unwrap(), None);
}

async fn refused(store: &Store, stack: &str) -> String {
    match store.lock(stack, &holder(), Duration::ZERO).await {
        Err(error @ StateError::Locked { .. }) => error.to_string(),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("locked twice"),
    }
}

async fn names(store: &Store) {
    for name in ["", "..", "a/b", "Prod", "-a", &"a".repeat(64)] {
        assert!(matches!(store.read(name).await, Err(StateError::StackName(_))));
        assert!(matches!(store.peek(name).await, Err(StateError::StackName(_))));
        let written = store.write(&mut Inventory::new(name), None).await;
        assert!(matches!(written, Err(StateError::StackName(_))));
        let locked = store.lock(name, &holder(), Duration::ZERO).await;
        assert!(matches!(locked, Err(StateError::StackName(_))));
    }
}

async fn keys(store: &Store) {
    let stack = &stack("keys");
    let mut inventory = Inventory::new(stack);
    assert_eq!(store.digest_key(&inventory).await.unwrap(), FoundKey::Missing, "a look makes none");
    let key = store.digest_key_to_record(stack).await.unwrap().unwrap();
    assert_eq!(store.digest_key_to_record(stack).await.unwrap(), Some(key.clone()), "there is one for all runs");
    assert_eq!(store.digest_key(&inventory).await.unwrap(), FoundKey::Known(key.clone()));

    // Old digests are read with the key inside the old record, and none is recorded with it any more.
    let inside = DigestKey::from_hex(&"0123456789abcdef".repeat(4)).unwrap();
    inventory.key_inside = Some(inside.clone());
    assert_eq!(store.digest_key(&inventory).await.unwrap(), FoundKey::Known(inside));
    assert_eq!(store.digest_key_to_record(stack).await.unwrap(), Some(key));
    let token = store.write(&mut inventory, None).await.unwrap();
    assert_eq!((inventory.key_inside.clone(), store.read(stack).await.unwrap().unwrap().0.key_inside), (None, None));

    store.remove(stack, token).await.unwrap();
    assert_eq!(store.digest_key(&inventory).await.unwrap(), FoundKey::Missing, "it goes with the record");
}

async fn overview(store: &Store) {
    let stack = &stack("overview");
    let lock = async || {
        let mut all = store.overview().await.unwrap().into_iter();
        all.find(|found| found.stack == *stack).map(|found| (found.record.unwrap(), found.lock))
    };
    assert_eq!(lock().await, None);
    let mut inventory = Inventory::new(stack);
    let token = store.write(&mut inventory, None).await.unwrap();
    assert_eq!(lock().await, Some((inventory.clone(), LockState::Free)));
    let held = store.lock(stack, &holder(), Duration::ZERO).await.unwrap();
    let by = store.peek(stack).await.unwrap().unwrap();
    assert_eq!(lock().await, Some((inventory, LockState::Held(Box::new(by)))));
    held.release().await.unwrap();
    store.remove(stack, token).await.unwrap();
    assert_eq!(lock().await, None);
}

async fn contract(store: &Store) {
    records(store).await;
    overview(store).await;
    one_of_many_writers_wins(store).await;
    locks(store).await;
    keys(store).await;
    names(store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_keeps_the_contract_of_stores() {
    let directory = tempfile::tempdir().unwrap();
    contract(&Store::local(directory.path().join("state"))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_keeps_the_contract_of_stores() {
    contract(&cluster().await).await;
}

/// A record of so many objects, whose ids and digests nothing compresses.
fn large(stack: &str, objects: usize) -> Inventory {
    let mut inventory = Inventory::new(stack);
    let random = || uuid::Uuid::new_v4().simple().to_string();
    for number in 0..objects {
        let uid = Some(uuid::Uuid::new_v4().to_string());
        let entry = langop::state::Entry { uid, fields: Some(random()), digest: random() + &random(), ..entry() };
        inventory.entries.insert(ObjectRef::namespaced("", "ConfigMap", "prod", &format!("m{number}")), entry);
    }
    inventory
}

/// Objects that keep the record of a stack, and what they are called.
async fn kept(writer: &Writer, stack: &str) -> Vec<ObjectRef> {
    let resource = writer.resource(&GroupKind::new("", "ConfigMap"), None).unwrap();
    let all = writer.list_metadata(&resource, Some(SYSTEM_NAMESPACE), None).await.unwrap();
    let name = format!("stack-{stack}");
    let of_stack = |object: &ObjectRef| object.name.split('.').next() == Some(&name);
    all.into_iter().map(|meta| meta.reference).filter(of_stack).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_one_config_map_cannot_hold_is_kept_in_several_that_come_and_go_with_it() {
    let (store, writer, stack) = (cluster().await, writer(&control_plane::kubeconfig()).await, &stack("large"));
    let mut inventory = large(stack, 20_000);
    let first = store.write(&mut inventory, None).await.unwrap();
    assert_eq!(store.read(stack).await.unwrap().unwrap().0, inventory);
    assert_eq!(kept(&writer, stack).await.len(), 3, "two parts, and what names them");
    assert_eq!(store.stacks().await.unwrap().unwrap().iter().filter(|name| *name == stack).count(), 1);

    // Whoever reads while it is written finds one record or the other.
    let reading = {
        let (store, stack) = (store.clone(), stack.clone());
        tokio::spawn(async move {
            let mut serials = BTreeSet::new();
            while !serials.contains(&4) {
                serials.insert(store.read(&stack).await.unwrap().unwrap().0.serial);
            }
        })
    };
    let mut token = first.clone();
    for _ in 0..3 {
        let next = large(stack, 20_000);
        inventory.entries = next.entries;
        token = store.write(&mut inventory, Some(token)).await.unwrap();
    }
    reading.await.unwrap();
    let all = store.overview().await.unwrap();
    let listed = all.into_iter().find(|found| found.stack == *stack).unwrap();
    assert_eq!(listed.record.unwrap(), inventory);
    assert_eq!(kept(&writer, stack).await.len(), 3, "those of the records before are gone");

    let late = store.write(&mut large(stack, 20_000), Some(first)).await;
    assert!(matches!(late, Err(StateError::Moved(_))));
    assert_eq!(store.read(stack).await.unwrap().unwrap().0, inventory, "whoever is late changes nothing of it");

    let whole = std::mem::replace(&mut inventory.entries, large(stack, 1).entries);
    token = store.write(&mut inventory, Some(token)).await.unwrap();
    assert_eq!(kept(&writer, stack).await.len(), 1, "and what the late one left is gone too");
    inventory.entries = whole;
    token = store.write(&mut inventory, Some(token)).await.unwrap();

    let mut objects = kept(&writer, stack).await.into_iter();
    let part = objects.find(|object| object.name.contains('.')).unwrap();
    let resource = writer.resource(&GroupKind::new("", "ConfigMap"), None).unwrap();
    let uid = writer.metadata(&resource, &part).await.unwrap().unwrap().uid;
    writer.delete(&resource, &part, &uid, Propagation::Background).await.unwrap();
    let broken = store.read(stack).await.unwrap_err();
    let text = format!("{part} is missing, a part of the record of stack `{stack}`");
    assert_eq!((broken.to_string(), broken.code()), (text, "record-part-missing"));

    store.remove(stack, token.clone()).await.unwrap();
    store.remove(stack, token).await.unwrap();
    assert_eq!(kept(&writer, stack).await, []);
}

fn lease(stack: &str) -> ObjectRef {
    ObjectRef::namespaced("coordination.k8s.io", "Lease", SYSTEM_NAMESPACE, &format!("stack-{stack}"))
}

fn leases(writer: &Writer) -> Resource {
    writer.resource(&GroupKind::new("coordination.k8s.io", "Lease"), None).unwrap()
}

async fn live(writer: &Writer, stack: &str) -> Option<Value> {
    writer.get(&leases(writer), &lease(stack)).await.unwrap()
}

/// However many ask at the same moment, one gets it and the others learn who that is.
#[tokio::test(flavor = "multi_thread")]
async fn one_of_many_runs_gets_the_lease() {
    let store = cluster().await;
    let stack = stack("many");
    let mut runs = JoinSet::new();
    for _ in 0..8 {
        let (store, stack) = (store.clone(), stack.clone());
        runs.spawn(async move { store.lock(&stack, &holder(), Duration::ZERO).await });
    }
    let mut locks = Vec::new();
    for end in runs.join_all().await {
        match end {
            Ok(lock) => locks.push(lock),
            Err(StateError::Locked { held, .. }) => assert!(held.holder.is_some()),
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(locks.len(), 1);
    locks.remove(0).release().await.unwrap();
}

/// Changes the lease of a stack as someone else would, again while its holder is faster.
async fn meddle(writer: &Writer, stack: &str, change: impl Fn(&mut Value)) {
    loop {
        let mut lease = live(writer, stack).await.unwrap();
        change(&mut lease);
        if writer.replace(&leases(writer), &lease).await.is_ok() {
            return;
        }
    }
}

async fn is_lost(lock: &Lock, within: Duration) -> bool {
    becomes(lock, within, |holding| matches!(holding, Holding::Lost(_))).await
}

async fn becomes(lock: &Lock, within: Duration, what: impl FnMut(&Holding) -> bool) -> bool {
    let mut holding = lock.holding();
    let end = tokio::time::timeout(within, holding.wait_for(what)).await;
    matches!(end, Ok(Ok(_)))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_says_who_holds_it_and_goes_with_the_run() {
    let store = cluster().await;
    let writer = writer(&control_plane::kubeconfig()).await;
    let stack = stack("lease");
    let lock = store.lock(&stack, &holder(), Duration::ZERO).await.unwrap();
    let first = live(&writer, &stack).await.unwrap();
    let identity = first.pointer("/spec/holderIdentity").unwrap().as_str().unwrap();
    assert!(identity.contains(&std::process::id().to_string()), "{identity}");
    assert_eq!(first.pointer("/spec/leaseDurationSeconds"), Some(&json!(3)));
    tokio::time::sleep(TERMS.renew * 3).await;
    let second = live(&writer, &stack).await.unwrap();
    assert_ne!(first.pointer("/spec/renewTime"), second.pointer("/spec/renewTime"));
    assert_eq!(first.pointer("/spec/acquireTime"), second.pointer("/spec/acquireTime"));
    assert_eq!(second.pointer("/spec/leaseTransitions"), Some(&json!(0)));
    lock.release().await.unwrap();
    assert_eq!(live(&writer, &stack).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_that_is_renewed_is_not_taken_over() {
    let store = cluster().await;
    let stack = stack("alive");
    let lock = store.lock(&stack, &holder(), Duration::ZERO).await.unwrap();
    let other = store.lock(&stack, &holder(), TERMS.duration * 2).await;
    assert!(matches!(other, Err(StateError::Locked { .. })));
    assert_eq!(*lock.holding().borrow(), Holding::Held);
    lock.release().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_that_does_not_move_is_taken_over_after_its_duration() {
    let store = cluster().await;
    let stack = stack("still");
    // Dropped without being given back: nobody renews it, and its process lives on.
    drop(store.lock(&stack, &holder(), Duration::ZERO).await.unwrap());
    refused(&store, &stack).await;
    let begun = Instant::now();
    let lock = store.lock(&stack, &holder(), TERMS.duration * 4).await.unwrap();
    assert!(begun.elapsed() >= TERMS.duration, "{:?}", begun.elapsed());
    let writer = writer(&control_plane::kubeconfig()).await;
    let lease = live(&writer, &stack).await.unwrap();
    assert_eq!(lease.pointer("/spec/leaseTransitions"), Some(&json!(1)));
    lock.release().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_of_a_killed_process_is_taken_over_at_once() {
    let store = cluster().await;
    let stack = stack("killed");
    let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
    let dead = of_process(&holder(), child.id());
    drop(store.lock(&stack, &dead, Duration::ZERO).await.unwrap());
    refused(&store, &stack).await;
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(store.peek(&stack).await.unwrap(), None);
    let lock = store.lock(&stack, &holder(), Duration::ZERO).await.unwrap();
    lock.release().await.unwrap();
}

/// The holder as the process `pid` would have written it.
fn of_process(holder: &Holder, pid: u32) -> Holder {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let started: u64 = stat.rsplit_once(')').unwrap().1.split_whitespace().nth(19).unwrap().parse().unwrap();
    let mut value = serde_json::to_value(holder).unwrap();
    value["pid"] = json!(pid);
    value["place"]["started"] = json!(started);
    serde_json::from_value(value).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_that_another_takes_is_lost_and_left_to_them() {
    let store = cluster().await;
    let writer = writer(&control_plane::kubeconfig()).await;
    let stack = stack("taken");
    let lock = store.lock(&stack, &holder(), Duration::ZERO).await.unwrap();
    meddle(&writer, &stack, |lease| lease["spec"]["holderIdentity"] = json!("someone")).await;
    assert!(is_lost(&lock, TERMS.duration).await);
    lock.release().await.unwrap();
    let held = store.peek(&stack).await.unwrap().unwrap();
    assert_eq!((held.holder, held.identity.as_str()), (None, "someone"));
    writer
        .delete(&leases(&writer), &lease(&stack), &uid(&writer, &stack).await, Propagation::Background)
        .await
        .unwrap();
}

async fn uid(writer: &Writer, stack: &str) -> String {
    let lease = live(writer, stack).await.unwrap();
    lease.pointer("/metadata/uid").unwrap().as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_that_is_deleted_is_lost() {
    let store = cluster().await;
    let writer = writer(&control_plane::kubeconfig()).await;
    let stack = stack("deleted");
    let lock = store.lock(&stack, &holder(), Duration::ZERO).await.unwrap();
    let uid = uid(&writer, &stack).await;
    writer.delete(&leases(&writer), &lease(&stack), &uid, Propagation::Background).await.unwrap();
    assert!(is_lost(&lock, TERMS.duration).await);
    lock.release().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_that_someone_labels_is_kept() {
    let store = cluster().await;
    let writer = writer(&control_plane::kubeconfig()).await;
    let stack = stack("label");
    let lock = store.lock(&stack, &holder(), Duration::ZERO).await.unwrap();
    meddle(&writer, &stack, |lease| lease["metadata"]["labels"]["note"] = json!("x")).await;
    assert!(!is_lost(&lock, TERMS.duration).await);
    meddle(&writer, &stack, |lease| lease["metadata"]["labels"]["note"] = json!("y")).await;
    lock.release().await.unwrap();
    assert_eq!(live(&writer, &stack).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn under_a_lease_that_cannot_be_renewed_nothing_is_written_until_it_is_known_whose_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let (cable, kubeconfig, port) = cable(directory.path(), 0).await;
    let store = Store::kubernetes(writer(&kubeconfig).await).with_terms(TERMS);
    let stack = stack("cut");
    let lock = store.lock(&stack, &holder(), Duration::ZERO).await.unwrap();
    cable.abort();
    let begun = Instant::now();
    assert!(becomes(&lock, TERMS.duration * 2, |holding| matches!(holding, Holding::Doubtful(_))).await);
    assert!(begun.elapsed() < TERMS.duration, "{:?}", begun.elapsed());
    let guard = lock.guard();
    let write = tokio::spawn(async move { guard.check().await });

    // Longer than others wait; but nobody took it.
    tokio::time::sleep(TERMS.duration.saturating_sub(begun.elapsed())).await;
    assert!(!write.is_finished());
    let (cable, _, _) = self::cable(directory.path(), port).await;
    assert!(becomes(&lock, TERMS.duration, |holding| *holding == Holding::Held).await);
    assert_eq!(write.await.unwrap(), Ok(()));

    // Somebody took it meanwhile.
    cable.abort();
    assert!(becomes(&lock, TERMS.duration, |holding| matches!(holding, Holding::Doubtful(_))).await);
    let direct = writer(&control_plane::kubeconfig()).await;
    meddle(&direct, &stack, |lease| lease["spec"]["holderIdentity"] = json!("someone")).await;
    let (_cable, _, _) = self::cable(directory.path(), port).await;
    assert!(becomes(&lock, TERMS.duration, |holding| *holding == Holding::Lost(Loss::Taken)).await);
    assert_eq!(lock.guard().check().await, Err(Loss::Taken));
    lock.release().await.unwrap();
    let uid = uid(&direct, &stack).await;
    direct.delete(&leases(&direct), &lease(&stack), &uid, Propagation::Background).await.unwrap();
}

/// A way to the API server that can be cut, a kubeconfig for it, and its port: `port`, or any when that is nought.
async fn cable(directory: &Path, port: u16) -> (JoinHandle<()>, PathBuf, u16) {
    let text = std::fs::read_to_string(control_plane::kubeconfig()).unwrap();
    let server = text.split("https://").nth(1).unwrap().split_whitespace().next().unwrap();
    let server = server.trim_matches(['"', '\'']).to_owned();
    let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (host, _) = server.rsplit_once(':').unwrap();
    let kubeconfig = directory.join("kubeconfig");
    std::fs::write(&kubeconfig, text.replace(&server, &format!("{host}:{port}"))).unwrap();
    let cable = tokio::spawn(async move {
        // Dropped with the task, and with them everything that is under way.
        let mut calls = JoinSet::new();
        while let Ok((mut near, _)) = listener.accept().await {
            let server = server.clone();
            calls.spawn(async move {
                if let Ok(mut far) = TcpStream::connect(&server).await {
                    let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
                }
            });
        }
    });
    (cable, kubeconfig, port)
}

/// The server has committed and the answer gets lost: the request is sent again and must find itself.
#[tokio::test(flavor = "multi_thread")]
async fn requests_that_arrive_twice_are_harmless() {
    let store = cluster().await;
    let stack = stack("twice");
    let before = Inventory::new(&stack);
    let first = store.write(&mut before.clone(), None).await.unwrap();
    store.write(&mut before.clone(), None).await.unwrap();
    let (record, _) = store.read(&stack).await.unwrap().unwrap();
    store.write(&mut record.clone(), Some(first.clone())).await.unwrap();
    let again = store.write(&mut record.clone(), Some(first.clone())).await.unwrap();
    let mut other = record.clone();
    other.entries.insert(ObjectRef::of_namespace("other"), entry());
    assert!(matches!(store.write(&mut other, Some(first)).await, Err(StateError::Moved(_))));
    assert_eq!(store.read(&stack).await.unwrap().unwrap().0.serial, 2);
    store.remove(&stack, again).await.unwrap();

    let holder = holder();
    drop(store.lock(&stack, &holder, Duration::ZERO).await.unwrap());
    store.lock(&stack, &holder, Duration::ZERO).await.unwrap().release().await.unwrap();
    assert_eq!(store.peek(&stack).await.unwrap(), None);
}

/// A record is no part of the stack that it describes: a plan lists by the stack's label.
#[tokio::test(flavor = "multi_thread")]
async fn records_are_not_listed_as_objects_of_the_stack() {
    let store = cluster().await;
    let writer = writer(&control_plane::kubeconfig()).await;
    let stack = stack("label-less");
    store.write(&mut Inventory::new(&stack), None).await.unwrap();
    let config_maps = writer.resource(&GroupKind::new("", "ConfigMap"), None).unwrap();
    let selector = format!("{}={stack}", langop::object::labels::STACK);
    let listed = writer.list_metadata(&config_maps, None, Some(&selector)).await.unwrap();
    assert_eq!(listed.iter().map(|meta| &meta.reference).collect::<BTreeSet<_>>(), BTreeSet::new());
    let reader = Records::kubernetes((*writer).clone());
    assert!(reader.read(&stack).await.unwrap().is_some());
}

#[tokio::test]
async fn a_record_of_a_later_holder_is_left_alone() {
    let store = cluster().await;
    let stack = &stack("fenced");
    let early = store.lock(stack, &holder(), Duration::ZERO).await.unwrap();
    let sleeper = store.under(&early);
    let mut inventory = Inventory::new(stack);
    let token = sleeper.write(&mut inventory, None).await.unwrap();
    assert!(!sleeper.is_of_earlier_holder(Some(&token)));
    early.release().await.unwrap();

    // Leases go when they are given back; the count of holders goes on all the same.
    let late = store.lock(stack, &holder(), Duration::ZERO).await.unwrap();
    let awake = store.under(&late);
    let (mut read, token) = awake.read(stack).await.unwrap().unwrap();
    assert!(awake.is_of_earlier_holder(Some(&token)));
    awake.write(&mut read, Some(token)).await.unwrap();
    // Even with the version that is there now.
    let (mut read, token) = store.read(stack).await.unwrap().unwrap();
    let refused = sleeper.write(&mut read, Some(token.clone())).await;
    assert!(matches!(&refused, Err(StateError::Moved(_))), "{refused:?}");
    store.remove(stack, token).await.unwrap();
    late.release().await.unwrap();
}

#[tokio::test]
async fn a_directory_whose_lock_somebody_removed_is_not_written() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::local(dir.path());
    let lock = store.lock("x", &holder(), Duration::ZERO).await.unwrap();
    let under = store.under(&lock);
    let mut inventory = Inventory::new("x");
    let token = under.write(&mut inventory, None).await.unwrap();
    std::fs::remove_file(dir.path().join("x.lock")).unwrap();
    let refused = under.write(&mut inventory, Some(token.clone())).await;
    assert!(matches!(refused, Err(StateError::LockLost(_))), "{refused:?}");
    assert!(matches!(under.remove("x", token).await, Err(StateError::LockLost(_))));
}
