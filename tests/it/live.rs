//! What is seen of a run while it runs: lines that fit the terminal, and a sign of life without one.

use std::io::Read as _;
use std::process::Stdio;

use rustix::termios::{Winsize, tcsetwinsize};

use crate::bench::Bench;
use crate::terminal;

/// Services that nobody gives the address they wait for.
fn waiting(bench: &Bench, count: usize) {
    let service = |number| {
        let name = format!("a-service-with-a-rather-long-name-{number:02}");
        format!(
            "---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: NAME}}\nspec: {{type: LoadBalancer, ports: [{{port: 80}}]}}\n"
        )
    };
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: NAME}\n".to_owned();
    bench.write("stack.yaml", &(0..count).map(service).fold(namespace, |stack, service| stack + &service));
}

/// What a terminal of this size shows, after each piece that was written to it.
fn screens(bench: &Bench, (rows, columns): (u16, u16), args: &[&str]) -> Vec<String> {
    let (mut terminal, side) = terminal::open();
    tcsetwinsize(&terminal, Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
    let mut command = bench.command(args);
    let mut child = command.env("TERM", "xterm").stdout(Stdio::null()).stderr(side).spawn().unwrap();
    // The command holds the terminal's other side, which would never end.
    drop(command);
    let mut shown = vt100::Parser::new(rows, columns, 0);
    let mut screens = Vec::new();
    let mut piece = [0; 8192];
    // A terminal whose last user is gone reads as an error.
    while let Ok(count @ 1..) = terminal.read(&mut piece) {
        shown.process(&piece[..count]);
        // Row by row: a line that fills its row would be read as one with the next.
        let rows: Vec<_> = shown.screen().rows(0, columns).map(|row| row.trim_end().to_owned()).collect();
        screens.push(rows.join("\n"));
    }
    child.wait().unwrap();
    screens
}

#[test]
fn live_lines_fit_a_small_terminal_and_leave_nothing_behind() {
    let bench = Bench::new("live");
    waiting(&bench, 20);
    let apply = ["apply", "--yes", "--stack", &bench.name, "--timeout", "2s", "stack.yaml"];
    let screens = screens(&bench, (14, 50), &apply);
    // A piece may end within a frame.
    let is_full = |screen: &&String| {
        screen.contains("… and 11 more\n") && screen.contains("of 21 · ") && screen.contains("…\n  …")
    };
    let full = screens.iter().rfind(is_full).unwrap_or_else(|| panic!("{screens:#?}"));
    let lines: Vec<_> = full.lines().collect();
    let whole = lines.iter().position(|line| line.contains(" of 21 · ")).unwrap_or_else(|| panic!("{full}"));
    // A line an object, none of which is wrapped.
    let objects = &lines[whole - 10..whole - 1];
    assert!(objects.iter().all(|line| line.contains("Service/a-service-with") && line.ends_with('…')), "{full}");
    assert_eq!(lines[whole - 1], "  … and 11 more", "{full}");
    let last = screens.last().unwrap();
    assert!(!last.contains(" of 21 · ") && last.contains("not healthy after"), "{last}");
    bench.langop(&["destroy", "--yes", "--stack", &bench.name]).exits(0);
}

#[test]
fn without_a_terminal_a_long_wait_says_every_ten_seconds_that_it_goes_on() {
    let bench = Bench::new("heartbeat");
    waiting(&bench, 2);
    let said = bench.langop(&["apply", "--yes", "--stack", &bench.name, "--timeout", "12s", "stack.yaml"]).exits(6);
    let beats: Vec<_> = said.err.lines().filter(|line| line.starts_with("still working after ")).collect();
    let [beat] = beats.as_slice() else { panic!("not one: {}", said.err) };
    assert!(beat.contains("s: 1 of 3 done; longest in work: Service/a-service"), "{beat}");
    assert!(beat.ends_with(": its load balancer has no address yet, and 1 more"), "{beat}");
    let said = bench.langop(&["destroy", "--yes", "--stack", &bench.name]).exits(0);
    // What goes with its namespace took as long as that one.
    let of = |object: &str| said.err.lines().find(|line| line.starts_with(object) && line.contains("deleted after"));
    let took =
        |object| of(object).and_then(|line| line.split(" after ").nth(1)).unwrap_or_else(|| panic!("{}", said.err));
    assert_ne!(took("Namespace/"), "0.0s");
    assert_ne!(took("Service/"), "0.0s", "{}", said.err);
}
