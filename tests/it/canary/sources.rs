//! Canaries where secrets come from: Secrets, kubeconfigs, the command line, variables; and where they may go: output,
//! the record, files, the arguments of processes.

use std::fmt::Write as _;

use serde_json::json;

use super::{leak, marked, silent, unmarked};
use crate::bench::{Bench, Said, eventually, said};

const STACK: &str = "stack = 'NAME'\n[clusters.NAME]\n[models.m]\nprovider = 'openai'\nmodelName = 'x'\n";

fn all(said: Said) -> String {
    said.out + &said.err
}

/// Every line of a text in turn, damaged in one way.
fn damaged(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let damages: [fn(&str) -> String; 5] = [
        |line| format!("{line}: : ]"),
        |line| line.replacen(": ", ": \"", 1),
        |line| line.replacen(": ", ": [", 1),
        |line| format!("{line}\n{line}"),
        |line| line.replacen(": ", " ", 1),
    ];
    let mut texts = Vec::new();
    for at in 0..lines.len() {
        for damage in damages {
            let mut copy: Vec<String> = lines.iter().map(ToString::to_string).collect();
            copy[at] = damage(lines[at]);
            texts.push(copy.join("\n") + "\n");
        }
    }
    texts
}

fn kubeconfig(user: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Config\nclusters:\n- name: c\n  cluster:\n    server: https://127.0.0.1:1\n\
         contexts:\n- name: x\n  context:\n    cluster: c\n    user: u\ncurrent-context: x\nusers:\n- name: u\n  user:\n{user}"
    )
}

#[test]
fn no_kubeconfig_is_repeated() {
    let bench = Bench::offline("kubeconfig");
    bench.write("langop.toml", STACK);
    let fields = ["token", "password", "client-key-data", "client-certificate-data", "username"];
    let lines = fields.iter().enumerate().map(|(at, field)| format!("    {field}: {}\n", unmarked(at)));
    let whole = kubeconfig(&lines.collect::<String>());
    let exec = |command: &str| {
        let exec = format!(
            "    exec:\n      apiVersion: client.authentication.k8s.io/v1\n      interactiveMode: Never\n      command: sh\n      args: ['-c', '{command}']\n"
        );
        kubeconfig(&exec)
    };
    let (word, key) = (unmarked(90), marked(91));
    let mut texts = damaged(&whole);
    texts.extend(fields.iter().map(|field| kubeconfig(&format!("    {field}: [{word}]\n"))));
    texts
        .extend(["exit 1", "exit 0", "sleep 0"].map(|end| exec(&format!("echo {word}; echo {word} {key} >&2; {end}"))));
    texts.push(whole.replace("https://127", &format!("https://u:{word}@127")).replace("    password", "    passwort"));
    texts.push(whole.replace("    server", &format!("    proxy-url: http://u:{word}@127.0.0.1:1\n    server")));
    let count = texts.len();
    for text in texts {
        bench.write("config", &text);
        let said = bench.langop(&["status", "--kubeconfig", "config"]);
        assert_ne!(said.code, Some(0), "{said:?}");
        silent(&text, &all(said));
    }
    println!("canaries: {} fields of a kubeconfig in {count} files", fields.len());
}

#[test]
fn no_command_line_is_repeated() {
    let bench = Bench::offline("arguments");
    bench.write("langop.toml", &format!("{STACK}[variables]\nn = {{ default = 1 }}\nd = {{ default = 'example.com' }}\n[clusters.NAME.capacity]\nmaxAgents = '${{var.n}}'\n").replace("[clusters.NAME]\n", "[clusters.NAME]\ndomain = '${var.d}'\n"));
    let (word, key) = (unmarked(1), marked(2));
    let arguments = [
        vec!["--var".to_owned(), word.clone()],
        vec!["--var".to_owned(), format!("={word}")],
        vec![format!("--var={word}")],
        vec!["--var".to_owned(), format!("n={word}")],
        vec!["--var".to_owned(), format!("other={word}")],
        vec!["--var".to_owned(), format!("d={key}")],
        vec!["--var".to_owned(), format!("d=https://u:{word}@h")],
        vec!["--vra".to_owned(), format!("n={key}")],
        vec![format!("--vra=n={key}")],
        vec![format!("--{key}")],
        vec!["--stack".to_owned(), key.clone()],
    ];
    for command in ["validate", "render", "graph", "plan"] {
        for more in &arguments {
            let mut all_arguments = vec![command];
            all_arguments.extend(more.iter().map(String::as_str));
            let said = bench.langop(&all_arguments);
            assert_ne!(said.code, Some(0), "{more:?}");
            silent(&format!("{command} {more:?}"), &all(said));
        }
    }
    for name in ["LANGOP_VAR_n", "LANGOP_VAR_d"] {
        let value = if name.ends_with('n') { &word } else { &key };
        let output = bench.command(&["validate"]).env(name, value).output().unwrap();
        silent(name, &all(said(&output)));
    }
    println!("canaries: {} command lines of 4 commands, 2 variables of the environment", arguments.len());
}

#[test]
fn no_secret_of_a_manifest_is_repeated() {
    let bench = Bench::offline("manifest");
    let mut runs = 0;
    for field in ["stringData", "data", "stringdata", "Data", "extra"] {
        for kind in ["Secret", "secret", "Secrte", "ConfigMapp"] {
            let word = unmarked(runs);
            let text = format!(
                "apiVersion: v1\nkind: {kind}\nmetadata:\n  name: s\n  namespace: n\n{field}:\n  key: {word}!\n  other:\n    - {word}\n  tail: {word} # {word}\n"
            );
            for text in damaged(&text) {
                bench.write("s.yaml", &text);
                silent(&text, &all(bench.langop(&["validate", "--stack", "s", "s.yaml"])));
                runs += 1;
            }
        }
    }
    println!("canaries: a Secret in {runs} files");
}

