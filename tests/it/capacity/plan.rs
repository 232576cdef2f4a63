//! What does not fit is said at plan, before anything is written.

use std::time::Duration;

use crate::bench::{Bench, eventually};
use crate::proxy::Recorder;

use super::{create, member, pod, stack};

#[test]
fn a_stack_that_does_not_fit_is_refused_before_anything_is_written() {
    let files = tempfile::tempdir().unwrap();
    let recorder = Recorder::start(files.path());
    let bench = Bench::at("unfit", recorder.kubeconfig.clone());
    let limits = "maxCPU = \"1500m\", maxModels = 1";
    bench.write(
        "langop.toml",
        &(stack(limits) + &member("second") + "[clusters.NAME.gateway.deployment]\nreplicas = 2\n"),
    );
    let refused = bench.langop(&["apply", "--yes"]).exits(1);
    for words in [
        "error[over-quota]: limits.cpu: 2 wanted, 1500m allowed by ResourceQuota/langop-quota in NAME: \
         Deployment/gateway 2 × 1",
        "error[over-quota]: count/languagemodels.langop.io: 2 wanted, 1 allowed by ResourceQuota/langop-quota in NAME: \
         0 there, 2 new: LanguageModel/first-model, LanguageModel/second-model",
        "--> langop.toml:3:1",
        "raise `capacity.maxCPU` of cluster `NAME`",
    ] {
        let words = words.replace("NAME", &bench.name);
        assert!(refused.out.contains(&words), "{words}\n{}", refused.out);
    }
    let writes = recorder.take().into_iter().filter(|seen| seen.method != "GET" && !seen.uri.contains("dryRun=All"));
    // The lock alone: it is taken before the plan is made.
    let writes: Vec<_> = writes.filter(|seen| !seen.uri.contains("/leases")).map(|seen| seen.uri).collect();
    assert!(writes.iter().all(|uri| uri.contains("langop-system")), "{writes:#?}");
    assert_eq!(bench.try_kubectl(&["get", "namespace", &bench.name]).code, Some(1));
}

#[test]
fn a_rollout_without_room_for_its_surge_pod_is_refused_and_with_room_it_completes() {
    let bench = Bench::new("surge");
    let with = |cpu: &str, variable: &str| {
        let env = format!("[[clusters.NAME.gateway.deployment.env]]\nname = \"X\"\nvalue = \"{variable}\"\n");
        bench.write("langop.toml", &(stack(&format!("maxCPU = \"{cpu}\"")) + &env));
    };
    with("1", "old");
    bench.langop(&["apply", "--yes"]).exits(0);
    with("1", "new");
    let refused = bench.langop(&["plan"]).exits(1);
    assert!(refused.out.contains("limits.cpu: 2 wanted, 1 allowed"), "{}", refused.out);
    assert!(refused.out.contains("Deployment/gateway 1 × 1 + 1 surge pod × 1"), "{}", refused.out);
    // The maximum that the plan itself raises counts.
    with("2", "new");
    bench.langop(&["apply", "--yes"]).exits(0);
    let image = bench.object(&["pods", "-n", &bench.name])["items"].to_string();
    assert!(image.contains("\"value\":\"new\""), "{image}");

    // What others use is not there for the rollout.
    create(&bench, &pod("theirs", "cpu: 1, memory: 1Gi")).exits(0);
    with("2", "newer");
    let refused = bench.langop(&["plan"]).exits(1);
    assert!(refused.out.contains("limits.cpu: 3 wanted, 2 allowed"), "{}", refused.out);
    assert!(refused.out.contains("others 1"), "{}", refused.out);
    bench.langop(&["destroy", "--yes", "--include-unmanaged"]).exits(0);
}

