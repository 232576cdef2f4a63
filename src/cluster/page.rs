//! Answers that are not of the API: what a proxy, a load balancer or a login page says in the server's place. Pure.

use http::StatusCode;
use kube::core::Status;

use crate::object::printable;

/// The most of such an answer that is shown.
const MOST: usize = 200;

/// An answer that is no `Status`, as one.
pub(super) fn as_status(code: StatusCode, body: &[u8]) -> Status {
    let text = String::from_utf8_lossy(body);
    let text = text.trim();
    let message = match page(text) {
        Some(page) => format!("{page} instead of an answer of the API: something between here and the server sent it"),
        None if text.is_empty() => code.to_string(),
        None => printable(&text.chars().take(MOST).collect::<String>()).into_owned(),
    };
    Status { code: code.as_u16(), ..Status::failure(&message, "") }
}

/// What is wrong with an answer that should be an object and is no JSON; its words could quote the body.
pub(super) fn fault(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    match page(text.trim()) {
        Some(page) => format!("is {page}"),
        None if body.is_empty() => "is empty".to_owned(),
        None => "is no JSON, or was cut off".to_owned(),
    }
}

/// What a web page is called; none for what is no web page.
fn page(text: &str) -> Option<String> {
    if !text.starts_with('<') {
        return None;
    }
    let title = between(text, "<title", "</title").and_then(|rest| rest.split_once('>')).map(|(_, title)| title.trim());
    let title: Option<String> = title.map(|title| title.split_whitespace().collect::<Vec<_>>().join(" "));
    Some(match title.filter(|title| !title.is_empty()) {
        Some(title) => format!("a web page, `{}`,", printable(&title.chars().take(MOST).collect::<String>())),
        None => "a web page".to_owned(),
    })
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> Option<&'a str> {
    // Of ASCII alone, so that places in one are places in the other.
    let lower = text.to_ascii_lowercase();
    let start = lower.find(from)? + from.len();
    let length = lower.get(start..)?.find(to)?;
    text.get(start..start + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(body: &str) -> String {
        as_status(StatusCode::BAD_GATEWAY, body.as_bytes()).message
    }

    #[test]
    fn a_page_is_called_by_its_title_and_never_printed() {
        let page =
            "<!DOCTYPE html>\n<html><HEAD><Title lang=en>502\n Bad  Gateway</TITLE></head><body>nginx</body></html>";
        let said = message(page);
        assert!(said.starts_with("a web page, `502 Bad Gateway`, instead of"), "{said}");
        assert!(!said.contains('<') && !said.contains("nginx"), "{said}");
        assert!(message("<html>x</html>").starts_with("a web page instead of"));
        assert!(message("<title>é").starts_with("a web page instead of"));
        assert_eq!(fault(page.as_bytes()), "is a web page, `502 Bad Gateway`,");
    }

    #[test]
    fn words_are_shown_and_cannot_steer_a_terminal() {
        assert_eq!(message("no healthy upstream\n"), "no healthy upstream");
        assert_eq!(message("a\u{1b}[2Jb"), "a\\u{1b}[2Jb");
        assert_eq!(message(&"x".repeat(999)).len(), MOST);
        assert_eq!(message(""), "502 Bad Gateway");
        assert_eq!((fault(b""), fault(b"{\"a\":")), ("is empty".to_owned(), "is no JSON, or was cut off".to_owned()));
    }
}