/// A stack whose every secret is a canary, from its first plan to its end.
#[test]
fn no_secret_of_a_stack_reaches_output_record_files_or_processes() {
    let bench = Bench::new("canary");
    let (env, file, command, literal) = (marked(1), unmarked(2), marked(3), unmarked(4));
    bench.write("key.txt", &format!("{file}\n"));
    // The command looks at what runs beside it.
    bench.write("key.sh", "for p in /proc/[0-9]*/cmdline; do tr '\\0' ' ' < $p; echo; done >> seen 2>/dev/null\ncat key-of-command >&2\ncat key-of-command\n");
    bench.write("key-of-command", &command);
    bench.write(
        "langop.toml",
        &format!(
            "{STACK}apiKeySecretRef = {{ name = 'keys' }}\n[secrets.keys]\nfromEnv = {{ api-key = 'CANARY' }}\n\
             fromFile = {{ file = 'key.txt' }}\nfromCommand = {{ command = ['sh', 'key.sh'] }}\n"
        ),
    );
    let manifest = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "carried", "namespace": bench.name},
        "stringData": {"key": literal}});
    bench.write("carried.yaml", &manifest.to_string());
    let files = ["langop.toml", "carried.yaml"];
    let run = |arguments: &[&str]| {
        let output = bench.command(arguments).args(files).env("CANARY", &env).output().unwrap();
        let said = said(&output);
        silent(&format!("{arguments:?}"), &format!("{}{}", said.out, said.err));
        said
    };
    for arguments in [
        &["validate"][..],
        &["render"],
        &["graph"],
        &["graph", "--dot"],
        &["plan"],
        &["plan", "--json"],
        &["plan", "--full"],
    ] {
        run(arguments).exits(0);
    }
    run(&["apply", "--yes", "--json"]).exits(0);
    bench.write("key.txt", &format!("{}\n", unmarked(5)));
    for arguments in
        [&["plan"][..], &["plan", "--json"], &["apply", "--yes"], &["plan", "--refresh", "full"], &["status"]]
    {
        run(arguments).exits(0);
    }
    silent("state list", &all(bench.langop(&["state", "list", &bench.name])));
    // What the server keeps beside the Secrets: the record, events, every other object of the namespace.
    let kinds =
        "configmaps,deployments,replicasets,services,events,languageclusters,languagemodels,networkpolicies,leases";
    silent("the cluster", &bench.kubectl(&["get", kinds, "-A", "-o", "json"]));
    for entry in std::fs::read_dir(bench.dir.path()).unwrap() {
        let path = entry.unwrap().path();
        let own = ["key.txt", "key-of-command", "carried.yaml"].iter().any(|name| path.ends_with(name));
        if !own && path.is_file() {
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
            silent(&path.display().to_string(), &text);
        }
    }
    let stored = bench.kubectl(&["get", "secret", "keys", "carried", "-n", &bench.name, "-o", "json"]);
    assert!(leak(&stored).is_some(), "the canaries are where they belong");
    run(&["destroy", "--yes"]).exits(0);
}

/// An admission policy, like many a webhook, says what it refuses.
#[test]
fn a_webhook_that_repeats_an_object_is_not_repeated() {
    let bench = Bench::new("echo");
    let (word, name) = (unmarked(1), bench.name.clone());
    let policy = json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": name}, "spec": {"failurePolicy": "Fail",
        "matchConstraints": {"resourceRules": [{"apiGroups": ["apps"], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"], "resources": ["deployments"]}]},
        "matchConditions": [{"name": "own", "expression": format!("object.metadata.labels.exists(k, object.metadata.labels[k] == '{name}')")}],
        "validations": [{"expression": "false", "messageExpression":
            "'refused: ' + object.spec.template.spec.containers[0].env.filter(e, has(e.value)).map(e, e.name + '=' + e.value).join(', ')"}]}});
    let binding = json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": name}, "spec": {"policyName": name, "validationActions": ["Deny"]}});
    let list = json!({"apiVersion": "v1", "kind": "List", "items": [policy, binding]});
    let file = bench.write("policy.json", &list.to_string()).display().to_string();
    bench.kubectl(&["apply", "-f", &file]);
    let mut text = STACK.to_owned();
    let value = format!("{word} 1");
    write!(text, "[[clusters.NAME.gateway.deployment.env]]\nname = 'NOTE'\nvalue = '{value}'\n").unwrap();
    bench.write("langop.toml", &text);
    eventually("the policy refuses", std::time::Duration::from_secs(30), || {
        let said = bench.langop(&["apply", "--yes"]);
        let refused = said.err.contains("refused:") || said.out.contains("refused:");
        silent("apply", &all(said));
        refused
    });
    for arguments in [&["plan"][..], &["plan", "--json"]] {
        // The plan shows what would be, and that is the description's own value.
        let said = bench.langop(arguments);
        let refusals = format!("{}{}", said.out, said.err);
        let line = refusals.lines().find(|line| line.contains("refused:")).unwrap_or_default();
        silent(&format!("{arguments:?}"), line);
    }
    bench.kubectl(&["delete", "-f", &file]);
    bench.langop(&["destroy", "--yes"]).exits(0);
}
