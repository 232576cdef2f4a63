//! Looks at the cluster: GET, LIST and `dryRun=All`. There is no way to write through this type.

use std::sync::{Arc, PoisonError, RwLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{Request, StatusCode};
use kube::api::{GetParams, ListParams, Patch, PatchParams, PostParams};
use serde_json::Value;

use super::definitions::Definitions;
use super::permission::Permissions;
use super::shape::Page;
use super::wire::{Unread, Wire, about};
use super::{Body, ClusterError, Ownership, Resource, Resources, Session, discovery, meta_page, redact, shape};
use crate::object::field::{owned, text};
use crate::object::{FIELD_MANAGER, GroupKind, Meta, ObjectRef, SecretValue, Word};

/// Objects a page; the API server's own default for chunked lists.
const PAGE: u32 = 500;

/// How often a replacement is tried against others who write the object.
const REPLACEMENTS: u32 = 4;

/// What an apply would have done.
#[derive(Clone, Debug)]
pub struct DryRun {
    /// Whether it would have made the object.
    pub created: bool,
    /// The object as it would be, without secret values.
    pub object: Value,
}

/// Reads, and nothing else.
#[derive(Clone)]
pub struct Reader {
    wire: Arc<Wire>,
    resources: Arc<RwLock<Resources>>,
    session: Arc<Session>,
    pub(super) definitions: Arc<Definitions>,
    pub(super) permissions: Arc<Permissions>,
}

impl Reader {
    pub(super) fn new(wire: Arc<Wire>, resources: Resources, session: Arc<Session>) -> Self {
        Self {
            wire,
            session,
            resources: Arc::new(RwLock::new(resources)),
            definitions: Arc::default(),
            permissions: Arc::default(),
        }
    }

    pub(super) fn wire(&self) -> &Arc<Wire> {
        &self.wire
    }

    /// Where this leads, and as whom.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// How many requests this connection has sent.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.wire.requests()
    }

    /// Whether the server asked for a slower pace since the last call.
    #[must_use]
    pub fn take_throttled(&self) -> bool {
        self.wire.take_throttled()
    }

    /// The kinds known now.
    #[must_use]
    pub fn resources(&self) -> Resources {
        self.resources.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Asks for the kinds of the server again: two requests.
    pub(super) async fn rediscover(&self) -> Result<(), ClusterError> {
        let newer = discovery::discover(&self.wire).await?;
        self.resources.write().unwrap_or_else(PoisonError::into_inner).update(newer);
        Ok(())
    }

    /// Adds the kinds that a CRD serves.
    pub fn learn(&self, crd: &Value) {
        self.resources.write().unwrap_or_else(PoisonError::into_inner).learn(crd);
    }

    /// The resource of a kind, in `api_version` or in the preferred version, as far as discovery knows.
    ///
    /// # Errors
    /// `StaleGroup` where the API of the group does not answer, `UnknownKind` where discovery lacks the kind. That
    /// is no proof of its absence: see [`Reader::served`]. `UnknownVersion` where it has the kind in other versions.
    pub fn resource(&self, kind: &GroupKind, api_version: Option<&str>) -> Result<Resource, ClusterError> {
        let resources = self.resources.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(resource) = resources.find(kind, api_version) {
            return Ok(resource.clone());
        }
        let kind = kind.clone();
        if let Some(group_version) = resources.stale(&kind.group, api_version) {
            return Err(ClusterError::StaleGroup { kind, group_version });
        }
        match (resources.versions(&kind), api_version) {
            (served, Some(wanted)) if !served.is_empty() => {
                Err(ClusterError::UnknownVersion { kind, wanted: wanted.to_owned(), served })
            }
            _ => Err(ClusterError::UnknownKind(kind)),
        }
    }

    /// Metadata of all objects of a kind that match `selector`, in one namespace or in all. Never transfers
    /// a spec or a Secret's data.
    pub async fn list_metadata(
        &self,
        resource: &Resource,
        namespace: Option<&str>,
        selector: Option<&str>,
    ) -> Result<Vec<Meta>, ClusterError> {
        let request = resource.at(namespace);
        let kind = resource.group_kind();
        let read = |answer: &Unread| {
            let page = meta_page::read(&kind, answer.bytes());
            page.map_or_else(|| shape::metas(&kind, answer.json()?), Ok)
        };
        self.pages(selector, |params| request.list_metadata(params), read).await
    }

    /// All objects of a kind that match `selector`, without secret values.
    pub async fn list(
        &self,
        resource: &Resource,
        namespace: Option<&str>,
        selector: Option<&str>,
    ) -> Result<Vec<Value>, ClusterError> {
        let request = resource.at(namespace);
        let mut items =
            self.pages(selector, |params| request.list(params), |answer| shape::page(answer.json()?)).await?;
        for item in &mut items {
            // Items of a list do not repeat their kind.
            if let Some(fields) = item.as_object_mut() {
                fields.insert("apiVersion".to_owned(), resource.api.api_version.clone().into());
                fields.insert("kind".to_owned(), resource.api.kind.clone().into());
            }
            redact::one(item);
        }
        Ok(items)
    }

    /// Metadata of one object; none when it is absent.
    pub async fn metadata(&self, resource: &Resource, object: &ObjectRef) -> Result<Option<Meta>, ClusterError> {
        let request = resource.at(object.namespace.as_deref()).get_metadata(&object.name, &GetParams::default());
        let answer = absent_is_none(self.wire.send(about(object, built(request)?)).await.map(|answer| answer.body))?;
        let found = answer.map(|body| shape::named(&object.name, body)).transpose()?;
        found.map(|body| shape::meta(&object.group_kind(), &body)).transpose()
    }

    /// One object in the preferred version of its kind, without secret values; none when it is absent.
    pub async fn find(&self, object: &ObjectRef) -> Result<Option<Value>, ClusterError> {
        self.get(&self.resource(&object.group_kind(), None)?, object).await
    }

    /// One object without secret values; none when it is absent.
    pub async fn get(&self, resource: &Resource, object: &ObjectRef) -> Result<Option<Value>, ClusterError> {
        let mut found = self.get_raw(resource, object).await?;
        if let Some(found) = &mut found {
            redact::one(found);
        }
        Ok(found)
    }

    /// The value of one key of a Secret; none when either is absent. The only read that keeps a value:
    /// `langop check` needs it to make a key for the gateway, the store for the key of its digests, and nothing else may
    /// call this.
    pub async fn secret_value(&self, secret: &ObjectRef, key: &str) -> Result<Option<SecretValue>, ClusterError> {
        let resource = self.resource(&secret.group_kind(), None)?;
        let found = self.get_raw(&resource, secret).await?;
        let encoded = found.as_ref().and_then(|found| found.get("data")?.get(key)?.as_str());
        let decoded = encoded.map(|encoded| STANDARD.decode(encoded)).transpose();
        // The decoder's words quote what it decodes.
        let value = decoded.map_err(|_| ClusterError::Malformed(format!("`{key}` of this Secret is not base64")))?;
        Ok(value.map(SecretValue::new))
    }

    async fn get_raw(&self, resource: &Resource, object: &ObjectRef) -> Result<Option<Value>, ClusterError> {
        let request = resource.at(object.namespace.as_deref()).get(&object.name, &GetParams::default());
        let answer = absent_is_none(self.wire.send(about(object, built(request)?)).await.map(|answer| answer.body))?;
        let found = answer.map(|body| shape::of_kind(&resource.api.kind, body)).transpose()?;
        found.map(|body| shape::named(&object.name, body)).transpose()
    }

    /// What an apply of `body` would do.
    pub async fn dry_run(
        &self,
        resource: &Resource,
        body: &Body,
        ownership: Ownership,
    ) -> Result<DryRun, ClusterError> {
        let mut result = self.dry_run_raw(resource, body, ownership).await?;
        redact::one(&mut result.object);
        Ok(result)
    }

    /// The live object and what an apply of `body` would make of it; a changed value of a Secret shows as
    /// `(changed)`. None when the object is absent.
    pub async fn compare(
        &self,
        resource: &Resource,
        object: &ObjectRef,
        body: &Body,
        ownership: Ownership,
    ) -> Result<Option<(Value, Result<DryRun, ClusterError>)>, ClusterError> {
        let (live, next) = tokio::join!(self.get_raw(resource, object), self.dry_run_raw(resource, body, ownership));
        let Some(mut live) = live? else { return Ok(None) };
        let next = match next {
            Ok(mut next) => {
                redact::pair(&mut live, &mut next.object);
                Ok(next)
            }
            Err(error) => {
                redact::one(&mut live);
                Err(error)
            }
        };
        Ok(Some((live, next)))
    }

    async fn dry_run_raw(
        &self,
        resource: &Resource,
        body: &Body,
        ownership: Ownership,
    ) -> Result<DryRun, ClusterError> {
        let params = PatchParams { force: ownership.is_forced(), ..PatchParams::apply(FIELD_MANAGER) }
            .dry_run()
            .validation_strict();
        let answer = self.wire.send(patch(resource, body, None, &params)?).await?;
        let object = shape::of_kind(&resource.api.kind, answer.body)?;
        Ok(DryRun { created: answer.status == StatusCode::CREATED, object })
    }

    /// Whether the API server would make the object: `Conflict` when there is one of that name.
    pub async fn dry_run_create(&self, resource: &Resource, body: &Body) -> Result<(), ClusterError> {
        let params = PostParams { dry_run: true, field_manager: Some(FIELD_MANAGER.to_owned()) };
        let request = resource.at(text(&body.object, "/metadata/namespace")).create(&params, body.bytes()?);
        self.wire.send(built(request)?).await.map(drop)
    }

    /// What the object would be after a replacement by `object`, with what the server fills in. Not for Secrets, whose
    /// values are not at hand. An object whose status moves meanwhile is tried as the newest version of itself.
    pub async fn dry_run_replace(&self, resource: &Resource, object: &Value) -> Result<Value, ClusterError> {
        let mut body = object.clone();
        for _ in 1..REPLACEMENTS {
            match self.replacement_tried(resource, &mut body).await {
                Err(ClusterError::Conflict(_)) => self.renew_version(resource, &mut body).await?,
                answer => return answer,
            }
        }
        self.replacement_tried(resource, &mut body).await
    }

    /// Makes a body one of the newest version of the object, unless another object has its name by now.
    async fn renew_version(&self, resource: &Resource, body: &mut Value) -> Result<(), ClusterError> {
        let GroupKind { group, kind } = resource.group_kind();
        let name = owned(body, "/metadata/name").unwrap_or_default();
        let object =
            ObjectRef { group, kind, namespace: owned(body, "/metadata/namespace").map(Word::from), name: name.into() };
        let newest =
            self.metadata(resource, &object).await?.filter(|meta| Some(&*meta.uid) == text(body, "/metadata/uid"));
        let newest = newest.ok_or_else(|| ClusterError::Conflict("someone else made it again".to_owned()))?;
        body["metadata"]["resourceVersion"] = newest.resource_version.into();
        Ok(())
    }

    async fn replacement_tried(&self, resource: &Resource, object: &mut Value) -> Result<Value, ClusterError> {
        if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.remove("managedFields");
        }
        let params = PostParams { dry_run: true, field_manager: Some(FIELD_MANAGER.to_owned()) };
        let name = text(object, "/metadata/name").unwrap_or_default();
        let bytes = serde_json::to_vec(object).map_err(|error| ClusterError::Malformed(error.to_string()))?;
        let request = resource.at(text(object, "/metadata/namespace")).replace(name, &params, bytes);
        shape::of_kind(&resource.api.kind, self.wire.send(built(request)?).await?.body)
    }

    /// Each page is read, and its bytes forgotten, before the next one is asked for.
    async fn pages<T>(
        &self,
        selector: Option<&str>,
        request: impl Fn(&ListParams) -> Result<Request<Vec<u8>>, kube::core::request::Error>,
        read: impl Fn(&Unread) -> Result<Page<T>, ClusterError>,
    ) -> Result<Vec<T>, ClusterError> {
        let mut params = ListParams { limit: Some(PAGE), ..ListParams::default() };
        params.label_selector = selector.map(str::to_owned);
        let mut all = Vec::new();
        loop {
            let page = match self.wire.send_unread(built(request(&params))?).await {
                // The pages that follow are of a state that the server has forgotten: all at once, as client-go's pager.
                Err(ClusterError::Rejected { code: 410, .. }) if params.continue_token.is_some() => {
                    (params.limit, params.continue_token) = (None, None);
                    all.clear();
                    continue;
                }
                answer => read(&answer?)?,
            };
            all.extend(page.items);
            if page.next.is_none() {
                return Ok(all);
            }
            params.continue_token = page.next;
        }
    }
}

