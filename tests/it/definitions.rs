//! Objects whose kind the same description defines: planned by the schema at hand, made in one apply, held against the
//! new schema when the CRD is upgraded.

use serde_json::json;

use crate::bench::Bench;

/// With a status that says at once that somebody has seen it: nothing runs here that would.
const CRD: &str = "
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gears.NAME.example.com}
spec:
  group: NAME.example.com
  scope: Namespaced
  names: {kind: Gear, plural: gears}
  versions:
";

const V1: &str = "
  - name: v1
    served: SERVED
    storage: STORAGE
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec: {type: object, required: [teeth], properties: {teeth: {type: integer, minimum: 3}}}
          status: &status {type: object, default: {}, properties: {observedGeneration: {type: integer, default: 9}}}
";

const V2: &str = "
  - name: v2
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties: {teeth: {type: integer}, oil: {type: string}, colour: {type: string, default: grey}}
          status: *status
";

const NAMESPACE: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: NAME}
---";

fn gear(name: &str, version: &str, spec: &str) -> String {
    format!(
        "\n---\napiVersion: NAME.example.com/{version}\nkind: Gear\nmetadata: {{name: {name}, namespace: NAME}}\nspec: {spec}\n"
    )
}

fn describe(bench: &Bench, crd: &str, gears: &[String]) {
    bench.write("stack.yaml", &format!("{NAMESPACE}{crd}{}", gears.concat()));
}

fn run(bench: &Bench, args: &[&str]) -> crate::bench::Said {
    bench.langop(&[args, &["--stack", &bench.name, "stack.yaml"]].concat())
}

#[test]
fn a_kind_and_its_objects_are_one_plan_from_the_first_apply_to_the_last() {
    let bench = Bench::new("gears");
    let v1 = |served: &str, storage: &str| V1.replace("SERVED", served).replace("STORAGE", storage);
    let first = format!("{CRD}{}", v1("true", "true"));
    describe(&bench, &first, &[gear("big", "v1", "{teeth: 2, oil: thin}")]);
    let refused = run(&bench, &["plan"]).exits(1);
    assert!(refused.out.contains("unknown field `spec.oil`") && refused.out.contains("spec.teeth: "), "{refused:?}");
    assert!(refused.out.contains("--> stack.yaml:") && !refused.out.contains("does not know the kind"), "{refused:?}");

    describe(&bench, &first, &[gear("big", "v1", "{teeth: 12}")]);
    let planned = run(&bench, &["plan"]).exits(0);
    assert!(planned.out.contains(&format!("+ Gear/big in {}: new [schema]", bench.name)), "{planned:?}");
    assert!(planned.out.contains("Plan: 3 to add, 0 to change"), "{planned:?}");
    run(&bench, &["apply", "--yes"]).exits(0);
    run(&bench, &["plan", "--detailed-exitcode", "--refresh=full"]).exits(0);

    // A version and fields that only the upgraded CRD has.
    let gears = [gear("big", "v2", "{teeth: 12, oil: thin}"), gear("small", "v1", "{teeth: 3}")];
    describe(&bench, &format!("{first}{}", V2.replace("storage: true", "storage: false")), &gears);
    let refused = run(&bench, &["plan"]).exits(1);
    assert!(refused.out.contains("unknown field `spec.oil` in `v1`, the version in which"), "{refused:?}");
    describe(&bench, &format!("{CRD}{}{V2}", v1("true", "false")), &gears);
    let plan = run(&bench, &["plan", "--json"]).exits(0).json();
    let changes = plan["changes"].as_array().unwrap();
    let big = changes.iter().find(|change| change["object"]["name"] == "big").unwrap();
    assert_eq!((&big["action"], &big["confidence"]), (&json!("update"), &json!("schema")), "{big:#}");
    let text = big["diff"].to_string();
    assert!(text.contains("thin") && text.contains("grey") && !text.contains("teeth"), "{big:#}");
    run(&bench, &["apply", "--yes"]).exits(0);
    run(&bench, &["plan", "--detailed-exitcode", "--refresh=full"]).exits(0);
    let live = bench.object(&[&format!("gears.v2.{}.example.com", bench.name), "big", "-n", &bench.name]);
    assert_eq!(live["spec"], json!({"teeth": 12, "oil": "thin", "colour": "grey"}));

    // A version that the CRD stops to serve, and a CRD that goes while an object of it stays.
    describe(&bench, &format!("{CRD}{}{V2}", v1("false", "false")), &gears);
    let refused = run(&bench, &["plan"]).exits(1);
    let unserved = format!("does not serve `{}.example.com/v1`", bench.name);
    assert!(refused.out.contains(&unserved) && refused.out.contains("1 error"), "{refused:?}");
    describe(&bench, "", &gears);
    let refused = run(&bench, &["plan"]).exits(1);
    assert!(refused.out.contains("goes with this plan") && refused.out.contains("2 errors"), "{refused:?}");

    bench.langop(&["destroy", "--yes", "--stack", &bench.name]).exits(0);
    assert!(bench.kubectl(&["get", "crd", "-o", "name"]).lines().all(|line| !line.contains(&bench.name)));
}
