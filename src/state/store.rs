//! The two places for records behind one face: in the cluster, or in a directory. Each write names the
//! version it replaces and is refused when that is not what is there.

mod key;

use std::ops::Deref;
use std::path::PathBuf;
use std::time::Duration;

use super::epoch::Epoch;
use super::file_lock::FileLock;
use super::lease::Waiting;
use super::local::{Directory, Revision};
use super::lock::Kind;
use super::system::Version;
use super::terms::Terms;
use super::{Held, Holder, Inventory, Lock, RecordCluster, StackRecord, StateError, config_map, lease, overview};
use crate::cluster::{ClusterError, Guard, Reader, Session, Writer};

/// The version of a record that was read or written.
#[derive(Clone, Debug)]
pub struct Token(RecordVersion);

/// A record and its version; none when there is none.
pub type Recorded = Option<(Inventory, Token)>;

#[derive(Clone, Debug)]
enum RecordVersion {
    File(Revision),
    Object(Version),
}

impl Token {
    fn file(&self) -> Option<Revision> {
        if let RecordVersion::File(revision) = &self.0 { Some(*revision) } else { None }
    }

    fn object(&self) -> Option<&Version> {
        if let RecordVersion::Object(version) = &self.0 { Some(version) } else { None }
    }
}

/// Records that can be read and not written: all that a plan is given.
#[derive(Clone)]
pub struct Records {
    place: Where,
    /// The cluster that they are used on, as far as it is known.
    here: Option<RecordCluster>,
}

#[derive(Clone)]
pub(super) enum Where {
    Directory(Directory),
    Cluster(Reader),
}

/// Records that can be written, and their locks.
#[derive(Clone)]
pub struct Store {
    records: Records,
    place: Place,
    terms: Terms,
    /// The lock under which it writes.
    under: Option<Under>,
}

/// A lock, as far as a write needs it.
#[derive(Clone)]
struct Under {
    guard: Guard,
    epoch: Option<Epoch>,
}

#[derive(Clone)]
pub(super) enum Place {
    Directory(Directory),
    Cluster(Writer),
}

impl Deref for Store {
    type Target = Records;

    fn deref(&self) -> &Records {
        &self.records
    }
}

impl Records {
    /// The records in a directory.
    #[must_use]
    pub fn local(directory: impl Into<PathBuf>) -> Self {
        Self { place: Where::Directory(Directory::new(directory.into())), here: None }
    }

    /// The records in a cluster.
    #[must_use]
    pub fn kubernetes(reader: Reader) -> Self {
        Self { here: RecordCluster::of(reader.session()), place: Where::Cluster(reader) }
    }

    /// The same, used on the cluster of this connection: what was made on another one is refused.
    #[must_use]
    pub fn used_on(self, session: &Session) -> Self {
        Self { here: RecordCluster::of(session), ..self }
    }

    /// Where they are read.
    pub(super) fn place(&self) -> &Where {
        &self.place
    }

    /// The record of a stack and its version; none when there is none. One request, or one file.
    ///
    /// # Errors
    /// It cannot be read, is no record of this stack, was written by a newer langop, or was made on another cluster.
    pub async fn read(&self, stack: &str) -> Result<Recorded, StateError> {
        let found = self.read_of_any_cluster(stack).await?;
        let recorded = found.as_ref().and_then(|(inventory, _)| inventory.cluster.as_ref());
        match RecordCluster::other(recorded, self.here.as_ref()) {
            Some((recorded, here)) => Err(StateError::OtherCluster {
                stack: stack.to_owned(),
                recorded: Box::new(recorded.clone()),
                here: Box::new(here.clone()),
            }),
            None => Ok(found),
        }
    }

    /// The same, wherever it was made: only for who replaces it.
    ///
    /// # Errors
    /// It cannot be read, is no record of this stack, or was written by a newer langop.
    pub async fn read_of_any_cluster(&self, stack: &str) -> Result<Recorded, StateError> {
        match &self.place {
            Where::Directory(directory) => {
                let token = |inventory: &Inventory| Token(RecordVersion::File(Revision::new(inventory)));
                Ok(directory.read(stack)?.map(|inventory| {
                    let token = token(&inventory);
                    (inventory, token)
                }))
            }
            Where::Cluster(reader) => {
                let found = config_map::read(reader, stack).await?;
                Ok(found.map(|(inventory, version)| (inventory, Token(RecordVersion::Object(version)))))
            }
        }
    }

