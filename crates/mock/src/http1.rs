//! HTTP/1.1 on the wire, byte for byte: heads, bodies and answers.
//!
//! The server keeps what a client wrote (the case and order of header names, the version) and can answer in ways a
//! well-behaved HTTP library refuses, because that is what a mock server is asked for. Heads are tokenised by `httparse`.

mod answer;
mod body;
mod head;

pub(crate) use answer::{
    Answer, ConnectionOptions, Framing, reason, write_answer, write_chunk, write_head,
    write_last_chunk,
};
#[cfg(feature = "fuzzing")]
pub(crate) use body::ChunkReader;
pub(crate) use body::{BodyError, BodyLength, Reader};
pub(crate) use head::{HeadError, HeadLimits, RequestHead, parse_request, parse_response};
