//! stub
use std::collections::BTreeMap;
use crate::object::ObjectRef;
use crate::plan::Dependency;
pub(super) struct Schedule;
impl Schedule {
    pub(super) fn new(_: BTreeMap<ObjectRef, Vec<Dependency>>, _: usize) -> Self { Self }
    pub(super) fn reversed(_: BTreeMap<ObjectRef, Vec<Dependency>>, _: usize) -> Self { Self }
    pub(super) fn start_next(&mut self) -> Option<ObjectRef> { None }
    pub(super) fn applied(&mut self, _: &ObjectRef) {}
    pub(super) fn ready(&mut self, _: &ObjectRef) {}
    pub(super) fn failed(&mut self, _: &ObjectRef, _: &str) -> Vec<(ObjectRef, String)> { vec![] }
    pub(super) fn interrupt(&mut self) -> Vec<ObjectRef> { vec![] }
    pub(super) fn is_finished(&self) -> bool { true }
    pub(super) fn throttled(&mut self) {}
    pub(super) fn succeeded(&mut self) {}
}
