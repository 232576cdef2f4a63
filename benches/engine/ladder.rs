//! The life of one stack, step by step: each of langop's beside what the least would be.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Instant;

use crate::floor::Floor;
use crate::meter::{Taken, measure};
use crate::objects::{Description, Kind};
use crate::plane::{self, Plane};
use crate::table::Row;
use crate::way::Open;

/// How often what changes nothing is measured; the median counts.
const AGAIN: usize = 5;

/// Measures the whole life of a stack, on one way to the API server.
pub fn climb(plane: &Plane, way: &Open, kind: Kind, count: usize) -> Vec<Row> {
    let names = [format!("langop{count}"), format!("floor{count}")];
    let write = |prefix: &str, revision: u32| {
        let description = Description { kind, count, prefix, revision };
        let file = plane.dir.path().join(format!("{prefix}-{revision}.{}", description.extension()));
        std::fs::write(&file, description.text()).unwrap();
        file
    };
    let (mine, changed) = (write(&names[0], 0), write(&names[0], 1));
    let floor = Floor::of(way, &write(&names[1], 0), &write(&names[1], 1));
    let stack = format!("{kind:?}, {count}{}", way.name);
    let mut rows = Vec::new();
    let mut step = |name: &str, least: f64, taken: Taken| {
        eprintln!("{stack}: {name} {:.2} s, floor {least:.2} s", taken.wall);
        rows.push(Row { stack: stack.clone(), objects: floor.objects(), step: name.to_owned(), taken, floor: least });
    };
    let langop = Langop { way, stack: &names[0] };
    let tried = timed(|| floor.try_all());
    step("first plan", tried, langop.run("plan", &mine));
    let applied = timed(|| floor.apply_all());
    step("first apply", tried + applied, langop.run("apply", &mine));
    let listed = median((0..AGAIN).map(|_| timed(|| floor.list_all())).collect());
    step("plan, nothing changed", listed, langop.settled("plan", &mine));
    step("apply, nothing changed", listed, langop.settled("apply", &mine));
    let few = timed(|| floor.try_changed());
    step("plan, 1 % changed", listed + few, langop.settled("plan", &changed));
    let few = few + timed(|| floor.apply_changed());
    step("apply, 1 % changed", listed + few, langop.run("apply", &changed));
    let deleted = timed(|| floor.delete_all());
    step("destroy until gone", deleted, langop.run("destroy", &changed));
    rows
}

struct Langop<'a> {
    way: &'a Open,
    stack: &'a str,
}

impl Langop<'_> {
    fn run(&self, command: &str, file: &Path) -> Taken {
        let file = file.to_str().unwrap();
        let mut words = vec![command, file];
        // A description names its stack itself.
        if PathBuf::from(file).extension().is_some_and(|end| end == "yaml") {
            words.extend(["--stack", self.stack]);
        }
        if command != "plan" {
            words.push("--yes");
        }
        measure(&plane::langop(&self.way.kubeconfig, &words), Stdio::null(), &[0])
    }

    fn settled(&self, command: &str, file: &Path) -> Taken {
        let mut taken: Vec<Taken> = (0..AGAIN).map(|_| self.run(command, file)).collect();
        taken.sort_by(|a, b| a.wall.total_cmp(&b.wall));
        taken[AGAIN / 2]
    }
}

fn timed(work: impl FnOnce()) -> f64 {
    let begun = Instant::now();
    work();
    begun.elapsed().as_secs_f64()
}

fn median(mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}
