//! What is wrong with a kubeconfig or with the credentials that it names, in words that repeat nothing of them: the
//! reader's own quote the lines around a mistake, and what a plug-in printed.

use std::path::{Path, PathBuf};

use kube::client::AuthError;
use kube::config::{Context, Kubeconfig, KubeconfigError};

use super::ClusterError;
use super::error::chain;
use crate::object::credential::masked;

/// The kubeconfig in a file, else in those of `KUBECONFIG`, else in `~/.kube/config`; none where no file is named and
/// none is there.
pub(super) fn read(file: Option<&Path>) -> Result<Option<Kubeconfig>, ClusterError> {
    if files(file).iter().any(|file| ends_within_a_character(file)) {
        return Err(ClusterError::Config("the kubeconfig is UTF-16, and ends within a character".to_owned()));
    }
    match file.map_or_else(Kubeconfig::read, Kubeconfig::read_from) {
        Ok(kubeconfig) => Ok(Some(kubeconfig)),
        Err(KubeconfigError::FindPath) if file.is_none() => Ok(None),
        Err(KubeconfigError::ReadConfig(error, _))
            if file.is_none() && error.kind() == std::io::ErrorKind::NotFound =>
        {
            Ok(None)
        }
        Err(error) => Err(unusable(&error)),
    }
}

/// The files that kube reads: the one that is named, else those of `KUBECONFIG`, else that of the home directory.
fn files(named: Option<&Path>) -> Vec<PathBuf> {
    let listed = std::env::var_os("KUBECONFIG").map(|all| std::env::split_paths(&all).collect::<Vec<_>>());
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".kube/config"));
    match named {
        Some(named) => vec![named.to_owned()],
        None => listed.unwrap_or_else(|| home().into_iter().collect()),
    }
}

/// Whether it says that it is UTF-16 and has an odd byte, on which kube 5.0 panics. A pipe can be read once alone, and is
/// left to kube.
fn ends_within_a_character(file: &Path) -> bool {
    let is_odd = file.metadata().is_ok_and(|found| found.is_file() && found.len() % 2 == 1);
    is_odd && matches!(std::fs::read(file).as_deref(), Ok([0xff, 0xfe, ..] | [0xfe, 0xff, ..]))
}

/// The context of this name, or the current one, with its name; none where no context is the current one.
///
/// # Errors
/// There is no such context, or no such cluster or user as it names.
pub(super) fn context<'k>(
    kubeconfig: &'k Kubeconfig,
    named: Option<&'k str>,
) -> Result<Option<(&'k str, &'k Context)>, ClusterError> {
    let current = kubeconfig.current_context.as_deref().filter(|name| !name.is_empty());
    let Some(name) = named.or(current) else { return Ok(None) };
    let mut contexts = kubeconfig.contexts.iter();
    let context = contexts.find(|context| context.name == name).and_then(|context| context.context.as_ref());
    let Some(context) = context else {
        let whose = if named.is_some() { "no context" } else { "no context, though it is the current one," };
        let has = kubeconfig.contexts.iter().map(|context| context.name.as_str());
        return Err(lacks(whose, name, "contexts", has));
    };
    let mut clusters = kubeconfig.clusters.iter().map(|cluster| cluster.name.as_str());
    if !clusters.any(|cluster| cluster == context.cluster) {
        let has = kubeconfig.clusters.iter().map(|cluster| cluster.name.as_str());
        return Err(lacks(&format!("no cluster of its context `{name}`:"), &context.cluster, "clusters", has));
    }
    let user = context.user.as_deref().filter(|user| !user.is_empty());
    let mut users = kubeconfig.auth_infos.iter().map(|user| user.name.as_str());
    // kube would go on as nobody; client-go refuses (`clientcmd.validateContext`).
    if let Some(user) = user.filter(|user| !users.any(|known| known == *user)) {
        let has = kubeconfig.auth_infos.iter().map(|user| user.name.as_str());
        return Err(lacks(&format!("no user of its context `{name}`:"), user, "users", has));
    }
    Ok(Some((name, context)))
}

fn lacks<'k>(what: &str, name: &str, all: &str, has: impl Iterator<Item = &'k str>) -> ClusterError {
    let mut has: Vec<_> = has.map(|name| format!("`{name}`")).collect();
    has.sort();
    let has = if has.is_empty() { format!("it has no {all}") } else { format!("its {all} are {}", has.join(", ")) };
    ClusterError::Config(masked(&format!("the kubeconfig has {what} `{name}`; {has}")).into_owned())
}

/// A kubeconfig that cannot be read, or names nothing.
pub(super) fn unusable(error: &KubeconfigError) -> ClusterError {
    let text = match error {
        KubeconfigError::Parse(cause) => match cause.location() {
            Some(place) => format!("the kubeconfig is not legible: line {}, column {}", place.line(), place.column()),
            None => "the kubeconfig is not legible".to_owned(),
        },
        KubeconfigError::LoadCertificateAuthority(_) => {
            "the certificate authority of the kubeconfig cannot be read".to_owned()
        }
        KubeconfigError::LoadClientCertificate(_) => {
            "the client certificate of the kubeconfig cannot be read".to_owned()
        }
        KubeconfigError::LoadClientKey(_) => "the client key of the kubeconfig cannot be read".to_owned(),
        KubeconfigError::ParseCertificates(_) => "the certificates of the kubeconfig are not PEM".to_owned(),
        KubeconfigError::ParseClusterUrl(_) => "the address of the cluster in the kubeconfig is not a URL".to_owned(),
        KubeconfigError::ParseProxyUrl(_) => "the address of the proxy in the kubeconfig is not a URL".to_owned(),
        error => masked(&error.to_string()).into_owned(),
    };
    ClusterError::Config(text)
}

/// A client that cannot be made of a kubeconfig, or credentials that cannot be had.
pub(super) fn refused(error: &kube::Error) -> ClusterError {
    ClusterError::Config(match error {
        kube::Error::Auth(cause) => no_credentials(cause),
        error => masked(&chain(error)).into_owned(),
    })
}

/// A plug-in prints the credentials, and often when it fails, too.
pub(super) fn no_credentials(error: &AuthError) -> String {
    match error {
        AuthError::AuthExecRun { cmd, out } => {
            format!("the credential plug-in `{}` failed ({})", program(cmd), out.status)
        }
        AuthError::AuthExecParse(_) => "the credential plug-in printed no `ExecCredential`".to_owned(),
        AuthError::AuthExecStart(cause) => format!("the credential plug-in cannot be run: {}", cause.kind()),
        AuthError::InvalidBasicAuth(_) => {
            "the user name or password of the kubeconfig cannot stand in a header".to_owned()
        }
        AuthError::InvalidBearerToken(_) => "the token of the kubeconfig cannot stand in a header".to_owned(),
        AuthError::MalformedTokenExpirationDate(_) => "the credentials' time of expiry is no date".to_owned(),
        AuthError::ParseTokenKey(_) | AuthError::AuthExecSerialize(_) | AuthError::AuthExec(_) => {
            "the credentials of the kubeconfig cannot be had from their provider".to_owned()
        }
        error => masked(&chain(error)).into_owned(),
    }
}

/// The command as kube quotes it holds the arguments, too, and those may hold a secret.
fn program(command: &str) -> &str {
    let words = command.split_whitespace();
    let mut words = words.map(|word| word.trim_matches('"'));
    words.next().unwrap_or_default()
}
