//! Stages through real sockets: readiness, mocks of all kinds, and the clean end.

mod attached;
mod embedded;
mod readiness;
mod support;
