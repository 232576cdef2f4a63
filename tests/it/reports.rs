//! Reports of whole commands: all formats at once, however the command ends.

use serde_json::{Value, json};

use crate::bench::{Bench, Said, said};

const FORMATS: [&str; 8] = ["human", "json", "markdown", "html", "junit", "sarif", "github", "gitlab"];

/// Text that wants to break out of every format, and a value that nobody may see.
const STACK: &str = r#"
apiVersion: v1
kind: ConfigMap
metadata: {name: mine, namespace: NAME, annotations: {text: "]]></testcase>```</details>%0A::error::@you"}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: theirs, namespace: NAME}
---
apiVersion: v1
kind: Secret
metadata: {name: secret, namespace: NAME}
stringData: {key: canary-of-reports}
"#;

struct Place(Bench);

impl Place {
    /// Runs a command with a report of every format, in files of the name `to`.
    fn run(&self, to: &str, args: &[&str]) -> Said {
        let reports = FORMATS.map(|format| format!("--report={format}={}", file(to, format)));
        self.0.langop(&args.iter().copied().chain(reports.iter().map(String::as_str)).collect::<Vec<_>>())
    }

    fn text(&self, to: &str, format: &str) -> String {
        let text = std::fs::read_to_string(self.0.path(&file(to, format))).unwrap();
        assert!(!text.contains("canary"), "{format}:\n{text}");
        assert!(!text.contains("Y2FuYXJ5"), "{format}:\n{text}");
        text
    }

    fn json(&self, to: &str, format: &str) -> Value {
        serde_json::from_str(&self.text(to, format)).unwrap()
    }
}

/// Holds a document against the schema that `langop schema --of` prints.
#[track_caller]
fn fits(bench: &Bench, of: &str, document: &Value) {
    let schema = bench.langop(&["schema", "--of", of]).exits(0).json();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let faults: Vec<_> = validator.iter_errors(document).map(|fault| fault.to_string()).collect();
    assert_eq!(faults, [""; 0], "{of}: {document:#}");
}

fn file(to: &str, format: &str) -> String {
    format!("{to}.{format}")
}

