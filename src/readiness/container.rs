//! What one container of a pod waits for, and whether waiting can help.

use serde_json::Value;

use super::said::{last_line, one_line};
use crate::object::field::{count, items, number, text};

/// Restarts after which a crash loop is no accident of the start any more: about a minute of back-off.
pub(super) const PERSISTENT: i64 = 3;

/// All containers of a pod, init containers first.
pub(super) fn statuses(pod: &Value) -> impl Iterator<Item = &Value> {
    ["/status/initContainerStatuses", "/status/containerStatuses"].into_iter().flat_map(|list| items(pod, list))
}

/// Why the container does not run, if it waits for something or has just ended.
pub(super) fn waits_for(status: &Value) -> Option<String> {
    let Some(reason) = text(status, "/state/waiting/reason") else { return failed(status) };
    if matches!(reason, "ContainerCreating" | "PodInitializing") {
        return None;
    }
    Some(match text(status, "/state/waiting/message") {
        _ if reason == "CrashLoopBackOff" => crash(status),
        Some(message) => format!("{reason}: {}", one_line(message)),
        None => reason.to_owned(),
    })
}

/// How the container ended, if it did and should not have: `ended with exit 1: no such file`.
pub(super) fn failed(status: &Value) -> Option<String> {
    let end = "/state/terminated";
    let ended = number(status, &format!("{end}/exitCode")).is_some_and(|code| code != 0);
    ended.then(|| format!("ended with {}{}", exit(status, end), last_words(status, end)))
}

/// Why the container will never run, if that is proved. `pull_errors` are messages of events about the pod:
/// older kubelets say "not found" only there.
pub(super) fn dead_end(status: &Value, pull_errors: &[&str]) -> Option<String> {
    let reason = text(status, "/state/waiting/reason")?;
    let message = text(status, "/state/waiting/message").unwrap_or_default();
    let proved = match reason {
        "ErrImageNeverPull" | "InvalidImageName" => true,
        "ErrImagePull" | "ImagePullBackOff" => {
            let not_found = [message].into_iter().chain(pull_errors.iter().copied());
            return not_found
                .filter(|text| is_not_found(text))
                .map(|text| format!("{reason}: {}", one_line(text)))
                .next();
        }
        "CreateContainerConfigError" => !arrives_later(message),
        "CrashLoopBackOff" => count(status, "/restartCount") >= PERSISTENT,
        _ => false,
    };
    proved.then(|| waits_for(status).unwrap_or_else(|| reason.to_owned()))
}

/// The registry answered, and it has no such image. A name that does not resolve, a refused login or a
/// registry that is down may pass.
fn is_not_found(message: &str) -> bool {
    let message = message.to_lowercase();
    let network = ["no such host", "lookup ", "connection", "timeout", "unauthorized", "denied"];
    let answers = ["not found", "notfound", "manifest unknown", "no such manifest"];
    answers.iter().any(|words| message.contains(words)) && !network.iter().any(|words| message.contains(words))
}

/// A Secret or `ConfigMap` that is not there may come from another node of the graph or from an operator;
/// a missing key of one that is there does not come by waiting.
fn arrives_later(message: &str) -> bool {
    let message = message.to_lowercase();
    let object = message.contains("secret") || message.contains("configmap");
    object && message.contains("not found") && !message.contains("couldn't find key")
}

/// `CrashLoopBackOff (exit 137, OOMKilled) after 4 restarts: out of memory`.
fn crash(status: &Value) -> String {
    let last = "/lastState/terminated";
    let restarts = count(status, "/restartCount");
    let plural = if restarts == 1 { "restart" } else { "restarts" };
    format!("CrashLoopBackOff ({}) after {restarts} {plural}{}", exit(status, last), last_words(status, last))
}

/// `exit 137, OOMKilled`.
fn exit(status: &Value, end: &str) -> String {
    let exit = number(status, &format!("{end}/exitCode"))
        .map_or_else(|| "exit unknown".to_owned(), |code| format!("exit {code}"));
    match text(status, &format!("{end}/reason")) {
        None | Some("Error") => exit,
        Some(reason) => format!("{exit}, {reason}"),
    }
}

/// What the container said before it ended: its termination message, or with `FallbackToLogsOnError` its log.
fn last_words(status: &Value, end: &str) -> String {
    let said = text(status, &format!("{end}/message")).and_then(last_line);
    said.map_or_else(String::new, |said| format!(": {said}"))
}
