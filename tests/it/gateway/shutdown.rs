//! The end of a pod, and a gateway that asks nobody for a key.

use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::answers::STREAMED;
use super::process::{Gateway, chat};
use crate::bench::eventually;

const DESCRIPTION: &str = r#"
[clusters.c]
gateway.auth.enabled = false

[models.slow]
provider = "openai-compatible"
modelName = "slow-one"
endpoint = "http://slow.test"
"#;

#[test]
fn without_keys_everyone_is_an_agent_and_an_end_lets_a_stream_finish() {
    let mut gateway = Gateway::start(DESCRIPTION);
    assert_eq!(gateway.models(""), ["slow-one"]);
    assert_eq!(gateway.call("", "/model/info", None).status, 403, "and no more than that");

    let mut body = chat("slow-one", "take your time.");
    body["stream"] = true.into();
    let response = ureq::post(gateway.url("/v1/chat/completions")).send_json(&body).unwrap();
    let mut lines = BufReader::new(response.into_body().into_reader()).lines().map(Result::unwrap);
    let first = lines.find(|line| line.starts_with("data:")).unwrap();
    kill_process(Pid::from_child(&gateway.child), Signal::TERM).unwrap();
    let address = gateway.url("").trim_start_matches("http://").to_owned();
    eventually("new connections are refused", Duration::from_secs(20), || TcpStream::connect(&address).is_err());
    assert!(gateway.child.try_wait().unwrap().is_none(), "it ended before its stream");
    let parts: Vec<_> = std::iter::once(first).chain(lines).filter(|line| line.contains("part")).collect();
    assert_eq!(parts.len(), STREAMED, "{parts:?}");
    eventually("it ends after its stream", Duration::from_secs(30), || gateway.child.try_wait().unwrap().is_some());
}
