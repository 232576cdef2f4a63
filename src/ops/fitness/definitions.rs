//! Whether langop's kinds are there, and of which schema.

use super::{Finding, Topic};
use crate::api;
use crate::cluster::{ClusterError, Reader};
use crate::object::{GroupKind, Meta, labels};

/// One GET for each CRD.
pub(super) async fn look(reader: &Reader) -> Result<Finding, ClusterError> {
    let resource = reader.resource(&GroupKind::of_crds(), None)?;
    let mut found = Vec::new();
    for crd in api::crds() {
        let Some(meta) = Meta::from_object("apiextensions.k8s.io", "CustomResourceDefinition", crd) else { continue };
        match reader.metadata(&resource, &meta.reference).await {
            Ok(live) => found.push(live.map(|live| schema_number(&live))),
            Err(ClusterError::Forbidden(_)) => return Ok(hidden()),
            Err(error) => return Err(error),
        }
    }
    Ok(judge(&found))
}

fn hidden() -> Finding {
    Finding::doubtful(
        Topic::Kinds,
        "whether langop's kinds are there is not known: this identity may not `get` their CRDs".to_owned(),
        "`langop rbac plan` prints the roles with which a plan sees all that it asks for",
    )
}

/// Of each CRD the number of its schema; none where it is not there.
fn judge(found: &[Option<u64>]) -> Finding {
    let there: Vec<u64> = found.iter().copied().flatten().collect();
    let (oldest, newest) = (there.iter().min().copied(), there.iter().max().copied());
    match (oldest, newest) {
        (Some(_), Some(newest)) if newest > api::SCHEMA => Finding::unfit(
            Topic::Kinds,
            format!("a newer langop made its kinds there: schema {newest}, and this one knows {}", api::SCHEMA),
            "use a langop that is as new: this one leaves those CRDs alone and does not know all of their fields",
        ),
        (Some(api::SCHEMA), _) if there.len() == found.len() => {
            Finding::fit(Topic::Kinds, format!("langop's kinds are there, of schema {}", api::SCHEMA))
        }
        (None, _) => {
            Finding::fit(Topic::Kinds, "langop's kinds are not there yet; `langop apply` makes them".to_owned())
        }
        (Some(oldest), _) => Finding::fit(
            Topic::Kinds,
            format!(
                "{} of langop's {} kinds are there, some of schema {oldest}; `langop apply` makes them those of schema {}",
                there.len(),
                found.len(),
                api::SCHEMA
            ),
        ),
    }
}

/// Nought where the CRD does not say: another hand made it.
fn schema_number(crd: &Meta) -> u64 {
    crd.annotations.get(labels::SCHEMA).and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::fitness::Fitness;

    #[test]
    fn kinds_of_a_newer_langop_are_not_for_this_one() {
        const KNOWN: Option<u64> = Some(api::SCHEMA);
        for (found, fitness, words) in [
            ([None, None], Fitness::Fit, "not there yet"),
            ([KNOWN, KNOWN], Fitness::Fit, "are there, of schema"),
            ([KNOWN, None], Fitness::Fit, "1 of langop's 2 kinds"),
            ([Some(1), KNOWN], Fitness::Fit, "some of schema 1"),
            ([KNOWN, Some(api::SCHEMA + 1)], Fitness::Unfit, "a newer langop"),
        ] {
            let finding = judge(&found);
            assert!(finding.fitness == fitness && finding.text.contains(words), "{finding:?}");
        }
    }
}
