//! What stands is written such that the plan of it, as it is, changes nothing but whose the objects are.

use serde_json::Value;

use crate::bench::{Bench, eventually};

/// A namespace as people make one with kubectl.
const MADE: &str = r#"
apiVersion: v1
kind: Namespace
metadata: {name: NAME, labels: {team: web}}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gadgets.NAME.example.com}
spec:
  group: NAME.example.com
  scope: Namespaced
  names: {kind: Gadget, plural: gadgets, singular: gadget}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec: {type: object, properties: {size: {type: integer, default: 3}, color: {type: string}}}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: NAME}
spec:
  capacity: {storage: 1Gi}
  accessModes: [ReadWriteOnce]
  storageClassName: ""
  hostPath: {path: /tmp/NAME}
  claimRef: {namespace: NAME, name: data}
"#;

const CONTENT: &str = r#"
apiVersion: v1
kind: ConfigMap
metadata: {name: web, namespace: NAME, annotations: {note: "a: b"}}
data: {mode: fast, "script.sh": "echo hello\necho hi\n"}
---
apiVersion: v1
kind: Secret
metadata: {name: web, namespace: NAME}
stringData: {key: hunter2}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: web, namespace: NAME}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: NAME}
spec: {type: NodePort, selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}, {name: own, port: 81, nodePort: NODEPORT}]}
---
apiVersion: v1
kind: Service
metadata: {name: headless, namespace: NAME}
spec: {clusterIP: None, selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: NAME}
spec: {accessModes: [ReadWriteOnce], storageClassName: "", resources: {requests: {storage: 1Gi}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: NAME}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      serviceAccountName: web
      containers:
      - {name: web, image: "web:1", ports: [{containerPort: 8080}], env: [{name: MODE, valueFrom: {configMapKeyRef: {name: web, key: mode}}}],
         readinessProbe: {httpGet: {path: /, port: 8080}}, resources: {requests: {cpu: 500m}}}
      volumes: [{name: cache, emptyDir: {}}, {name: config, configMap: {name: web}}]
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: NAME}
spec:
  serviceName: headless
  replicas: 0
  selector: {matchLabels: {app: db}}
  template: {metadata: {labels: {app: db}}, spec: {containers: [{name: db, image: "db:1"}]}}
  volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}]
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent, namespace: NAME}
spec:
  selector: {matchLabels: {app: agent}}
  template: {metadata: {labels: {app: agent}}, spec: {nodeSelector: {none: here}, containers: [{name: agent, image: "agent:1"}]}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: NAME}
spec: {rules: [{host: NAME.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: NAME}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 2
  maxReplicas: 3
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: web, namespace: NAME}
rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: web, namespace: NAME}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: web}
subjects: [{kind: ServiceAccount, name: web, namespace: NAME}, {kind: User, name: someone, apiGroup: rbac.authorization.k8s.io}]
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly, namespace: NAME}
spec:
  schedule: "0 3 * * *"
  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: job, image: "job:1"}]}}}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: once, namespace: NAME}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: job, image: "job:1"}]}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: NAME}
spec: {podSelector: {matchLabels: {app: web}}, ingress: [{ports: [{port: 8080}]}]}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web, namespace: NAME}
spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: all, namespace: NAME}
spec: {hard: {pods: "50"}}
---
apiVersion: v1
kind: LimitRange
metadata: {name: all, namespace: NAME}
spec: {limits: [{type: Container, default: {cpu: "1"}}]}
---
apiVersion: NAME.example.com/v1
kind: Gadget
metadata: {name: mine, namespace: NAME}
spec: {color: red}
"#;

