//! Network policies beside a description: they add up with its rules, in both directions, and a plan and a check
//! say which of them open what a cluster closes.

use crate::bench::{Bench, Said};

const STACK: &str = "
stack: NAME
clusters:
  NAME: {}
agents:
  web: {image: 'web:1', models: [{name: m}]}
tools:
  search: {image: 'search:1', port: 3000}
models:
  m: {provider: openai, modelName: gpt-4o, apiKeySecretRef: {name: keys}}
";

const EVERYTHING: &str = "
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: everything, namespace: NAME}
spec:
  podSelector: {}
  policyTypes: [Egress, Ingress]
  egress:
  - {}
  ingress:
  - {}
";

fn bench() -> Bench {
    let bench = Bench::at("beside", "no-such-kubeconfig".into());
    bench.write("langop.yaml", STACK);
    bench
}

fn explain(bench: &Bench, words: &str) -> Said {
    let words = words.replace("NAME", &bench.name);
    let mut args = vec!["explain", "reach"];
    args.extend(words.split_whitespace());
    bench.langop(&args)
}

/// The exit codes of these questions, with `text` beside the description.
#[track_caller]
fn answers(text: &str, questions: &[(&str, i32)]) {
    let bench = bench();
    bench.write("beside.yaml", text);
    for &(words, code) in questions {
        let said = explain(&bench, &format!("{words} langop.yaml beside.yaml"));
        assert_eq!(said.code, Some(code), "{words}: {}{}", said.out, said.err);
    }
}

#[test]
fn what_a_policy_beside_the_description_allows_is_allowed_and_named() {
    let bench = bench();
    bench.write("everything.yaml", EVERYTHING);
    let with = |words: &str| explain(&bench, &format!("{words} langop.yaml everything.yaml"));
    for (words, line) in [("web 8.8.8.8:443", 9), ("pod/other/a=b web:8080", 11), ("pod/other gateway:4000", 11)] {
        explain(&bench, words).exits(1);
        let said = with(words).exits(0);
        let rule = if line == 9 { "spec.egress[0]" } else { "spec.ingress[0]" };
        let named = format!("everything.yaml:{line}:5: `{rule}` of NetworkPolicy `{}/everything`", bench.name);
        assert!(said.out.contains(&named), "{words}: {}", said.out);
    }
    let said = with("web 8.8.8.8").exits(0);
    assert!(said.out.contains("allowed on any port"), "{}", said.out);
    let said = with("web 8.8.8.8:443 --json").exits(0).json();
    let source = &said["answers"][0]["egress"]["rules"][0]["source"];
    assert_eq!(source["file"], "everything.yaml");
}

#[test]
fn what_only_a_policy_closes_is_closed() {
    let closed = "
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: closed, namespace: NAME}
spec: {podSelector: {matchLabels: {langop.io/kind: LanguageTool}}, policyTypes: [Ingress, Egress]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: closed, namespace: other}
spec: {podSelector: {matchLabels: {a: b}}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}
";
    answers(
        closed,
        &[
            ("web search:3000", 1),
            ("search 8.8.8.8:443", 1),
            ("search gateway:4000", 1),
            ("web gateway:4000", 0),
            ("pod/other/a=b 8.8.8.8:443", 1),
            ("pod/other/a=b 10.1.2.3:443", 0),
            ("pod/other/a=c 8.8.8.8:443", 0),
        ],
    );
}

#[test]
fn ports_blocks_selectors_and_types_mean_what_kubernetes_says() {
    let policies = "
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: one, namespace: NAME}
spec:
  podSelector: {matchExpressions: [{key: langop.io/kind, operator: In, values: [LanguageAgent]}]}
  policyTypes: [Egress]
  egress:
  - to: [{ipBlock: {cidr: 203.0.113.0/24, except: [203.0.113.128/25]}}]
    ports: [{port: 8000, endPort: 8010}, {protocol: UDP}]
  - to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: data}}, podSelector: {matchLabels: {app: db}}}]
    ports: [{port: 5432}]
  # Not about this direction: `policyTypes` says so.
  ingress: [{}]
