//! Description files through the library's front door: what is wrong with the files of
//! `tests/invalid`, word for word, and what a stack holds when nothing is.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use langop::stack::diagnostic::{Code, render};
use langop::stack::{Invalid, LoadRequest, Loaded, load};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/invalid")
}

/// A request for one file or directory. The arguments of a file are its first line, if that is a
/// comment with options in it.
fn request(directory: &Path, name: &str) -> LoadRequest {
    let mut request =
        LoadRequest { paths: vec![PathBuf::from(name)], directory: directory.to_owned(), ..LoadRequest::default() };
    let text = std::fs::read(directory.join(name)).unwrap_or_default();
    let text = String::from_utf8_lossy(&text).into_owned();
    let arguments = text.lines().next().and_then(|line| line.strip_prefix("# --"));
    let mut words = arguments.into_iter().flat_map(|line| line.split_whitespace());
    while let (Some(option), Some(value)) = (words.next(), words.next()) {
        match option.trim_start_matches('-') {
            "stack" => request.stack = Some(value.to_owned()),
            "var" => {
                let (name, value) = value.split_once('=').expect("--var name=value");
                request.variables.push((name.to_owned(), value.to_owned()));
            }
            other => panic!("no such option: {other}"),
        }
    }
    request
}

fn output(result: Result<Loaded, Invalid>) -> String {
    match result {
        Ok(loaded) => panic!("loaded: {:?}", loaded.stack),
        Err(invalid) => format!("{}error: {invalid}\n", render(&invalid.diagnostics, &invalid.files, false)),
    }
}

/// Codes that are shown by tests of their own, further down.
const ELSEWHERE: [Code; 5] =
    [Code::UnknownEnvironment, Code::Unreadable, Code::UnknownFormat, Code::ReadTwice, Code::Unformattable];

#[test]
fn every_invalid_description_says_what_is_wrong() {
    let mut names: Vec<String> = std::fs::read_dir(root())
        .expect("tests/invalid")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
        .filter(|name| name != "snapshots")
        .collect();
    names.sort();
    assert!(names.len() >= 40, "{}", names.len());
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../invalid/snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let mut missing: BTreeSet<Code> = Code::ALL.iter().copied().collect();
    for code in ELSEWHERE {
        assert!(missing.remove(&code));
    }
    settings.bind(|| {
        for name in names {
            let text = output(load(&request(&root(), &name)));
            assert!(!text.contains("hunter2"), "a secret is shown:\n{text}");
            missing.retain(|code| !text.contains(&format!("[{}]", code.name())));
            insta::assert_snapshot!(name.as_str(), text);
        }
    });
    assert!(missing.is_empty(), "no example of {missing:?}");
}

/// What a stack holds, without the places, which differ between files that mean the same.
fn content(loaded: &Loaded) -> String {
    let stack = &loaded.stack;
    let mut text = format!("stack {}\n", stack.name);
    let mut add = |what: &str, cluster: &str, name: &str, address: &str, content: String| {
        writeln!(text, "{what} {cluster}/{name} {address} {content}").unwrap();
    };
    for (name, item) in &stack.clusters {
        let content = format!("{} {:?} {:?}", item.written, item.spec, item.labels);
        add("cluster", "", name, item.address.as_str(), content);
    }
    macro_rules! members {
        ($($section:ident)+) => { $(for (key, item) in &stack.$section {
            let content = format!("{} {:?} {:?}", item.written, item.spec, item.labels);
            add(stringify!($section), &key.cluster, &key.name, item.address.as_str(), content);
        })+ };
    }
    members!(models agents tools personas secrets);
    for manifest in &stack.manifests {
        let content = format!("{} {:?}", *manifest.object, manifest.secret.keys());
        add("manifest", "", &manifest.reference.to_string(), "", content);
    }
    text
}

fn given(text: &str) -> LoadRequest {
    LoadRequest { paths: vec![PathBuf::from("-")], stdin: Some(text.as_bytes().to_vec()), ..LoadRequest::default() }
}

fn loaded(request: &LoadRequest) -> Loaded {
    match load(request) {
        Ok(loaded) => loaded,
        Err(invalid) => panic!("{}", render(&invalid.diagnostics, &invalid.files, false)),
    }
}

/// Files by name in a directory of their own.
fn directory(files: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = directory.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    directory
}

fn request_in(directory: &tempfile::TempDir, paths: &[&str]) -> LoadRequest {
    LoadRequest {
        paths: paths.iter().map(PathBuf::from).collect(),
        directory: directory.path().to_owned(),
        ..LoadRequest::default()
    }
}

const TOML: &str = include_str!("../valid/everything.toml");
const YAML: &str = include_str!("../valid/everything.yaml");
const DOCUMENTS: &str = include_str!("../valid/documents.yaml");

