//! Rules of a label selector: what the API server refuses of one, and what selects nothing.

use super::form;
use crate::stack::diagnostic::{Code, Diagnostic};
use crate::stack::names::{label_key_fault, label_value_fault, nearest};
use crate::stack::tree::Node;

const OPERATORS: [&str; 4] = ["In", "NotIn", "Exists", "DoesNotExist"];

pub(super) fn check(selector: &Node, found: &mut Vec<Diagnostic>) {
    for (key, entry) in selector.get("matchLabels").into_iter().flat_map(Node::entries) {
        if let Some(fault) = label_key_fault(key) {
            let message = format!("`{key}` is not the key of a label: {fault}");
            found.push(Diagnostic::error(Code::BadLabel, message).at(entry.key, ""));
        }
        value(&entry.node, found);
    }
    for expression in selector.items_of("matchExpressions") {
        if let Some(key) = expression.get("key") {
            form(key, "the key of a label", Code::BadLabel, key.text().and_then(label_key_fault), found);
        }
        expression.items_of("values").iter().for_each(|one| value(one, found));
        operator(expression, found);
    }
}

fn value(node: &Node, found: &mut Vec<Diagnostic>) {
    form(node, "the value of a label", Code::BadLabel, node.text().and_then(label_value_fault), found);
}

/// What an operator needs beside it (Kubernetes, *Labels and Selectors*).
fn operator(expression: &Node, found: &mut Vec<Diagnostic>) {
    let Some(node) = expression.get("operator") else { return };
    let Some(operator) = node.text() else { return };
    let values = expression.items_of("values");
    match operator {
        "In" | "NotIn" if values.is_empty() => {
            let message = format!("`{operator}` without `values` selects nothing");
            let place = expression.get("values").map_or(node.span, |values| values.span);
            found.push(Diagnostic::error(Code::EmptyRule, message).at(place, "").hint("name the values in a list"));
        }
        "Exists" | "DoesNotExist" if !values.is_empty() => {
            let message = format!("`{operator}` has no `values`");
            let place = expression.get("values").map_or(node.span, |values| values.span);
            found.push(Diagnostic::error(Code::ForbiddenKey, message).at(place, ""));
        }
        known if OPERATORS.contains(&known) => {}
        _ => {
            let message = format!("`{}` is not the operator of a selector", node.shown());
            let error = Diagnostic::error(Code::UnknownValue, message).at(node.span, "");
            let all = format!("there are `{}`", OPERATORS.join("`, `"));
            found.push(error.hint(nearest(operator, OPERATORS).map_or(all, |near| format!("did you mean `{near}`?"))));
        }
    }
}