    /// Names of all stacks that have a record; none where this identity may not see. One LIST, or one directory.
    ///
    /// # Errors
    /// They cannot be listed.
    pub async fn stacks(&self) -> Result<Option<Vec<String>>, StateError> {
        match &self.place {
            Where::Directory(directory) => directory.stacks().map(Some),
            Where::Cluster(reader) => match config_map::stacks(reader).await {
                Err(ClusterError::Forbidden(_)) => Ok(None),
                stacks => Ok(Some(stacks?)),
            },
        }
    }

    /// All stacks that have a record, sorted by name, each with its record and who holds its lock. Two LISTs, or two files
    /// a stack.
    ///
    /// # Errors
    /// They cannot be listed, or this identity may not. A record that cannot be read is an error of its own stack alone.
    pub async fn overview(&self) -> Result<Vec<StackRecord>, StateError> {
        match &self.place {
            Where::Directory(directory) => overview::of_directory(directory),
            Where::Cluster(reader) => overview::of_cluster(reader).await,
        }
    }

    /// Whether a run has the lock of a stack or left it behind: it may be about to write the first record, or was the last
    /// one and could not clean up. One request, or one file.
    ///
    /// # Errors
    /// The lock cannot be read.
    pub async fn has_lock(&self, stack: &str) -> Result<bool, StateError> {
        match &self.place {
            Where::Directory(directory) => Ok(FileLock::peek(directory, stack)?.is_some()),
            Where::Cluster(reader) => lease::is_there(reader, stack).await,
        }
    }

    /// Who holds the lock of a stack, without taking it. A holder that is known to have ended holds nothing. One request,
    /// or one file.
    ///
    /// # Errors
    /// The lock cannot be read.
    pub async fn peek(&self, stack: &str) -> Result<Option<Held>, StateError> {
        match &self.place {
            Where::Directory(directory) => FileLock::peek(directory, stack),
            Where::Cluster(reader) => lease::peek(reader, stack).await,
        }
    }
}

impl Store {
    /// Records in a directory, which is made on the first write.
    #[must_use]
    pub fn local(directory: impl Into<PathBuf>) -> Self {
        let directory = directory.into();
        let place = Place::Directory(Directory::new(directory.clone()));
        Self { records: Records::local(directory), place, terms: Terms::default(), under: None }
    }

    /// Records in the cluster: `ConfigMap`s and Leases `stack-<name>` in [`super::SYSTEM_NAMESPACE`].
    #[must_use]
    pub fn kubernetes(writer: Writer) -> Self {
        let records = Records::kubernetes((*writer).clone());
        Self { records, place: Place::Cluster(writer), terms: Terms::default(), under: None }
    }

    /// The same, used on the cluster of this connection.
    #[must_use]
    pub fn used_on(self, session: &Session) -> Self {
        Self { records: self.records.used_on(session), ..self }
    }

    /// Whether the record does not say on which cluster it was made, and this store can.
    #[must_use]
    pub fn can_place(&self, inventory: &Inventory) -> bool {
        inventory.cluster.is_none() && self.records.here.is_some()
    }

    /// The same with leases on other terms.
    #[must_use]
    pub fn with_terms(mut self, terms: Terms) -> Self {
        self.terms = terms;
        self
    }

    /// The same, writing only as long as this lock is known to be held.
    #[must_use]
    pub fn under(&self, lock: &Lock) -> Self {
        let under = Under { guard: lock.guard(), epoch: lock.epoch() };
        let place = match &self.place {
            Place::Cluster(writer) => Place::Cluster(writer.guarded(under.guard.clone())),
            directory @ Place::Directory(_) => directory.clone(),
        };
        Self { place, under: Some(under), ..self.clone() }
    }