/// Makes the namespace, with kubectl's words for it.
fn made(bench: &Bench, node_port: &str, apply: &[&str]) {
    bench.write("made.yaml", MADE);
    bench.kubectl(&["apply", "-f", "made.yaml"]);
    bench.kubectl(&["wait", "--for=condition=Established", &format!("crd/gadgets.{}.example.com", bench.name)]);
    bench.write("content.yaml", &CONTENT.replace("NODEPORT", node_port));
    bench.kubectl(&[apply, &["-f", "content.yaml"]].concat());
    eventually("a claim that is bound", std::time::Duration::from_secs(30), || {
        bench.object(&["pvc", "data", "-n", &bench.name])["status"]["phase"] == "Bound"
    });
    eventually("a job that is done", std::time::Duration::from_secs(30), || {
        bench.object(&["job", "once", "-n", &bench.name])["status"]["succeeded"] == 1
    });
    eventually("the namespace's own objects", std::time::Duration::from_secs(30), || {
        !bench
            .kubectl(&[
                "get",
                "cm/kube-root-ca.crt",
                "sa/default",
                "-n",
                &bench.name,
                "--ignore-not-found",
                "-o",
                "name",
            ])
            .is_empty()
    });
}

/// What a plan with adoption changes of objects, beside the labels by which langop owns them.
fn changes(plan: &Value) -> Vec<String> {
    let mut all = Vec::new();
    for change in plan["changes"].as_array().unwrap() {
        let object = &change["object"];
        let object = format!("{}/{}", object["kind"].as_str().unwrap(), object["name"].as_str().unwrap());
        if change["action"] != "update" {
            all.push(format!("{object}: {}", change["action"]));
        }
        let entries = change["diff"].as_array().into_iter().flatten().map(Value::to_string);
        let own =
            |entry: &String| entry.contains("langop.io") || entry.contains("metadata.labels.\\\"app.kubernetes.io/");
        all.extend(entries.filter(|entry| !own(entry)).map(|entry| format!("{object}: {entry}")));
    }
    all
}

/// What a plan would do.
fn pending(plan: &Value) -> Vec<String> {
    let changes = plan["changes"].as_array().unwrap().iter().filter(|change| change["action"] != "no-op");
    changes.map(|change| format!("{} {} {}", change["action"], change["address"], change["diff"])).collect()
}

/// Every object of the namespace as it is, without what adoption may change.
fn content(bench: &Bench) -> String {
    let kinds = "cm,svc,pvc,deploy,sts,ds,ing,hpa,role,rolebinding,sa,cj,netpol,pdb,quota,limits";
    let all = bench.object(&[&format!("{kinds},gadgets.{}.example.com", bench.name), "-n", &bench.name]);
    let items = all["items"].as_array().unwrap().iter().map(|item| {
        let meta = &item["metadata"];
        format!("{} {} {} {} {}", item["kind"], meta["uid"], meta["finalizers"], item["spec"], item["data"])
    });
    items.collect::<Vec<_>>().join("\n")
}

