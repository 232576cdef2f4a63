//! The life of one stack, step by step: each of langop's beside what the least would be.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Instant;

use crate::floor::Floor;
use crate::meter::{Taken, measure};
use crate::objects::{Description, Kind};
use crate::plane::{self, Plane};
use crate::table::{Both, Row};
use crate::tally::Requests;
use crate::way::Open;

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
    let mut step = |name: &str, least: Least, (taken, requests): (Taken, Requests)| {
        let Least { seconds, requests: of_floor } = least;
        eprintln!("{stack}: {name} {:.2} s, floor {seconds:.2} s", taken.wall);
        let (stack, step) = (stack.clone(), name.to_owned());
        let requests = Both { langop: requests, floor: of_floor };
        rows.push(Row { stack, objects: floor.objects(), step, taken, floor: seconds, requests });
    };
    let langop = Langop { way, stack: &names[0] };
    // Before the first step, langop rendered for the floor, and asked nothing.
    let timed = |work: &dyn Fn()| timed(way, work);
    let tried = timed(&|| floor.try_all());
    step("first plan", tried.clone(), langop.run("plan", &mine));
    let applied = timed(&|| floor.apply_all());
    step("first apply", tried + &applied, langop.run("apply", &mine));
    let listed = median((0..way.again).map(|_| timed(&|| floor.list_all())).collect());
    step("plan, nothing changed", listed.clone(), langop.settled("plan", &mine));
    step("apply, nothing changed", listed.clone(), langop.settled("apply", &mine));
    let few = timed(&|| floor.try_changed());
    step("plan, 1 % changed", listed.clone() + &few, langop.settled("plan", &changed));
    let few = few + &timed(&|| floor.apply_changed());
    step("apply, 1 % changed", listed + &few, langop.run("apply", &changed));
    let deleted = timed(&|| floor.delete_all());
    step("destroy until gone", deleted, langop.run("destroy", &changed));
    rows
}

struct Langop<'a> {
    way: &'a Open,
    stack: &'a str,
}

impl Langop<'_> {
    fn run(&self, command: &str, file: &Path) -> (Taken, Requests) {
        let file = file.to_str().unwrap();
        let mut words = vec![command, file];
        // A description names its stack itself.
        if PathBuf::from(file).extension().is_some_and(|end| end == "yaml") {
            words.extend(["--stack", self.stack]);
        }
        if command != "plan" {
            words.push("--yes");
        }
        let taken = measure(&plane::langop(&self.way.kubeconfig, &words), Stdio::null(), &[0]);
        (taken, self.way.take_requests())
    }

    fn settled(&self, command: &str, file: &Path) -> (Taken, Requests) {
        let mut runs: Vec<_> = (0..self.way.again).map(|_| self.run(command, file)).collect();
        runs.sort_by(|(a, _), (b, _)| a.wall.total_cmp(&b.wall));
        runs.swap_remove(runs.len() / 2)
    }
}

/// What the floor took.
#[derive(Clone)]
struct Least {
    seconds: f64,
    requests: Requests,
}

impl std::ops::Add<&Self> for Least {
    type Output = Self;

    fn add(mut self, other: &Self) -> Self {
        self.seconds += other.seconds;
        for (verb, count) in &other.requests {
            *self.requests.entry(verb).or_default() += count;
        }
        self
    }
}

fn timed(way: &Open, work: &dyn Fn()) -> Least {
    let begun = Instant::now();
    work();
    Least { seconds: begun.elapsed().as_secs_f64(), requests: way.take_requests() }
}

fn median(mut all: Vec<Least>) -> Least {
    all.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
    all.swap_remove(all.len() / 2)
}
