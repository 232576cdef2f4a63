//! Rights that an identity may not give, because it does not hold them itself: what the API server says of a role or a
//! binding, in plain words (Kubernetes, *Using RBAC Authorization*, "Privilege escalation prevention and bootstrapping").
//!
//! The server's answer names the object in its details, and what is lacking only in its message (kubernetes,
//! `rbac/validation.ConfirmNoEscalation`, `CompactString`).

use kube::core::Status;
use regex::Regex;

/// What the API server calls the group of roles and bindings.
const GROUP: &str = "rbac.authorization.k8s.io";

/// How a refusal for this goes on after the user's name.
const ATTEMPT: &str = " is attempting to grant RBAC permissions not currently held";

/// What is said of a `ClusterRole` that others add to: nobody knows what it will hold. "An" or "the" `aggregationRule`
/// follows, by version.
const AGGREGATION: &str = "must have cluster-admin privileges to use ";

/// Most rights that are named: a role such as `view` has dozens.
const NAMED: usize = 12;

/// Whether a refusal, with these words after `forbidden: `, is for rights that would be given.
pub(super) fn is_escalation(status: &Status, words: &str) -> bool {
    let of_rights = status.details.as_ref().is_some_and(|details| details.group == GROUP);
    of_rights && (words.starts_with("user \"") && words.contains(ATTEMPT) || words.starts_with(AGGREGATION))
}

/// The refusal in plain words, with each right that is lacking.
pub(super) fn in_words(status: &Status) -> Option<String> {
    let (object, words) = status.message.split_once(" is forbidden: ")?;
    if !is_escalation(status, words) {
        return None;
    }
    if words.starts_with(AGGREGATION) {
        return Some(format!(
            "{object} gives rights that this identity does not hold: an `aggregationRule` takes all rights, or the verb \
             `escalate` on it"
        ));
    }
    let user = words.split('"').nth(1)?;
    let lacking: Vec<_> = words.lines().skip(1).map(right).collect();
    let more = match lacking.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    let named = lacking.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join("; ");
    Some(format!("{object} gives rights that `{user}` does not hold: {named}{more}"))
}

/// One rule as verbs and resources: "`get`, `list` deployments.apps". One that is written another way stays as it is.
fn right(rule: &str) -> String {
    let verbs = quoted(rule, "Verbs");
    let resources = resources(rule);
    if verbs.is_empty() || resources.is_empty() {
        return rule.to_owned();
    }
    let names = quoted(rule, "ResourceNames");
    let only = if names.is_empty() { String::new() } else { format!(" named `{}`", names.join("`, `")) };
    let rest = rule.rsplit_once('}').map_or("", |(_, rest)| rest);
    format!("`{}` {}{only}{rest}", verbs.join("`, `"), resources.join(", "))
}

/// Resources with their groups, and paths that are none.
fn resources(rule: &str) -> Vec<String> {
    let groups = quoted(rule, "APIGroups");
    let qualified = |resource: &String, group: &String| match group.as_str() {
        "" => resource.clone(),
        group => format!("{resource}.{group}"),
    };
    let resources = quoted(rule, "Resources");
    let mut all: Vec<_> =
        resources.iter().flat_map(|resource| groups.iter().map(move |group| qualified(resource, group))).collect();
    all.extend(quoted(rule, "NonResourceURLs"));
    all
}

/// The words of a list: `Verbs:["get" "list"]`.
fn quoted(rule: &str, field: &str) -> Vec<String> {
    let lists = Regex::new(&format!(r"[{{ ]{field}:\[([^\]]*)\]"));
    let (Ok(list), Ok(word)) = (lists, Regex::new(r#""([^"]*)""#)) else { return Vec::new() };
    let found = list.captures(rule);
    let words = found.iter().flat_map(|found| word.captures_iter(found.get(1).map_or("", |list| list.as_str())));
    words.map(|word| word[1].to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refusal(kind: &str, words: &str) -> Status {
        let message = format!("{kind}.{GROUP} \"x\" is forbidden: {words}");
        let details = json!({"name": "x", "group": GROUP, "kind": kind});
        serde_json::from_value(json!({"status": "Failure", "reason": "Forbidden", "code": 403, "message": message,
            "details": details}))
        .unwrap()
    }

    #[test]
    fn each_right_that_is_lacking_is_named() {
        let words = "user \"system:serviceaccount:ci:deployer\" (groups=[\"system:serviceaccounts\" \"a\"]) is attempting to \
                     grant RBAC permissions not currently held:\n\
                     {APIGroups:[\"\"], Resources:[\"pods/log\"], Verbs:[\"get\"]}\n\
                     {APIGroups:[\"apps\"], Resources:[\"deployments\"], ResourceNames:[\"web\"], Verbs:[\"get\" \"list\"]}\n\
                     {NonResourceURLs:[\"/healthz\"], Verbs:[\"get\"]}; resolution errors: [roles \"y\" not found]";
        assert_eq!(
            in_words(&refusal("roles", words)).unwrap(),
            "roles.rbac.authorization.k8s.io \"x\" gives rights that `system:serviceaccount:ci:deployer` does not hold: `get` \
             pods/log; `get`, `list` deployments.apps named `web`; `get` /healthz; resolution errors: [roles \"y\" not found]"
        );
        let other =
            "user \"u\" (groups=[]) is attempting to grant RBAC permissions not currently held:\n{Some:[\"thing\"]}";
        assert!(in_words(&refusal("rolebindings", other)).unwrap().ends_with("hold: {Some:[\"thing\"]}"));
    }

    #[test]
    fn an_aggregated_role_asks_for_all_rights() {
        let said = in_words(&refusal("clusterroles", "must have cluster-admin privileges to use the aggregationRule"))
            .unwrap();
        assert!(said.contains("`escalate`"), "{said}");
    }

    #[test]
    fn a_policy_that_refuses_a_role_is_none_of_it() {
        let policy = "ValidatingAdmissionPolicy 'p' with binding 'b' denied request: user \"u\" is attempting to grant RBAC \
                      permissions not currently held";
        assert_eq!(in_words(&refusal("roles", policy)), None);
        let mut elsewhere =
            refusal("roles", "user \"u\" is attempting to grant RBAC permissions not currently held:\n{}");
        elsewhere.details = None;
        assert_eq!(in_words(&elsewhere), None, "no role is refused");
    }
}
