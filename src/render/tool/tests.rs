//! What runs tools, as a whole.

use serde_json::{Value, json};

use crate::render::fixture::{field, find, manifest, rendered};

const POD: &str = "/spec/template/spec";

fn tool(lines: &str) -> Vec<crate::object::Manifest> {
    rendered(&format!("[clusters.c]\n[tools.t]\n{lines}"))
}

#[test]
fn a_server_is_a_deployment_and_a_service_on_its_port() {
    let all = tool("image = 't:1'\nport = 9000");
    let container = &field(&all, "Deployment", "t", POD)["containers"][0];
    assert_eq!((&container["image"], &container["name"]), (&json!("t:1"), &json!("tool")));
    assert_eq!(container["ports"], json!([{ "name": "http", "containerPort": 9000, "protocol": "TCP" }]));
    assert!(container["env"].as_array().unwrap().contains(&json!({ "name": "PORT", "value": "9000" })));
    assert_eq!(container["readinessProbe"]["tcpSocket"], json!({ "port": 9000 }));
    let service = field(&all, "Service", "t", "/spec");
    let port = json!([{ "name": "http", "port": 9000, "protocol": "TCP", "targetPort": "http" }]);
    assert_eq!((&service["ports"], &service["sessionAffinity"]), (&port, &json!("ClientIP")));
    let labels = field(&all, "Deployment", "t", "/spec/template/metadata/labels");
    for (key, value) in service["selector"].as_object().unwrap() {
        assert_eq!(&labels[key], value);
    }
    assert!(find(&all, "HorizontalPodAutoscaler", "t").is_none());
}

#[test]
fn every_tool_has_requests_and_limits_and_satisfies_pod_security_restricted() {
    for lines in ["image = 't:1'", "transport = 'stdio'\nstdio = { command = ['t'] }"] {
        let all = tool(lines);
        let pod = field(&all, "Deployment", "t", POD);
        let container = &pod["containers"][0];
        let amounts =
            json!({ "requests": { "cpu": "50m", "memory": "128Mi" }, "limits": { "cpu": "200m", "memory": "512Mi" } });
        assert_eq!(container["resources"], amounts);
        assert_eq!(
            (&pod["securityContext"]["runAsNonRoot"], &pod["automountServiceAccountToken"]),
            (&json!(true), &json!(false))
        );
        assert_eq!(pod["securityContext"]["seccompProfile"]["type"], "RuntimeDefault");
        let context = &container["securityContext"];
        assert_eq!(
            (&context["readOnlyRootFilesystem"], &context["allowPrivilegeEscalation"]),
            (&json!(true), &json!(false))
        );
        assert_eq!(context["capabilities"], json!({ "drop": ["ALL"] }));
        assert_eq!(container["volumeMounts"], json!([{ "name": "tmp", "mountPath": "/tmp" }]));
    }
}

#[test]
fn a_program_runs_behind_a_bridge_that_can_be_named_and_no_secret_is_in_its_command_line() {
    let program = "transport = 'stdio'\nport = 81\nstdio = { command = ['run', '$(TOKEN)', '$TOKEN'] }\n\
                   deployment.env = [{ name = 'TOKEN', valueFrom = { secretKeyRef = { name = 's', key = 'k' } } }]";
    let all = tool(program);
    let container = &field(&all, "Deployment", "t", POD)["containers"][0];
    assert_eq!(container["command"], json!(["supergateway"]));
    let args: Vec<_> = container["args"].as_array().unwrap().iter().map(|arg| arg.as_str().unwrap()).collect();
    assert_eq!(args[..2], ["--stdio", "run '$$(TOKEN)' '$$TOKEN'"]);
    assert!(args.windows(2).any(|pair| pair == ["--port", "81"]) && args.contains(&"--stateful"), "{args:?}");
    assert_eq!(container["readinessProbe"]["httpGet"], json!({ "path": "/health", "port": 81 }));
    assert_eq!(manifest(&all, "Deployment", "t").deferred.len(), 1, "a changed Secret rolls the tool");
    let named = tool("transport = 'stdio'\nstdio = { command = ['t'], image = 'bridge:2' }");
    assert_eq!(field(&named, "Deployment", "t", POD)["containers"][0]["image"], "bridge:2");
}

#[test]
fn an_autoscaler_and_rights_come_on_request() {
    let lines = "image = 't:1'\n[tools.t.deployment]\nautoscaling = { minReplicas = 2, maxReplicas = 4 }\n\
                 roleRules = [{ apiGroups = [''], resources = ['pods'], verbs = ['get'] }]";
    let all = tool(lines);
    assert_eq!(field(&all, "HorizontalPodAutoscaler", "t", "/spec/scaleTargetRef/name"), "t");
    assert_eq!(*field(&all, "Deployment", "t", "/spec/replicas"), Value::Null);
    assert!(find(&all, "PodDisruptionBudget", "t").is_some());
    assert_eq!(field(&all, "RoleBinding", "tool-t", "/subjects/0/name"), "tool-t");
}

#[test]
fn what_langop_does_not_run_or_runs_beside_agents_has_no_pods_of_its_own() {
    for lines in ["url = 'https://mcp.example.com'", "image = 't:1'\ndeploymentMode = 'sidecar'"] {
        let all = tool(lines);
        for kind in ["Deployment", "Service"] {
            assert!(find(&all, kind, "t").is_none(), "{lines}");
        }
    }
}

const BESIDE: &str = "[clusters.c]\n[tools.files]\nimage = 'f:1'\nport = 81\ndeploymentMode = 'sidecar'\n\
                      [tools.files.deployment]\nvolumes = [{ name = 'data', emptyDir = {} }]\nvolumeMounts = [{ name = 'data', mountPath = '/data' }]\n\
                      [agents.a]\nimage = 'a:1'\ntools = [{ name = 'files' }]\n[agents.b]\nimage = 'b:1'\n\
                      [agents.run]\nimage = 'r:1'\nexecution = { mode = 'task' }\ntools = [{ name = 'files' }]";

#[test]
fn a_sidecar_is_in_every_agent_that_lists_it_and_ends_with_it() {
    let all = rendered(BESIDE);
    for (kind, agent) in [("Deployment", "a"), ("Job", "run")] {
        let pod = field(&all, kind, agent, POD);
        let containers = pod["initContainers"].as_array().unwrap();
        let container = containers.iter().find(|one| one["name"] == "tool-files").unwrap();
        assert_eq!((&container["restartPolicy"], &container["image"]), (&json!("Always"), &json!("f:1")));
        assert_eq!(container["resources"]["limits"], json!({ "cpu": "500m", "memory": "1Gi" }));
        assert!(container["startupProbe"]["tcpSocket"].is_object(), "the agent starts when its tool listens");
        let mounts = container["volumeMounts"].as_array().unwrap();
        let mounted = |name: &str, path: &str| mounts.iter().any(|one| one["name"] == name && one["mountPath"] == path);
        assert!(mounted("tool-files-tmp", "/tmp") && mounted("tool-files-data", "/data"), "{mounts:?}");
        assert!(mounts.iter().any(|one| one["mountPath"] == "/workspace"), "{mounts:?}");
        let volumes = pod["volumes"].as_array().unwrap();
        assert!(mounts.iter().all(|mount| volumes.iter().any(|volume| volume["name"] == mount["name"])));
    }
    let alone = &field(&all, "Deployment", "b", POD)["initContainers"];
    assert!(!alone.to_string().contains("tool-files"));
}