";
    answers(
        policies,
        &[
            ("web 203.0.113.1:8005", 0),
            ("web 203.0.113.1:8011", 1),
            ("web 203.0.113.1:9/UDP", 0),
            ("web 203.0.113.200:8005", 1),
            ("web 203.0.113.0/24:8005", 1),
            ("web pod/data/app=db:5432", 0),
            ("web pod/data/app=web:5432", 1),
            ("web pod/NAME/app=db:5432", 1),
            ("pod/other web:8080", 1),
        ],
    );
}

#[test]
fn policies_of_cilium_have_their_say_on_a_target_with_it() {
    let policies = "
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: world, namespace: NAME}
spec:
  endpointSelector: {matchLabels: {k8s:langop.io/kind: LanguageAgent}}
  egress: [{toEntities: [world], toPorts: [{ports: [{port: '443', protocol: TCP}]}]}]
  egressDeny: [{toCIDR: [198.51.100.0/24]}]
---
apiVersion: cilium.io/v2
kind: CiliumClusterwideNetworkPolicy
metadata: {name: watch}
spec:
  endpointSelector: {}
  ingress: [{fromEndpoints: [{matchLabels: {k8s:io.kubernetes.pod.namespace: watch, app: prometheus}}]}]
";
    answers(
        policies,
        &[
            ("web 8.8.8.8:443", 0),
            ("web 8.8.8.8:80", 1),
            ("web 198.51.100.7:443", 1),
            ("pod/watch/app=prometheus gateway:9090", 0),
            ("pod/watch/app=other gateway:9090", 1),
            // The gateway's own policy still holds for callers.
            ("web gateway:4000", 0),
        ],
    );
}

#[test]
fn a_policy_that_is_not_evaluated_leaves_the_answer_open() {
    let policies = "
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: admins}
spec: {priority: 1, subject: {namespaces: {}}, egress: [{action: Allow, to: [{namespaces: {}}]}]}
";
    answers(policies, &[("web 8.8.8.8:443", 7), ("web gateway:4000", 7)]);
    let groups = "
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: groups, namespace: NAME}
spec: {endpointSelector: {}, egress: [{toGroups: [{aws: {securityGroupsIds: [sg-1]}}]}]}
";
    answers(groups, &[("web 8.8.8.8:443", 7), ("web gateway:4000", 0), ("pod/other web:8080", 1)]);
    let bench = bench();
    bench.write("groups.yaml", groups);
    let said = explain(&bench, "web 8.8.8.8:443 langop.yaml groups.yaml --cilium").exits(7);
    assert!(said.out.contains("not decided") && said.out.contains("groups.yaml:5:"), "{}", said.out);
}

#[test]
fn documents_of_the_stacks_own_policies_are_not_policies_beside_it() {
    let bench = bench();
    let rendered = bench.langop(&["render"]).exits(0);
    let own: Vec<_> = rendered.out.split("\n---\n").filter(|one| one.contains("kind: NetworkPolicy")).collect();
    assert!(!own.is_empty());
    bench.write("own.yaml", &own.join("\n---\n").replace("8080", "9999"));
    explain(&bench, "web 8.8.8.8:443 langop.yaml own.yaml").exits(1);
    explain(&bench, "web agent.web:9999 langop.yaml own.yaml").exits(1);
}

#[test]
fn a_check_warns_of_a_policy_that_opens_what_a_cluster_closes() {
    let bench = bench();
    bench.write("everything.yaml", EVERYTHING);
    let said = bench.langop(&["validate", "langop.yaml", "everything.yaml"]).exits(0);
    assert!(said.err.contains("warning[policy-opens]"), "{}", said.err);
    assert!(said.err.contains("egress of agents, egress of the gateway, ingress of agents"), "{}", said.err);
    assert!(said.err.contains("everything.yaml:11:5"), "{}", said.err);
    assert_eq!(bench.langop(&["validate", "langop.yaml"]).exits(0).err, "");
}

