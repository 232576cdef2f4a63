//! The namespace of objects that name none, and who says so. Knows no kubeconfig: the command says what it holds.

/// The namespace that objects without one go to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DefaultNamespace {
    /// The command names it.
    Given(String),
    /// The command does not name it; it was found.
    Found {
        /// The namespace.
        name: String,
        /// What makes it so, as the end of a sentence: `the namespace of the context …`.
        because: String,
    },
    /// It cannot be found out, for this reason.
    Unknown(String),
}

impl Default for DefaultNamespace {
    fn default() -> Self {
        Self::Found { name: "default".to_owned(), because: "for there is no kubeconfig that names another".to_owned() }
    }
}

impl DefaultNamespace {
    /// The namespace, or why it is not known.
    pub fn name(&self) -> Result<&str, &str> {
        match self {
            Self::Given(name) | Self::Found { name, .. } => Ok(name),
            Self::Unknown(reason) => Err(reason),
        }
    }

    /// What is to be said of objects that go there because they name none; nothing where the command said so itself.
    #[must_use]
    pub fn note(&self, objects: &[String]) -> Option<String> {
        let (Self::Found { name, because }, [first, others @ ..]) = (self, objects) else { return None };
        let (verb, go) = if others.is_empty() { ("names", "it goes") } else { ("name", "they go") };
        let who = match others.len() {
            0 => format!("`{first}`"),
            more => format!("`{first}` and {more} more"),
        };
        Some(format!("{who} {verb} no namespace: {go} to `{name}`, {because}"))
    }

    /// The next step for who meant another namespace.
    pub const HINT: &'static str = "`--namespace NAME` says another, `metadata.namespace` says it for good";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_says_where_objects_go_and_why_unless_the_command_did() {
        let found = DefaultNamespace::Found { name: "a".into(), because: "the namespace of the context `c`".into() };
        let one = "`Secret/s` names no namespace: it goes to `a`, the namespace of the context `c`";
        assert_eq!(found.note(&["Secret/s".into()]).as_deref(), Some(one));
        let two = found.note(&["Secret/s".into(), "Role/r".into()]).unwrap();
        assert!(two.starts_with("`Secret/s` and 1 more name no namespace: they go to `a`"), "{two}");
        assert_eq!(found.note(&[]), None);
        assert_eq!(DefaultNamespace::Given("a".into()).note(&["Secret/s".into()]), None);
    }
}
