//! Messages that are no HTTP: expectations may answer them, byte for byte.

use tokio::io::AsyncWriteExt;

use super::Shared;
use super::client::{Client, Duplex};
use crate::action::{Action, BinaryResponse};
use crate::expectation::Expectation;
use crate::http1::Reader;

/// The longest message.
const MESSAGE_BYTES_MAX: usize = 1 << 20;

/// What the expectations make of the bytes that came so far.
enum Found {
    Answer(std::sync::Arc<Expectation>),
    /// They are the beginning of a message that is expected.
    Beginning,
    Nothing,
}

/// Answers messages until one is not expected, or the client goes; whether the client is still there.
pub(super) async fn serve<S: Duplex>(reader: &mut Reader<S>, client: &mut Client) -> bool {
    loop {
        match find(&client.shared, &reader.buffer) {
            Found::Nothing => return true,
            Found::Answer(expectation) => {
                let _under_way = client.answering.begin();
                reader.buffer.clear();
                if let Action::Binary(response) = &expectation.action
                    && let Err(error) = answer(reader, response, &client.shared).await
                {
                    tracing::debug!(%error, "a connection broke");
                    return false;
                }
                client.pace.allow(client.shared.limits.idle_timeout);
            }
            Found::Beginning => client.pace.allow(client.shared.limits.head_timeout),
        }
        tokio::select! {
            biased;
            read = reader.fill() => match read {
                Ok(1..) => {}
                Ok(0) => return false,
                Err(error) => {
                    tracing::debug!(%error, "a connection broke");
                    return false;
                }
            },
            // What has begun well and does not end is not understood either.
            () = client.pace.over() => return !reader.buffer.is_empty(),
        }
    }
}

fn find(shared: &Shared, message: &[u8]) -> Found {
    let store = &shared.scopes.common().store;
    if message.len() > MESSAGE_BYTES_MAX {
        return Found::Nothing;
    }
    if let Some(expectation) = store.take_binary(message) {
        return Found::Answer(expectation);
    }
    let active = store.active();
    let mut binary = active
        .iter()
        .filter_map(|expectation| expectation.request.binary());
    if binary.any(|expected| expected.starts_with(message)) {
        Found::Beginning
    } else {
        Found::Nothing
    }
}

async fn answer<S: Duplex>(
    reader: &mut Reader<S>,
    response: &BinaryResponse,
    shared: &Shared,
) -> std::io::Result<()> {
    if let Some(delay) = &response.delay {
        shared.wait(delay).await;
    }
    reader.stream.write_all(&response.bytes).await?;
    reader.stream.flush().await
}
