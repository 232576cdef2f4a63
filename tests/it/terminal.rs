//! A terminal: what a person sees of a command, and types.

use std::fs::File;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

/// Both ends: the person's, and the command's, which can be copied. Once every copy of the latter is closed, reading ends
/// with an error.
pub fn open() -> (File, File) {
    let person = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&person).unwrap();
    unlockpt(&person).unwrap();
    let path = ptsname(&person, Vec::new()).unwrap().into_string().unwrap();
    let command = File::options().read(true).write(true).open(path).unwrap();
    (person.into(), command)
}
