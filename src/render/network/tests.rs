//! Who reaches whom, by the rules of a description.

use serde_json::{Value, json};

use crate::object::Manifest;
use crate::render::fixture::{field, find, rendered, rendered_with_cilium};

fn described(rules: &str) -> String {
    format!("stack = 's'\n[clusters.dev]\n{rules}")
}

fn policy<'a>(all: &'a [Manifest], name: &str, direction: &str) -> &'a Value {
    field(all, "NetworkPolicy", &format!("{name}-{direction}"), &format!("/spec/{direction}"))
}

/// The rules for agents beyond the three that are always there.
fn opened(rule: &str) -> Vec<Value> {
    let all = rendered(&described(&format!("networkPolicies.egress = [{rule}]")));
    policy(&all, "agents", "egress").as_array().unwrap()[3..].to_vec()
}

fn tcp(port: u16) -> Value {
    json!([{ "port": port, "protocol": "TCP" }])
}

#[test]
fn agents_reach_each_other_the_gateway_and_names_only() {
    let all = rendered(&described(""));
    let egress = policy(&all, "agents", "egress").as_array().unwrap();
    assert_eq!(egress.len(), 3);
    assert_eq!(
        egress[0]["to"][0]["podSelector"]["matchExpressions"][0]["values"],
        json!(["LanguageAgent", "LanguageTool"])
    );
    assert_eq!(egress[1]["ports"], tcp(4000));
    assert_eq!(egress[2]["ports"], json!([{ "port": 53, "protocol": "UDP" }, { "port": 53, "protocol": "TCP" }]));
    let ingress = policy(&all, "agents", "ingress").as_array().unwrap();
    assert_eq!(ingress.len(), 1);
    assert_eq!(ingress[0]["from"][0]["podSelector"]["matchLabels"]["langop.io/kind"], "LanguageAgent");
    assert_eq!(ingress[0]["ports"], tcp(8080));
}

#[test]
fn a_group_narrows_because_the_default_gives_way() {
    let all =
        rendered(&described("networkPolicies.ingress = [{ from = [{ group = 'ops' }], ports = [{ port = 80 }] }]"));
    let labels = json!({ "langop.io/group": "ops", "langop.io/kind": "LanguageAgent" });
    let wanted = json!([{ "from": [{ "podSelector": { "matchLabels": labels } }], "ports": tcp(80) }]);
    assert_eq!(*policy(&all, "agents", "ingress"), wanted);
}

#[test]
fn addresses_of_both_families_stay_together() {
    let wanted = json!([{
        "to": [{ "ipBlock": { "cidr": "10.0.0.0/8" } }, { "ipBlock": { "cidr": "fd00::/8" } }],
        "ports": tcp(443),
    }]);
    let rule = "{ to = [{ cidr = '10.0.0.0/8' }, { cidr = 'fd00::/8' }], ports = [{ port = 443 }] }";
    assert_eq!(json!(opened(rule)), wanted);
}

#[test]
fn a_peer_of_nothing_drops_its_rule() {
    assert!(opened("{ to = [{ dns = ['a.example'] }], ports = [{ port = 443 }] }").is_empty());
    assert!(opened("{ to = [{ service = { name = 'unknown' } }] }").is_empty());
}

#[test]
fn every_rule_of_every_policy_names_its_peers() {
    let rules = "networkPolicies.egress = [{ to = [{ dns = ['a.example'] }, { service = { name = 'unknown' } }] }]\n\
                 networkPolicies.ingress = [{ from = [{ service = { name = 'unknown' } }] }]";
    for one in rendered(&described(rules)).iter().filter(|one| one.reference.kind == "NetworkPolicy") {
        for (direction, peers) in [("egress", "to"), ("ingress", "from")] {
            for rule in one.object["spec"][direction].as_array().into_iter().flatten() {
                assert!(!rule[peers].as_array().unwrap().is_empty(), "{}", one.reference);
            }
        }
    }
}

