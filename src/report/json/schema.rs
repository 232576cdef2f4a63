//! The published JSON Schemas of what programs read: one of each document and of a line of the stream, draft 2020-12. They
//! promise what `docs/events.md` does: a new minor version only adds fields, so that no schema forbids unknown ones.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use super::event::{EventLine, VersionLine};
use super::report::{BareReport, ErrorLine, PlanReport};
use super::{
    CheckDocument, FORMAT_VERSION, FitnessDocument, OutageDocument, RecordDocument, SpendDocument, StatusDocument,
    ValidationDocument,
};

/// What has a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Document {
    /// `plan --json`, `show --json`, and the report of a command that made no plan.
    Plan,
    /// A line of `apply --json` and `destroy --json`.
    Events,
    /// `status --json`.
    Status,
    /// `spend --json`.
    Spend,
    /// `state list --json`.
    State,
    /// `check --json`.
    Check,
    /// `self-test --json`.
    SelfTest,
    /// `validate --json`.
    Validate,
    /// `explain outage --json`.
    Outage,
}

/// The schema of a document.
#[must_use]
pub(crate) fn schema(document: Document) -> Value {
    let (title, mut schema) = match document {
        Document::Plan => ("plan", of::<PlanDocuments<'_>>()),
        Document::Events => ("line of events", of::<Line<'_>>()),
        Document::Status => ("status", of::<StatusDocument<'_>>()),
        Document::Spend => ("spend", of::<SpendDocument<'_>>()),
        Document::State => ("state", of::<RecordDocument<'_>>()),
        Document::Check => ("check", of::<CheckDocument<'_>>()),
        Document::SelfTest => ("self-test", of::<FitnessDocument<'_>>()),
        Document::Validate => ("validation", of::<ValidationDocument<'_>>()),
        Document::Outage => ("outage", of::<OutageDocument<'_>>()),
    };
    publish(&mut schema);
    if let Some(fields) = schema.as_object_mut() {
        fields.insert("title".to_owned(), json!(format!("langop {title}, format version {FORMAT_VERSION}")));
    }
    schema
}

/// A document of a plan, or what there is without one.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema is used")]
enum PlanDocuments<'a> {
    Plan(Box<PlanReport<'a>>),
    Bare(BareReport<'a>),
}

/// A line of the stream.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema is used")]
enum Line<'a> {
    Version(VersionLine),
    Event(Box<EventLine>),
    Error(ErrorLine<'a>),
}

fn of<T: JsonSchema>() -> Value {
    SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<T>().to_value()
}

/// Lets a newer langop say more, since what a saved plan must not have, a document may; and leaves out the marks of links
/// between comments.
fn publish(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            fields.retain(|key, value| key != "additionalProperties" || *value != json!(false));
            if let Some(Value::String(words)) = fields.get_mut("description") {
                *words = words.replace("[`", "`").replace("`]", "`");
            }
            fields.values_mut().for_each(publish);
        }
        Value::Array(items) => items.iter_mut().for_each(publish),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Report, sample_reports, samples};

    fn check(document: Document, value: &Value) {
        let validator = jsonschema::validator_for(&schema(document)).unwrap();
        let faults: Vec<_> =
            validator.iter_errors(value).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
        assert_eq!(faults, [""; 0], "{value:#}");
    }

    /// What was published once does not change but by more fields, and then the minor version counts.
    #[test]
    fn the_schemas_are_as_they_were_published() {
        for (document, golden) in [
            (Document::Plan, "plan-document"),
            (Document::Events, "events"),
            (Document::Status, "status"),
            (Document::State, "state"),
            (Document::Check, "check"),
            (Document::SelfTest, "self-test"),
            (Document::Validate, "validate"),
            (Document::Outage, "outage"),
        ] {
            let path = format!("{}/docs/{golden}.schema.json", env!("CARGO_MANIFEST_DIR"));
            let published = std::fs::read_to_string(path).unwrap_or_default();
            assert_eq!(format!("{:#}\n", schema(document)), published, "{document:?}");
        }
    }

    #[test]
    fn every_plan_fits_its_schema() {
        let plans =
            [samples::create_all(), samples::update_all(), samples::drift(), samples::conflict(), samples::destroy()];
        let plans = plans.into_iter().chain([samples::nothing()]).map(sample_reports::planned);
        for report in plans.chain([sample_reports::unreachable(), sample_reports::evil()]) {
            check(Document::Plan, &of_report(&report));
        }
        check(Document::Plan, &of_report(&Report { command: "plan", ..sample_reports::invalid() }));
        check(Document::Validate, &of_report(&sample_reports::invalid()));
        let outage = crate::report::sample_outage::sample();
        check(Document::Outage, &serde_json::to_value(crate::report::json::outage(&outage)).unwrap());
        check(Document::Check, &serde_json::to_value(crate::report::json::check(&samples::checks())).unwrap());
    }

    #[test]
    fn what_is_not_a_plan_does_not_fit() {
        let validator = jsonschema::validator_for(&schema(Document::Plan)).unwrap();
        let mut plan = of_report(&sample_reports::planned(samples::update_all()));
        plan["changes"][0]["action"] = json!("explode");
        assert!(!validator.is_valid(&plan));
        plan["changes"][0]["action"] = json!("create");
        plan["new_field"] = json!(1);
        assert!(validator.is_valid(&plan), "a newer langop may say more");
    }

    fn of_report(report: &Report) -> Value {
        serde_json::from_str(&super::super::report(report).unwrap()).unwrap()
    }
}
