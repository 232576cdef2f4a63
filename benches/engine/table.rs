//! What was measured, for people and for machines.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::meter::Taken;
use crate::tally::Requests;

/// One step of one stack.
pub struct Row {
    pub stack: String,
    pub objects: usize,
    pub step: String,
    pub taken: Taken,
    /// Seconds that a bare client took for the least that is needed.
    pub floor: f64,
    /// Empty where they were not counted.
    pub requests: Both,
}

/// Requests of langop and of the bare client.
#[derive(Clone, Debug, Default)]
pub struct Both {
    pub langop: Requests,
    pub floor: Requests,
}

impl Row {
    fn ratio(&self) -> f64 {
        self.taken.wall / self.floor
    }

    /// Takes the requests of the same step from where they were counted. What is done does not depend on the way.
    pub fn learn_requests(&mut self, counted: &[Self]) {
        if let Some(same) = counted.iter().find(|row| row.step == self.step) {
            self.requests = same.requests.clone();
        }
    }
}

/// How many, and of what.
fn words(requests: &Requests) -> String {
    let parts: Vec<_> = requests.iter().map(|(verb, count)| format!("{count} {verb}")).collect();
    let all: usize = requests.values().sum();
    if parts.len() < 2 { parts.join("") } else { format!("{all}: {}", parts.join(", ")) }
}

/// A table in Markdown; with results of before, each ratio beside what it was.
pub fn markdown(rows: &[Row], before: Option<&Value>) -> String {
    let counted = rows.iter().any(|row| !row.requests.langop.is_empty());
    let mut columns = vec!["stack", "objects", "step", "langop", "floor", "ratio", "CPU", "memory"];
    columns.extend(before.is_some().then_some("ratio before"));
    columns.extend(counted.then_some(["requests", "of the floor"]).into_iter().flatten());
    let mut text = format!("| {} |\n|{}\n", columns.join(" | "), "---|".repeat(columns.len()));
    for row in rows {
        let Taken { wall, cpu, mebibytes } = row.taken;
        let _ = write!(
            text,
            "| {} | {} | {} | {wall:.2} s | {:.2} s | {:.1} | {cpu:.2} s | {mebibytes:.0} MiB |",
            row.stack,
            row.objects,
            row.step,
            row.floor,
            row.ratio(),
        );
        if let Some(before) = before {
            let same = |old: &&Value| old["stack"] == row.stack && old["step"] == row.step;
            let ratio = before.as_array().into_iter().flatten().find(same).and_then(|old| old["ratio"].as_f64());
            let _ = write!(text, " {} |", ratio.map_or_else(|| "none".to_owned(), |ratio| format!("{ratio:.1}")));
        }
        if counted {
            let Both { langop, floor } = &row.requests;
            let _ = write!(text, " {} | {} |", words(langop), words(floor));
        }
        text.push('\n');
    }
    text
}

/// The same for machines.
pub fn json(rows: &[Row]) -> Value {
    let row = |row: &Row| {
        let Taken { wall, cpu, mebibytes } = row.taken;
        json!({
            "stack": row.stack, "objects": row.objects, "step": row.step, "seconds": wall, "cpuSeconds": cpu,
            "mebibytes": mebibytes, "floorSeconds": row.floor, "ratio": row.ratio(),
            "requests": row.requests.langop, "floorRequests": row.requests.floor,
        })
    };
    rows.iter().map(row).collect()
}
