//! Sends an apply that takes from other managers what the plan showed, and nothing else: fields that somebody claimed
//! since are not taken, whatever the command allows.

use super::failure::Failure;
use super::job::Job;
use crate::cluster::{Body, ClusterError, FieldConflict, Ownership, Resource, Writer};
use crate::object::place;
use crate::object::{Manifest, Path, masked};
use crate::plan::{Confidence, taken_field};

/// How often it is tried against others who write the object.
const TRIES: u32 = 5;

/// One object that is written.
#[derive(Clone, Copy)]
pub(super) struct Claiming<'a> {
    pub(super) writer: &'a Writer,
    pub(super) resource: &'a Resource,
    pub(super) job: &'a Job,
    pub(super) manifest: &'a Manifest,
    /// Whether the command takes whatever others own.
    pub(super) ownership: Ownership,
}

impl Claiming<'_> {
    /// One request where nobody else claims a field, and three more where somebody does.
    pub(super) async fn apply(self, mut body: Body) -> Result<serde_json::Value, Failure> {
        let mut last = None;
        for _ in 0..TRIES {
            let conflicts = match self.writer.apply(self.resource, &body, Ownership::Respect).await {
                Err(ClusterError::FieldConflict(conflicts)) => conflicts,
                answer => return Ok(answer?),
            };
            if let Some(less) = self.without_yielded(&body, &conflicts) {
                body = less;
                continue;
            }
            self.ensure_shown(&body, conflicts)?;
            match self.take(&body).await {
                Err(error @ (ClusterError::Conflict(_) | ClusterError::FieldConflict(_))) => last = Some(error),
                answer => return Ok(answer?),
            }
        }
        let moves = || ClusterError::Conflict("others write it all the time".to_owned());
        Err(last.unwrap_or_else(moves).into())
    }

    /// Takes what others own, if it is as it was looked at here, and that is what the plan showed.
    async fn take(self, body: &Body) -> Result<serde_json::Value, ClusterError> {
        let object = &self.manifest.reference;
        let gone = || ClusterError::NotFound(format!("{object} is gone"));
        let meta = self.writer.metadata(self.resource, object).await?.ok_or_else(gone)?;
        match self.writer.dry_run(self.resource, body, Ownership::Respect).await {
            Err(ClusterError::FieldConflict(conflicts)) if self.shows(body, &conflicts) => {}
            // It moved under our eyes: once more from the start.
            Ok(_) => return Err(ClusterError::Conflict("it moved".to_owned())),
            Err(error) => return Err(error),
        }
        let body = body.clone().at_version(&meta.resource_version);
        self.writer.apply(self.resource, &body, Ownership::Force).await
    }

    /// The body without what the description leaves to those who claim it now; none where that is nothing.
    fn without_yielded(self, body: &Body, conflicts: &[FieldConflict]) -> Option<Body> {
        let object = self.shown(body);
        let yielded = conflicts.iter().filter_map(|conflict| {
            let (field, _) = place::of_server(&object, &conflict.field)?;
            self.manifest.rules.yields(&field, &conflict.manager).then_some(field)
        });
        let yielded: Vec<Path> = yielded.collect();
        (!yielded.is_empty()).then(|| yielded.iter().fold(body.clone(), Body::without))
    }

    /// # Errors
    /// Somebody claims a field that the plan did not show.
    fn ensure_shown(self, body: &Body, conflicts: Vec<FieldConflict>) -> Result<(), Failure> {
        if self.shows(body, &conflicts) {
            return Ok(());
        }
        if self.job.change.takes.is_empty() {
            return Err(ClusterError::FieldConflict(conflicts).into());
        }
        Err(Failure::unseen(&ClusterError::FieldConflict(conflicts)))
    }

    /// Whether the plan showed that all of this is taken. Where the server could not try the change, nobody could know,
    /// and the command decides.
    fn shows(self, body: &Body, conflicts: &[FieldConflict]) -> bool {
        let change = &self.job.change;
        if self.ownership == Ownership::Force && change.confidence != Confidence::Server {
            return true;
        }
        let object = self.shown(body);
        conflicts.iter().all(|conflict| {
            let taken = taken_field(&place::called(&object, &conflict.field), &conflict.manager);
            change.takes.contains(&taken)
        })
    }

    fn shown(self, body: &Body) -> serde_json::Value {
        masked(&body.object, self.manifest)
    }
}
