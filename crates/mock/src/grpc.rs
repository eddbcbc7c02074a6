//! gRPC: messages in JSON, turned into protobuf by the descriptors that clients upload.

use std::sync::{PoisonError, RwLock};

use bytes::{BufMut, Bytes, BytesMut};
use indexmap::IndexMap;
use prost_reflect::prost::Message;
use prost_reflect::prost_types::{FileDescriptorProto, FileDescriptorSet};
use prost_reflect::{
    DescriptorPool, DeserializeOptions, DynamicMessage, MessageDescriptor, MethodDescriptor,
};

/// All descriptors of a scope together.
const BYTES_MAX: usize = 32 << 20;

/// What a client that speaks gRPC says its body is, perhaps with more behind it.
pub(crate) const CONTENT_TYPE: &str = "application/grpc";

/// The services that clients have described.
#[derive(Debug, Default)]
pub(crate) struct Descriptors(RwLock<Loaded>);

#[derive(Debug, Default)]
struct Loaded {
    /// By their names: a file that comes again replaces the one before.
    files: IndexMap<String, FileDescriptorProto>,
    pool: DescriptorPool,
}

/// Why a set of descriptors was not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DescriptorsError {
    #[error("it is no FileDescriptorSet: {0}")]
    Malformed(#[from] prost_reflect::prost::DecodeError),
    #[error("{0}")]
    Inconsistent(#[from] prost_reflect::DescriptorError),
    #[error("the descriptors take more than {BYTES_MAX} bytes, the limit: clear some")]
    TooLarge,
}

/// A message that cannot be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MessageError {
    #[error("the message is no {name}: {error}")]
    Json {
        name: String,
        error: serde_json::Error,
    },
    #[error("the message is too long for gRPC")]
    TooLong,
}

impl Descriptors {
    /// Adds a `FileDescriptorSet` in its binary form; all of it or nothing.
    pub(crate) fn add(&self, bytes: &[u8]) -> Result<(), DescriptorsError> {
        let set = FileDescriptorSet::decode(bytes)?;
        let mut loaded = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let mut files = loaded.files.clone();
        for file in set.file {
            files.insert(file.name().to_owned(), file);
        }
        if files.values().map(Message::encoded_len).sum::<usize>() > BYTES_MAX {
            return Err(DescriptorsError::TooLarge);
        }
        let file = files.values().cloned().collect();
        let pool = DescriptorPool::from_file_descriptor_set(FileDescriptorSet { file })?;
        *loaded = Loaded { files, pool };
        Ok(())
    }

    pub(crate) fn clear(&self) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Loaded::default();
    }

    pub(crate) fn is_empty(&self) -> bool {
        let loaded = self.0.read().unwrap_or_else(PoisonError::into_inner);
        loaded.files.is_empty()
    }

    /// The methods of each service.
    pub(crate) fn services(&self) -> Vec<(String, Vec<MethodDescriptor>)> {
        let loaded = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let services = loaded.pool.services();
        services
            .map(|service| {
                let methods = service.methods().collect();
                (service.full_name().to_owned(), methods)
            })
            .collect()
    }

    /// The method that a request with this path calls: `/package.Service/Method`.
    pub(crate) fn method(&self, path: &str) -> Option<MethodDescriptor> {
        let (service, method) = path.strip_prefix('/')?.rsplit_once('/')?;
        let loaded = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let service = loaded.pool.get_service_by_name(service)?;
        service.methods().find(|known| known.name() == method)
    }
}

/// The message in protobuf. Fields that it does not have are left out, as in the original.
pub(crate) fn encode(json: &str, message: MessageDescriptor) -> Result<Bytes, MessageError> {
    let options = DeserializeOptions::new().deny_unknown_fields(false);
    let name = message.full_name().to_owned();
    let mut reader = serde_json::Deserializer::from_str(json);
    let message = DynamicMessage::deserialize_with_options(message, &mut reader, &options)
        .and_then(|message| reader.end().map(|()| message));
    let message = message.map_err(|error| MessageError::Json { name, error })?;
    Ok(Bytes::from(message.encode_to_vec()))
}

/// A message as it goes over the wire: uncompressed, behind its length.
pub(crate) fn framed(message: &[u8]) -> Result<Bytes, MessageError> {
    let length = u32::try_from(message.len()).map_err(|_too_long| MessageError::TooLong)?;
    let mut frame = BytesMut::with_capacity(message.len() + 5);
    frame.put_u8(0);
    frame.put_u32(length);
    frame.put_slice(message);
    Ok(frame.freeze())
}
