//! axe-core, which finds what keeps people from using a page: contrast, names, keyboards (npm, pinned).

use std::process::Command;

use serde_json::Value;

use super::browser::Tab;
use crate::debian::cached;

const PACKAGE: &str = "axe-core@4.14.1";

/// What it finds on a page, a line each.
pub fn violations(tab: &mut Tab) -> Vec<String> {
    let place = cached(&PACKAGE.replace('@', "-"), |work| {
        let mut npm = Command::new("npm");
        npm.args(["install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", "root", PACKAGE]);
        let said = npm.current_dir(work).output().unwrap();
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    });
    let source = std::fs::read_to_string(place.join("node_modules/axe-core/axe.min.js")).unwrap();
    tab.evaluate(&source);
    let found = tab.evaluate("axe.run(document, {resultTypes: ['violations']}).then(found => found.violations)");
    let line = |rule: &Value| format!("{}: {} {}", rule["id"], rule["help"], rule["nodes"][0]["html"]);
    found.as_array().unwrap().iter().map(line).collect()
}
