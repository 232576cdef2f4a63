//! Secrets as a user meets them: where values come from, and what a plan knows of Secrets that others made.

use serde_json::{Value, json};

use crate::bench::Bench;

const MODEL: &str = r#"stack = "NAME"

[clusters.NAME]

[models.claude]
provider = "anthropic"
modelName = "claude-sonnet-4-5"
"#;

const VALUE: &str = "sk-ant-from-a-command";

#[test]
fn a_value_comes_from_a_command_beside_the_description_and_goes_to_the_api_server_alone() {
    let bench = Bench::new("command");
    std::fs::create_dir(bench.dir.path().join("team")).unwrap();
    // Counts its runs; says the value on both streams, as a careless tool would.
    bench.write("team/key.sh", "echo run >> runs\necho \"got $1\" >&2\necho \"$1\"\n");
    bench.write("team/file.txt", "sk-ant-from-a-file\n");
    let text = format!(
        "{MODEL}apiKeySecretRef = {{ name = \"key\" }}\n\n[secrets.key]\n\
         fromCommand = {{ api-key = [\"sh\", \"key.sh\", \"{VALUE}\"], again = [\"sh\", \"key.sh\", \"{VALUE}\"] }}\n\
         fromFile = {{ file = \"file.txt\" }}\n"
    );
    bench.write("team/stack.toml", &text);
    let applied = bench.langop(&["apply", "--yes", "--full", "team/stack.toml"]).exits(0);
    let planned = bench.langop(&["plan", "--json", "team/stack.toml"]).exits(0);
    assert!(planned.out.contains("\"no-op\"") || planned.out.contains("NoOp"), "{}", planned.out);
    for text in [&applied.out, &applied.err, &planned.out, &planned.err] {
        assert!(!text.contains(VALUE) && !text.contains("from-a-file"), "a value leaked:\n{text}");
    }
    let runs = std::fs::read_to_string(bench.dir.path().join("team/runs")).unwrap();
    assert_eq!(runs.lines().count(), 2, "once for each of two commands");
    let stored = |key: &str| {
        let path = format!("go-template={{{{index .data \"{key}\" | base64decode}}}}");
        bench.kubectl(&["get", "secret", "key", "-n", &bench.name, "-o", &path])
    };
    assert_eq!(stored("api-key"), VALUE);
    assert_eq!(stored("again"), VALUE);
    assert_eq!(stored("file"), "sk-ant-from-a-file");
    bench.langop(&["destroy", "--yes", "team/stack.toml"]).exits(0);
}

