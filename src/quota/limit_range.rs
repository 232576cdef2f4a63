//! The limits and requests that a namespace gives to containers that name none (Kubernetes, *Limit Ranges*).

use serde_json::Value;

use crate::object::Quantity;
use crate::object::field::{items, text};

/// The defaults of one namespace.
#[derive(Clone, Debug, Default)]
pub(super) struct Defaults(Vec<Value>);

impl Defaults {
    /// Those of these `LimitRange`s.
    pub(super) fn from_ranges<'a>(ranges: impl Iterator<Item = &'a Value>) -> Self {
        let limits = |range: &'a Value| items(range, "/spec/limits");
        let of_containers = |limit: &&Value| text(limit, "/type") == Some("Container");
        Self(ranges.flat_map(limits).filter(of_containers).cloned().collect())
    }

    /// What a container gets as its limit.
    pub(super) fn limit(&self, resource: &str) -> Option<Quantity> {
        self.first("default", resource)
    }

    /// What a container gets as its request; where only a limit is given, that.
    pub(super) fn request(&self, resource: &str) -> Option<Quantity> {
        self.first("defaultRequest", resource).or_else(|| self.limit(resource))
    }

    fn first(&self, field: &str, resource: &str) -> Option<Quantity> {
        self.0.iter().find_map(|limit| Quantity::from_json(limit.get(field)?.get(resource)?))
    }
}
