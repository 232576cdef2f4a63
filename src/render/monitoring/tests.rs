//! What is made of metrics: for which target, and which alerts of which description.

use serde_json::{Value, json};

use crate::render::fixture::{field, find, rendered, stack};
use crate::render::{Target, needs, render};

/// What a description is on a target that has all kinds.
fn known(text: &str) -> Vec<crate::object::Manifest> {
    let stack = stack(text);
    let target = needs(&stack).assumed_target();
    render(&stack, &target)
}

fn rules(text: &str) -> Vec<Value> {
    let manifests = known(text);
    field(&manifests, "PrometheusRule", "gateway", "/spec/groups/0/rules").as_array().unwrap().clone()
}

fn alerts(text: &str) -> Vec<(String, String)> {
    let text_of = |rule: &Value, key: &str| rule[key].as_str().unwrap().to_owned();
    rules(text).iter().map(|rule| (text_of(rule, "alert"), text_of(rule, "expr"))).collect()
}

fn names(text: &str) -> Vec<String> {
    alerts(text).into_iter().map(|(name, _)| name).collect()
}

#[test]
fn kinds_that_the_target_lacks_are_left_out_and_the_rest_is_there() {
    let text = "clusters.c.gateway.metrics = {}";
    assert_eq!(needs(&stack(text)).optional_kinds.len(), 2);
    let bare = render(&stack(text), &Target::default());
    assert!(find(&bare, "PodMonitor", "gateway").is_none() && find(&bare, "PrometheusRule", "gateway").is_none());
    assert!(find(&bare, "ConfigMap", "gateway-dashboard").is_some());
    let full = known(text);
    assert!(find(&full, "PodMonitor", "gateway").is_some() && find(&full, "PrometheusRule", "gateway").is_some());
    let off = "clusters.c.gateway.metrics = { rules.enabled = false, dashboard.enabled = false }";
    assert_eq!(needs(&stack(off)).optional_kinds.len(), 1);
    assert!(find(&known(off), "PrometheusRule", "gateway").is_none());
    assert!(find(&known(off), "ConfigMap", "gateway-dashboard").is_none());
    assert!(needs(&stack("clusters.c = {}")).optional_kinds.is_empty());
    assert!(find(&rendered("clusters.c = {}"), "ConfigMap", "gateway-dashboard").is_none());
}

#[test]
fn a_prometheus_finds_the_pods_by_the_labels_that_it_asks_for() {
    let manifests = known(
        "[clusters.c.gateway.metrics]\ninterval = '60s'\nlabels = { release = 'kps', 'langop.io/cluster' = 'other' }\n\
         dashboard = { folder = 'Models', labels = { dash = 'yes' } }",
    );
    let monitor = field(&manifests, "PodMonitor", "gateway", "");
    assert_eq!(monitor["metadata"]["labels"]["release"], "kps");
    assert_eq!(monitor["metadata"]["labels"]["langop.io/cluster"], "c", "langop's own stay");
    let endpoint = json!([{ "port": "metrics", "path": "/metrics", "interval": "60s" }]);
    assert_eq!(monitor["spec"]["podMetricsEndpoints"], endpoint);
    let pods = field(&manifests, "Deployment", "gateway", "/spec/template");
    for (label, value) in monitor["spec"]["selector"]["matchLabels"].as_object().unwrap() {
        assert_eq!(&pods["metadata"]["labels"][label], value);
    }
    assert!(pods["spec"]["containers"][0]["ports"].as_array().unwrap().iter().any(|port| port["name"] == "metrics"));
    let dashboard = field(&manifests, "ConfigMap", "gateway-dashboard", "/metadata");
    assert_eq!(
        (&dashboard["labels"]["dash"], &dashboard["annotations"]["grafana_folder"]),
        (&json!("yes"), &json!("Models"))
    );
    assert_eq!(dashboard["labels"].get("grafana_dashboard"), None);
}