#[test]
fn toml_and_yaml_twins_are_one_stack() {
    let toml = loaded(&given(TOML));
    assert_eq!(content(&toml), content(&loaded(&given(YAML))));
    assert_eq!(render(&toml.warnings, &toml.files, false), "");
}

#[test]
fn documents_of_langop_are_the_same_stack_as_a_description() {
    let directory = directory(&[("a.yaml", DOCUMENTS)]);
    let mut request = request_in(&directory, &["a.yaml"]);
    request.stack = Some("everything".to_owned());
    let documents = loaded(&request);
    let described = loaded(&given(TOML));
    assert_eq!(documents.stack.clusters["prod"].written, described.stack.clusters["prod"].written);
    let written = |loaded: &Loaded| -> Vec<serde_json::Value> {
        let models = loaded.stack.models.iter().filter(|(key, _)| key.cluster == "prod");
        models.map(|(_, item)| item.written.clone()).collect()
    };
    assert_eq!(written(&documents), written(&described));
    let foreign: Vec<String> =
        documents.stack.manifests.iter().map(|manifest| manifest.reference.to_string()).collect();
    assert_eq!(foreign, ["ConfigMap/notes in prod", "Secret/extra in prod"]);
    let labels = &documents.stack.clusters["prod"].labels;
    assert_eq!(labels.get("team").map(String::as_str), Some("ai"));
}

#[test]
fn later_files_win_key_by_key() {
    let directory = directory(&[
        (
            "base.toml",
            "stack = \"t\"\n[clusters.prod]\ndomain = \"a.com\"\ncapacity = { maxAgents = 1, maxTools = 2 }\n",
        ),
        ("prod.yaml", "clusters: {prod: {domain: null, capacity: {maxAgents: 9}}}\n"),
    ]);
    let loaded = loaded(&request_in(&directory, &["base.toml", "prod.yaml"]));
    let expected = serde_json::json!({"capacity": {"maxAgents": 9, "maxTools": 2}});
    assert_eq!(loaded.stack.clusters["prod"].written, expected);
    assert_eq!(loaded.stack.clusters["prod"].source.to_string(), "prod.yaml:1:12");
}

#[test]
fn variables_come_from_the_command_then_the_environment_then_the_default() {
    let text = "stack = \"${var.name}-x\"\n[variables]\nname = { default = \"d\" }\ncount = { default = 1 }\n\
        [clusters.prod]\ncapacity = { maxAgents = \"${var.count}\" }\ngateway.config = { note = \"$${var.name}\", \
        home = \"$${HOME}\" }\n";
    let mut request = given(text);
    assert_eq!(loaded(&request).stack.name, "d-x");
    request.environment.insert("LANGOP_VAR_name".into(), "e".into());
    request.environment.insert("LANGOP_VAR_other".into(), "ignored".into());
    request.environment.insert("HOME".into(), "/root".into());
    assert_eq!(loaded(&request).stack.name, "e-x");
    request.variables.push(("name".into(), "v".into()));
    request.variables.push(("count".into(), "7".into()));
    let loaded = loaded(&request);
    assert_eq!(loaded.stack.name, "v-x");
    let expected = serde_json::json!({
        "capacity": {"maxAgents": 7},
        "gateway": {"config": {"note": "${var.name}", "home": "${HOME}"}},
    });
    assert_eq!(loaded.stack.clusters["prod"].written, expected);
}

#[test]
fn variables_do_not_reach_into_documents() {
    let text =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: b}\ndata: {script: 'echo ${var.x} ${HOME}'}\n";
    let mut request = given(text);
    request.stack = Some("t".to_owned());
    let loaded = loaded(&request);
    assert_eq!(loaded.stack.manifests[0].object["data"]["script"], "echo ${var.x} ${HOME}");
}

#[test]
fn a_directory_stands_for_its_files_by_name() {
    let cluster = "clusters: {prod: {}}\n";
    let directory = directory(&[
        ("stack/a.toml", "stack = \"t\"\n"),
        ("stack/b.yml", cluster),
        ("stack/README.md", "# no description"),
        ("stack/.hidden.yaml", "nonsense: true"),
        ("stack/more/c.yaml", "clusters: {staging: {}}\n"),
    ]);
    let mut request = request_in(&directory, &["stack"]);
    assert_eq!(loaded(&request).stack.clusters.len(), 1);
    request.recursive = true;
    assert_eq!(loaded(&request).stack.clusters.len(), 2);
}

#[test]
fn without_paths_langop_toml_is_the_stack() {
    let directory = directory(&[("langop.toml", "stack = \"t\"\n[clusters.prod]\n")]);
    assert_eq!(loaded(&request_in(&directory, &[])).stack.name, "t");
    std::fs::write(directory.path().join("langop.yaml"), "stack: t\n").unwrap();
    assert!(load(&request_in(&directory, &[])).is_err());
}

