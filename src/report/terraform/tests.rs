//! The view of whole plans, and a policy over it.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::terraform;
use crate::plan::Plan;
use crate::report::samples;

fn view(plan: &Plan) -> Value {
    serde_json::to_value(terraform(plan, Timestamp::UNIX_EPOCH)).unwrap()
}

/// What a policy of the kind that people have for Terraform denies.
fn denied(plan: &Plan) -> Vec<String> {
    let mut engine = regorus::Engine::new();
    engine.set_rego_v0(false);
    let policy = include_str!("../../../tests/rego/no-deletes.rego").to_owned();
    engine.add_policy("no-deletes.rego".to_owned(), policy).unwrap();
    engine.set_input(regorus::Value::from_json_str(&view(plan).to_string()).unwrap());
    let denied = engine.eval_rule("data.langop.deny".to_owned()).unwrap();
    serde_json::from_str::<Vec<String>>(&denied.to_json_str().unwrap()).unwrap()
}

#[test]
fn plans_in_the_shape_of_terraform() {
    insta::assert_json_snapshot!("update", view(&samples::update_all()));
    insta::assert_json_snapshot!("drift", view(&samples::drift()));
    insta::assert_json_snapshot!("destroy", view(&samples::destroy()));
}

#[test]
fn a_policy_for_terraform_judges_a_plan() {
    assert_eq!(
        denied(&samples::update_all()),
        [
            "Deployment.apps gateway: image ghcr.io/berriai/litellm:v1.81.0 has no digest",
            "Deployment.apps gateway: image quay.io/exporter:v1 has no digest",
            "Job.batch index is deleted",
            "NetworkPolicy.networking.k8s.io old is deleted",
        ]
    );
    assert_eq!(denied(&samples::nothing()), [""; 0]);
}

#[test]
fn no_value_of_a_secret_is_in_it_and_its_places_are_marked() {
    let document = view(&samples::update_all());
    let changes = document["resource_changes"].as_array().unwrap();
    let secret = changes.iter().find(|change| change["type"] == "Secret").unwrap();
    assert_eq!(secret["change"]["after_sensitive"], json!({"data": {"api-key": true}}));
    assert_eq!(secret["change"]["before"]["data"]["api-key"], "(sensitive)");
    let created = view(&samples::create_all()).to_string();
    assert!(!created.contains("c2VjcmV0"), "{created}");
}
