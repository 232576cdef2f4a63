//! What stands for the values of the Secrets of a plan.

use std::collections::BTreeMap;

use crate::object::ObjectRef;
use crate::ops::Planned;
use crate::plan::saved::{Salt, proof};

/// By Secret; nothing of one whose values are generated, or not all at hand.
pub(super) fn proofs(planned: &Planned, salt: &Salt) -> BTreeMap<ObjectRef, String> {
    let compared = planned.manifests.iter().filter(|manifest| !manifest.lifecycle.generates());
    let whole = compared.filter(|manifest| planned.values.missing_in(&manifest.reference).is_none());
    whole
        .filter_map(|manifest| {
            let values = planned.values.of_secret(&manifest.reference);
            Some((manifest.reference.clone(), proof(&values, salt)?))
        })
        .collect()
}