#[test]
fn files_that_are_not_there_are_named() {
    let directory = directory(&[("a.txt", "")]);
    let mut request = request_in(&directory, &["gone.toml", "a.txt", "nowhere/", "a.txt"]);
    request.stack = Some("t".to_owned());
    insta::assert_snapshot!(output(load(&request)));
}

#[test]
fn findings_are_for_programs() {
    let invalid = load(&given("stack = \"t\"\n[clusters.a]\ndomian = \"x\"\ndomian = \"y\"\n")).unwrap_err();
    let findings: Vec<_> = invalid.diagnostics.iter().map(|d| d.finding(&invalid.files)).collect();
    insta::assert_json_snapshot!(findings);
}

/// Where the key of a model may come from, beside a Secret that it names.
#[test]
fn a_model_without_a_key_of_its_own_may_find_one_elsewhere() {
    let warned = |gateway: &str, model: &str| {
        let text = format!("stack = \"t\"\n[clusters.a.gateway]\n{gateway}\n[models.m]\nmodelName = \"m\"\n{model}\n");
        let loaded = loaded(&given(&text));
        loaded.warnings.iter().any(|warning| warning.code == Code::MissingProviderKey)
    };
    let of = |provider: &str| format!("litellmProvider = \"{provider}\"");
    for provider in ["openai", "anthropic", "gemini", "groq", "openrouter", "together_ai", "poe"] {
        assert!(warned("", &of(provider)), "{provider}");
    }
    for provider in ["ollama", "hosted_vllm", "vertex_ai", "bedrock", "sagemaker", "lm_studio", "oci"] {
        assert!(!warned("", &of(provider)), "{provider}");
    }
    let azure = "provider = \"azure\"\nendpoint = \"https://r.openai.azure.com\"\napiVersion = \"v1\"";
    assert!(warned("", azure));
    for (gateway, model) in [
        ("deployment.env = [{ name = \"OPENAI_API_KEY\", value = \"$(A)\" }]", of("openai").as_str()),
        ("deployment.env = [{ name = \"TOGETHER_AI_TOKEN\", value = \"$(A)\" }]", &of("together_ai")),
        ("deployment.envFrom = [{ secretRef = { name = \"keys\" } }]", &of("openai")),
        ("config.environment_variables = { GROQ_API_KEY = \"os.environ/A\" }", &of("groq")),
        ("config.litellm_settings = { openai_key = \"os.environ/A\" }", &of("openai")),
        ("config.general_settings = { key_management_system = \"hashicorp_vault\" }", &of("openai")),
        ("", &format!("{}\nparams = {{ litellm_credential_name = \"shared\" }}", of("openai"))),
        ("", &format!("{}\nendpoint = \"http://llama.models.svc/v1\"", of("openai"))),
        ("", &format!("{}\ncredentialsSecretRef = {{ name = \"keys\" }}", of("openai"))),
        ("deployment.serviceAccountName = \"with-an-identity\"", azure),
        ("deployment.podLabels = { \"azure.workload.identity/use\" = \"true\" }", azure),
        ("config.litellm_settings = { enable_azure_ad_token_refresh = true }", azure),
    ] {
        assert!(!warned(gateway, model), "{gateway} {model}");
    }
    assert!(warned("deployment.env = [{ name = \"GROQ_API_KEY\", value = \"$(A)\" }]", &of("openai")), "another's key");
}

#[test]
fn warnings_do_not_stop_a_stack() {
    let text = "stack = \"t\"\n[clusters.a]\n[models.old]\nprovider = \"custom\"\nmodelName = \"m\"\nendpoint = \"http://a/v1\"\n\
        [[clusters.a.networkPolicies.egress]]\nto = [{ group = \"nobody\" }]\n";
    let loaded = loaded(&given(text));
    insta::assert_snapshot!(render(&loaded.warnings, &loaded.files, false));
}

#[test]
fn the_published_schema_knows_what_the_reader_knows() {
    let schema = langop::stack::schema();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let valid: serde_json::Value = toml::from_str(TOML).unwrap();
    let errors: Vec<String> = validator.iter_errors(&valid).map(|error| error.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new());
    for text in [
        "[clusters.a]\ndomian = \"x\"",
        "[cluster.a]",
        "[models.a]\nprovider = \"antropic\"\nmodelName = \"m\"",
        "[clusters.a.capacity]\nmaxAgents = -1",
        "[clusters.a.gateway.deployment]\ntolerations = [{ kye = \"a\" }]",
    ] {
        let value: serde_json::Value = toml::from_str(text).unwrap();
        assert!(!validator.is_valid(&value), "{text}");
    }
    let references = "[clusters.a]\ndomain = \"${var.d}\"\ncapacity = { maxAgents = \"${var.n}\" }\n\
        [[clusters.a.networkPolicies.egress]]\nto = [{ dns = \"${var.hosts}\" }]";
    let value: serde_json::Value = toml::from_str(references).unwrap();
    assert!(validator.is_valid(&value));
}

