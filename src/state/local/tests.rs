//! What only a directory has: files, modes, links, and half-written ones.

use std::os::unix::fs::{PermissionsExt as _, symlink};

use super::*;

fn place() -> (tempfile::TempDir, Directory) {
    let dir = tempfile::tempdir().unwrap();
    let directory = Directory::new(dir.path().join("state"));
    (dir, directory)
}

#[tokio::test]
async fn records_are_for_the_user_alone_and_nothing_else_is_left() {
    let (dir, directory) = place();
    directory.write(&Inventory::new("x"), None).await.unwrap();
    let files: Vec<_> = std::fs::read_dir(dir.path().join("state")).unwrap().map(|file| file.unwrap()).collect();
    assert_eq!(files.len(), 1);
    assert_eq!(files[0].file_name(), "x.json");
    assert_eq!(files[0].metadata().unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn reading_makes_no_directory() {
    let (dir, directory) = place();
    assert_eq!(directory.read("x").unwrap(), None);
    assert!(!dir.path().join("state").exists());
}

#[tokio::test]
async fn links_are_neither_read_nor_written_through() {
    let (dir, directory) = place();
    let record = Inventory::new("x");
    directory.write(&record, None).await.unwrap();
    let (path, elsewhere) = (dir.path().join("state/x.json"), dir.path().join("elsewhere"));
    std::fs::rename(&path, &elsewhere).unwrap();
    let before = std::fs::read(&elsewhere).unwrap();
    symlink(&elsewhere, &path).unwrap();
    assert!(matches!(directory.read("x"), Err(StateError::NotAFile(_))));
    let written = directory.write(&record, Some(Revision::new(&record))).await;
    assert!(matches!(written, Err(StateError::NotAFile(_))));
    let removed = directory.remove("x", Revision::new(&record)).await;
    assert!(matches!(removed, Err(StateError::NotAFile(_))));
    assert_eq!(std::fs::read(&elsewhere).unwrap(), before);
}

#[tokio::test]
async fn a_write_that_was_cut_off_leaves_the_old_record() {
    let (dir, directory) = place();
    let record = Inventory::new("x");
    directory.write(&record, None).await.unwrap();
    std::fs::write(dir.path().join("state/.tmpABC"), "{\"format\": 1, \"lin").unwrap();
    assert_eq!(directory.read("x").unwrap(), Some(record));
}

#[tokio::test]
async fn names_do_not_lead_out_of_the_directory() {
    let (_dir, directory) = place();
    for name in ["", "..", "../x", "a/b", "/x", "X", "x.y", "-x", "x-", &"x".repeat(64)] {
        assert!(matches!(directory.read(name), Err(StateError::StackName(_))), "{name}");
    }
}