#[test]
fn one_plan_may_raise_a_maximum_and_use_it() {
    let bench = Bench::new("raise");
    let limited = |most: &str, last: &str| bench.write("langop.toml", &(stack(&format!("maxModels = {most}")) + last));
    limited("2", "");
    bench.langop(&["apply", "--yes"]).exits(0);
    limited("2", &member("second"));
    bench.langop(&["apply", "--yes"]).exits(0);
    let third = member("second") + &member("third");
    limited("2", &third);
    let refused = bench.langop(&["plan"]).exits(1);
    let words = "count/languagemodels.langop.io: 3 wanted, 2 allowed";
    assert!(
        refused.out.contains(words) && refused.out.contains("2 there, 1 new: LanguageModel/third-model"),
        "{}",
        refused.out
    );
    limited("3", &third);
    bench.langop(&["apply", "--yes"]).exits(0);
    // One for another, of each kind at its most: the old one goes first.
    let full = "3, maxAgents = 3, maxTools = 3, maxPersonas = 3";
    limited(full, &(member("second") + &member("fourth")));
    let planned = bench.langop(&["plan"]).exits(0);
    let words = "LanguageModel/third-model goes before what is new is made";
    assert!(planned.out.contains("warning[goes-first]") && planned.out.contains(words), "{}", planned.out);
    bench.langop(&["apply", "--yes"]).exits(0);
    // Two at once, and what asks for one more than may be.
    limited(full, &(member("fifth") + &member("sixth")));
    bench.langop(&["apply", "--yes"]).exits(0);
    bench.langop(&["plan", "--detailed-exitcode", "--refresh=full"]).exits(0);
    limited(full, &(member("fifth") + &member("seventh") + &member("eighth")));
    let refused = bench.langop(&["plan"]).exits(1);
    assert!(refused.out.contains("LanguageModel/sixth-model until it is deleted"), "{}", refused.out);
    bench.langop(&["destroy", "--yes"]).exits(0);
}

#[test]
fn a_maximum_lowered_below_the_use_is_said_with_its_numbers() {
    let bench = Bench::new("lowered");
    bench.write("langop.toml", &(stack("maxCPU = \"4\", maxModels = 2") + &member("second")));
    bench.langop(&["apply", "--yes"]).exits(0);
    eventually("the quota counts the gateway", Duration::from_secs(20), || {
        let used = ["get", "quota", "langop-quota", "-n", &bench.name, "-o", "jsonpath={.status.used.limits\\.cpu}"];
        bench.kubectl(&used) == "1"
    });
    bench.write("langop.toml", &(stack("maxCPU = \"500m\", maxModels = 1") + &member("second")));
    let plan = bench.langop(&["plan"]).exits(0);
    let words = "warning[tight-quota]: limits.cpu goes from 4 to 500m in ResourceQuota/langop-quota in NAME, \
                 below the 1 in use";
    assert!(plan.out.contains(&words.replace("NAME", &bench.name)), "{}", plan.out);
    let words =
        "count/languagemodels.langop.io goes from 2 to 1 in ResourceQuota/langop-quota in NAME, below the 2 in use";
    assert!(plan.out.contains(&words.replace("NAME", &bench.name)), "{}", plan.out);
    bench.langop(&["apply", "--yes"]).exits(0);
    bench.langop(&["destroy", "--yes"]).exits(0);
}

#[test]
fn a_container_without_a_limit_is_an_error_with_its_line_unless_the_namespace_has_defaults() {
    let bench = Bench::new("silent");
    let text = stack("maxCPU = \"4\", maxMemory = \"4Gi\"")
        + "[clusters.NAME.gateway.deployment]\nreplicas = 1\nresources.limits = { memory = \"2Gi\" }\n\
           [[clusters.NAME.gateway.deployment.initContainers]]\nname = \"wait\"\nimage = \"wait:1\"\n";
    bench.write("langop.toml", &text);
    let line = bench.name.clone();
    let refused = bench.langop(&["plan"]).exits(1);
    assert!(refused.out.contains("error[no-limit]"), "{}", refused.out);
    assert!(refused.out.contains("`gateway` says no limits.cpu"), "{}", refused.out);
    assert!(refused.out.contains(&format!("on Deployment/gateway in {line}")), "{}", refused.out);
    let row = text.lines().position(|line| line.starts_with("resources.limits")).unwrap() + 1;
    assert!(refused.out.contains(&format!("--> langop.toml:{row}:1")), "{}", refused.out);
    // A limit range of the stack, or of whoever owns the namespace, speaks for it.
    bench.write(
        "defaults.yaml",
        "apiVersion: v1\nkind: LimitRange\nmetadata: {name: defaults, namespace: NAME}\n\
         spec: {limits: [{type: Container, default: {cpu: 1, memory: 1Gi}}]}\n",
    );
    bench.langop(&["apply", "--yes", "langop.toml", "defaults.yaml"]).exits(0);
    let used = ["get", "quota", "langop-quota", "-n", &bench.name, "-o", "jsonpath={.status.used.limits\\.cpu}"];
    eventually("the defaults count", Duration::from_secs(20), || bench.kubectl(&used) == "1");
    bench.langop(&["destroy", "--yes"]).exits(0);
}

