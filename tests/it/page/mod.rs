//! `--report html=FILE` in a real browser: it says what it should to everybody, at a desk and on a phone, in light and in
//! dark, by keys alone; and nothing that others wrote does anything in it.

mod axe;
mod browser;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use self::browser::{Browser, Tab, View};
use crate::bench::{Bench, eventually};

const DESK: View = View { width: 1280, dark: false };

const VIEWS: [View; 4] =
    [DESK, View { dark: true, ..DESK }, View { width: 390, ..DESK }, View { width: 390, dark: true }];

/// A cluster with agents, and text that wants to run.
const STACK: &str = r#"
stack = "NAME"

[clusters.NAME]
gateway.auth.restrictModels = true

[models.llama]
provider = "openai-compatible"
modelName = "llama3.2"
endpoint = "http://192.0.2.7:11434"

[models."other"]
provider = "openai-compatible"
modelName = "</style><script>document.title='hacked'</script>"
endpoint = "http://192.0.2.8:11434"

[tools.search]
image = "registry.example.com/search:1.0.0"

[agents.scout]
image = "registry.example.com/scout:1.0.0"
instructions = "</pre><img src=x onerror=\"document.title='hacked'\">"
models = [{ name = "llama" }]
tools = [{ name = "search" }]
"#;

const MANIFEST: &str = r#"
apiVersion: v1
kind: ConfigMap
metadata:
  name: theirs
  namespace: NAME
  annotations: {note: "\"></title></style></details><script>document.title='hacked'</script>"}
data: {"key": "</script><svg onload=document.title='hacked'>\nsecond line\n"}
---
apiVersion: v1
kind: Secret
metadata: {name: secret, namespace: NAME}
stringData: {key: canary-of-a-page}
"#;

/// The page of a command.
#[track_caller]
fn page(bench: &Bench, args: &[&str]) -> PathBuf {
    let file = PathBuf::from(bench.path(&format!("{}.html", args[0])));
    let report = format!("--report=html={}", file.display());
    let _ = bench.langop(&[args, &[&report]].concat()).exits(0);
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(!text.contains("canary") && !text.contains("Y2FuYXJ5"), "{text}");
    file
}

/// It complains of nothing, is as wide as the window, and axe finds nothing.
#[track_caller]
fn is_fit(tab: &mut Tab, view: View) {
    assert_eq!(tab.evaluate("document.title.includes('hacked')"), false);
    assert_eq!(tab.evaluate("document.querySelectorAll('img,script,iframe,[onload],[onerror]').length"), 1);
    let too_wide = tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
    assert_eq!(too_wide, 0, "{view:?}");
    assert_eq!(axe::violations(tab), [""; 0], "{view:?}");
    assert_eq!(tab.complaints, [""; 0], "{view:?}");
}

#[test]
fn everybody_can_use_the_page_of_a_plan_and_of_what_came_of_it() {
    let bench = Bench::new("page");
    bench.write("a<script>b.toml", STACK);
    bench.write("theirs.yaml", MANIFEST);
    let files = ["a<script>b.toml", "theirs.yaml"];
    let planned = page(&bench, &[&["plan"], &files[..]].concat());
    let browser = Browser::start();
    for view in VIEWS {
        let mut tab = browser.open(&planned, view);
        is_fit(&mut tab, view);
        tab.evaluate("document.getElementById('unfold').click()");
        is_fit(&mut tab, view);
    }
    let mut tab = browser.open(&planned, DESK);
    // Notes are there when the plan is the first that makes the kinds.
    let parts =
        "[...document.querySelectorAll('h2')].map(part => part.textContent).filter(part => part != 'Notes').join()";
    assert_eq!(tab.evaluate(parts), "Changes,Who may reach what,Who may call which model,What waits for what");
    let cell = "document.querySelector('#models tbody tr').textContent";
    assert_eq!(tab.evaluate(cell), "scout✓listed as primary–refused");

    let done = page(&bench, &[&["apply", "--yes", "--no-wait"], &files[..]].concat());
    bench.write("a<script>b.toml", &STACK.replace("llama3.2", "llama3.3"));
    let changed = page(&bench, &[&["plan"], &files[..]].concat());
    for file in [&done, &changed] {
        for view in VIEWS {
            is_fit(&mut browser.open(file, view), view);
        }
    }
    let destroyed = page(&bench, &["destroy", "--yes", "--stack", &bench.name]);
    is_fit(&mut browser.open(&destroyed, DESK), DESK);
}

