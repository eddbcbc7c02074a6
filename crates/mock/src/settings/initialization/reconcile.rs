//! What has to be registered and removed when files with expectations have changed.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::Loaded;
use crate::json::{Json, pretty};

/// What files have said so far: expectations by id.
pub(crate) type Registered = IndexMap<String, Json>;

/// What has to be done.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Plan {
    /// New and changed expectations, each with an id, in the order of the files.
    pub(crate) register: Vec<Json>,
    /// Ids of expectations that are in no file any more.
    pub(crate) remove: Vec<String>,
    /// What the files say now: hand it in next time, once the plan was carried out.
    pub(crate) registered: Registered,
}

/// Compares what the files said with what they say. What did not change is left alone, so that it keeps its count of uses.
pub(crate) fn reconcile(before: &Registered, files: &[Loaded]) -> Plan {
    let mut plan = Plan::default();
    let mut nameless = BTreeMap::new();
    for expectation in files.iter().flat_map(|file| &file.expectations) {
        let (id, expectation) = identified(expectation, &mut nameless);
        // The last of equal ids wins, as it does when they are registered one after the other.
        plan.registered.insert(id, expectation);
    }
    for (id, expectation) in &plan.registered {
        if before.get(id) != Some(expectation) {
            plan.register.push(expectation.clone());
        }
    }
    let gone = before
        .keys()
        .filter(|id| !plan.registered.contains_key(*id));
    plan.remove = gone.cloned().collect();
    plan
}

/// The expectation with an id. One without gets an id made of what it says and how often that was said before, so that
/// it is known again when the file is read the next time.
fn identified(expectation: &Json, nameless: &mut BTreeMap<String, u32>) -> (String, Json) {
    let Json::Object(fields) = expectation else {
        return (String::new(), expectation.clone());
    };
    if let Some(Json::Text(id)) = fields.get("id") {
        return (id.clone(), expectation.clone());
    }
    let text = pretty(expectation);
    let count = nameless.entry(text.clone()).or_insert(0);
    *count += 1;
    let digest = Sha256::digest(format!("{count} {text}"));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    let id = uuid::Builder::from_custom_bytes(bytes).into_uuid();
    let mut fields = fields.clone();
    fields.insert("id".to_owned(), Json::text(Uuid::to_string(&id)));
    (id.to_string(), Json::Object(fields))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse_lenient;

    fn files(text: &str) -> Vec<Loaded> {
        let Json::Array(expectations) = parse_lenient(text).expect("JSON") else {
            panic!("an array");
        };
        let path = "init.json".into();
        vec![Loaded { path, expectations }]
    }

    fn ids(expectations: &[Json]) -> Vec<String> {
        let id = |json: &Json| match json {
            Json::Object(fields) => match fields.get("id") {
                Some(Json::Text(id)) => id.clone(),
                _ => String::new(),
            },
            _ => String::new(),
        };
        expectations.iter().map(id).collect()
    }

    #[test]
    fn only_what_changed_is_registered_and_what_went_is_removed() {
        let first = reconcile(
            &Registered::new(),
            &files("[{id:'a',x:1},{id:'b'},{id:'c'}]"),
        );
        assert_eq!(ids(&first.register), ["a", "b", "c"]);
        assert!(first.remove.is_empty());

        let second = reconcile(
            &first.registered,
            &files("[{id:'a',x:2},{id:'c'},{id:'d'}]"),
        );
        assert_eq!(ids(&second.register), ["a", "d"]);
        assert_eq!(second.remove, ["b"]);

        let third = reconcile(
            &second.registered,
            &files("[{id:'a',x:2},{id:'c'},{id:'d'}]"),
        );
        assert_eq!((third.register.len(), third.remove.len()), (0, 0));
    }

    #[test]
    fn expectations_without_ids_are_known_again() {
        let first = reconcile(&Registered::new(), &files("[{x:1},{x:1},{x:2}]"));
        assert_eq!(first.registered.len(), 3);
        let second = reconcile(&first.registered, &files("[{x:2},{x:1}]"));
        assert_eq!(second.register, []);
        assert_eq!(second.remove.len(), 1);
    }

    #[test]
    fn the_last_of_equal_ids_wins() {
        let plan = reconcile(&Registered::new(), &files("[{id:'a',x:1},{id:'a',x:2}]"));
        assert_eq!(plan.register, files("[{id:'a',x:2}]")[0].expectations);
    }
}