#[test]
fn a_directory_stands_for_its_langop_toml_named_or_not_and_what_else_describes_something_is_named() {
    let object = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: b}\n";
    let directory = directory(&[
        ("langop.toml", "stack = \"t\"\n[clusters.prod]\n"),
        ("more.toml", "[clusters.more]\n"),
        ("object.yaml", object),
        ("values.yaml", "replicas: 2\n"),
        (
            "kustomization.yaml",
            "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nmetadata: {name: a}\n",
        ),
        ("broken.yaml", "a: [\n"),
    ]);
    for paths in [&[][..], &["."]] {
        let loaded = loaded(&request_in(&directory, paths));
        assert_eq!((loaded.stack.clusters.len(), loaded.stack.manifests.len()), (1, 0), "{paths:?}");
        let warnings = render(&loaded.warnings, &loaded.files, false);
        assert!(warnings.starts_with("warning[unread-file]: "), "{warnings}");
        assert!(warnings.contains("more.toml`, ") && warnings.contains("object.yaml` describe"), "{warnings}");
        assert!(["values", "kustomization", "broken"].iter().all(|other| !warnings.contains(other)), "{warnings}");
    }
    let both = loaded(&request_in(&directory, &[".", "object.yaml"]));
    assert_eq!(both.stack.manifests.len(), 1);
    std::fs::remove_file(directory.path().join("broken.yaml")).unwrap();
    std::fs::remove_file(directory.path().join("values.yaml")).unwrap();
    let mut all = request_in(&directory, &["."]);
    all.recursive = true;
    let all = loaded(&all);
    assert_eq!((all.stack.clusters.len(), all.warnings.len()), (2, 0));
}

#[test]
fn a_stream_of_documents_is_read_however_it_is_written() {
    let object = |name: &str| format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: n}}\n");
    let names = |text: &str| -> Vec<String> {
        let request = LoadRequest { stack: Some("t".into()), ..given(text) };
        loaded(&request).stack.manifests.into_iter().map(|manifest| manifest.reference.name.into()).collect()
    };
    let (a, b) = (object("a"), object("b"));
    for text in [
        format!("{a}---\n{b}"),
        format!("--- # the first\n{a}--- # the second\n{b}---\n"),
        format!("---\n---\n# nothing\n---\n{a}---   \n\n---\n{b}...\n"),
        format!("%YAML 1.2\n---\n{a}...\n---\n{b}"),
        format!("{a}---\n{b}").replace('\n', "\r\n"),
        format!("\u{feff}{a}---\n{b}"),
        format!("\u{feff}{a}---\n\u{feff}{b}"),
        format!("{a}...\n\u{feff}---\n{b}"),
        format!(
            "apiVersion: v1\nkind: List\nitems:\n- {}\n- apiVersion: v1\n  kind: ConfigMapList\n  items:\n  - {}\n",
            a.trim_end().replace('\n', "\n  "),
            b.trim_end().replace('\n', "\n    ")
        ),
    ] {
        assert_eq!(names(&text), ["a", "b"], "{text}");
    }
    assert_eq!(names(&format!("apiVersion: v1\nkind: List\nitems: []\n---\n{a}")), ["a"]);
}

#[test]
fn a_file_may_be_as_big_as_a_bundle_is_and_an_object_as_big_as_a_server_takes() {
    let object = |at: usize, size: usize| {
        format!(
            "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{at}, namespace: n}}\ndata: {{a: \"{}\"}}\n",
            "x".repeat(size)
        )
    };
    // Big objects and many, in one file.
    let mut text: String = (0..12).map(|at| object(at, 900_000)).collect();
    text.extend((12..4000).map(|at| object(at, 10)));
    let request = LoadRequest { stack: Some("t".into()), ..given(&text) };
    let loaded = loaded(&request);
    assert_eq!(loaded.stack.manifests.len(), 4000);
    let last = &loaded.stack.manifests.iter().find(|manifest| manifest.reference.name == "c3999").unwrap();
    assert_eq!(last.source.as_ref().map(|source| source.line), Some(4000 * 5 - 2));

    let request = LoadRequest { stack: Some("t".into()), ..given(&object(0, 3 << 20)) };
    let refused = output(load(&request));
    assert!(refused.contains("too-big") && refused.contains("split it") && refused.contains("<stdin>:4:"), "{refused}");
    let description = format!("[variables]\na = {{ default = \"{}\" }}\n", "x".repeat(4 << 20));
    assert!(output(load(&given(&description))).contains("the description in `<stdin>` is larger than 4 MiB"));
}
