//! What a form keeps, on texts that are made up.

use proptest::prelude::*;

use super::{Fault, Format, laid};
use crate::stack::diagnostic::Files;

fn form(text: &str, format: Format) -> Result<String, Fault> {
    let file = Files::default().add("file", text.to_owned());
    laid(text, format, file)
}

#[test]
fn toml_has_one_form_and_keeps_what_its_writer_chose() {
    let text = "# head\nstack   =  \"a\"   # why\n\n\n\n[clusters.a]\ncapacity={maxAgents=1,  maxCPU = '4'}\n[models.m]\n\
                aliases = [ 'x',\n 'y', # second\n]\n  modelName='m'\n";
    let expected = "# head\nstack = \"a\" # why\n\n[clusters.a]\ncapacity = { maxAgents = 1, maxCPU = '4' }\n[models.m]\n\
                    aliases = [\n  'x',\n  'y', # second\n]\nmodelName = 'm'\n";
    assert_eq!(form(text, Format::Toml).unwrap(), expected);
    assert_eq!(form(expected, Format::Toml).unwrap(), expected);
}

#[test]
fn yaml_has_one_form_and_keeps_its_comments_and_documents() {
    let text = "# head\nstack:   a\nclusters:\n    a:   {}   # why\n---\nkind: List\nitems:\n    - a: 1\n      # between\n    \
                - b: |\n        kept  \n          as it is\n";
    let expected = "# head\nstack: a\nclusters:\n  a: {} # why\n---\nkind: List\nitems:\n- a: 1\n  # between\n- b: |\n    \
                    kept  \n      as it is\n";
    assert_eq!(form(text, Format::Yaml).unwrap(), expected);
    assert_eq!(form(expected, Format::Yaml).unwrap(), expected);
}

#[test]
fn line_ends_stay_those_of_the_file() {
    assert_eq!(form("a  = 1\r\nb = 2\r\n", Format::Toml).unwrap(), "a = 1\r\nb = 2\r\n");
    assert_eq!(form("a:   1\r\nb: 2\r\n", Format::Yaml).unwrap(), "a: 1\r\nb: 2\r\n");
}

#[test]
fn a_text_that_a_formatter_does_not_read_or_would_change_is_left_alone() {
    assert_eq!(form("...\n  - 1\n---\n", Format::Yaml), Err(Fault::Unread(0)));
    let moved = |text: &str, format| matches!(form(text, format), Err(Fault::Comment(_) | Fault::Meaning));
    assert!(!moved("a: # of the list\n  - 1 # one\n# of b\nb: 2\n", Format::Yaml));
    let comments = super::toml::comments("a = 1 # one\n# two\nb = 2\n");
    let other = super::toml::comments("# two\na = 1 # one\nb = 2\n");
    assert!(comments != other && comments[1].at == 12, "{comments:?}");
    let moved = super::yaml::comments("a: 1\n# of b\nb: 2\n");
    assert_ne!(moved, super::yaml::comments("# of b\na: 1\nb: 2\n"));
}

/// Pieces of both languages, right and wrong, in any order.
fn pieces(pieces: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(pieces), 0..24).prop_map(|pieces| pieces.concat())
}

const TOML: &[&str] = &[
    "stack = \"a\"\n",
    "[clusters.a]\n",
    "[[moved]]\n",
    "# comment\n",
    "   # far\n",
    "\n",
    "\n\n\n",
    "a = 1\n",
    "b.c = [1, 2]\n",
    "l = [\n 1, # one\n\n  2\n]\n",
    "t = { x = 1,y=\"z\" }\n",
    "s = '''\n  kept \n'''\n",
    "m = \"\"\"\\\n  x  \"\"\" # c\n",
    "\"q.r\" = true",
    "\r\n",
    "  ",
    "\t",
    "d = 1979-05-27\n",
    "[x.\"y z\"] # c\n",
    "e = 1e3\n",
    "= ",
    "]\n",
];

const YAML: &[&str] = &[
    "stack: a\n",
    "clusters:\n  a: {}\n",
    "# comment\n",
    "  # far\n",
    "\n",
    "---\n",
    "- 1\n",
    "-   b: 2\n    c: 'x'\n",
    "k: [1,   2]\n",
    "t: {x: 1, y:   \"z\"}\n",
    "s: |\n  kept \n\n   more\n",
    "f: >-\n  a\n  b\n\n",
    "n: null\n",
    "y: 'yes'\n",
    "z: yes # c\n",
    "  ",
    "...\n",
    "l:\n  - a\n  # c\n  - b\n",
    "x: &a 1\nv: *a\n",
    "\"q\": \"\\u00e9\"\n",
    "p: a b\n  c\n",
    ": ",
    "? a\n: b\n",
    "o: 0o17\n",
    "h: 1.10\n",
];

proptest! {
    #[test]
    fn a_form_of_toml_stays_as_it_is(text in pieces(TOML)) {
        if let Ok(first) = form(&text, Format::Toml) {
            prop_assert_eq!(form(&first, Format::Toml), Ok(first));
        }
    }

    #[test]
    fn a_form_of_yaml_stays_as_it_is(text in pieces(YAML)) {
        if let Ok(first) = form(&text, Format::Yaml) {
            prop_assert_eq!(form(&first, Format::Yaml), Ok(first));
        }
    }
}
