//! What the server and its controllers say and fill in is taken for what it is: values that are picked are not known
//! before, fields of controllers stay theirs, and a refusal is said once, with the step that helps.

use std::time::Duration;

use serde_json::json;

use crate::bench::{Bench, eventually};

fn run(bench: &Bench, args: &[&str]) -> crate::bench::Said {
    bench.langop(&[args, &["--stack", &bench.name, "stack.yaml"]].concat())
}

const CONTROLLED: &str = r#"
apiVersion: v1
kind: Namespace
metadata: {name: NAME}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: NAME-all}
aggregationRule: {clusterRoleSelectors: [{matchLabels: {part-of: NAME}}]}
rules: []
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: NAME-part, labels: {part-of: NAME}}
rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: NAME}
webhooks:
- name: nobody.example.com
  admissionReviewVersions: [v1]
  sideEffects: None
  clientConfig: {caBundle: Cg==, service: {namespace: NAME, name: hook}}
  rules: [{apiGroups: [nobody.example.com], apiVersions: ["*"], resources: [nothings], operations: [CREATE]}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: NAME}
spec:
  replicas: 0
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: "web:1"}]}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: NAME}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 1
  maxReplicas: 3
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}]
"#;

#[test]
fn what_controllers_fill_in_stays_theirs() {
    let bench = Bench::new("filled");
    bench.write("stack.yaml", CONTROLLED);
    run(&bench, &["apply", "--yes"]).exits(0);
    let config = ["validatingwebhookconfiguration", bench.name.as_str()];
    let bundle = json!([{"op": "add", "path": "/webhooks/0/clientConfig/caBundle", "value": "TUlJ"}]).to_string();
    bench.kubectl(&["patch", config[0], config[1], "--type=json", "--field-manager=injector", "-p", &bundle]);
    bench.kubectl(&["scale", "deployment/web", "--replicas=2", "-n", &bench.name]);
    run(&bench, &["plan", "--detailed-exitcode", "--refresh=full"]).exits(0);
    let forced = ["apply", "--yes", "--refresh=full", "--force-conflicts"];
    run(&bench, &forced).exits(0);
    assert_eq!(bench.object(&config)["webhooks"][0]["clientConfig"]["caBundle"], "TUlJ");
    assert_eq!(bench.object(&["clusterrole", &format!("{}-all", bench.name)])["rules"].as_array().unwrap().len(), 1);
    assert_eq!(bench.object(&["deployment", "web", "-n", &bench.name])["spec"]["replicas"], 2);
    bench.kubectl(&["delete", "--wait=false", "-f", "stack.yaml"]);
}

