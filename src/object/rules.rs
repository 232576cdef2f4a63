//! What a description says of an object beside its content: whose fields are whose, which of them do not count, and
//! whether it may be made anew. Pure.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::glob;
use super::path::Path;
use super::place::covers;

/// Who keeps a field that others own, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OwnershipKind {
    /// langop takes it from them.
    Take,
    /// They keep it.
    Yield,
}

/// One rule about fields that others own, too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OwnershipRule {
    /// The fields, with all that is below them; `*` is every field or item.
    #[schemars(with = "Vec<String>")]
    pub paths: Vec<Path>,
    /// The field manager, with `*` for any text; none is every other manager.
    pub manager: Option<String>,
    /// Who keeps them.
    pub rule: OwnershipKind,
}

impl OwnershipRule {
    /// Whether it is about fields of this manager.
    #[must_use]
    pub fn is_about(&self, manager: &str) -> bool {
        self.manager.as_ref().is_none_or(|pattern| glob::matches(pattern, manager))
    }
}

/// What a description says of an object beside its content.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ObjectRules {
    /// Whose fields are whose.
    pub ownership: Vec<OwnershipRule>,
    /// Fields that stay as they are once the object is there, whatever the description says.
    #[schemars(with = "Vec<String>")]
    pub ignored: Vec<Path>,
    /// Whether it may be deleted and made again when a field changes that cannot change in place.
    pub replaceable: bool,
}

impl ObjectRules {
    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether langop takes this field from this manager.
    #[must_use]
    pub fn takes(&self, field: &Path, manager: &str) -> bool {
        self.rules(OwnershipKind::Take)
            .any(|rule| rule.is_about(manager) && rule.paths.iter().any(|path| covers(path, field)))
    }

    /// Whether this field stays with this manager.
    #[must_use]
    pub fn yields(&self, field: &Path, manager: &str) -> bool {
        let yields = |rule: &OwnershipRule| rule.is_about(manager) && rule.paths.iter().any(|path| covers(path, field));
        self.rules(OwnershipKind::Yield).any(yields) || self.ignored.iter().any(|path| covers(path, field))
    }

    /// The rules of one kind.
    pub fn rules(&self, kind: OwnershipKind) -> impl Iterator<Item = &OwnershipRule> {
        self.ownership.iter().filter(move |rule| rule.rule == kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_about_its_paths_and_its_manager_alone() {
        let rule = OwnershipRule {
            paths: vec!["spec.template".parse().unwrap()],
            manager: Some("argo*".into()),
            rule: OwnershipKind::Take,
        };
        let rules = ObjectRules { ownership: vec![rule], ..ObjectRules::default() };
        let field = |text: &str| text.parse::<Path>().unwrap();
        assert!(rules.takes(&field("spec.template.spec"), "argocd"));
        assert!(!rules.takes(&field("spec.replicas"), "argocd"));
        assert!(!rules.takes(&field("spec.template.spec"), "kubectl-edit"));
        assert!(!rules.yields(&field("spec.template.spec"), "argocd"));
    }
}