fn written(bench: &Bench, directory: &str) -> String {
    let mut files: Vec<_> =
        std::fs::read_dir(bench.dir.path().join(directory)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect()
}

#[test]
fn a_namespace_made_with_kubectl_is_adopted_without_a_change() {
    let bench = Bench::new("import");
    made(&bench, "31801", &["apply"]);
    let import = |more: &[&str]| bench.langop(&[&["import", "namespace", &bench.name], more].concat());
    let said = import(&["--out", "stack"]).exits(0);
    assert!(said.err.contains("Secret/web") && said.err.contains("`key`"), "{}", said.err);
    let text = written(&bench, "stack");
    for absent in ["hunter2", "aHVudGVyMg", "managedFields", "uid:", "status:", "10.", "kube-root-ca", "name: default"]
    {
        assert!(!text.contains(absent), "{absent}:\n{text}");
    }
    for absent in ["terminationMessagePath", "protocol:", "volumeName", "deprecated.daemonset", "finalizers"] {
        assert!(!text.contains(absent), "{absent}:\n{text}");
    }
    for there in ["nodePort: 31801", "clusterIP: None", "replicas: 2", "storageClassName: \"\"", "emptyDir: {}"] {
        assert!(text.contains(there), "{there}:\n{text}");
    }
    assert_eq!(text.matches("nodePort:").count(), 1, "{text}");
    assert!(text.contains(&format!("address: Service/{}/headless\n", bench.name)), "{text}");
    assert!(said.err.contains("`langop plan stack` shows"), "{}", said.err);

    // The same cluster gives the same bytes; nothing is overwritten unasked.
    let again = import(&["--out", "stack"]).exits(64);
    assert!(again.err.contains("is there already"), "{}", again.err);
    import(&["--out", "stack", "--force"]).exits(0);
    assert_eq!(written(&bench, "stack"), text);

    // Empty: every object is adopted, and nothing of it changes but its labels.
    let plan = bench.langop(&["plan", "--json", "stack"]).exits(0).json();
    assert_eq!(changes(&plan), Vec::<String>::new());
    assert_eq!(plan["changes"].as_array().unwrap().len(), 20, "{plan:#}");
    let before = content(&bench);
    bench.langop(&["apply", "--yes", "--no-wait", "stack"]).exits(0);
    assert_eq!(content(&bench), before);
    let after = bench.langop(&["plan", "--refresh=full", "--json", "stack"]).exits(0).json();
    assert_eq!(pending(&after), Vec::<String>::new());

    // What a stack has, and what may hold a credential, is left out with a word.
    bench.kubectl(&["create", "configmap", "risky", "-n", &bench.name, "--from-literal=password=hunter2"]);
    let refused = import(&[]).exits(1);
    assert!(refused.err.contains("nothing in the namespace"), "{}", refused.err);
    let kinds = import(&["--kinds", "gizmos"]).exits(64);
    assert!(kinds.err.contains("no kind `gizmos`"), "{}", kinds.err);
}

#[test]
fn what_is_left_out_is_told_with_the_reason() {
    let bench = Bench::new("import-left");
    bench.kubectl(&["create", "namespace", &bench.name]);
    for literal in ["risky=password", "plain=mode"] {
        let (name, key) = literal.split_once('=').unwrap();
        bench.kubectl(&["create", "configmap", name, "-n", &bench.name, &format!("--from-literal={key}=hunter2")]);
    }
    let said = bench.langop(&["import", "namespace", &bench.name, "--kinds", "configmaps"]).exits(0);
    assert!(said.out.contains("# left out: ConfigMap/risky") && said.out.contains("name: plain"), "{}", said.out);
    assert!(said.err.contains("`data.password` is taken for a credential"), "{}", said.err);
    assert!(!said.out.contains("name: risky") && !said.out.contains("kind: Namespace"), "{}", said.out);
    let missing = bench.langop(&["import", "namespace", "not-there"]).exits(1);
    assert!(missing.err.contains("no namespace `not-there`"), "{}", missing.err);
}

const CLUSTER: &str = r#"
stack = "NAME"

[clusters.NAME]
domain = "import.example.com"
capacity = { maxModels = 5 }

[models.claude]
provider = "anthropic"
modelName = "claude-sonnet-4-5"
aliases = ["smart"]
apiKeySecretRef = { name = "anthropic" }
params = { stop = "$${end}" }

[personas.reviewer]
tone = "brief"

[secrets.anthropic]
fromEnv = { api-key = "ANTHROPIC_API_KEY" }
"#;

#[test]
fn the_description_of_what_stands_plans_empty_whether_a_stack_made_it_or_kubectl() {
    let bench = Bench::new("import-cluster");
    bench.write("langop.toml", CLUSTER);
    let run = |args: &[&str]| {
        let mut command = bench.command(args);
        crate::bench::said(&command.env("ANTHROPIC_API_KEY", "hunter2hunter2").output().unwrap())
    };
    run(&["apply", "--yes", "--no-wait", "langop.toml"]).exits(0);
    for format in ["toml", "yaml"] {
        let file = format!("again.{format}");
        let said = run(&["import", "cluster", &bench.name, "--format", format, "--out", &file]).exits(0);
        assert!(
            said.err.contains("has this cluster")
                && !said.err.contains("what is not in it")
                && said.err.contains("`ANTHROPIC_API_KEY`"),
            "{}",
            said.err
        );
        let text = std::fs::read_to_string(bench.dir.path().join(&file)).unwrap();
        assert!(!text.contains("hunter2") && !text.contains("LITELLM"), "{text}");
        let plan = run(&["plan", "--json", &file]).exits(0).json();
        assert_eq!(pending(&plan), Vec::<String>::new(), "{text}");
    }
    run(&["destroy", "--yes", "langop.toml"]).exits(0);
    let gone = run(&["import", "cluster", &bench.name]).exits(1);
    assert!(gone.err.contains("no language cluster"), "{}", gone.err);
    made_by_hand(&bench);
}

/// The CRDs are there: a stack made them.
fn made_by_hand(bench: &Bench) {
    bench.kubectl(&["create", "namespace", &bench.name]);
    bench.write(
        "made.yaml",
        "apiVersion: langop.io/v1alpha1\nkind: LanguageCluster\nmetadata: {name: NAME}\nspec: {capacity: {maxModels: 3}}\n---\n\
         apiVersion: langop.io/v1alpha1\nkind: LanguageModel\nmetadata: {name: llama, namespace: NAME, labels: {team: a}}\n\
         spec: {provider: openai-compatible, modelName: llama3.2, endpoint: \"http://ollama.ollama.svc:11434\"}\n",
    );
    bench.kubectl(&["apply", "-f", "made.yaml"]);
    let said = bench.langop(&["import", "cluster", &bench.name, "--out", "langop.toml", "--force"]).exits(0);
    assert!(said.err.contains("the labels `team` of LanguageModel/llama"), "{}", said.err);
    bench.kubectl(&["label", "languagemodel/llama", "team-", "-n", &bench.name]);
    let plan = bench.langop(&["plan", "--json", "langop.toml"]).exits(0).json();
    let own: Vec<_> =
        plan["changes"].as_array().unwrap().iter().filter(|change| change["action"] == "update").cloned().collect();
    assert_eq!(own.len(), 3, "{plan:#}");
    assert_eq!(changes(&serde_json::json!({ "changes": own })), Vec::<String>::new());
    bench.langop(&["apply", "--yes", "--no-wait", "langop.toml"]).exits(0);
    let after = bench.langop(&["plan", "--refresh=full", "--json", "langop.toml"]).exits(0).json();
    assert_eq!(pending(&after), Vec::<String>::new());
    bench.kubectl(&["delete", "languagecluster", &bench.name, "--wait=false"]);
}

#[test]
fn a_configuration_of_litellm_becomes_a_file_that_validates() {
    let bench = Bench::offline("import-litellm");
    bench.write(
        "config.yaml",
        "model_list:\n- model_name: gpt\n  litellm_params: {model: azure/gpt-4o, api_base: os.environ/AZURE_API_BASE, \
         api_version: '2024-10-21', api_key: os.environ/AZURE_API_KEY}\ngeneral_settings: {master_key: sk-1234567890abcdef}\n",
    );
    let said = bench.langop(&["import", "litellm", "config.yaml", "--cluster", "llm", "--out", "langop.toml"]).exits(0);
    assert!(said.err.contains("config.yaml:4:20: `general_settings.master_key` is not carried"), "{}", said.err);
    assert!(said.err.contains("give `LANGOP_VAR_azure_api_base` the value of `AZURE_API_BASE`"), "{}", said.err);
    let text = std::fs::read_to_string(bench.dir.path().join("langop.toml")).unwrap();
    assert!(text.contains("endpoint = \"${var.azure_api_base}\"") && !text.contains("1234567890"), "{text}");
    bench.langop(&["validate", "--var", "azure_api_base=https://r.openai.azure.com"]).exits(0);
    bench.langop(&["import", "litellm", "config.yaml", "--out", "langop.toml"]).exits(64);
    let yaml = bench.langop(&["import", "litellm", "config.yaml", "--format", "yaml"]).exits(0).out;
    assert!(yaml.starts_with("# config.yaml") && yaml.contains("stack: llm"), "{yaml}");
    bench.write("other.yaml", "model_list: [");
    bench.langop(&["import", "litellm", "other.yaml"]).exits(65);
}