    /// Whether the record was written under an earlier holding of the lock: only a write of it keeps that holder, who may
    /// sleep, from writing it later.
    #[must_use]
    pub fn is_of_earlier_holder(&self, token: Option<&Token>) -> bool {
        let written = token.and_then(Token::object);
        self.epoch().zip(written).is_some_and(|(epoch, version)| version.count < epoch.count)
    }

    fn epoch(&self) -> Option<&Epoch> {
        self.under.as_ref()?.epoch.as_ref()
    }

    /// Where they are written.
    pub(super) fn where_written(&self) -> &Place {
        &self.place
    }

    /// For a directory, whose writes pass no [`Writer`].
    pub(super) async fn check(&self) -> Result<(), StateError> {
        match &self.under {
            Some(under) => under.guard.check().await.map_err(StateError::LockLost),
            None => Ok(()),
        }
    }

    /// Writes a record over the version `token`, or where there is none, without the key that an older langop left in it
    /// and with the cluster that it is made on. Moves its serial, unless it fails. One request; three for the
    /// first record of a cluster, and what it takes to write and delete the parts of one that takes several `ConfigMap`s.
    ///
    /// # Errors
    /// The record is not the version that was read, is larger than any that is read again, or cannot be written.
    pub async fn write(&self, inventory: &mut Inventory, token: Option<Token>) -> Result<Token, StateError> {
        let mut next = inventory.clone();
        next.serial += 1;
        next.key_inside = None;
        next.cluster = next.cluster.or_else(|| self.records.here.clone());
        env!("CARGO_PKG_VERSION").clone_into(&mut next.written_by);
        let written = match &self.place {
            Place::Directory(directory) => {
                self.check().await?;
                directory.write(&next, token.and_then(|token| token.file())).await?;
                RecordVersion::File(Revision::new(&next))
            }
            Place::Cluster(writer) => {
                let expected = token.as_ref().and_then(Token::object);
                RecordVersion::Object(config_map::write(writer, &next, expected, self.epoch()).await?)
            }
        };
        *inventory = next;
        Ok(Token(written))
    }

    /// Removes the record of a stack if it still has this version, and before it the key of its digests: whoever stops
    /// between the two leaves a record, which the next run finds. Three requests.
    ///
    /// # Errors
    /// The record is not the version that was read, or cannot be removed.
    pub async fn remove(&self, stack: &str, token: Token) -> Result<(), StateError> {
        self.remove_digest_key(stack).await?;
        self.remove_record(stack, token).await
    }

    async fn remove_record(&self, stack: &str, token: Token) -> Result<(), StateError> {
        match (&self.place, token.0) {
            (Place::Directory(directory), RecordVersion::File(seen)) => {
                self.check().await?;
                directory.remove(stack, seen).await
            }
            (Place::Cluster(writer), RecordVersion::Object(version)) => {
                config_map::remove(writer, stack, &version, self.epoch()).await
            }
            _ => Err(StateError::Moved(stack.to_owned())),
        }
    }

    /// Takes the lock of a stack, waiting for it as long as `patience`. A lease whose holder does not renew
    /// it can be taken over only by who waits at least for its duration. Two requests when it is free, and one a second
    /// while it is not; renewals go on until the lock is released.
    ///
    /// # Errors
    /// Somebody else holds it still, or it can be neither read nor written.
    pub async fn lock(&self, stack: &str, holder: &Holder, patience: Duration) -> Result<Lock, StateError> {
        self.lock_telling(stack, holder, patience, &|_| ()).await
    }

    /// The same; `tell` hears of each holder that is waited for.
    ///
    /// # Errors
    /// As [`Store::lock`].
    pub async fn lock_telling(
        &self,
        stack: &str,
        holder: &Holder,
        patience: Duration,
        tell: &(dyn Fn(&Held) + Send + Sync),
    ) -> Result<Lock, StateError> {
        let kind = match &self.place {
            Place::Directory(directory) => {
                Kind::File(FileLock::acquire(directory, stack, holder, patience, tell).await?)
            }
            Place::Cluster(writer) => {
                let waiting = Waiting { patience, terms: self.terms, tell };
                Kind::Lease(lease::acquire(writer, stack, holder, waiting).await?)
            }
        };
        Ok(Lock(kind))
    }
}
