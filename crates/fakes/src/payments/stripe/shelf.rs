//! Where the objects of one kind stand, in the order they were made.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hash, Hasher};
use std::sync::Arc;

use foldhash::fast::{FixedState, RandomState};
use indexmap::IndexSet;
use indexmap::set::MutableValues as _;
use serde::{Serialize, Serializer};

use super::object::Object;

/// All objects of one kind: found by id at once, listed newest first from any of them, and found by the terms they
/// file themselves under. Objects are never taken away, only replaced: what is deleted says so.
#[derive(Clone, Debug)]
pub(super) struct Shelf<T> {
    objects: IndexSet<ById<T>, RandomState>,
    terms: HashMap<u64, Places, RandomState>,
}

/// An object that is known by its id.
#[derive(Debug)]
struct ById<T>(Arc<T>);

/// Places on the shelf, ascending.
#[derive(Clone, Debug)]
enum Places {
    One(u32),
    #[expect(
        clippy::box_collection,
        reason = "most terms have one place, and must not pay for a list"
    )]
    Many(Box<Vec<u32>>),
}

/// A term that objects are filed under: a field and its value.
pub(super) fn term(field: &str, value: &str) -> u64 {
    FixedState::default().hash_one((field, value))
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self {
            objects: IndexSet::default(),
            terms: HashMap::default(),
        }
    }
}

impl<T: Object> Shelf<T> {
    /// Puts a new object at the end, or a newer one in the place of its older self.
    pub(super) fn put(&mut self, object: T) -> Arc<T> {
        let object = Arc::new(object);
        let (place, _) = self.objects.replace_full(ById(Arc::clone(&object)));
        self.file(place, &object);
        object
    }

    /// Changes an object, and gives it as it is now. Snapshots of it stay as they were.
    pub(super) fn change(&mut self, id: &str, change: impl FnOnce(&mut T)) -> Option<Arc<T>> {
        let place = self.place(id)?;
        // The id stays as it is, so the object stays where it is.
        let ById(slot) = self.objects.get_index_mut2(place)?;
        change(Arc::make_mut(slot));
        let object = Arc::clone(slot);
        self.file(place, &object);
        Some(object)
    }

    /// An object.
    pub(super) fn get(&self, id: &str) -> Option<&Arc<T>> {
        self.objects.get(id).map(|ById(object)| object)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.objects.len()
    }

    /// The place of an object; later ones have higher places.
    pub(super) fn place(&self, id: &str) -> Option<usize> {
        self.objects.get_index_of(id)
    }

    /// The object at a place.
    pub(super) fn at(&self, place: usize) -> Option<&Arc<T>> {
        self.objects.get_index(place).map(|ById(object)| object)
    }

    /// The places of all objects that file themselves under a term (and of some that did), oldest first.
    pub(super) fn places(&self, term: u64) -> &[u32] {
        match self.terms.get(&term) {
            None => &[],
            Some(Places::One(place)) => std::slice::from_ref(place),
            Some(Places::Many(places)) => places,
        }
    }

    /// The objects filed under a term, newest first.
    pub(super) fn under(&self, term: u64) -> impl DoubleEndedIterator<Item = &Arc<T>> {
        let places = self.places(term).iter().rev();
        places.filter_map(|place| self.at(*place as usize))
    }

    /// All objects, oldest first.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Arc<T>> {
        self.objects.iter().map(|ById(object)| object)
    }

    fn file(&mut self, place: usize, object: &T) {
        let Ok(place) = u32::try_from(place) else {
            return;
        };
        let terms = &mut self.terms;
        object.terms(&mut |term| {
            terms
                .entry(term)
                .and_modify(|places| places.add(place))
                .or_insert(Places::One(place));
        });
    }
}

impl<T> Clone for ById<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: Object> Hash for ById<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.id().hash(state);
    }
}

impl<T: Object> PartialEq for ById<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0.id() == other.0.id()
    }
}

impl<T: Object> Eq for ById<T> {}

impl<T: Object> Borrow<str> for ById<T> {
    fn borrow(&self) -> &str {
        self.0.id()
    }
}

impl Places {
    fn add(&mut self, place: u32) {
        match self {
            Self::One(known) if *known == place => {}
            Self::One(known) => {
                *self = Self::Many(Box::new(vec![place.min(*known), place.max(*known)]));
            }
            // Most are the newest.
            Self::Many(places) if places.last() == Some(&place) => {}
            Self::Many(places) => {
                if let Err(at) = places.binary_search(&place) {
                    places.insert(at, place);
                }
            }
        }
    }
}

impl<T: Object> Serialize for Shelf<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}
