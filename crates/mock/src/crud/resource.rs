//! One resource: its items, and how they get their ids.

use indexmap::IndexMap;

use crate::json::{Json, Object, compact};

/// Who gives new items their ids. What the client wrote there is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IdStrategy {
    AutoIncrement,
    Uuid,
}

impl IdStrategy {
    /// The strategy of that name, in any case; numbers when there is none.
    pub(crate) fn named(name: &str) -> Self {
        if name.eq_ignore_ascii_case("UUID") {
            Self::Uuid
        } else {
            Self::AutoIncrement
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::AutoIncrement => "AUTO_INCREMENT",
            Self::Uuid => "UUID",
        }
    }
}

/// A list of objects under a path.
#[derive(Debug)]
pub(crate) struct Resource {
    path: String,
    id_field: String,
    strategy: IdStrategy,
    /// By the text of their ids, in the order they came.
    items: IndexMap<String, Object>,
    last_number: i64,
    bytes: usize,
}

impl Resource {
    /// A resource with its first items; those without an id are left out.
    pub(crate) fn new(
        path: &str,
        id_field: String,
        strategy: IdStrategy,
        first: Vec<Object>,
    ) -> Self {
        let mut resource = Self {
            path: path.strip_suffix('/').unwrap_or(path).to_owned(),
            id_field,
            strategy,
            items: IndexMap::new(),
            last_number: 0,
            bytes: 0,
        };
        for item in first {
            let Some(id) = item.get(&resource.id_field).and_then(id_text) else {
                continue;
            };
            // The numbers of new items begin behind those of the first ones.
            if let Ok(number) = id.parse::<i64>() {
                resource.last_number = resource.last_number.max(number);
            }
            resource.put(id, item);
        }
        resource
    }

    /// The path, without a slash at its end.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    /// What the items weigh.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn list(&self) -> Json {
        Json::Array(self.items.values().cloned().map(Json::Object).collect())
    }

    pub(super) fn get(&self, id: &str) -> Option<Json> {
        self.items.get(id).cloned().map(Json::Object)
    }

    /// Adds an item under an id of its own.
    pub(super) fn create(&mut self, mut item: Object, uuid: impl FnOnce() -> String) -> Json {
        let id = match self.strategy {
            IdStrategy::Uuid => Json::Text(uuid()),
            IdStrategy::AutoIncrement => {
                self.last_number = self.last_number.saturating_add(1);
                Json::number(self.last_number)
            }
        };
        let text = id_text(&id).unwrap_or_default();
        item.insert(self.id_field.clone(), id);
        self.put(text, item.clone());
        Json::Object(item)
    }

    /// Replaces an item; it keeps its id.
    pub(super) fn replace(&mut self, id: &str, mut item: Object) -> Option<Json> {
        let own_id = self.items.get(id)?.get(&self.id_field)?.clone();
        item.insert(self.id_field.clone(), own_id);
        self.put(id.to_owned(), item.clone());
        Some(Json::Object(item))
    }

    /// Changes fields of an item, but not its id.
    pub(super) fn change(&mut self, id: &str, mut changes: Object) -> Option<Json> {
        let mut item = self.items.get(id)?.clone();
        changes.shift_remove(&self.id_field);
        item.extend(changes);
        self.put(id.to_owned(), item.clone());
        Some(Json::Object(item))
    }

    /// Removes an item; `false` when there is none.
    pub(super) fn delete(&mut self, id: &str) -> bool {
        let gone = self.items.shift_remove(id);
        self.bytes -= gone.as_ref().map_or(0, weight);
        gone.is_some()
    }

    fn put(&mut self, id: String, item: Object) {
        self.bytes += weight(&item);
        let before = self.items.insert(id, item);
        self.bytes -= before.as_ref().map_or(0, weight);
    }
}

/// An id as it stands in a path.
fn id_text(id: &Json) -> Option<String> {
    match id {
        Json::Null => None,
        Json::Text(text) => Some(text.clone()),
        other => Some(compact(other)),
    }
}

fn weight(item: &Object) -> usize {
    compact(&Json::Object(item.clone())).len()
}
