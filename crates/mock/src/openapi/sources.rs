//! Where the texts of documents come from: files at once, URLs as far as they were fetched beforehand.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Loader, OpenApiError, Spec};
use crate::json::Json;

/// The largest document that is read from a file.
const DOCUMENT_BYTES_MAX: u64 = 8 << 20;

/// Texts for the readers of expectations and matchers, which do not wait. What they miss is noted, so that whoever may wait
/// can fetch it and have them read again. Clones share what they know.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    fetched: HashMap<String, Result<String, String>>,
    missing: Vec<String>,
    /// The document that was read last: expectations of one document come in a row.
    last: Option<Spec>,
}

impl Sources {
    /// The document that `written` names or holds.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub(crate) fn spec(&self, written: &Json) -> Result<Spec, OpenApiError> {
        let last = self.with(|known| known.last.clone());
        if let Some(last) = last.filter(|last| last.is_written_as(written)) {
            return Ok(last);
        }
        let spec = Spec::read(written, self)?;
        self.with(|known| known.last = Some(spec.clone()));
        Ok(spec)
    }

    /// The URLs that were asked for and not known; each once.
    pub(crate) fn take_missing(&self) -> Vec<String> {
        self.with(|known| std::mem::take(&mut known.missing))
    }

    /// What came of fetching a URL.
    pub(crate) fn put(&self, url: String, text: Result<String, String>) {
        self.with(|known| known.fetched.insert(url, text));
    }

    fn with<T>(&self, look: impl FnOnce(&mut Known) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Loader for Sources {
    fn read_file(&self, path: &Path) -> Result<String, String> {
        let file = File::open(path).map_err(|error| error.to_string())?;
        let mut text = String::new();
        let read = file.take(DOCUMENT_BYTES_MAX + 1).read_to_string(&mut text);
        read.map_err(|error| error.to_string())?;
        if text.len() as u64 > DOCUMENT_BYTES_MAX {
            return Err(format!("it is larger than {DOCUMENT_BYTES_MAX} bytes"));
        }
        Ok(text)
    }

    fn fetch(&self, url: &str) -> Result<String, String> {
        self.with(|known| match known.fetched.get(url) {
            Some(text) => text.clone(),
            None => {
                known.missing.push(url.to_owned());
                Err("documents behind URLs are fetched by the control plane alone".to_owned())
            }
        })
    }
}
