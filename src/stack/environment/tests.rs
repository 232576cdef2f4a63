//! What an environment changes of a description, and what is said of one that is not as it must be.

use std::path::Path;

use crate::stack::diagnostic::render;
use crate::stack::{DefaultNamespace, Invalid, LoadRequest, Loaded, environments, load};

const BASE: &str = "stack = \"shop\"

[clusters.shop]
[models.claude]
provider = \"anthropic\"
modelName = \"${var.model}\"
apiKeySecretRef = { name = \"k\" }
rateLimits = { requestsPerMinute = \"${var.limit}\" }

[variables.model]
[variables.limit]
default = 10

[environments.dev]
variables = { model = \"small\" }

[environments.prod]
files = [\"overlays/prod.toml\"]
variables = { model = \"large\", limit = 99 }
target = { context = \"prod\", clusterId = \"1\" }
stack = \"shop-prod\"
";
const OVERLAY: &str = "[clusters.shop]\ncapacity = { maxModels = 7 }\n";

fn place(base: &str, overlay: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("overlays")).unwrap();
    std::fs::write(dir.path().join("langop.toml"), base).unwrap();
    std::fs::write(dir.path().join("overlays/prod.toml"), overlay).unwrap();
    dir
}

fn request(directory: &Path, name: Option<&str>) -> LoadRequest {
    let here = DefaultNamespace::Given("of-prod".to_owned());
    LoadRequest {
        directory: directory.to_owned(),
        environment_name: name.map(str::to_owned),
        contexts: [("prod".to_owned(), here)].into(),
        ..LoadRequest::default()
    }
}

fn read(base: &str, overlay: &str, name: Option<&str>) -> Result<Loaded, Invalid> {
    load(&request(place(base, overlay).path(), name))
}

fn words(base: &str, overlay: &str, name: Option<&str>) -> String {
    let invalid = read(base, overlay, name).expect_err("it is a mistake");
    render(&invalid.diagnostics, &invalid.files, false)
}

#[test]
fn files_variables_target_and_stack_of_an_environment_are_laid_on_the_description() {
    let dev = read(BASE, OVERLAY, Some("dev")).unwrap().stack;
    assert_eq!((dev.name.as_str(), dev.target.clone(), dev.environment.as_deref()), ("shop", None, Some("dev")));
    let model = |stack: &crate::stack::Stack| stack.models.values().next().unwrap().written.clone();
    assert_eq!(model(&dev)["modelName"], "small");
    let prod = read(BASE, OVERLAY, Some("prod")).unwrap().stack;
    assert_eq!(prod.name, "shop-prod");
    let target = prod.target.clone().unwrap();
    assert_eq!((target.context.as_deref(), target.cluster_id.as_deref()), (Some("prod"), Some("1")));
    assert!(target.selects && target.source.line == 20, "{target:?}");
    assert_eq!(prod.clusters["shop"].written["capacity"]["maxModels"], 7);
    assert_eq!(
        (&model(&prod)["modelName"], &model(&prod)["rateLimits"]["requestsPerMinute"]),
        (&"large".into(), &99.into())
    );
    assert_eq!(prod.namespace.name(), Ok("of-prod"), "that of the context which the environment names");
    assert_eq!(prod.unread, []);
}

#[test]
fn what_the_command_says_wins_over_the_environment() {
    let dir = place(BASE, OVERLAY);
    let mut asked = request(dir.path(), Some("prod"));
    asked.variables = vec![("model".to_owned(), "given".to_owned())];
    asked.environment = [("LANGOP_VAR_limit".to_owned(), "3".to_owned())].into();
    asked.stack = Some("other".to_owned());
    let stack = load(&asked).unwrap().stack;
    let model = &stack.models.values().next().unwrap().written;
    assert_eq!((&model["modelName"], &model["rateLimits"]["requestsPerMinute"]), (&"given".into(), &3.into()));
    assert_eq!(stack.name, "other");
}

#[test]
fn an_environment_must_be_named_unless_the_description_has_a_target_of_its_own() {
    let text = words(BASE, OVERLAY, None);
    assert!(
        text.contains("which environment? the description has `dev`, `prod`") && text.contains("--env dev"),
        "{text}"
    );
    let own = format!("{BASE}\n[target]\ncontext = \"own\"\n")
        .replace("[variables.model]", "[variables.model]\ndefault = \"m\"");
    let stack = read(&own, OVERLAY, None).unwrap().stack;
    assert_eq!(stack.target.map(|target| (target.context, target.selects)), Some((Some("own".to_owned()), false)));
    let dir = place(BASE, OVERLAY);
    assert_eq!(environments(&request(dir.path(), None)).unwrap(), ["dev", "prod"]);
}

#[test]
fn mistakes_are_pointed_at_where_they_are_written() {
    let text = words(BASE, OVERLAY, Some("prd"));
    assert!(text.contains("no environment `prd`") && text.contains("did you mean `prod`?"), "{text}");
    let text = words("stack = \"a\"\n[clusters.a]\n", OVERLAY, Some("prod"));
    assert!(text.contains("describe it: `[environments.prod]`"), "{text}");
    let text = words(BASE, "[clusters.shop]\nwrong = 1\n", Some("prod"));
    assert!(text.contains("overlays/prod.toml:2:1") && text.contains("unknown key `wrong`"), "{text}");
    let text = words(BASE, "[environments.more]\n", Some("prod"));
    assert!(text.contains("cannot describe environments") && text.contains("overlays/prod.toml:1:"), "{text}");
    let text = words(&BASE.replace("overlays/prod.toml", "overlays/gone.toml"), OVERLAY, Some("prod"));
    assert!(text.contains("cannot read `overlays/gone.toml`") && text.contains("langop.toml:18"), "{text}");
    let text = words(&BASE.replace("limit = 99", "limit = \"x\""), OVERLAY, Some("prod"));
    assert!(text.contains("`limit` is not a number") && text.contains("langop.toml:19"), "{text}");
    let text = words(&BASE.replace("limit = 99", "limits = 99"), OVERLAY, Some("prod"));
    assert!(text.contains("sets `limits`") && text.contains("did you mean `limit`?"), "{text}");
    // Also of an environment that was not asked for.
    let text = words(&BASE.replace("stack = \"shop-prod\"", "stacks = \"x\""), OVERLAY, Some("dev"));
    assert!(text.contains("unknown key `stacks` in `environments.prod`"), "{text}");
}

#[test]
fn a_file_of_an_environment_is_read_once_and_not_missed_without_it() {
    let beside = BASE.replace("overlays/prod.toml", "prod.toml");
    let dir = place(&beside, OVERLAY);
    std::fs::write(dir.path().join("prod.toml"), OVERLAY).unwrap();
    let loaded = load(&request(dir.path(), Some("dev"))).unwrap();
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
    let mut asked = request(dir.path(), Some("prod"));
    asked.paths = vec!["langop.toml".into(), "prod.toml".into()];
    let invalid = load(&asked).unwrap_err();
    let text = render(&invalid.diagnostics, &invalid.files, false);
    assert!(text.contains("`prod.toml` is named twice"), "{text}");
}