#[test]
fn a_page_is_filtered_searched_and_walked_by_keys() {
    let bench = Bench::new("page-keys");
    bench.write("stack.toml", STACK);
    bench.write("theirs.yaml", MANIFEST);
    let browser = Browser::start();
    let mut tab = browser.open(&page(&bench, &["plan", "stack.toml", "theirs.yaml"]), DESK);
    let shown = "document.querySelectorAll('.change:not([hidden])').length";
    let focus = "document.activeElement.id || document.activeElement.textContent";
    let all = tab.evaluate(shown).as_u64().unwrap();
    assert!(all > 20, "{all}");

    while tab.evaluate(focus) != "search" {
        tab.press("Tab", "", 9);
    }
    tab.write("Secret/");
    assert_eq!(tab.evaluate("[...document.querySelectorAll('.group:not([hidden]) h3 code')].length"), 1);
    let found = tab.evaluate(shown).as_u64().unwrap();
    assert!(found > 0 && found < all, "{found} of {all}");
    tab.press("Tab", "", 9);
    assert_eq!(tab.evaluate("document.activeElement.type"), "checkbox");
    tab.press(" ", " ", 32);
    assert_eq!(tab.evaluate(shown), 0);
    assert!(tab.evaluate("document.getElementById('shown').textContent").as_str().unwrap().starts_with("0 of "));

    // A node of the graph leads to its change, whatever the filter hides, and opens it.
    let node = "[...document.querySelectorAll('.graph a')].find(node => node.textContent.includes('theirs'))";
    tab.evaluate(&format!("{node}.focus()"));
    tab.press("Enter", "\r", 13);
    let open = "document.querySelector('.change[open] summary code')?.textContent";
    let name = format!("ConfigMap/theirs in {}", bench.name);
    eventually("its change is open", Duration::from_secs(10), || tab.evaluate(open) == name);
    assert_eq!(tab.evaluate("document.activeElement.tagName"), "SUMMARY");
    tab.press("Enter", "\r", 13);
    let count = "document.querySelectorAll('.change[open]').length";
    eventually("it is closed again", Duration::from_secs(10), || tab.evaluate(count) == 0);
    assert_eq!(tab.complaints, [""; 0]);
}

#[test]
fn a_page_of_two_thousand_objects_is_usable() {
    let bench = Bench::new("page-many");
    let many = (0..2_000).fold(String::new(), |mut all, number| {
        let name = format!("name: n{number}\n  namespace: {}", bench.name);
        let _ = write!(all, "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  {name}\ndata:\n");
        for line in 0..20 {
            let _ = writeln!(all, "  key-{line}: a value of some length that belongs to {number}");
        }
        all
    });
    bench.write("many.yaml", &many);
    bench.kubectl(&["create", "namespace", &bench.name]);
    let file = page(&bench, &["plan", "--stack", &bench.name, "many.yaml"]);
    let size = std::fs::metadata(&file).unwrap().len();
    assert!(size < 4_000_000, "{size}");
    let browser = Browser::start();
    let mut tab = browser.open(&file, DESK);
    assert_eq!(tab.evaluate("document.querySelectorAll('.change').length"), 2_000);
    assert_eq!(tab.evaluate("document.querySelectorAll('.graph .node').length"), 1);
    let search = "{ const search = document.getElementById('search'); search.value = 'configmap/n1999'; \
                  search.dispatchEvent(new Event('input', {bubbles: true})) }";
    tab.evaluate(search);
    assert_eq!(tab.evaluate("document.getElementById('shown').textContent"), "1 of 2000 objects");
    assert_eq!(axe::violations(&mut tab), [""; 0]);
    assert_eq!(tab.complaints, [""; 0]);
    bench.kubectl(&["delete", "namespace", &bench.name, "--wait=false"]);
}