#[test]
fn a_service_is_its_pods_on_the_port_behind() {
    let rule = opened("{ to = [{ service = { name = 'gateway' } }] }");
    assert_eq!(rule.len(), 1);
    assert_eq!(rule[0]["ports"], tcp(4000));
    let peer = &rule[0]["to"][0];
    assert_eq!(peer["podSelector"]["matchLabels"]["app.kubernetes.io/name"], "gateway");
    assert_eq!(peer["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"], "dev");
}

#[test]
fn names_are_opened_by_cilium_with_its_proxy() {
    let text = described(
        "networkPolicies.egress = [{ to = [{ dns = ['a.example', '*.b.example'] }], ports = [{ port = 443 }] }]",
    );
    assert!(find(&rendered(&text), "CiliumNetworkPolicy", "agents-dns").is_none());
    let all = rendered_with_cilium(&text);
    let egress = field(&all, "CiliumNetworkPolicy", "agents-dns", "/spec/egress");
    assert_eq!(egress[0]["toPorts"][0]["rules"]["dns"], json!([{ "matchPattern": "*" }]));
    assert_eq!(egress[1]["toFQDNs"], json!([{ "matchName": "a.example" }, { "matchPattern": "*.b.example" }]));
    assert_eq!(egress[1]["toPorts"], json!([{ "ports": [{ "port": "443", "protocol": "TCP" }] }]));
}

#[test]
fn the_gateway_reaches_its_models_and_is_reached_by_agents_and_tools() {
    let text = described("") + "\n[models.m]\nprovider = 'openai'\nmodelName = 'm'";
    let all = rendered(&text);
    assert_eq!(policy(&all, "gateway", "ingress")[0]["ports"], tcp(4000));
    let egress = policy(&all, "gateway", "egress").as_array().unwrap();
    assert_eq!(egress.len(), 2);
    assert_eq!(egress[1]["ports"], tcp(443));
    let blocks: Vec<_> = egress[1]["to"].as_array().unwrap().iter().map(|peer| &peer["ipBlock"]["cidr"]).collect();
    assert_eq!(blocks, ["0.0.0.0/0", "::/0"]);
    let named = rendered_with_cilium(&text);
    assert_eq!(policy(&named, "gateway", "egress").as_array().unwrap().len(), 1);
    let hosts = field(&named, "CiliumNetworkPolicy", "gateway-models", "/spec/egress/1/toFQDNs");
    assert_eq!(*hosts, json!([{ "matchName": "api.openai.com" }]));
}

#[test]
fn an_agent_with_rules_has_a_policy_beside_that_of_all() {
    let rules = "networkPolicies.egress = [{ to = [{ cidr = '10.0.0.1/32' }] }]";
    let all = rendered(&described(&format!("\n[agents.a]\nimage = 'a:1'\n{rules}")));
    let labels = field(&all, "NetworkPolicy", "agent-a-egress", "/spec/podSelector/matchLabels");
    assert_eq!(*labels, json!({ "app.kubernetes.io/name": "a", "langop.io/kind": "LanguageAgent" }));
    assert!(find(&all, "NetworkPolicy", "agents-egress").is_some());
}

#[test]
fn every_policy_is_of_one_direction_and_goes_with_the_namespace_alone() {
    let rules = "networkPolicies.egress = [{ to = [{ cidr = '10.0.0.1/32' }, { dns = ['a.example'] }] }]\n\
                 networkPolicies.ingress = [{ from = [{ group = 'g' }] }]";
    let text = described(&format!("{rules}\n[agents.a]\nimage = 'a:1'\n{rules}\n[tools.t]\nimage = 't:1'\n{rules}"));
    let all = rendered_with_cilium(&text);
    let policies: Vec<_> = all.iter().filter(|one| one.reference.kind.ends_with("NetworkPolicy")).collect();
    assert_eq!(policies.len(), 9 + 3);
    for one in policies {
        let spec = &one.object["spec"];
        assert_eq!(one.owners, [], "{}", one.reference);
        assert!(spec.get("ingress").is_none() || spec.get("egress").is_none(), "{}", one.reference);
        assert!(spec.get("policyTypes").is_none_or(|types| types.as_array().unwrap().len() == 1), "{}", one.reference);
    }
}