#[test]
fn a_check_is_quiet_about_policies_that_open_nothing_more() {
    let harmless = "
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: calls, namespace: NAME}
spec:
  podSelector: {matchLabels: {langop.io/kind: LanguageAgent}}
  egress:
  - to: [{podSelector: {matchLabels: {langop.io/kind: LanguageTool}}}]
  - to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}}]
    ports: [{port: 53, protocol: UDP}]
  ingress:
  - from: [{podSelector: {matchLabels: {langop.io/kind: LanguageAgent}}}]
    ports: [{port: 8080}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: everything, namespace: elsewhere}
spec: {podSelector: {}, egress: [{}], ingress: [{}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: closed, namespace: NAME}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
";
    let bench = bench();
    bench.write("harmless.yaml", harmless);
    assert_eq!(bench.langop(&["validate", "langop.yaml", "harmless.yaml"]).exits(0).err, "");
}

const OWN_DATABASE: &str = "
stack: NAME
clusters:
  NAME:
    networkPolicies:
      egress: [{to: [{namespaceSelector: {matchLabels: {team: data}}, podSelector: {matchLabels: {app: db}}}]}]
";

#[test]
fn a_rule_that_the_description_has_too_opens_nothing_more() {
    let bench = bench();
    let policy = |team: &str| {
        format!(
            "
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: db, namespace: NAME}}
spec:
  podSelector: {{matchLabels: {{langop.io/kind: LanguageAgent}}}}
  policyTypes: [Egress]
  egress: [{{to: [{{namespaceSelector: {{matchLabels: {{team: {team}}}}}, podSelector: {{matchLabels: {{app: db}}}}}}]}}]
"
        )
    };
    bench.write("langop.yaml", OWN_DATABASE);
    bench.write("db.yaml", &policy("data"));
    assert_eq!(bench.langop(&["validate", "langop.yaml", "db.yaml"]).exits(0).err, "");
    bench.write("db.yaml", &policy("web"));
    let said = bench.langop(&["validate", "langop.yaml", "db.yaml"]).exits(0);
    assert!(said.err.contains("egress of agents"), "{}", said.err);
}

#[test]
fn policies_of_the_target_are_read_when_that_is_asked_for() {
    let bench = Bench::new("beside");
    bench.write(
        "langop.yaml",
        &STACK.replace(
            "  m: {provider: openai, modelName: gpt-4o, apiKeySecretRef: {name: keys}}",
            "  m: {provider: openai-compatible, endpoint: 'http://m.NAME.svc', modelName: m}",
        ),
    );
    bench.write("everything.yaml", EVERYTHING);
    bench.langop(&["apply", "--yes", "langop.yaml", "everything.yaml"]).exits(0);
    explain(&bench, "web 8.8.8.8:443 langop.yaml everything.yaml").exits(0);
    // What the stack carried is deleted by the next apply, and its own policies are what the rules stand for.
    explain(&bench, "web 8.8.8.8:443 langop.yaml --live").exits(1);
    bench.write("others.yaml", &EVERYTHING.replace("name: everything", "name: others"));
    bench.kubectl(&["apply", "-f", "others.yaml"]);
    explain(&bench, "web 8.8.8.8:443 langop.yaml").exits(1);
    let said = explain(&bench, "web 8.8.8.8:443 langop.yaml --live").exits(0);
    assert!(said.out.contains(&format!("NetworkPolicy `{}/others`", bench.name)), "{}", said.out);
    let plan = bench.langop(&["plan", "langop.yaml", "everything.yaml", "--json"]).exits(0).json();
    let codes: Vec<_> = plan["problems"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
    assert!(codes.contains(&"policy-opens"), "{codes:?}");
}