#[test]
fn one_run_is_reported_in_every_format_whether_it_fails_or_not() {
    let place = Place(Bench::new("reports"));
    let (bench, name) = (&place.0, place.0.name.clone());
    bench.write("stack.yaml", STACK);
    bench.kubectl(&["create", "namespace", &name]);
    bench.kubectl(&["create", "configmap", "theirs", "-n", &name]);

    let printed = place.run("failed", &["plan", "--stack", &name, "stack.yaml"]).exits(1);
    assert!(printed.out.contains("error[exists]"), "what is printed stays:\n{}", printed.out);
    assert_eq!(place.json("failed", "json")["problems"][0]["code"], "exists");
    let result = &place.json("failed", "sarif")["runs"][0]["results"][0];
    assert_eq!((&result["ruleId"], &result["level"]), (&"exists".into(), &"error".into()));
    let place_of = &result["locations"][0]["physicalLocation"];
    assert_eq!(
        (&place_of["artifactLocation"]["uri"], &place_of["region"]["startLine"]),
        (&"stack.yaml".into(), &7.into())
    );
    assert!(place.text("failed", "github").starts_with("::error file=stack.yaml,line=7,col=1,title=exists::"));
    assert!(place.text("failed", "junit").contains(r#"failures="1""#), "{}", place.text("failed", "junit"));
    assert!(place.text("failed", "markdown").contains("- **exists** at `stack.yaml:7:1`"));

    assert_eq!(place.text("failed", "human"), printed.out);

    place.run("planned", &["plan", "--adopt", "--out", "plan.json", "--stack", &name, "stack.yaml"]).exits(0);
    assert_eq!(place.text("planned", "gitlab"), "{\"create\":2,\"update\":1,\"delete\":0}\n");
    let printed = place.run("shown", &["show", "plan.json"]).exits(0);
    assert!(printed.out.contains("2 to add, 1 to change"), "{}", printed.out);
    // A saved plan knows its server by a digest alone.
    let mut planned = place.json("planned", "json");
    planned["target"]["server"] = Value::Null;
    assert_eq!(place.json("shown", "json"), planned);

    let view = bench.langop(&["show", "plan.json", "--format", "terraform"]).exits(0);
    assert!(!view.out.contains("canary") && !view.out.contains("Y2FuYXJ5"), "{}", view.out);
    let changes = &view.json()["resource_changes"];
    let of = |name: &str| changes.as_array().unwrap().iter().find(|change| change["name"] == name).unwrap();
    assert_eq!(of("mine")["change"]["actions"], json!(["create"]));
    assert_eq!(of("theirs")["change"]["before"]["metadata"]["name"], "theirs");
    assert_eq!(of("secret")["change"]["after_sensitive"], json!({"data": {"key": true}}));

    place.run("applied", &["apply", "plan.json"]).exits(0);
    let stream = place.text("applied", "json");
    let types: Vec<_> =
        stream.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["type"].clone()).collect();
    assert_eq!((types.first(), types.last()), (Some(&"version".into()), Some(&"summary".into())), "{stream}");
    assert!(place.text("applied", "markdown").contains("complete, 2 added, 1 changed, 0 destroyed"));
    assert!(place.text("applied", "junit").contains(r#"failures="0" errors="0""#));
    assert_eq!(place.text("applied", "gitlab"), "{\"create\":2,\"update\":1,\"delete\":0}\n");

    // What programs read is as it was published.
    fits(bench, "plan-document", &planned);
    for line in stream.lines() {
        fits(bench, "events", &serde_json::from_str(line).unwrap());
    }
    fits(bench, "status", &bench.langop(&["status", "--json"]).json());
    let record = bench.langop(&["state", "list", "--json", &name]).exits(0).json();
    fits(bench, "state", &record);
    assert_eq!(record["objects"].as_array().unwrap().len(), 3, "{record}");

    // A report on standard output has it for itself.
    let args = [
        "destroy",
        "--yes",
        "--include-adopted",
        "--stack",
        &name,
        "--report=json=-",
        "--report=markdown=gone.markdown",
    ];
    let gone = bench.langop(&args).exits(0);
    assert!(gone.out.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{}", gone.out);
    assert!(gone.err.contains("Destroy complete!"), "{}", gone.err);
    assert!(place.text("gone", "markdown").contains("### 3 deleted"), "{}", place.text("gone", "markdown"));
    bench.kubectl(&["delete", "namespace", &name, "--wait=false"]);
}

#[test]
fn what_cannot_be_written_is_found_out_first() {
    let bench = Bench::offline("reports-usage");
    let refused = |report: &[&str], code: i32, words: &str| {
        let said = bench.langop(&[&["plan", "missing.toml"], report].concat()).exits(code);
        assert!(said.err.contains(words) && !said.err.contains("missing.toml"), "{report:?}:\n{}", said.err);
    };
    refused(
        &["--report=jsn=x"],
        64,
        "`human`, `json`, `markdown`, `html`, `junit`, `sarif`, `github`, `gitlab`; did you mean `json`?",
    );
    refused(&["--report=json"], 64, "names no file");
    refused(&["--report=json=-", "--report=junit=-"], 64, "standard output has one writer");
    refused(&["--report=json=-", "--json"], 64, "standard output has one writer");
    refused(&["--report=json=x", "--report=junit=x"], 64, "`x` has one writer");
    refused(&["--report=json=no/such/x"], 1, "cannot write `no/such/x`");
}

#[test]
fn mistakes_of_a_description_and_a_server_that_is_not_there_are_reported() {
    let place = Place(Bench::offline("reports-invalid"));
    place.0.write("langop.toml", "stack = \"x\"\n[clusters.prod]\nmodel = 1\n");
    place.run("invalid", &["validate"]).exits(65);
    let result = &place.json("invalid", "sarif")["runs"][0]["results"][0];
    assert_eq!((&result["ruleId"], &result["level"]), (&"unknown-key".into(), &"error".into()));
    assert_eq!(result["locations"][0]["physicalLocation"]["region"]["startLine"], 3);
    assert!(place.text("invalid", "github").starts_with("::error file=langop.toml,line=3,col=1,"));
    let mut printed = place.0.langop(&["validate", "--json"]).exits(65).json();
    fits(&place.0, "validate", &printed);
    assert_eq!(place.json("invalid", "json")["findings"], printed["findings"].take());

    // Several commands of one step share its summary.
    let summary = place.0.write("summary", "# Mine\n");
    let mut command = place.0.command(&["plan", "--report", &format!("markdown={}", summary.display())]);
    said(&command.env("GITHUB_STEP_SUMMARY", &summary).output().unwrap()).exits(65);
    let text = std::fs::read_to_string(summary).unwrap();
    assert!(
        text.starts_with("# Mine\n<!-- langop:plan: -->\n") && text.contains("**unknown-key** at `langop.toml:3:1`"),
        "{text}"
    );

    place.0.write("langop.toml", "stack = \"x\"\n[clusters.prod]\n");
    place.run("unreachable", &["plan"]).exits(place.0.langop(&["plan"]).code.unwrap());
    let report = place.json("unreachable", "json");
    assert!(report["error"]["message"].is_string());
    fits(&place.0, "plan-document", &report);
    assert!(place.text("unreachable", "junit").contains(r#"failures="1""#));
}
