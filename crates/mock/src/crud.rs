//! Resources kept in memory: a list of JSON objects under a path, to be read and changed by the usual methods.
//!
//! `PUT /mockserver/crud` makes one; requests to its path are answered before any expectation is asked.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{Method, StatusCode};
use rand::RngExt;
use rand::rngs::StdRng;
use styk_core::{Headers, Request, Seed};

use crate::http1::Answer;
use crate::json::{Json, Object, compact, parse_strict};

mod resource;

pub(crate) use resource::{IdStrategy, Resource};

/// Resources that a scope may have.
const RESOURCES_MAX: usize = 1_000;
/// What the items of all resources of a scope may weigh, in bytes of their JSON.
const BYTES_MAX: usize = 64 << 20;

/// The resources of a scope.
#[derive(Debug)]
pub(crate) struct Resources {
    /// Most scopes have none; they should not pay for a lock.
    are_some: AtomicBool,
    kept: Mutex<Kept>,
}

#[derive(Debug)]
struct Kept {
    resources: Vec<Resource>,
    ids: StdRng,
}

/// A scope has as many resources, or as much in them, as it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Full {
    #[error("there are {RESOURCES_MAX} resources, the limit: reset the server")]
    Resources,
    #[error("the resources hold {BYTES_MAX} bytes, their limit: delete some items")]
    Bytes,
}

/// What a request asks of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked<'a> {
    List,
    Create,
    Read(&'a str),
    Replace(&'a str),
    Change(&'a str),
    Delete(&'a str),
}

impl Resources {
    pub(crate) fn new(seed: Seed) -> Self {
        let kept = Kept {
            resources: Vec::new(),
            ids: seed.derive("crud").rng(),
        };
        Self {
            are_some: AtomicBool::new(false),
            kept: Mutex::new(kept),
        }
    }

    /// Adds a resource; it takes the place of one with the same path.
    pub(crate) fn add(&self, resource: Resource) -> Result<(), Full> {
        let mut kept = self.lock();
        let same = |other: &Resource| other.path() == resource.path();
        let place = kept.resources.iter().position(same);
        let others: usize = kept.bytes() - place.map_or(0, |place| kept.resources[place].bytes());
        if others + resource.bytes() > BYTES_MAX {
            return Err(Full::Bytes);
        }
        match place {
            Some(place) => kept.resources[place] = resource,
            None if kept.resources.len() >= RESOURCES_MAX => return Err(Full::Resources),
            None => kept.resources.push(resource),
        }
        self.are_some.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Forgets all of them.
    pub(crate) fn reset(&self) {
        self.lock().resources.clear();
        self.are_some.store(false, Ordering::Relaxed);
    }

    /// The answer to a request for one of the resources.
    pub(crate) fn answer(&self, request: &Request) -> Option<Answer> {
        if !self.are_some.load(Ordering::Relaxed) {
            return None;
        }
        let mut kept = self.lock();
        let Kept { resources, ids } = &mut *kept;
        let bytes: usize = resources.iter().map(Resource::bytes).sum();
        let path = request.uri.path();
        let mut asked = resources.iter_mut().filter_map(|resource| {
            let asked = asked(&request.method, path, resource.path())?;
            Some((resource, asked))
        });
        let (resource, asked) = asked.next()?;
        let room = BYTES_MAX.saturating_sub(bytes);
        Some(perform(resource, asked, &request.body, room, ids))
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn bytes(&self) -> usize {
        self.resources.iter().map(Resource::bytes).sum()
    }
}

/// What a method on a path asks of the resource at `base`.
fn asked<'a>(method: &Method, path: &'a str, base: &str) -> Option<Asked<'a>> {
    let rest = path.strip_prefix(base)?;
    let id = match rest.strip_prefix('/') {
        None if rest.is_empty() => "",
        None => return None,
        Some(rest) => rest.strip_suffix('/').unwrap_or(rest),
    };
    match (method, id) {
        (_, id) if id.contains('/') => None,
        (&Method::GET, "") => Some(Asked::List),
        (&Method::POST, "") => Some(Asked::Create),
        (_, "") => None,
        (&Method::GET, id) => Some(Asked::Read(id)),
        (&Method::PUT, id) => Some(Asked::Replace(id)),
        (&Method::PATCH, id) => Some(Asked::Change(id)),
        (&Method::DELETE, id) => Some(Asked::Delete(id)),
        _ => None,
    }
}

fn perform(
    resource: &mut Resource,
    asked: Asked<'_>,
    body: &Bytes,
    room: usize,
    ids: &mut StdRng,
) -> Answer {
    let given = match asked {
        Asked::Create | Asked::Replace(_) | Asked::Change(_) => match read(body) {
            Ok(_) if body.len() > room => {
                return refusal(StatusCode::INSUFFICIENT_STORAGE, &Full::Bytes.to_string());
            }
            Ok(object) => object,
            Err(reason) => return refusal(StatusCode::BAD_REQUEST, reason),
        },
        _ => Object::new(),
    };
    let shown = match asked {
        Asked::List => Some(resource.list()),
        Asked::Create => {
            let mut random = || uuid::Builder::from_random_bytes(ids.random()).into_uuid();
            let item = resource.create(given, || random().to_string());
            return json(StatusCode::CREATED, &item);
        }
        Asked::Read(id) => resource.get(id),
        Asked::Replace(id) => resource.replace(id, given),
        Asked::Change(id) => resource.change(id, given),
        Asked::Delete(id) if resource.delete(id) => return Answer::new(StatusCode::NO_CONTENT),
        Asked::Delete(_) => None,
    };
    match shown {
        Some(item) => json(StatusCode::OK, &item),
        None => refusal(StatusCode::NOT_FOUND, "not found"),
    }
}

fn read(body: &Bytes) -> Result<Object, &'static str> {
    if body.is_empty() {
        return Err("request body is required");
    }
    match std::str::from_utf8(body).ok().map(parse_strict) {
        Some(Ok(Json::Object(object))) => Ok(object),
        _ => Err("invalid request body"),
    }
}

fn refusal(status: StatusCode, reason: &str) -> Answer {
    json(status, &Json::object([("error", Json::text(reason))]))
}

fn json(status: StatusCode, json: &Json) -> Answer {
    Answer {
        headers: [("content-type", "application/json; charset=utf-8")]
            .into_iter()
            .collect::<Headers>(),
        body: Bytes::from(compact(json)),
        ..Answer::new(status)
    }
}

#[cfg(test)]
mod tests;
