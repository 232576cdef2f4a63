//! What was measured, for people and for machines.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::meter::Taken;

/// One step of one stack.
pub struct Row {
    pub stack: String,
    pub objects: usize,
    pub step: String,
    pub taken: Taken,
    /// Seconds that a bare client took for the least that is needed.
    pub floor: f64,
}

impl Row {
    fn ratio(&self) -> f64 {
        self.taken.wall / self.floor
    }
}

/// A table in Markdown; with results of before, each ratio beside what it was.
pub fn markdown(rows: &[Row], before: Option<&Value>) -> String {
    let mut text = "| stack | objects | step | langop | floor | ratio | CPU | memory |".to_owned();
    text.push_str(if before.is_some() { " ratio before |\n" } else { "\n" });
    text.push_str(if before.is_some() {
        "|---|---|---|---|---|---|---|---|---|\n"
    } else {
        "|---|---|---|---|---|---|---|---|\n"
    });
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
        })
    };
    rows.iter().map(row).collect()
}
