//! The bridge of a program that speaks on standard input and output: `supergateway` starts it for each session and
//! serves it over HTTP. Found by reading release 3.4.3 and 4.0.0 of `supergateway`.

use k8s_openapi::api::core::v1::{HTTPGetAction, Probe};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::api::Stdio;

/// The image of the bridge when none is named: it has Node.js, so that programs run by `npx`. 3.4.3 is the newest tag of
/// which it is known that it is there: its release was made to publish it here (issue 102 of `supercorp-ai/supergateway`:
/// "pushed the new version to all docker destinations", with `docker-bake.hcl`, whose tags have no `v`), and
/// others run it by this name. npm also has 4.0.0; of an image of that nobody speaks.
const IMAGE: &str = "ghcr.io/supercorp-ai/supergateway:3.4.3";
/// The program of the bridge.
const COMMAND: &str = "supergateway";
/// Where the bridge says that it runs.
const HEALTH: &str = "/health";
/// Milliseconds after which the program of a session that nobody uses is ended.
const SESSION: &str = "1800000";

/// Directories of package managers, in the only place that can be written.
const CACHES: [(&str, &str); 5] = [
    ("HOME", "/tmp"),
    ("UV_CACHE_DIR", "/tmp/.cache/uv"),
    ("XDG_CACHE_HOME", "/tmp/.cache"),
    ("XDG_DATA_HOME", "/tmp/.local/share"),
    ("npm_config_cache", "/tmp/.npm"),
];

/// The image of the bridge.
pub(super) fn image(stdio: &Stdio) -> String {
    stdio.image.clone().unwrap_or_else(|| IMAGE.to_owned())
}

/// Its command.
pub(super) fn command() -> Vec<String> {
    vec![COMMAND.to_owned()]
}

/// Its arguments. The bridge hands the program to a shell, so that each word is quoted: none is expanded there, nor, by
/// `$(NAME)`, by the kubelet. Values of Secrets reach the program in its environment, and no command line.
pub(super) fn arguments(stdio: &Stdio, port: i32, path: &str) -> Vec<String> {
    let words = stdio.command.iter().map(|word| quoted(word));
    let program = words.collect::<Vec<_>>().join(" ");
    let port = port.to_string();
    let options = [
        ("--stdio", program.as_str()),
        ("--outputTransport", "streamableHttp"),
        ("--sessionTimeout", SESSION),
        ("--streamableHttpPath", path),
        ("--healthEndpoint", HEALTH),
        ("--port", &port),
        ("--logLevel", "info"),
    ];
    let options = options.into_iter().flat_map(|(name, value)| [name, value]);
    options.map(str::to_owned).chain(["--stateful".to_owned()]).collect()
}

/// A word that a POSIX shell reads as it is.
fn quoted(word: &str) -> String {
    // No word of a description has the character that cannot be quoted.
    shlex::try_quote(word).map(std::borrow::Cow::into_owned).unwrap_or_default()
}

/// A text as the kubelet leaves it (Kubernetes, `Container`, `args`): `$$` is one `$`.
pub(super) fn literal(text: &str) -> String {
    text.replace('$', "$$")
}

/// Variables for the bridge and the program.
pub(super) fn variables() -> impl Iterator<Item = (&'static str, &'static str)> {
    CACHES.into_iter()
}

/// Ready once the bridge serves; the program starts with the first session.
pub(super) fn readiness(port: i32) -> Probe {
    Probe {
        http_get: Some(HTTPGetAction {
            path: Some(HEALTH.to_owned()),
            port: IntOrString::Int(port),
            ..HTTPGetAction::default()
        }),
        period_seconds: Some(10),
        timeout_seconds: Some(3),
        failure_threshold: Some(12),
        ..Probe::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stdio(words: &[&str]) -> Stdio {
        Stdio { command: words.iter().map(|&word| word.to_owned()).collect(), image: None }
    }

    #[test]
    fn a_shell_reads_each_word_of_the_program_as_it_is() {
        for words in [&["npx", "-y", "server", "/data"][..], &["sh", "-c", "echo $TOKEN $(id) `id` 'x' \"y\" ; ls"]] {
            let arguments = arguments(&stdio(words), 8080, "/mcp");
            let command = format!("printf '%s\\n' {}", arguments[1]);
            let output = std::process::Command::new("sh").args(["-c", &command]).output().unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), words.join("\n") + "\n");
        }
    }

    #[test]
    fn the_kubelet_expands_nothing() {
        assert_eq!(literal("'$(TOKEN)' $HOME"), "'$$(TOKEN)' $$HOME");
    }

    #[test]
    fn a_bridge_has_a_pinned_image_and_a_named_one_takes_its_place() {
        assert!(image(&stdio(&["x"])).ends_with(":3.4.3"));
        let own = Stdio { image: Some("mine:1".to_owned()), ..stdio(&["x"]) };
        assert_eq!(image(&own), "mine:1");
    }
}
