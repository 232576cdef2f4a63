//! The page of `explain field`: what one field takes, and the fields in it.

use serde_json::Value;

use super::Style;
use super::page::{Ink, Page, fit, pad};
use crate::report::Depth;
use crate::stack::{Field, Fields};

/// Columns of the name and the type of a field in a list of them.
const NAME: usize = 24;
const TAKES: usize = 26;

/// One field on one page.
#[must_use]
pub(crate) fn field(fields: &Fields, field: &Field, depth: Depth, style: &Style) -> String {
    let mut out = Page::new(style);
    facts(&mut out, field);
    out.gap();
    field.description.lines().for_each(|line| out.say(0, Ink::Plain, line));
    values(&mut out, field);
    let below = fields.below(field);
    if !below.is_empty() {
        out.gap();
        out.say(0, Ink::Strong, "FIELDS");
        list(&mut out, fields, &below, (depth, 2, style.width));
    }
    out.finish()
}

fn facts(out: &mut Page, field: &Field) {
    let path = if field.path.is_empty() { "the whole description" } else { &field.path };
    fact(out, "FIELD", path);
    fact(out, "TAKES", &field.takes);
    if !field.path.is_empty() {
        fact(out, "REQUIRED", if field.required { "yes" } else { "no" });
    }
    field.default.iter().for_each(|value| fact(out, "DEFAULT", &shown(value)));
    field.examples.iter().for_each(|value| fact(out, "EXAMPLE", &shown(value)));
    field.pattern.iter().for_each(|pattern| fact(out, "PATTERN", pattern));
}

fn fact(out: &mut Page, name: &str, text: &str) {
    out.line(0, &[(Ink::Faint, &pad(name, 10)), (Ink::Plain, text)]);
}

fn values(out: &mut Page, field: &Field) {
    if field.values.is_empty() {
        return;
    }
    out.gap();
    out.say(0, Ink::Strong, "VALUES");
    for (value, meaning) in &field.values {
        let line = format!("{} {}", pad(value, NAME), meaning.as_deref().unwrap_or_default());
        out.say(2, Ink::Plain, line.trim_end());
    }
}

/// A line a field, those in it below; `layout` is how deep, at which column, and how wide.
fn list(out: &mut Page, fields: &Fields, all: &[Field], layout: (Depth, usize, usize)) {
    let (depth, indent, width) = layout;
    for field in all {
        let mark = if field.required { " *" } else { "" };
        let name = pad(&format!("{}{mark}", field.name), (NAME + 2).saturating_sub(indent));
        let takes = pad(&field.takes, TAKES);
        let about = fit(first_line(&field.description), width.saturating_sub(indent + name.len() + takes.len() + 2));
        out.line(indent, &[(Ink::Plain, &name), (Ink::Faint, &format!(" {takes} ")), (Ink::Plain, about.trim_end())]);
        if depth == Depth::All {
            list(out, fields, &fields.below(field), (depth, indent + 2, width));
        }
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// A value as one writes it.
fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_what_is_taken_and_what_is_below() {
        let fields = Fields::of_description();
        let page = |path: &str| field(&fields, &fields.find(path).unwrap(), Depth::One, &Style::default());
        insta::assert_snapshot!("value", page("models.timeout"));
        insta::assert_snapshot!("choice", page("models.provider"));
        insta::assert_snapshot!("table", page("models"));
        let tree = field(&fields, &fields.find("clusters.capacity").unwrap(), Depth::All, &Style::default());
        assert!(tree.contains("\n  maxAgents "), "{tree}");
    }
}