#[test]
fn alerts_are_on_what_is_declared_and_on_nothing_else() {
    let plain = "[clusters.c.gateway.metrics]\n[models.m]\nprovider = 'openai'\nmodelName = 'gpt'\n";
    assert_eq!(names(plain), ["LangopGatewayAbsent", "LangopNoHealthyDeployment"]);
    let more = |lines: &str| {
        let added = names(&format!("{plain}{lines}"));
        added.into_iter().filter(|name| !names(plain).contains(name)).collect::<Vec<_>>()
    };
    assert_eq!(more("rateLimits = { requestsPerMinute = 5 }"), ["LangopLimitNearlyReached"]);
    let twice = ["LangopLimitNearlyReached"; 2];
    assert_eq!(more("[agents.a]\nimage = 'a'\nrateLimits = { requestsPerMinute = 5, tokensPerMinute = 9 }"), twice);
    assert_eq!(more("fallbacks = ['n']\n[models.n]\nprovider = 'openai'\nmodelName = 'n'"), ["LangopFallbackInUse"]);
    let budgets = ["LangopBudgetNearlySpent", "LangopBudgetSpent", "LangopStoreDown"];
    assert_eq!(more("budget = { usd = 5, window = 'day' }\n[clusters.c.gateway.store]"), budgets);
    assert_eq!(more("[clusters.c.gateway.store]"), ["LangopStoreDown"]);
    let old = alerts("[clusters.c.gateway]\nstore = {}\nmetrics.rules.keyDays = 30");
    let old = &old.iter().find(|(name, _)| name == "LangopKeyOld").unwrap().1;
    assert!(old.ends_with("> 30 * 86400"), "{old}");
    let exposed = |tls: &str| more(&format!("[clusters.c.ingress]\nenabled = true\n{tls}")).len();
    let domain = plain.replace("[models.m]", "[clusters.d]\n[models.m]");
    assert_eq!((exposed(""), names(&domain).len()), (0, 2));
    let text = "[clusters.c]\ndomain = 'a.b'\ningress = { enabled = true, tls = { mode = 'secret', secretName = 't' } }\n\
                gateway.metrics = { rules.certificateDays = 7 }";
    let ends = alerts(text).into_iter().find(|(name, _)| name == "LangopCertificateEnds").unwrap().1;
    assert!(ends.ends_with("< 7 * 86400"), "{ends}");
}

