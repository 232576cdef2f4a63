//! `langop explain reach` as a user meets it: no server, the line of the rule, the exit code.

use std::fmt::Write as _;

use crate::bench::{Bench, Said};

const DESCRIPTION: &str = r#"stack = "demo"
[clusters.prod]
[[clusters.prod.networkPolicies.egress]]
to = [{ dns = ["api.anthropic.com"] }, { cidr = "2001:db8::/32" }]
ports = [{ port = 443 }]
[[clusters.prod.networkPolicies.ingress]]
from = [
  { group = "front" },
  { cidr = "10.0.0.0/8" },
]
[models.llama]
provider = "openai-compatible"
modelName = "llama"
endpoint = "http://llama.models.svc:8080"
[agents.web]
image = "web:1"
group = "front"
[agents.back]
image = "back:1"
ports = [{ name = "api", port = 9000 }]
[tools.search]
image = "search:1"
port = 3000
"#;

const SERVICE: &str = "
apiVersion: v1
kind: Service
metadata: {name: db, namespace: data}
spec:
  selector: {app: db}
  ports: [{port: 5432, targetPort: pg}]
";

fn bench() -> Bench {
    let bench = Bench::at("explain", "no-such-kubeconfig".into());
    bench.write("langop.toml", DESCRIPTION);
    bench
}

fn explain(bench: &Bench, words: &str) -> Said {
    let mut args = vec!["explain", "reach"];
    args.extend(words.split_whitespace());
    bench.langop(&args)
}

#[test]
fn an_answer_names_both_ends_and_the_line_of_the_rule() {
    let bench = bench();
    let questions = [
        ("web back:api", 0),
        ("back web:8080", 1),
        ("group.front agent.back", 0),
        ("web gateway:8000", 0),
        ("web search", 0),
        ("search web", 1),
        ("web api.anthropic.com:443", 0),
        ("web API.Anthropic.com.:443/udp", 1),
        ("web [2001:db8::7]:443", 0),
        ("web 2001:db8::/31", 1),
        ("10.1.0.0/16 prod/back:80", 0),
        ("gateway pod/models:8080", 0),
        ("gateway pod/models/app=llama:8081", 1),
        ("pod/elsewhere gateway:4000", 1),
        ("web pod/kube-system:53/UDP", 0),
    ];
    let mut text = String::new();
    for (words, code) in questions {
        let said = explain(&bench, words).exits(code);
        assert_eq!(said.err, "", "{words}");
        writeln!(text, "$ langop explain reach {words}\n{}", said.out).unwrap();
    }
    insta::assert_snapshot!(text);
}

#[test]
fn a_word_that_means_nothing_says_what_was_meant() {
    let bench = bench();
    let mistakes = [
        "wep back",
        "group.frnt back",
        "group.other back",
        "prd/web back",
        "web:80 back",
        "web back:0",
        "web back:80/ICMP",
        "web service/db.data:5432",
        "web service/db",
        "web pod/data/db",
        "web host/not_a*host",
    ];
    let mut text = String::new();
    for words in mistakes {
        let said = explain(&bench, words).exits(64);
        assert_eq!(said.out, "");
        writeln!(text, "$ langop explain reach {words}\n{}", said.err).unwrap();
    }
    insta::assert_snapshot!(text);
}

#[test]
fn documents_beside_the_description_say_what_is_behind_a_service() {
    let bench = bench();
    let rule =
        "[[clusters.prod.networkPolicies.egress]]\nto = [{ service = { name = \"db\", namespace = \"data\" } }]\n";
    bench.write("langop.toml", &DESCRIPTION.replace("[agents.web]", &format!("{rule}[agents.web]")));
    bench.write("around.yaml", SERVICE);
    explain(&bench, "web service/db.data:5432 langop.toml around.yaml").exits(0);
    let said = explain(&bench, "web service/db.data:5433 langop.toml around.yaml").exits(64);
    assert!(said.err.contains("it has `5432/TCP`"), "{}", said.err);
    explain(&bench, "web pod/data/app=web:pg langop.toml around.yaml").exits(1);
    explain(&bench, "web pod/data/app=db:pg langop.toml around.yaml").exits(0);
}

#[test]
fn what_kubectl_says_of_a_live_cluster_stands_beside_the_description() {
    let bench = Bench::new("explain-live");
    let text = DESCRIPTION.replace("\"demo\"", "\"NAME\"").replace("prod", "NAME");
    // Without names, which this control plane cannot keep.
    bench.write("langop.toml", &text.replace("{ dns = [\"api.anthropic.com\"] }, ", ""));
    bench.langop(&["apply", "--yes"]).exits(0);
    bench.write("live.yaml", &bench.kubectl(&["get", "svc,ns", "-A", "-o", "yaml"]));
    explain(&bench, "web service/gateway.NAME langop.toml live.yaml".replace("NAME", &bench.name).as_str()).exits(0);
    explain(&bench, "web service/kubernetes.default:443 langop.toml live.yaml").exits(64);
}

#[test]
fn of_several_clusters_the_one_that_is_meant_is_named() {
    let bench = bench();
    let text =
        DESCRIPTION.replace("[models.llama]", "[clusters.test]\n[models.llama]\nclusters = [\"prod\", \"test\"]");
    let text = text.replace("[agents.web]", "[agents.web]\nclusters = [\"prod\", \"test\"]");
    let text = text.replace("[agents.back]", "[agents.back]\nclusters = [\"prod\"]");
    bench.write("langop.toml", &text.replace("[tools.search]", "[tools.search]\nclusters = [\"test\"]"));
    let said = explain(&bench, "web back").exits(64);
    assert!(said.err.contains("`web` is several: `prod/agent.web`, `test/agent.web`"), "{}", said.err);
    explain(&bench, "prod/web back:9000").exits(0);
    let said = explain(&bench, "test/web back:9000 --json").exits(1).json();
    assert_eq!(said["allowed"], false);
    assert_eq!(said["answers"][0]["from"], "test/agent.web");
    assert_eq!(said["answers"][0]["egress"]["allowed"], false);
}

#[test]
fn json_has_the_rule_with_file_line_and_column() {
    let said = explain(&bench(), "web back:9000 --json").exits(0).json();
    let rule = &said["answers"][0]["ingress"]["rules"][0];
    assert_eq!(rule["source"], serde_json::json!({ "file": "langop.toml", "line": 8, "column": 3 }));
    assert_eq!(rule["path"], "networkPolicies.ingress[0].from[0]");
}

#[test]
fn who_reads_metrics_reaches_their_port_by_its_name_too() {
    let bench = Bench::at("explain", "no-such-kubeconfig".into());
    bench.write("langop.toml", &DESCRIPTION.replacen("[clusters.prod]\n", "[clusters.prod.gateway.metrics]\n", 1));
    for (words, code) in [
        ("pod/monitoring gateway:metrics", 0),
        ("pod/monitoring gateway:9464", 0),
        ("pod/monitoring gateway:4000", 1),
        ("pod/elsewhere gateway:metrics", 1),
        ("web gateway:metrics", 1),
    ] {
        let said = explain(&bench, words);
        assert_eq!(said.code, Some(code), "{words}: {}{}", said.out, said.err);
    }
}
