//! What only a lock file has: links, remains of a crash, and runs that race for a file that goes.

use std::os::unix::fs::symlink;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

fn place() -> (tempfile::TempDir, Directory) {
    let dir = tempfile::tempdir().unwrap();
    let directory = Directory::new(dir.path().join("state"));
    directory.create().unwrap();
    (dir, directory)
}

#[tokio::test]
async fn a_file_that_a_crash_left_locks_nothing() {
    let (dir, directory) = place();
    std::fs::write(dir.path().join("state/x.lock"), "{\"run\": \"").unwrap();
    assert_eq!(FileLock::peek(&directory, "x").unwrap(), None);
    let holder = Holder::this_process(None);
    let lock = FileLock::acquire(&directory, "x", &holder, Duration::ZERO, &|_| ()).await.unwrap();
    assert_eq!(FileLock::peek(&directory, "x").unwrap().unwrap().holder, Some(holder));
    lock.release().unwrap();
    assert!(!dir.path().join("state/x.lock").exists());
}

#[tokio::test]
async fn links_are_not_written_through() {
    let (dir, directory) = place();
    let target = dir.path().join("target");
    std::fs::write(&target, "precious").unwrap();
    symlink(&target, dir.path().join("state/x.lock")).unwrap();
    symlink(dir.path().join("nothing"), dir.path().join("state/y.lock")).unwrap();
    for stack in ["x", "y"] {
        let taken = FileLock::acquire(&directory, stack, &Holder::this_process(None), Duration::ZERO, &|_| ()).await;
        assert!(matches!(taken, Err(StateError::NotAFile(_))));
    }
    assert_eq!(std::fs::read_to_string(&target).unwrap(), "precious");
    assert!(!dir.path().join("nothing").exists());
}

/// The file goes with every release; who opened it before must not take the one that is gone for the lock.
#[tokio::test(flavor = "multi_thread")]
async fn one_at_a_time_however_many_race() {
    let (_dir, directory) = place();
    let inside = Arc::new(AtomicUsize::new(0));
    let mut runs = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (directory, inside) = (directory.clone(), Arc::clone(&inside));
        runs.spawn(async move {
            let holder = Holder::this_process(None);
            for _ in 0..20 {
                // A patience below the pause makes them ask as fast as they can.
                let lock = loop {
                    match FileLock::acquire(&directory, "x", &holder, Duration::ZERO, &|_| ()).await {
                        Ok(lock) => break lock,
                        Err(StateError::Locked { .. }) => tokio::task::yield_now().await,
                        Err(error) => panic!("{error}"),
                    }
                };
                assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                tokio::task::yield_now().await;
                inside.fetch_sub(1, Ordering::SeqCst);
                lock.release().unwrap();
            }
        });
    }
    while let Some(run) = runs.join_next().await {
        run.unwrap();
    }
}
