//! The store of a gateway on the API server: what a plan says of it, that a second one has nothing to do, how its volume
//! grows and goes, and that its password is seen nowhere.

use crate::bench::Bench;

const DESCRIPTION: &str = r#"
stack = "NAME"
[clusters.NAME.gateway]
deployment.replicas = 2
STORE
[models.m]
provider = "openai-compatible"
modelName = "m"
endpoint = "http://llama.models.svc:8080"
rateLimits = { requestsPerMinute = 60 }
"#;

fn described(bench: &Bench, store: &str) -> String {
    bench.write("langop.toml", &DESCRIPTION.replace("STORE", store)).display().to_string()
}

#[test]
fn a_store_lives_grows_and_takes_its_data_along_as_the_plan_says() {
    let bench = Bench::new("store");
    let name = bench.name.clone();
    let password = || {
        let path = "go-template={{.data.password | base64decode}}";
        bench.kubectl(&["get", "secret", "gateway-store", "-n", &name, "-o", path])
    };
    let file = described(&bench, "");
    bench.langop(&["apply", &file, "--yes"]).exits(0);

    let file = described(&bench, "store = { }");
    let plan = bench.langop(&["plan", &file]).exits(0);
    let together = "requests of model `m`";
    assert!(plan.out.contains(together), "{}", plan.out);
    assert!(plan.out.contains("60/min over all pods; until now 60/min per pod, 2 pods: 120"), "{}", plan.out);
    let applied = bench.langop(&["apply", &file, "--yes"]).exits(0).all();
    let made = password();
    assert!(made.len() > 20 && !applied.contains(&made));
    let again = bench.langop(&["plan", &file, "--detailed-exitcode", "--refresh=full"]).exits(0);
    assert!(again.out.contains("Nothing to do"), "{}", again.out);
    let order = bench.langop(&["graph", &file]).exits(0).out;
    assert!(order.contains("gateway-store"), "{order}");

    let shrunk = bench.langop(&["plan", &described(&bench, "store = { size = \"500Mi\" }")]).exits(1);
    assert!(shrunk.out.contains("a volume cannot shrink: it has 1Gi, described is 500Mi"), "{}", shrunk.out);

    let without = described(&bench, "");
    let plan = bench.langop(&["plan", &without]).exits(0);
    let loss = format!("PersistentVolumeClaim/gateway-store in {name}");
    assert!(plan.out.contains(&loss) && plan.out.contains("its data"), "{}", plan.out);
    bench.langop(&["apply", &without, "--yes"]).exits(0);
    let left = bench.kubectl(&["get", "statefulset,pvc,secret,service,networkpolicy", "-n", &name, "-o", "name"]);
    assert!(!left.contains("gateway-store"), "{left}");
    assert_eq!(bench.langop(&["destroy", &without, "--yes"]).exits(0).all().matches(&made).count(), 0);
}
