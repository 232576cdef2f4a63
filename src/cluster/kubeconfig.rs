//! What is wrong with a kubeconfig or with the credentials that it names, in words that repeat nothing of them: the
//! reader's own quote the lines around a mistake, and what a plug-in printed.

use kube::client::AuthError;
use kube::config::KubeconfigError;

use super::ClusterError;
use super::error::chain;
use crate::object::credential::masked;

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