/// A server-side apply of `body`, of a subresource if one is named.
pub(super) fn patch(
    resource: &Resource,
    body: &Body,
    subresource: Option<&str>,
    params: &PatchParams,
) -> Result<Request<Vec<u8>>, ClusterError> {
    let name = text(&body.object, "/metadata/name").unwrap_or_default();
    let path = resource.at(text(&body.object, "/metadata/namespace"));
    // Built with an empty patch and filled afterwards: the body is serialized once, with its secret values.
    let empty = Patch::Apply(Value::Null);
    let request = match subresource {
        Some(subresource) => path.patch_subresource(subresource, name, params, &empty),
        None => path.patch(name, params, &empty),
    };
    let mut request = built(request)?;
    *request.body_mut() = body.bytes()?;
    let GroupKind { group, kind } = resource.group_kind();
    let namespace = text(&body.object, "/metadata/namespace").map(Word::from);
    Ok(about(&ObjectRef { group, kind, namespace, name: name.into() }, request))
}

pub(super) fn built(
    request: Result<Request<Vec<u8>>, kube::core::request::Error>,
) -> Result<Request<Vec<u8>>, ClusterError> {
    request.map_err(|error| ClusterError::Malformed(error.to_string()))
}

pub(super) fn absent_is_none<T>(answer: Result<T, ClusterError>) -> Result<Option<T>, ClusterError> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(ClusterError::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}
