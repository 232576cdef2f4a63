//! Storms of faults over apply, update and destroy: whatever is answered, what others have stays, the run ends with a code
//! that is designed, and once it is calm the next run converges.
//!
//! A number is a seed; 200 of the day in CI. `LANGOP_FAULT_SEEDS=5000` runs so many, `17..40` a range, `=17` one.

use std::time::Duration;

use super::life::Place;
use super::runs::Runs;
use super::world;
use crate::bench::Said;
use crate::proxy::{Fault, Rule, Storm};

/// Something of every way to end: a namespace that takes its content along, a workload that is waited for, objects in a
/// namespace of others.
const STACK: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: NAME}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: inside, namespace: NAME}
data: {key: VALUE}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: beside, namespace: NAME-others}
data: {key: VALUE}
---
apiVersion: v1
kind: Secret
metadata: {name: beside, namespace: NAME-others}
stringData: {key: VALUE}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: NAME-others}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: 'web:VALUE', envFrom: [{configMapRef: {name: beside}}]}]
";

/// How a run may end that the API server hinders.
const DESIGNED: [i32; 8] = [0, 1, 3, 5, 6, 8, 69, 77];

/// What comes down on the stack of one place.
struct Sky {
    place: Place,
    /// What others have there, with their uids.
    theirs: Vec<(String, String)>,
    applied: bool,
    value: u64,
}

impl Sky {
    fn new() -> Self {
        let place = Place::new("storm");
        let others = format!("{}-others", place.bench.name);
        place.bench.kubectl(&["create", "namespace", &others]);
        place.bench.kubectl(&["create", "configmap", "theirs", "-n", &others]);
        place.bench.kubectl(&["create", "secret", "generic", "theirs", "-n", &others]);
        let mut sky = Self { place, theirs: Vec::new(), applied: false, value: 0 };
        sky.theirs = sky.look();
        sky
    }

    fn look(&self) -> Vec<(String, String)> {
        let others = format!("/api/v1/namespaces/{}-others", self.place.bench.name);
        let paths = [others.clone(), format!("{others}/configmaps/theirs"), format!("{others}/secrets/theirs")];
        let uid = |path: &String| self.place.recorder.look(path).unwrap_or_default()["metadata"]["uid"].to_string();
        paths.into_iter().map(|path| (path.clone(), uid(&path))).collect()
    }

    fn run(&self, command: &str, timeout: &str) -> Said {
        let bench = &self.place.bench;
        match command {
            "destroy" => bench.langop(&["destroy", "--yes", timeout, "--stack", &bench.name]),
            "plan" => bench.langop(&["plan", "--detailed-exitcode", "--stack", &bench.name, "stack.yaml"]),
            _ => bench.langop(&["apply", "--yes", timeout, "--stack", &bench.name, "stack.yaml"]),
        }
    }

    /// One storm, over what is next in the life of the stack.
    fn weather(&mut self, seed: u64) -> Result<(), String> {
        let command = ["apply", "update", "destroy"][usize::try_from(seed % 3).unwrap()];
        if command == "apply" && self.applied {
            self.calm("destroy")?;
        }
        if command != "apply" && !self.applied {
            self.write(0);
            self.calm("apply")?;
        }
        self.write(seed);
        self.place.recorder.storm(Storm::new(seed, &self.place.bench.name));
        let said = self.run(command, "--timeout=5s");
        let faults = self.place.recorder.end_storm();
        let wrong = |what: String| format!("{command} under {faults:?}: {what}\n{said:?}");
        if said.code.is_none_or(|code| !DESIGNED.contains(&code)) || said.err.contains("panicked") {
            return Err(wrong(format!("it ended with {:?}", said.code)));
        }
        self.calm(command).map_err(wrong)
    }

    fn write(&mut self, value: u64) {
        self.value = value;
        self.place.bench.write("stack.yaml", &STACK.replace("VALUE", &format!("v{value}")));
    }

    /// Without faults the command does what it is there for.
    fn calm(&mut self, command: &str) -> Result<(), String> {
        let Place { recorder, bench, .. } = &self.place;
        let said = self.run(command, "--timeout=2m");
        if said.code != Some(0) {
            return Err(format!("in the calm {command} fails: {said:?}"));
        }
        self.applied = command != "destroy";
        let world = self.place.world();
        if self.applied {
            let plan = self.run("plan", "");
            let lives = world.values().filter(|object| object.to_string().contains(&format!("v{}\"", self.value)));
            if plan.code != Some(0) || world.len() != 5 || lives.count() != 3 {
                return Err(format!("{command} did not converge: {plan:?}\n{world:#?}"));
            }
        } else if !world.is_empty() || !world::kept(recorder, &bench.name).is_empty() {
            return Err(format!("destroy left something: {world:#?}"));
        }
        if self.look() != self.theirs {
            return Err(format!("what others have is not as it was: {:?} instead of {:?}", self.look(), self.theirs));
        }
        if world::is_locked(recorder, &bench.name) {
            return Err("the lock is held".to_owned());
        }
        Ok(())
    }
}

#[test]
fn after_any_storm_the_next_run_converges_and_others_lost_nothing() {
    let mut places: Vec<_> = (0..8).map(|_| Sky::new()).collect();
    let runs = Runs::new("LANGOP_FAULT_SEEDS", 200, Duration::from_mins(3));
    let ran = runs.each("after_any_storm", &mut places, Sky::weather);
    assert!(ran > 0);
    for sky in &places {
        let _ = sky.run("destroy", "--timeout=2m").exits(0);
        sky.place.bench.kubectl(&["delete", "namespace", &format!("{}-others", sky.place.bench.name), "--wait=false"]);
    }
}

/// What storms found: without a record nobody looked for the key and the lock any more.
#[test]
fn a_key_or_lock_that_could_not_be_removed_goes_with_the_next_destroy() {
    let mut sky = Sky::new();
    for (kind, fault) in [("secrets", Fault::Status(404)), ("secrets", Fault::Nonsense), ("leases", Fault::Status(404))]
    {
        sky.write(0);
        sky.calm("apply").unwrap();
        let path = format!("/{kind}/stack-{}", sky.place.bench.name);
        sky.place.recorder.disturb(Rule::on("DELETE", &path, fault).times(1));
        let _ = sky.run("destroy", "--timeout=2m").exits(1);
        sky.place.recorder.calm();
        sky.calm("destroy").unwrap();
    }
}
