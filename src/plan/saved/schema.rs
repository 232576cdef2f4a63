//! The published JSON Schema of a saved plan.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::document::SavedPlan;

/// JSON Schema, draft 2020-12.
#[must_use]
pub(crate) fn schema() -> Value {
    let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<SavedPlan>().to_value();
    if let Some(fields) = schema.as_object_mut() {
        fields.insert("title".to_owned(), "langop saved plan".into());
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was published once does not change: another schema is another format.
    #[test]
    fn the_schema_of_format_2_is_as_it_was_published() {
        let golden = include_str!("../../../docs/plan.schema.json");
        assert_eq!(format!("{:#}\n", schema()), golden);
    }
}