#[test]
fn quotas_and_limits_of_carried_manifests_and_of_others_count() {
    let bench = Bench::new("carried");
    bench.kubectl(&["create", "namespace", &bench.name]);
    bench.kubectl(&["create", "quota", "theirs", "-n", &bench.name, "--hard=limits.cpu=2,pods=9"]);
    let web = |replicas: u32, resources: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, namespace: NAME}}\nspec:\n  replicas: {replicas}\n  \
             selector: {{matchLabels: {{app: web}}}}\n  template:\n    metadata: {{labels: {{app: web}}}}\n    \
             spec: {{containers: [{{name: web, image: 'web:1'{resources}}}]}}\n"
        )
    };
    let plan = |text: &str| {
        bench.write("web.yaml", text);
        bench.langop(&["plan", "--stack", &bench.name, "web.yaml"])
    };
    let limited = ", resources: {limits: {cpu: 1}}";
    assert!(plan(&web(1, "")).exits(1).out.contains("`web` says no limits.cpu"));
    let refused = plan(&web(3, limited)).exits(1);
    assert!(refused.out.contains("limits.cpu: 3 wanted, 2 allowed by ResourceQuota/theirs"), "{}", refused.out);
    assert!(refused.out.contains("have ResourceQuota/theirs in"), "{}", refused.out);
    plan(&web(2, limited)).exits(0);
    bench.langop(&["apply", "--yes", "--stack", &bench.name, "web.yaml"]).exits(0);
    bench.langop(&["destroy", "--yes", "--stack", &bench.name]).exits(0);
    bench.kubectl(&["delete", "namespace", &bench.name, "--wait=false"]);
}

#[test]
fn pods_with_containers_and_contexts_of_the_users_are_let_into_a_restricted_namespace() {
    let bench = Bench::new("restricted");
    bench.kubectl(&["create", "namespace", &bench.name]);
    bench.kubectl(&["label", "namespace", &bench.name, "pod-security.kubernetes.io/enforce=restricted"]);
    let gateway = "[clusters.NAME.gateway.deployment]\nsecurityContext = { fsGroup = 2000 }\n\
                   [[clusters.NAME.gateway.deployment.initContainers]]\nname = \"wait\"\nimage = \"wait:1\"\n";
    bench.write("langop.toml", &(stack("maxCPU = \"1\", maxMemory = \"1Gi\"") + gateway));
    bench.langop(&["apply", "--yes", &format!("--adopt=Namespace/{}", bench.name)]).exits(0);
    let pods = bench.object(&["pods", "-n", &bench.name]);
    let context = &pods["items"][0]["spec"]["securityContext"];
    assert_eq!((&context["fsGroup"], &context["runAsNonRoot"]), (&2000.into(), &true.into()), "{pods:#}");
    bench.langop(&["destroy", "--yes"]).exits(0);
    bench.kubectl(&["delete", "namespace", &bench.name, "--wait=false"]);
}

#[test]
fn quotas_are_read_only_where_something_changes_and_pods_only_under_a_quota_of_pods() {
    let files = tempfile::tempdir().unwrap();
    let recorder = Recorder::start(files.path());
    let bench = Bench::at("asks", recorder.kubeconfig.clone());
    let looks = || {
        recorder.take();
        bench.langop(&["plan"]).exits(0);
        let uris = recorder.take().into_iter().map(|seen| seen.uri.split('?').next().unwrap_or_default().to_owned());
        let last = |uri: String| uri.rsplit('/').next().unwrap_or_default().to_owned();
        let of_namespace = |uri: &String| uri.contains(&format!("/api/v1/namespaces/{}/", bench.name));
        let kinds = ["resourcequotas", "pods", "limitranges"].map(str::to_owned);
        let mut looks: Vec<_> = uris.filter(of_namespace).map(last).filter(|kind| kinds.contains(kind)).collect();
        looks.sort();
        looks
    };
    let with = |capacity: &str, model: &str| {
        bench.write("langop.toml", &stack(capacity).replace("modelName = \"m\"", &format!("modelName = \"{model}\"")));
    };
    with("maxModels = 2", "m");
    assert!(looks().is_empty(), "its namespace is still to come");
    bench.langop(&["apply", "--yes"]).exits(0);
    assert!(looks().is_empty(), "nothing changes");
    with("maxModels = 2", "n");
    assert_eq!(looks(), ["resourcequotas"], "no quota counts pods");
    with("maxModels = 2, maxCPU = \"4\"", "n");
    assert_eq!(looks(), ["limitranges", "pods", "resourcequotas"]);
    bench.langop(&["destroy", "--yes"]).exits(0);
}
