//! Says which fields of an object others own with other values, and what ends the quarrel.

use std::collections::BTreeSet;

use super::observed::Claim;
use super::refusal::Refusal;
use crate::object::{Address, ObjectRef};

/// The refusal of an object of which others own fields: all of them, with both values.
pub(super) fn refusal(object: &ObjectRef, claims: &[Claim]) -> Refusal {
    let shown: Vec<_> = claims.iter().map(shown).collect();
    let message = match shown.as_slice() {
        [one] => format!("other field managers own {one}"),
        all => format!("other field managers own fields of it:\n{}", all.join("\n")),
    };
    let hint = format!(
        "`--force-conflicts` takes these fields; or leave them out of the description; or say there who keeps them\n{}",
        rule(object, claims, "rule = \"yield\"  # they keep them; \"take\" takes them at every apply")
    );
    Refusal { conflicts: claims.to_vec(), ..Refusal::new("conflict", &message).hint(&hint) }
}

fn shown(claim: &Claim) -> String {
    let since = if claim.since.is_empty() { String::new() } else { format!(" since {}", claim.since) };
    let operation = if claim.operation.is_empty() { String::new() } else { format!(", {}", claim.operation) };
    let values = match (claim.live.as_str(), claim.described.as_str()) {
        ("", "") => String::new(),
        ("", described) => format!(": nothing there, {described} described"),
        (live, "") => format!(": {live} there, nothing described"),
        (live, described) => format!(": {live} there, {described} described"),
    };
    format!("`{}` ({}{operation}{since}){values}", claim.field, claim.manager)
}

/// A table of the description about these fields.
pub(super) fn rule(object: &ObjectRef, claims: &[Claim], rule: &str) -> String {
    let fields: BTreeSet<_> = claims.iter().map(|claim| claim.field.as_str()).collect();
    let fields: Vec<_> = fields.into_iter().map(literal).collect();
    format!("[[ownership]]\naddress = \"{}\"\npaths = [{}]\n{rule}", Address::object(object), fields.join(", "))
}

/// A path as a string of TOML; many have quotes in them.
pub(super) fn literal(path: &str) -> String {
    if path.contains('"') && !path.contains('\'') { format!("'{path}'") } else { format!("{path:?}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(field: &str) -> Claim {
        Claim {
            field: field.to_owned(),
            manager: "theirs".to_owned(),
            operation: "Update".to_owned(),
            since: "2026-01-01T00:00:00Z".to_owned(),
            live: "3".to_owned(),
            described: "2".to_owned(),
        }
    }

    #[test]
    fn all_claims_are_named_with_both_values_and_a_rule_that_reads_as_toml() {
        let object = ObjectRef::namespaced("apps", "Deployment", "n", "web");
        let claims = [claim("spec.replicas"), claim(r#"metadata.annotations."a.b/c""#)];
        let refusal = refusal(&object, &claims);
        let line = "`spec.replicas` (theirs, Update since 2026-01-01T00:00:00Z): 3 there, 2 described";
        assert!(refusal.message.lines().any(|found| found == line), "{}", refusal.message);
        assert_eq!(refusal.conflicts, claims);
        let hint = refusal.hint.unwrap();
        let rule: toml::Value = toml::from_str(&hint[hint.find("[[").unwrap()..]).unwrap();
        let rule = &rule["ownership"][0];
        assert_eq!(rule["address"].as_str(), Some("Deployment/n/web"));
        assert_eq!(rule["paths"][0].as_str(), Some(r#"metadata.annotations."a.b/c""#));
        assert_eq!(rule["rule"].as_str(), Some("yield"));
    }
}
