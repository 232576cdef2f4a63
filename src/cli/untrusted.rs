//! Everything that langop reads and that somebody else may have written, each read as far as the commands read it, for the
//! fuzz targets: no bytes panic or hang. Knows no server, and runs nothing that a file names.

use std::io::Write as _;
use std::path::PathBuf;

use super::output;
use crate::cluster::Access;
use crate::plan::saved::{SavedPlan, is_saved_plan};
use crate::report;
use crate::stack::diagnostic::render;
use crate::stack::{LoadRequest, load};
use crate::state::Inventory;

/// A reader of bytes.
pub type Reader = fn(&[u8]);

/// All of them, by the name of the fuzz target and the folder of its corpus.
pub const READERS: [(&str, Reader); 4] =
    [("description", description), ("saved_plan", saved_plan), ("record", record), ("kubeconfig", kubeconfig)];

/// A description in TOML or YAML, and what is wrong with it in every form.
pub fn description(bytes: &[u8]) {
    let request = LoadRequest {
        paths: vec![PathBuf::from("-")],
        stdin: Some(bytes.to_vec()),
        variables: vec![("domain".to_owned(), "${var.x}".to_owned())],
        ..LoadRequest::default()
    };
    let (diagnostics, files) = match load(&request) {
        Ok(loaded) => (loaded.warnings, loaded.files),
        Err(invalid) => (invalid.diagnostics, invalid.files),
    };
    for diagnostic in &diagnostics {
        let _ = diagnostic.finding(&files);
    }
    let _ = render(&diagnostics, &files, true).len() + render(&diagnostics, &files, false).len();
}

/// A saved plan: as `apply` and `show` read it, and, past its digest, as they print it.
pub fn saved_plan(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let _ = is_saved_plan(text);
    let read = SavedPlan::open(text).ok().or_else(|| serde_json::from_str(text).ok());
    let Some(read) = read else { return };
    let plan = read.plan();
    let _ = report::human::plan(&plan, &output::style());
    let _ = report::json::document(&report::json::plan(&plan, (&read.target).into()));
}

/// A record, as a file or a `ConfigMap` has it.
pub fn record(bytes: &[u8]) {
    let _ = Inventory::from_bytes(bytes, "production");
}

/// A kubeconfig, as far as it is read before a server is asked.
pub fn kubeconfig(bytes: &[u8]) {
    let Ok(mut file) = tempfile::NamedTempFile::new() else { return };
    if file.write_all(bytes).is_err() {
        return;
    }
    let access = Access::new(Some(file.path().to_owned()), None);
    let (namespace, context, server) = (access.namespace(), access.context_name(), access.server());
    for error in [namespace.err(), context.err(), server.err()].into_iter().flatten() {
        let _ = error.to_string();
    }
}
