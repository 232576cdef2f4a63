//! The Go sources inside this program, and the hash that names what is built from them.

use std::fmt::Write as _;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::versions::KUBERNETES;
use super::{Error, files};

macro_rules! sources {
    ($($name:literal),+ $(,)?) => {
        const FILES: &[(&str, &str)] = &[$(($name, include_str!(concat!("go/", $name)))),+];
    };
}

sources![
    "caller.go",
    "family.go",
    "forwards.go",
    "go.mod",
    "go.sum",
    "identities.go",
    "kubectl.go",
    "kwok.go",
    "layout.go",
    "main.go",
    "nodes.go",
    "parts.go",
    "pki.go",
    "ports.go",
    "process_linux.go",
    "process_other.go",
    "run.go",
    "stages.go",
    "stages/crash-loop.yaml",
    "stages/image-missing.yaml",
    "stages/slow-start.yaml",
    "stages/volumes.yaml",
    "state.go",
];

/// SHA-256 of all files, in hexadecimal.
pub(super) fn hash() -> String {
    let mut digest = Sha256::new();
    for text in FILES.iter().flat_map(|(name, text)| [name, text]) {
        // With its length before it, no text can run into the next one.
        digest.update(text.len().to_le_bytes());
        digest.update(text);
    }
    digest.update(linker_flags());
    digest.finalize().iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Leaves out symbols and debug information, and writes the version into the program.
pub(super) fn linker_flags() -> String {
    let (major, minor) = KUBERNETES.trim_start_matches('v').split_once('.').unwrap_or_default();
    let minor = minor.split('.').next().unwrap_or_default();
    format!(
        "-s -w -X k8s.io/component-base/version.gitVersion={KUBERNETES} \
         -X k8s.io/component-base/version.gitMajor={major} -X k8s.io/component-base/version.gitMinor={minor} \
         -X k8s.io/client-go/pkg/version.gitVersion={KUBERNETES}"
    )
}

/// Writes the module into a directory of its own.
pub(super) fn write_to(directory: &Path) -> Result<(), Error> {
    for (name, text) in FILES {
        let path = directory.join(name);
        if let Some(parent) = path.parent() {
            files::make_private(parent)?;
        }
        std::fs::write(&path, text).map_err(|cause| Error::file("write", &path, cause))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dev::versions::GO;

    fn names_in(directory: &Path, prefix: &str) -> Vec<String> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(directory).unwrap() {
            let entry = entry.unwrap();
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                names.extend(names_in(&entry.path(), &format!("{name}/")));
            } else {
                names.push(name);
            }
        }
        names.sort();
        names
    }

    #[test]
    fn every_file_of_the_module_is_carried() {
        let carried: Vec<_> = FILES.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(carried, names_in(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src/dev/go")), ""));
    }

    #[test]
    fn the_versions_are_those_of_the_module() {
        let text = FILES.iter().find(|(name, _)| *name == "go.mod").unwrap().1;
        assert!(text.contains(&format!("k8s.io/kubernetes {KUBERNETES}\n")));
        assert!(text.contains(&format!("\ngo {}.{}.", GO.0, GO.1)));
        assert!(linker_flags().contains(".gitMajor=1 ") && linker_flags().contains(".gitMinor=36 "));
    }

    #[test]
    fn the_hash_is_stable_and_a_plain_directory_name() {
        assert_eq!(hash(), hash());
        assert!(hash().len() == 64 && hash().bytes().all(|byte| byte.is_ascii_hexdigit()));
    }

    #[test]
    fn the_written_module_is_the_carried_one() {
        let directory = tempfile::tempdir().unwrap();
        write_to(directory.path()).unwrap();
        assert_eq!(names_in(directory.path(), "").len(), FILES.len());
    }
}
