//! What is answered, for programs and for the report.

use serde::Serialize;

use super::ask::Ask;
use super::end::End;
use crate::object::Source;

/// Whether one end reaches another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Answer {
    /// Who connects.
    pub from: String,
    /// Who is connected to.
    pub to: String,
    /// The port that was asked about: `443/TCP`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<String>,
    /// Whether both ends allow it; without a port, whether they allow any. Not, when it is undecided.
    pub allowed: bool,
    /// Whether a policy that langop does not evaluate may decide otherwise.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub undecided: bool,
    /// Without a port: the ports that are open, or `any port`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open: Option<Vec<String>>,
    /// What the sender may do.
    pub egress: Side,
    /// What the receiver admits.
    pub ingress: Side,
}

/// What one end says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Side {
    /// Whether it lets the connection through.
    pub allowed: bool,
    /// Why, in words.
    pub because: String,
    /// The rule that allows it; of a refusal, the rules that come closest or that close the default.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<RuleRef>,
    /// Policies that may decide otherwise, and what of them langop does not evaluate.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub undecided: Vec<RuleRef>,
}

/// A rule of the description, or of a policy beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RuleRef {
    /// Whose it is: ``cluster `prod` ``.
    pub owner: String,
    /// Its path in the owner's spec: `networkPolicies.egress[0].to[1]`; of a policy, in the object: `spec.egress[0]`.
    pub path: String,
    /// Where it is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// Of a rule that does not allow it: what it lacks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lacks: Option<&'static str>,
    /// What of it langop does not evaluate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beyond: Option<&'static str>,
}

impl Answer {
    pub(super) fn nothing(from: &End, to: &End) -> Self {
        let none = Side::no("it has no port", Vec::new());
        let (egress, ingress) = (none.clone(), none);
        let (from, to) = (from.to_string(), to.to_string());
        Self { from, to, port: None, allowed: false, undecided: false, open: None, egress, ingress }
    }

    pub(super) fn of(ask: Ask<'_>, egress: Side, ingress: Side) -> Self {
        let refused = [&egress, &ingress].iter().any(|side| !side.allowed && side.undecided.is_empty());
        let may_differ = [&egress, &ingress].iter().any(|side| !side.undecided.is_empty());
        let undecided = may_differ && !refused;
        Self {
            from: ask.from.to_string(),
            to: ask.to.to_string(),
            port: Some(ask.port.to_string()),
            allowed: egress.allowed && ingress.allowed && !undecided,
            undecided,
            open: None,
            egress,
            ingress,
        }
    }
}

impl Side {
    pub(super) fn yes(because: impl Into<String>) -> Self {
        Self { allowed: true, because: because.into(), rules: Vec::new(), undecided: Vec::new() }
    }

    pub(super) fn by(rule: RuleRef) -> Self {
        Self { allowed: true, because: "a rule allows it".to_owned(), rules: vec![rule], undecided: Vec::new() }
    }

    pub(super) fn no(because: impl Into<String>, rules: Vec<RuleRef>) -> Self {
        Self { allowed: false, because: because.into(), rules, undecided: Vec::new() }
    }
}