#[test]
fn what_is_refused_is_said_once_with_the_field_and_what_is_picked_is_not_known_before() {
    let bench = Bench::new("words");
    bench.kubectl(&["create", "namespace", &bench.name]);
    bench.kubectl(&["label", "namespace", &bench.name, "pod-security.kubernetes.io/enforce=restricted"]);
    let refused = |object: &str| {
        bench.write("stack.yaml", object);
        let said = run(&bench, &["plan"]).exits(1).all();
        assert!(said.contains("1 error") && said.contains("--> stack.yaml:3:1"), "{said}");
        // Neither tried again nor taken for a lack of rights.
        assert!(!said.contains("retrying") && !said.contains("permission"), "{said}");
        said
    };
    let map = "\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: NAME}\ndata: {port: 8080808080}\n";
    let said = refused(map);
    assert!(said.contains(".data.port: expected string") && !said.contains("8080808080"), "{said}");
    let said = refused(
        "\napiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: NAME}\nspec: {ports: [{name: a, port: 80}, {name: b, port: 80}], colour: red}\n",
    );
    assert!(said.contains("colour"), "{said}");
    let secret = "\napiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: NAME, labels: {tier: 5}}\ntype: 7700770077\nstringData: {key: hunter2}\n";
    let said = refused(secret);
    assert!(said.contains("type") && !said.contains("7700770077") && !said.contains("hunter2"), "{said}");
    // Nor does it fit in a namespace that is still to come.
    let in_new = |object: &str| {
        object.replace("NAME", "NAME-new") + "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: NAME-new}\n"
    };
    assert!(refused(&in_new(map)).contains(".data.port: expected string"));
    let said = refused(&in_new(secret));
    assert!(said.contains("type") && !said.contains("7700770077") && !said.contains("hunter2"), "{said}");
    let pod = |more: &str| {
        format!(
            "\napiVersion: v1\nkind: Pod\nmetadata: {{name: a, namespace: NAME}}\nspec: {{{more}containers: [{{name: a, image: a, securityContext: {{privileged: true}}}}]}}\n"
        )
    };
    let said = refused(&pod(""));
    assert!(said.contains("violates PodSecurity"), "{said}");

    // What is missing comes with the same plan.
    bench.kubectl(&["label", "namespace", &bench.name, "pod-security.kubernetes.io/enforce-"]);
    let account = "---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: runner, namespace: NAME}\n";
    let service = "---\napiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: NAME}\nspec: {type: NodePort, ports: [{port: 80}]}\n";
    bench.write("stack.yaml", &format!("{}{account}{service}", pod("serviceAccountName: runner, ")));
    let planned = run(&bench, &["plan", "--json"]).exits(0).json();
    let changes = planned["changes"].as_array().unwrap();
    let of = |kind: &str| changes.iter().find(|change| change["object"]["kind"] == kind).unwrap();
    assert_eq!(of("Pod")["confidence"], "unverified", "{planned:#}");
    let made = &of("Service")["diff"][0]["delta"]["after"]["spec"];
    assert_eq!(made["clusterIP"], "(known after apply)", "{made:#}");
    assert_eq!(made["ports"][0]["nodePort"], "(known after apply)", "{made:#}");
    run(&bench, &["apply", "--yes"]).exits(0);
    run(&bench, &["plan", "--detailed-exitcode", "--refresh=full"]).exits(0);
    bench.kubectl(&["delete", "namespace", &bench.name, "--wait=false"]);
}

const DEFAULTS: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: NAME}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: held, namespace: NAME}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: NAME}
spec:
  replicas: 1
  revisionHistoryLimit: 10
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {restartPolicy: Always, containers: [{name: web, image: web, imagePullPolicy: Always}]}
";

#[test]
fn a_default_that_is_taken_out_is_no_change_and_a_namespace_that_goes_is_one_error() {
    let bench = Bench::new("defaults");
    bench.write("stack.yaml", DEFAULTS);
    run(&bench, &["apply", "--yes"]).exits(0);
    let written =
        ["  replicas: 1\n", "  revisionHistoryLimit: 10\n", "restartPolicy: Always, ", ", imagePullPolicy: Always"];
    bench.write("stack.yaml", &written.iter().fold(DEFAULTS.to_owned(), |text, field| text.replace(field, "")));
    let planned = run(&bench, &["plan", "--detailed-exitcode"]).exits(0);
    assert!(planned.out.contains("Nothing to do"), "{}", planned.out);

    let hold = |finalizers: &str| {
        let patch = format!("{{\"metadata\":{{\"finalizers\":{finalizers}}}}}");
        bench.kubectl(&["patch", "configmap", "held", "-n", &bench.name, "--type=merge", "-p", &patch]);
    };
    hold("[\"example.com/hold\"]");
    bench.kubectl(&["delete", "namespace", &bench.name, "--wait=false"]);
    let mut said = run(&bench, &["plan"]).exits(1);
    eventually("the namespace says what holds it", Duration::from_secs(30), || {
        said = run(&bench, &["plan"]).exits(1);
        said.out.contains("example.com/hold")
    });
    assert_eq!(said.out.matches("error[").count(), 1, "{}", said.out);
    assert!(said.out.contains("error[namespace-terminating]") && !said.out.contains("permission"), "{}", said.out);
    hold("null");
}
