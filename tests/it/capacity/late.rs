//! The quota controller learns of new kinds half a minute after their CRDs are made, and looks at quotas that are
//! already there only every five minutes. Until then the API server lets nothing in that such a quota counts.

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::bench::{Bench, eventually};
use crate::control_plane::OwnHome;

use super::{member, stack};

const LIMITS: &str = "maxModels = 2, maxAgents = 2, maxTools = 2, maxPersonas = 2, maxCPU = \"4\"";

#[test]
fn a_model_that_follows_its_quota_at_once_waits_for_the_controller_and_not_for_its_full_round() {
    let own = OwnHome::new();
    assert!(own.langop(&["dev", "up"]).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success());
    let bench = Bench::at("late", own.home.kubeconfig());
    bench.write("langop.toml", &stack(LIMITS));
    let begun = Instant::now();
    bench.langop(&["apply", "--yes"]).exits(0);
    // Nothing waits while nothing is counted: not the first apply, not one without changes.
    bench.langop(&["apply", "--yes"]).exits(0);
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    bench.write("langop.toml", &(stack(LIMITS) + &member("second")));
    let plan = bench.langop(&["plan"]).exits(0);
    assert!(plan.out.contains("status unknown for quota: langop-quota"), "{}", plan.out);

    // Killed in the middle of the wait.
    let mut killed = bench.command(&["apply", "--yes"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(killed.stderr.take().unwrap()));
    let waiting = lines.by_ref().map(Result::unwrap).find(|line| line.contains("does not count"));
    assert!(
        waiting
            .is_some_and(|line| line.contains("ResourceQuota/langop-quota") && line.contains("count/languagemodels"))
    );
    killed.kill().unwrap();
    killed.wait().unwrap();

    bench.langop(&["apply", "--yes"]).exits(0);
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(100), "it took {took:?}");
    let hard = ["-n", &bench.name, "get", "quota", "langop-quota", "-o", "jsonpath={.spec.hard}"];
    assert!(bench.kubectl(&hard).contains("\"count/languagemodels.langop.io\":\"2\""));
    eventually("the quota counts the models", Duration::from_secs(10), || {
        let used = ["-n", &bench.name, "get", "quota", "langop-quota", "-o", "jsonpath={.status.used}"];
        bench.kubectl(&used).contains("\"count/languagemodels.langop.io\":\"2\"")
    });
    bench.langop(&["plan", "--detailed-exitcode"]).exits(0);
}
