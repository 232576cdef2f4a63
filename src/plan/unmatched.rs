//! Rules of a description that are about nothing, or ask for what cannot be.

use super::{Problem, Severity};
use crate::object::{Address, Manifest, Path, masked, place};
use crate::stack::{AddressedRules, nearest};

/// What is wrong with the rules about these objects, which are all that the stack is made of.
#[must_use]
pub(crate) fn problems(rules: &[AddressedRules], manifests: &[Manifest]) -> Vec<Problem> {
    rules.iter().flat_map(|rule| of_rule(rule, manifests)).collect()
}

fn of_rule(rule: &AddressedRules, manifests: &[Manifest]) -> Vec<Problem> {
    let about: Vec<_> = manifests.iter().filter(|manifest| rule.is_about(manifest)).collect();
    if about.is_empty() {
        return vec![nothing(rule, manifests)];
    }
    let objects: Vec<_> = about.iter().map(|manifest| masked(&manifest.object, manifest)).collect();
    let leads = |path: &&Path| objects.iter().any(|object| !place::places(object, path).is_empty());
    let paths = rule.rules.ownership.iter().flat_map(|rule| &rule.paths);
    let mut problems: Vec<_> = paths
        .filter(|path| !leads(path))
        .map(|path| {
            let message = format!("`{path}` is no field that the description has of `{}`", rule.address);
            warning(rule, message)
                .with_hint("write it as a plan does; what is not described is nobody's but theirs".into())
        })
        .collect();
    for path in about.iter().flat_map(|manifest| rule.single_values(manifest)) {
        let message = format!("changes of `{path}` cannot be ignored: values of a Secret are written and never read");
        let problem = Problem::new(Severity::Error, "secret-value", message);
        let hint = "`data` ignores all of them: the Secret is made once, and then left alone".to_owned();
        problems.push(Problem { source: Some(rule.source.clone()), hint: Some(hint), ..problem });
    }
    problems
}

fn nothing(rule: &AddressedRules, manifests: &[Manifest]) -> Problem {
    let things = manifests.iter().map(|manifest| manifest.address.as_str().to_owned());
    let objects = manifests.iter().map(|manifest| Address::object(&manifest.reference).as_str().to_owned());
    let known: Vec<_> = things.chain(objects).collect();
    let near = nearest(&rule.address, known.iter().map(String::as_str)).map(|near| format!("did you mean `{near}`?"));
    let problem = warning(rule, format!("nothing of this stack is `{}`: the rule does nothing", rule.address));
    Problem { hint: near, ..problem }
}

fn warning(rule: &AddressedRules, message: String) -> Problem {
    let problem = Problem::new(Severity::Warning, "unmatched-rule", message);
    Problem { source: Some(rule.source.clone()), ..problem }
}
