//! stub
use std::collections::BTreeMap;
use crate::object::{Address, ObjectRef};
use crate::plan::Dependency;
#[derive(Debug, Clone)] pub struct Token;
#[derive(Debug)] pub struct Store;
#[derive(Debug, thiserror::Error)] #[error("x")] pub struct StateError;
#[derive(Debug, Clone, PartialEq)] pub struct Entry { pub uid: Option<String>, pub generation: Option<i64>, pub resource_version: Option<String>, pub fields: Option<String>, pub digest: String, pub address: Address, pub api_version: String, pub depends_on: Vec<Dependency>, pub kept: bool, pub shared: bool, pub create_once: bool }
#[derive(Debug)] pub struct Inventory { pub digest_key: String, pub stack: String, pub entries: BTreeMap<ObjectRef, Entry> }
impl Inventory { pub fn new(_: &str) -> Self { todo!() } }
impl Store {
    pub async fn read(&self, _: &str) -> Result<Option<(Inventory, Token)>, StateError> { todo!() }
    pub async fn write(&self, _: &mut Inventory, _: Option<Token>) -> Result<Token, StateError> { todo!() }
    pub async fn remove(&self, _: &str, _: Token) -> Result<(), StateError> { todo!() }
}