#[test]
fn teams_have_the_alerts_of_agents_and_keep_a_label_of_the_name_free() {
    let text = "[clusters.c.gateway]\nstore = {}\nmetrics.rules = { budgetPercent = 70, labels = { team = 'us', cluster = 'eu-1' } }\n\
                [agents.a]\nimage = 'a'\n[teams.t]\nagents = ['a']\nbudget = { usd = 9, window = 'day' }\n\
                rateLimits = { requestsPerMinute = 5, tokensPerMinute = 9 }";
    let all = rules(text);
    let of = |name: &str| all.iter().filter(|rule| rule["alert"] == name).cloned().collect::<Vec<_>>();
    assert_eq!((of("LangopBudgetNearlySpent").len(), of("LangopBudgetSpent").len()), (1, 1));
    let limits = of("LangopLimitNearlyReached");
    assert_eq!(limits.len(), 2);
    for (rule, kind) in limits.iter().zip(["requests", "tokens"]) {
        let expr = rule["expr"].as_str().unwrap();
        assert!(expr.contains(&format!("max by (namespace, team) (langop_team_{kind}_limit{{")), "{expr}");
        assert!(expr.ends_with(r#">= 0.90, "of", "team/$1", "team", "(.+)")"#), "{expr}");
        assert_eq!(rule["labels"]["limit"], format!("team-{kind}"));
        assert_eq!((&rule["labels"]["team"], &rule["labels"]["cluster"]), (&json!("us"), &json!("eu-1")));
        assert_eq!(rule["labels"]["langop_cluster"], "c");
        assert!(rule["annotations"]["summary"].as_str().unwrap().starts_with("team {{ $labels.team }} uses"));
    }
}

#[test]
fn a_budget_is_nearly_spent_until_it_is_spent() {
    let of = |percent: u8| {
        let text = format!(
            "[clusters.c]\nbudget = {{ usd = 5, window = 'day' }}\n[clusters.c.gateway]\nstore = {{}}\n\
             metrics.rules.budgetPercent = {percent}"
        );
        alerts(&text).into_iter().filter(|(name, _)| name.contains("Budget")).collect::<Vec<_>>()
    };
    let some = of(75);
    assert!(some[0].1.ends_with(" >= 0.75 < 1") && some[1].1.ends_with(" >= 1"), "{some:?}");
    assert_eq!(of(100).into_iter().map(|(name, _)| name).collect::<Vec<_>>(), ["LangopBudgetSpent"]);
}

#[test]
fn a_counter_is_new_by_its_own_word_and_not_because_nobody_looked() {
    let text = "[clusters.c.gateway.metrics]\n[models.m]\nprovider = 'openai'\nmodelName = 'gpt'\nfallbacks = ['n']\n\
                [models.n]\nprovider = 'openai'\nmodelName = 'n'";
    let all = alerts(text);
    assert!(all.iter().all(|(_, expr)| !expr.contains("offset")), "{all:?}");
    let used = &all.iter().find(|(name, _)| name == "LangopFallbackInUse").unwrap().1;
    let calls = r#"litellm_deployment_successful_fallbacks_total{namespace="c"}"#;
    let began = calls.replace("_total", "_created");
    assert!(used.contains(&format!("(({calls} and {began} > time() - 600) or increase({calls}[10m]))")), "{used}");
}

#[test]
fn panels_look_at_several_samples_whatever_the_interval_is() {
    let manifests = known("clusters.c.gateway.metrics.interval = '60s'");
    let text = field(&manifests, "ConfigMap", "gateway-dashboard", "/data/langop-c.json").as_str().unwrap();
    let dashboard: Value = serde_json::from_str(text).unwrap();
    for panel in dashboard["panels"].as_array().unwrap() {
        let target = &panel["targets"][0];
        // Grafana's `$__rate_interval` is four of these at least.
        assert_eq!(target["interval"], "60s");
        let expr = target["expr"].as_str().unwrap();
        let windows = expr.split('[').skip(1).map(|rest| rest.split(']').next().unwrap());
        assert!(windows.into_iter().all(|window| ["$__rate_interval", "5m", "1h"].contains(&window)), "{expr}");
    }
}

#[test]
fn a_certificate_that_has_ended_does_not_end_in_less_than_nothing() {
    let text = "[clusters.c]\ndomain = 'a.b'\ningress = { enabled = true, tls = { mode = 'secret', secretName = 't' } }\n\
                gateway.metrics = {}";
    let all = rules(text);
    let ends = all.iter().find(|rule| rule["alert"] == "LangopCertificateEnds").unwrap();
    let summary = "The certificate in Secret {{ $labels.secret }} \
                   {{ if lt $value 0.0 }}has ended{{ else }}ends in {{ $value | humanizeDuration }}{{ end }}";
    assert_eq!(ends["annotations"]["summary"], summary);
}

#[test]
fn limits_are_those_of_a_pod_unless_pods_count_together() {
    let text = |store: &str| {
        format!(
            "[clusters.c.gateway]\nmetrics.rules = {{ limitPercent = 75 }}\n{store}\n[models.m]\nprovider = 'openai'\n\
             modelName = 'gpt'\nrateLimits = {{ requestsPerMinute = 5 }}"
        )
    };
    let limit = |store: &str| alerts(&text(store)).into_iter().find(|(name, _)| name.contains("Limit")).unwrap().1;
    assert!(limit("").contains("by (namespace, model_id, pod)") && limit("").ends_with(">= 0.75"), "{}", limit(""));
    assert!(limit("store = {}").contains("by (namespace, model_id)"), "{}", limit("store = {}"));
}

#[test]
fn deployments_of_one_name_stand_for_each_other() {
    let text = "[clusters.c.gateway.metrics]\n[models.eu]\nprovider = 'openai'\nmodelName = 'gpt'\n\
                [models.us]\nprovider = 'openai'\nmodelName = 'gpt'";
    let healthy: Vec<_> = alerts(text).into_iter().filter(|(name, _)| name.contains("Healthy")).collect();
    assert_eq!(healthy.len(), 1);
    assert!(healthy[0].1.contains(r#"model_id=~"model eu|model us""#), "{}", healthy[0].1);
}

#[test]
fn of_the_secret_of_tls_the_certificate_alone_gets_into_the_pod() {
    let volumes = |metrics: &str| {
        let manifests = rendered(&format!(
            "[clusters.c]\ndomain = 'a.b'\n{metrics}\ningress = {{ enabled = true, tls.issuerRef.name = 'le' }}"
        ));
        let volumes = field(&manifests, "Deployment", "gateway", "/spec/template/spec/volumes").as_array().unwrap();
        volumes.iter().find(|volume| volume["name"] == "config").unwrap()["projected"]["sources"].clone()
    };
    let item = json!({ "key": "tls.crt", "path": "certificates/gateway-tls/tls.crt" });
    let secret = json!({ "secret": { "name": "gateway-tls", "items": [item], "optional": true } });
    assert_eq!(volumes("gateway.metrics = {}")[2], secret);
    assert_eq!(volumes("").as_array().unwrap().len(), 2);
}
