//! Credentials that stand where only names of credentials may: they would end up in a `ConfigMap`.

use crate::stack::diagnostic::{Code, Diagnostic};
use crate::stack::tree::{Entry, Node, is_credential};

/// How a value says that it is in the environment.
const REFERENCE: &str = "os.environ/";

/// Reports every credential below a node, whatever it is nested in.
pub fn check(node: &Node, path: &str, hint: &str, found: &mut Vec<Diagnostic>) {
    for item in node.items() {
        check(item, path, hint, found);
    }
    for (key, entry) in node.entries() {
        let path = format!("{path}.{key}");
        if is_written_out(key, entry) {
            let message = format!("`{path}` is a credential, which no description may hold");
            found.push(Diagnostic::error(Code::CredentialInParams, message).at(entry.key, "").hint(hint));
        } else {
            check(&entry.node, &path, hint, found);
        }
    }
}

fn is_written_out(key: &str, entry: &Entry) -> bool {
    let named = is_credential(key) || key == "master_key";
    named && entry.node.text().is_some_and(|text| !text.is_empty() && !text.starts_with(REFERENCE))
}
