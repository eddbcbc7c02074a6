//! Events of visitors, counted. Ids in events are free text from outside; `event_id` makes an event count once.

mod api;
mod stats;
mod store;

pub(crate) use self::api::routes;