#[test]
fn a_command_that_fails_leaves_a_plan_unverified_and_stops_an_apply() {
    let bench = Bench::new("failing");
    let with = |command: &str| {
        let secret = format!("\n[secrets.key]\nfromCommand = {{ api-key = [{command}] }}\n");
        bench.write("langop.toml", &format!("{MODEL}apiKeySecretRef = {{ name = \"key\" }}\n{secret}"));
    };
    for (command, why) in [
        (r#""sh", "-c", "echo secret-text; echo secret-text >&2; exit 3""#, "`sh` failed (exit status: 3)"),
        (r#""sh", "-c", "true""#, "`sh` printed nothing"),
        (r#""no-such-program", "secret-text""#, "cannot run `no-such-program`"),
    ] {
        with(command);
        let planned = bench.langop(&["plan"]).exits(0);
        assert!(planned.out.contains("unverified") && planned.out.contains(why), "{}", planned.out);
        let refused = bench.langop(&["apply", "--yes"]).exits(65);
        assert!(refused.err.contains(why) && refused.err.contains("`api-key` of Secret/key"), "{}", refused.err);
        for text in [&planned.out, &planned.err, &refused.out, &refused.err] {
            assert!(!text.contains("secret-text"), "what a command says is not repeated:\n{text}");
        }
    }
    assert_eq!(bench.try_kubectl(&["get", "namespace", &bench.name]).code, Some(1), "nothing was written");
}

#[test]
fn a_command_that_does_not_end_is_ended_with_all_that_it_started() {
    let bench = Bench::new("endless");
    let secret = "\n[secrets.key]\ncommandTimeout = \"1s\"\nfromCommand = { api-key = [\"sh\", \"-c\", \"echo secret-text; \
                  sleep 1000 & echo $! > pid; wait\"] }\n";
    bench.write("langop.toml", &format!("{MODEL}apiKeySecretRef = {{ name = \"key\" }}\n{secret}"));
    let planned = bench.langop(&["plan"]).exits(0);
    assert!(
        planned.out.contains("`sh` did not end within 1s") && !planned.all().contains("secret-text"),
        "{planned:?}"
    );
    let pid = std::fs::read_to_string(bench.dir.path().join("pid")).unwrap();
    let process = std::path::PathBuf::from(format!("/proc/{}/stat", pid.trim()));
    crate::bench::eventually("what the command started has ended", std::time::Duration::from_secs(5), || {
        std::fs::read_to_string(&process).is_ok_and(|stat| stat.contains(") Z ")) || !process.exists()
    });
}

#[test]
fn a_value_that_is_blank_or_ends_in_a_newline_is_doubted_at_its_line_and_never_shown() {
    let bench = Bench::new("doubtful");
    std::fs::write(bench.dir.path().join("file.txt"), "secret-text\n\n").unwrap();
    bench.write(
        "langop.toml",
        &format!(
            "{MODEL}\n[secrets.key]\nfromEnv = {{ good = \"GOOD\", line = \"LINE\", blank = \"BLANK\" }}\n\
             fromFile = {{ file = \"file.txt\" }}\n\
             fromCommand = {{ command = [\"printf\", \" secret-text\"] }}\n"
        ),
    );
    let mut command = bench.command(&["plan"]);
    command.env("GOOD", "secret-text").env("LINE", "secret-text\n").env("BLANK", "  ");
    let planned = crate::bench::said(&command.output().unwrap()).exits(0);
    for words in [
        "`line` of Secret/key",
        "the environment variable `LINE` ends in a newline",
        "`BLANK` is blank",
        "file.txt` ends in a newline",
        "the output of `printf` begins with a space",
        "--> langop.toml:9:10",
    ] {
        assert!(planned.out.contains(words), "{words}:\n{}", planned.out);
    }
    assert!(!planned.out.contains("`good`") && !planned.all().contains("secret-text"), "{}", planned.all());
}

#[test]
fn a_secret_or_key_of_others_that_is_not_there_is_found_at_plan_with_its_place() {
    let bench = Bench::new("foreign");
    bench.write("langop.toml", MODEL);
    bench.langop(&["apply", "--yes"]).exits(0);
    bench.write("langop.toml", &format!("{MODEL}apiKeySecretRef = {{ name = \"theirs\" }}\n"));
    let refused = bench.langop(&["plan"]).exits(1);
    for words in ["missing-secret]", "langop.toml:5:9", "Secret/theirs", "model.claude"] {
        assert!(refused.out.contains(words), "{words}:\n{}", refused.out);
    }
    bench.kubectl(&["create", "secret", "generic", "theirs", "-n", &bench.name, "--from-literal=token=sk-theirs"]);
    let refused = bench.langop(&["plan"]).exits(1);
    for words in ["missing-secret-key]", "langop.toml:5:9", "no key `api-key`", "it has `token`"] {
        assert!(refused.out.contains(words), "{words}:\n{}", refused.out);
    }
    assert!(!refused.out.contains("sk-theirs"), "{}", refused.out);
    bench.write("langop.toml", &format!("{MODEL}credentialsSecretRef = {{ name = \"theirs\" }}\n"));
    let refused = bench.langop(&["plan"]).exits(1);
    assert!(refused.out.contains("none of its keys has the name of a credential"), "{}", refused.out);
    bench.write("langop.toml", &format!("{MODEL}apiKeySecretRef = {{ name = \"theirs\", key = \"token\" }}\n"));
    bench.langop(&["apply", "--yes"]).exits(0);
    bench.langop(&["plan", "--detailed-exitcode"]).exits(0);
    bench.langop(&["destroy", "--yes", "--include-unmanaged"]).exits(0);
}

#[test]
fn an_identity_that_may_not_read_secrets_is_told_of_the_switch() {
    let bench = Bench::new("blind");
    let name = bench.name.as_str();
    bench.write("langop.toml", MODEL);
    bench.langop(&["apply", "--yes"]).exits(0);
    bench.kubectl(&["create", "secret", "generic", "theirs", "-n", name, "--from-literal=api-key=sk-theirs"]);
    let blind = blind(&bench);
    let plan = |more: &str| {
        bench.write(
            "langop.toml",
            &MODEL
                .replace("[models", &format!("{more}\n\n[models"))
                .replace("modelName", "apiKeySecretRef = { name = \"theirs\" }\nmodelName"),
        );
        bench.langop(&["plan", "--kubeconfig", &blind])
    };
    let planned = plan("").exits(0);
    let told = planned.out.contains("unreadable-secret") && planned.out.contains("rotateOnSecretChange = false");
    assert!(told, "{planned:?}");
    let planned = plan("gateway.rotateOnSecretChange = false").exits(0);
    assert!(
        planned.out.contains("Deployment/gateway") && planned.out.contains("? Secret/gateway-auth"),
        "{}",
        planned.out
    );
    bench.langop(&["apply", "--yes", "--kubeconfig", &blind]).exits(0);
    bench.kubectl(&["delete", "clusterrolebinding,clusterrole", name]);
    bench.langop(&["destroy", "--yes", "--include-unmanaged"]).exits(0);
}

/// A kubeconfig of an identity that may do everything but look at Secrets.
fn blind(bench: &Bench) -> String {
    let name = bench.name.as_str();
    let all = |group: &str, resources: &[&str]| json!({"apiGroups": [group], "resources": resources, "verbs": ["*"]});
    let role = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": name},
        "rules": [
            all("", &["namespaces", "configmaps", "services", "serviceaccounts", "resourcequotas"]),
            all("apps", &["*"]), all("networking.k8s.io", &["*"]), all("langop.io", &["*"]),
            all("apiextensions.k8s.io", &["*"]), all("coordination.k8s.io", &["*"]),
        ],
    });
    let file = bench.write("role.json", &role.to_string()).display().to_string();
    bench.kubectl(&["apply", "-f", &file]);
    bench.kubectl(&["create", "serviceaccount", "blind", "-n", name]);
    let subject = format!("--serviceaccount={name}:blind");
    bench.kubectl(&["create", "clusterrolebinding", name, &format!("--clusterrole={name}"), &subject]);
    let token = bench.kubectl(&["create", "token", "blind", "-n", name]);
    let admin = std::fs::read_to_string(crate::control_plane::kubeconfig()).unwrap();
    let mut config: Value = serde_saphyr::from_str(&admin).unwrap();
    config["users"][0]["user"] = json!({"token": token.trim()});
    bench.write("blind.kubeconfig", &config.to_string()).display().to_string()
}

#[test]
fn a_master_key_begins_as_litellms_do_and_one_of_the_first_form_is_to_be_renewed_by_the_command_that_the_plan_gives() {
    let bench = Bench::new("master-key");
    bench.write("langop.toml", MODEL);
    bench.langop(&["apply", "--yes", "--full"]).exits(0);
    let stored = |key: &str| {
        let path = format!("go-template={{{{index .data \"{key}\" | base64decode}}}}");
        bench.kubectl(&["get", "secret", "gateway-auth", "-n", &bench.name, "-o", &path])
    };
    let (master, hmac) = (stored("master-key"), stored("hmac-secret"));
    assert!(master.starts_with("sk-") && master.len() == 67 && hmac.len() == 64, "another form");
    assert!(!bench.langop(&["plan"]).exits(0).out.contains("old-key-form"));

    // As an older langop left it.
    bench.kubectl(&["annotate", "secret", "gateway-auth", "-n", &bench.name, "langop.io/key-form-"]);
    let planned = bench.langop(&["plan"]).exits(0);
    let all = format!("{}{}", planned.out, planned.err);
    assert!(all.contains("warning[old-key-form]"), "{all}");
    assert!(!all.contains(&master) && !all.contains(&hmac), "a key is shown");
    let command = all.split('`').find(|text| text.starts_with("kubectl -n ")).unwrap();
    let command = command.trim_start_matches("kubectl ").replace("$(openssl rand -hex 32)", "0123");
    let (first, patch) = command.split_once(" -p ").unwrap();
    let patch = patch.replace('\'', "");
    bench.kubectl(&[first.split(' ').collect::<Vec<_>>(), vec!["-p", &patch]].concat());
    assert_eq!((stored("master-key").as_str(), stored("hmac-secret")), ("sk-0123", hmac));
    let planned = bench.langop(&["plan"]).exits(0);
    assert!(!planned.out.contains("old-key-form") && planned.out.contains("restarts"), "{}", planned.out);
    bench.langop(&["destroy", "--yes"]).exits(0);
}
