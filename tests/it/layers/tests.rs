//! The finder of circles on small trees that are made up.

use std::path::Path;

use super::uses::{circles, uses};

/// The circles in a crate of these files, each as `a.rs b.rs`.
fn found(files: &[(&str, &str)]) -> Vec<String> {
    let root = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = root.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let uses = uses(&root.path().join("lib.rs"));
    let text = |circle: std::collections::BTreeSet<&Path>| {
        circle.into_iter().map(|file| file.to_str().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
    };
    circles(&uses).into_iter().map(text).collect()
}

/// The same for two files beside each other: `a` has the function `f`, `b` the function `g`.
fn between(a: &str, b: &str) -> Vec<String> {
    found(&[
        ("lib.rs", "mod a; mod b; mod c;"),
        ("a.rs", &format!("pub fn f() {{}}\n{a}")),
        ("b.rs", &format!("pub fn g() {{}}\n{b}")),
        ("c.rs", "pub fn h() {}"),
    ])
}

#[test]
fn one_way_is_no_circle() {
    assert_eq!(between("use crate::b::g; use crate::c::h;", "use crate::c::h;"), [""; 0]);
}

#[test]
fn every_way_of_writing_a_use_counts() {
    let ways = [
        "use crate::a::f;",
        "use super::a::f;",
        "use crate::a::{f};",
        "use crate::{c::h, a::{f as other}};",
        "use super::{a::{self}, c}; fn x() { a::f() }",
        "use crate::a; fn x() { a::f() }",
        "fn x() { super::a::f() }",
        "fn x() { let y = [crate::a::f]; }",
        "fn x() { use super::a::f; f() }",
        "fn x() { println!(\"{:?}\", (1, super::a::f())) }",
        "use self::inner::x; mod inner { pub fn x() { super::super::a::f() } }",
    ];
    for way in ways {
        assert_eq!(between("use crate::b::g;", way), ["a.rs b.rs"], "{way}");
    }
}

#[test]
fn tests_and_words_do_not_count() {
    let ways = [
        "#[cfg(test)] mod tests { use crate::a::f; }",
        "#[cfg(test)] use crate::a::f;",
        "#[cfg(test)] fn x() { crate::a::f() }",
        "struct S; impl S { #[cfg(test)] fn x() { crate::a::f() } }",
        "/// See [`crate::a::f`].\nfn x() { \"crate::a::f\"; }",
        "// use crate::a::f;",
    ];
    for way in ways {
        assert_eq!(between("use crate::b::g;", way), [""; 0], "{way}");
    }
}

/// A room with a front and two files.
fn room(front: &str, one: &str, two: &str) -> Vec<String> {
    let front = format!("mod one; mod two; {front}");
    found(&[("lib.rs", "mod room;"), ("room/mod.rs", &front), ("room/one.rs", one), ("room/two.rs", two)])
}

#[test]
fn a_re_export_counts_for_the_file_that_defines_the_item() {
    let front = "pub use one::One; pub(crate) use self::two::two;";
    assert_eq!(room(front, "pub struct One;", "use super::One; pub fn two() {}"), [""; 0]);
    // Also where a module and its function share a name, and where everything is imported.
    let one = "pub struct One; fn x() { super::two() }";
    assert_eq!(room(front, one, "use super::One; pub fn two() {}"), ["room/one.rs room/two.rs"]);
    assert_eq!(room(front, one, "use super::*; pub fn two(_: One) {}"), ["room/one.rs room/two.rs"]);
}

#[test]
fn a_front_may_use_its_room_and_be_used_by_it() {
    let front = "pub const WORD: u8 = 1; pub fn all() { one::one(); two::two() }";
    assert_eq!(room(front, "pub fn one() { super::WORD; }", "pub fn two() { super::WORD; }"), [""; 0]);
    // But not lead one file of the room to another one and back.
    let two = "pub fn two() { super::one::one() }";
    assert_eq!(room(front, "use super::two::two; pub fn one() { two() }", two), ["room/one.rs room/two.rs"]);
}

#[test]
fn rooms_that_use_each_other_are_a_circle_also_by_their_fronts() {
    let circle = found(&[
        ("lib.rs", "mod a; mod b;"),
        ("a/mod.rs", "mod inner; pub const A: u8 = 1; fn x() { crate::b::B; }"),
        ("a/inner.rs", "fn y() { super::A; }"),
        ("b.rs", "pub const B: u8 = crate::a::A;"),
    ]);
    assert_eq!(circle, ["a/mod.rs b.rs"]);
}

#[test]
fn a_circle_through_re_exports_of_several_rooms_is_found() {
    let circle = found(&[
        ("lib.rs", "mod room; mod b; pub use room::A as Public;"),
        ("room/mod.rs", "mod a; pub use a::*;"),
        ("room/a.rs", "use crate::b::B; pub struct A(B);"),
        ("b.rs", "use crate::Public; pub struct B(Box<Public>);"),
    ]);
    assert_eq!(circle, ["b.rs room/a.rs"]);
}

#[test]
fn imports_that_lead_to_each_other_end() {
    assert_eq!(between("pub use crate::b::x; fn y() { x() }", "pub use crate::a::x; fn z() { x() }"), [""; 0]);
}
