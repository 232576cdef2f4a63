//! Releases of the gateway: what a plan says of a step between two, and that an image which is not known to be safe is not
//! applied where that is asked for.

use crate::bench::Bench;

/// A gateway of some image, with a model that some releases want a key for.
fn describe(bench: &Bench, image: &str) -> String {
    let (name, image) = (&bench.name, format!("ghcr.io/berriai/litellm-non_root:{image}"));
    let text = format!(
        "stack = \"{name}\"\n[clusters.{name}]\ngateway.image = \"{image}\"\n\
         gateway.config.litellm_settings.drop_params = false\n\
         [models.open]\nlitellmProvider = \"poe\"\nmodelName = \"m\"\nendpoint = \"http://poe.test/v1\"\n"
    );
    bench.write("langop.toml", &text).display().to_string()
}

#[test]
fn a_plan_says_what_a_step_between_releases_needs_of_this_description() {
    let bench = Bench::new("releases");
    let gateway = format!("gateway of cluster `{}`", bench.name);
    bench.langop(&["apply", "--yes", &describe(&bench, "v1.108.7")]).exits(0);
    let effects = |image: &str| {
        let plan = bench.langop(&["plan", "--json", &describe(&bench, image)]).exits(0).json();
        let effects = plan["effects"].as_array().unwrap().iter().map(|effect| effect.as_str().unwrap().to_owned());
        effects.filter(|effect| effect.contains("LiteLLM")).collect::<Vec<_>>()
    };
    assert_eq!(effects("v1.108.7"), [""; 0]);
    assert_eq!(effects("v1.108.14"), [format!("{gateway} goes from LiteLLM 1.108.7 to 1.108.14")]);
    let far = effects("v1.108.15");
    assert_eq!(far[0], format!("{gateway} goes from LiteLLM 1.108.7 to 1.108.15"));
    assert!(far[1].starts_with(&format!("{gateway}: since LiteLLM 1.108.15, models without a key")), "{far:?}");
    assert!(far[1].contains("give `open` an"), "{far:?}");
    assert_eq!(far.len(), 2);
    let said = bench.langop(&["plan", &describe(&bench, "v1.108.1")]).exits(0);
    assert!(said.out.contains("goes from LiteLLM 1.108.7 to 1.108.1"), "{}", said.out);
}

#[test]
fn an_image_that_is_not_known_to_be_safe_is_not_applied_where_that_is_asked_for() {
    let bench = Bench::new("safe-image");
    let plan = bench.path("plan.json");
    for (image, words, hint) in [
        ("v1.101.2", "has a known hole, CVE-2026-114612", "use 1.101.3 or newer"),
        ("main-stable", "tag `main-stable` is moved", "pin a release"),
        ("v1.120.0", "is newer than the releases that are known here", "long-term line is 1.108"),
        ("our-build", "does not tell which release of LiteLLM it is", "call it `litellm:`"),
    ] {
        let file = describe(&bench, image);
        let refused = |args: &[&str]| {
            let said = bench.langop(args).exits(7);
            assert!(said.err.contains(words) && said.err.contains(hint), "{args:?}\n{}", said.err);
        };
        refused(&["plan", "--require-safe-image", &file]);
        refused(&["apply", "--yes", "--require-safe-image", &file]);
        bench.langop(&["plan", "--out", &plan, &file]).exits(0);
        refused(&["apply", "--require-safe-image", &plan]);
    }
    assert!(!bench.try_kubectl(&["get", "deployment", "gateway", "-n", &bench.name]).out.contains("gateway"));
    let safe = describe(&bench, "v1.108.7");
    bench.langop(&["plan", "--require-safe-image", &safe, "--out", &plan]).exits(0);
    bench.langop(&["apply", "--require-safe-image", &plan]).exits(0);
}
