//! Plays one scenario in a world.

mod actor;
mod answer;
mod attribution;
mod calls;
mod capture;
mod cleanup;
mod duplicates;
mod expect;
mod failure;
mod fake;
mod fixture;
mod http;
mod interrupt;
mod limit;
mod mock;
mod names;
mod parallel;
mod play;
mod player;
mod poll;
mod quiet;
mod request;
mod result;
mod shared;
mod start_line;
mod step;
mod strand;
mod verb;
mod verify;
mod wait;
mod world;

pub use interrupt::Interrupt;
pub use play::{play, shop_variables, skip_reason};
pub use shared::SharedFixtures;
pub use world::{BoxFuture, Fakes, Fired, Limits, Mocks, World};

pub(crate) use fake::split;
