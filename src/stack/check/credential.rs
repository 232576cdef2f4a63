//! Credentials that stand where only names of credentials may: a description is in a repository, and what it holds
//! goes into `ConfigMap`s, pods and resources that many may read. Where the schema knows a value, its look alone
//! tells; in configuration of others, the name that it goes under as well.

use std::collections::{BTreeMap, BTreeSet};

use super::value::url_fault;
use crate::object::credential::{is_credential, is_credential_name, looks_like_credential};
use crate::stack::diagnostic::{Code, Diagnostic, Span};
use crate::stack::draft::{Draft, Kind};
use crate::stack::schema::join;
use crate::stack::tree::{Entry, Node, Value};

/// Parameters of a model that langop itself fills from Secrets: not even a reference may stand there.
const PARAMETERS: [&str; 9] = [
    "api_key",
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "aws_web_identity_token",
    "azure_ad_token",
    "azure_password",
    "client_secret",
    "vertex_credentials",
];

/// Reports every credential in the things of a stack, but for those whose path stands among `allowed`.
pub(crate) fn check<'a>(drafts: impl Iterator<Item = &'a Draft>, allowed: Option<&Node>, found: &mut Vec<Diagnostic>) {
    let allowed = allowed.into_iter().flat_map(Node::items).filter_map(|node| Some((node.text()?, node.span)));
    let mut walk = Walk { allowed: allowed.collect(), used: BTreeSet::new(), right_way: "", found };
    for draft in drafts.filter(|draft| draft.kind != Kind::Secret) {
        walk.draft(draft);
    }
    walk.finish();
}

/// How much is known of a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    /// The schema says what it is.
    BySchema,
    /// Configuration of another program: the name may tell.
    ByName,
}

struct Walk<'a> {
    /// Paths under `allowPlainValues`, and where they are written.
    allowed: BTreeMap<&'a str, Span>,
    used: BTreeSet<&'a str>,
    /// What to do instead, in the part that is walked.
    right_way: &'static str,
    found: &'a mut Vec<Diagnostic>,
}

impl Walk<'_> {
    fn draft(&mut self, draft: &Draft) {
        let path = join(draft.kind.section(), &draft.name);
        for (key, entry) in draft.node.entries() {
            let below = join(&path, key);
            self.right_way = match (draft.kind, key) {
                (Kind::Model, _) => {
                    "put it into a Secret and name that with `apiKeySecretRef` or `credentialsSecretRef`"
                }
                _ => "put it into a Secret, and take it from there by `valueFrom`, or by `$(NAME)` of such a variable",
            };
            match (draft.kind, key) {
                (Kind::Model, "params") => self.parameters(&entry.node, &below),
                // Its own rule refuses users and queries.
                (Kind::Model, "endpoint") => {}
                (Kind::Cluster, "gateway") => self.gateway(&entry.node, &below),
                _ => self.entry(key, entry, &below, Known::BySchema),
            }
        }
    }

    fn gateway(&mut self, gateway: &Node, path: &str) {
        for (key, entry) in gateway.entries() {
            let below = join(path, key);
            if key == "config" {
                let usual = self.right_way;
                self.right_way =
                    "refer to a variable with `os.environ/NAME`, and give it by `gateway.deployment.env` from a Secret";
                self.node(key, &entry.node, &below, Known::ByName);
                self.right_way = usual;
            } else {
                self.entry(key, entry, &below, Known::BySchema);
            }
        }
    }

    fn parameters(&mut self, params: &Node, path: &str) {
        for (key, entry) in params.entries() {
            let below = join(path, key);
            if PARAMETERS.contains(&key) {
                self.refuse(&below, entry.key, "is a credential");
            } else {
                self.entry(key, entry, &below, Known::ByName);
            }
        }
    }

    fn entry(&mut self, key: &str, entry: &Entry, path: &str, known: Known) {
        match text(&entry.node) {
            Some(text) => self.text(key, &text, (path, entry.key), known),
            None => self.node(key, &entry.node, path, known),
        }
    }

    fn node(&mut self, key: &str, node: &Node, path: &str, known: Known) {
        let mut flag = "";
        for (at, item) in node.items().iter().enumerate() {
            let name = item.text_at(&["name"]);
            let below = name.map_or_else(|| format!("{path}[{at}]"), |name| join(path, name));
            match text(item) {
                // `--api-key`, and its value as a word of its own.
                Some(text) if flag.starts_with('-') => self.text(flag, &text, (&below, item.span), Known::ByName),
                Some(text) => self.text(key, &text, (&below, item.span), known),
                None => self.node(key, item, &below, known),
            }
            flag = item.text().unwrap_or_default();
        }
        let named = node.text_at(&["name"]).filter(|_| node.get("value").is_some());
        for (key, entry) in node.entries() {
            match named {
                // A variable or a header: what it is called says what its value is.
                Some(name) if key == "value" => self.entry(name, entry, path, Known::ByName),
                _ => self.entry(key, entry, &join(path, key), known),
            }
        }
    }

    fn text(&mut self, key: &str, text: &str, (path, span): (&str, Span), known: Known) {
        let reported = key == "url" && known == Known::BySchema && url_fault(text).is_some();
        if known == Known::ByName && is_credential_name(key) && is_credential(key, text) {
            self.refuse(path, span, "is a credential");
        } else if looks_like_credential(text) && !reported {
            self.refuse(path, span, "looks like a credential");
        }
    }

    fn refuse(&mut self, path: &str, span: Span, what: &str) {
        if let Some((allowed, _)) = self.allowed.get_key_value(path) {
            self.used.insert(allowed);
            return;
        }
        let message = format!("`{path}` {what}, which no description may hold");
        let hint = format!("{}; what must stand here is named in `allowPlainValues = [{path:?}]`", self.right_way);
        self.found.push(Diagnostic::error(Code::CredentialInParams, message).at(span, "").hint(hint));
    }

    /// An allowance that allows nothing waits for a credential to come.
    fn finish(self) {
        for (path, span) in self.allowed.iter().filter(|(path, _)| !self.used.contains(*path)) {
            let message = format!("there is no credential at `{path}` to allow");
            let warning = Diagnostic::warning(Code::UnusedAllowance, message).at(*span, "");
            self.found.push(warning.hint("leave it out, or write the path as the message about the value does"));
        }
    }
}

/// A value as text, if it has no parts: passwords may be numbers.
fn text(node: &Node) -> Option<String> {
    match &node.value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
