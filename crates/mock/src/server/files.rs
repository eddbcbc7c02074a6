//! The server's files: expectations to begin with, their changes, and the file that expectations are kept in.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use super::Shared;
use crate::control;
use crate::error::StartError;
use crate::json::Json;
use crate::settings::initialization::{
    Loaded, Registered, Stamps, load, persist, reconcile, watch,
};

/// Readings of changed files that wait to be taken.
const READINGS_MAX: usize = 16;

impl Shared {
    /// Registers what the initialization files say, and keeps an eye on them and on the file of expectations where the
    /// settings ask for it.
    pub(super) async fn begin(self: &Arc<Self>) -> Result<(), StartError> {
        let settings = self.settings();
        let pattern = settings.initialization_json_path.trim().to_owned();
        let (begun, watched) = self.begin_with_files(&pattern).await;
        let document = settings.initialization_openapi_path.trim();
        let described = if document.is_empty() {
            Ok(())
        } else {
            self.register_entry(&Json::object([("specUrlOrPayload", Json::text(document))]))
                .await
        };
        for result in [begun, described] {
            match result {
                Ok(()) => {}
                Err(reason) if settings.fail_on_initialization_error => {
                    let name = self.scopes.common().recorder.name().to_owned();
                    return Err(StartError::Initialization { name, reason });
                }
                Err(reason) => tracing::error!(reason, "the initialization was not taken"),
            }
        }
        if settings.watch_initialization_json && !pattern.is_empty() {
            let every =
                Duration::from_millis(settings.watch_initialization_json_poll_period_millis);
            self.keep_watching(pattern, watched, every);
        }
        if settings.persist_expectations {
            self.keep_persisting(PathBuf::from(&settings.persisted_expectations_path));
        }
        Ok(())
    }

    /// What the files say is registered; with what is needed to notice their changes.
    async fn begin_with_files(&self, pattern: &str) -> (Result<(), String>, Watched) {
        if pattern.is_empty() {
            return (Ok(()), Watched::default());
        }
        let named = pattern.to_owned();
        // The stamps come first: a change in between is seen at the first look.
        let reading =
            tokio::task::spawn_blocking(move || (Stamps::take(&[&named]), load(&[&named])));
        let (stamps, loaded) = match reading.await {
            Ok(read) => read,
            Err(error) => return (Err(error.to_string()), Watched::default()),
        };
        let mut watched = Watched {
            stamps: stamps.unwrap_or_default(),
            registered: Registered::default(),
        };
        let result = match loaded {
            Ok(loaded) => self.take_files(&loaded, &mut watched.registered).await,
            Err(error) => Err(error.to_string()),
        };
        (result, watched)
    }

    /// Carries out what changed in the files. What cannot be taken is named, and the state before stays.
    async fn take_files(
        &self,
        loaded: &[Loaded],
        registered: &mut Registered,
    ) -> Result<(), String> {
        let plan = reconcile(registered, loaded);
        for entry in &plan.register {
            self.register_entry(entry).await?;
        }
        for id in &plan.remove {
            self.scopes.common().store.remove(id);
        }
        tracing::info!(
            registered = plan.register.len(),
            removed = plan.remove.len(),
            "initialization files were taken"
        );
        *registered = plan.registered;
        Ok(())
    }

    /// Registers one entry: an expectation, or an OpenAPI document.
    async fn register_entry(&self, entry: &Json) -> Result<(), String> {
        control::register_entry(self, self.scopes.common(), entry).await
    }

    fn keep_watching(self: &Arc<Self>, pattern: String, watched: Watched, every: Duration) {
        let Watched {
            stamps,
            mut registered,
        } = watched;
        let (readings, mut came) = mpsc::channel(READINGS_MAX);
        let stop = self.stop.clone();
        tokio::spawn(watch(vec![pattern], stamps, every, stop, move |reading| {
            if readings.try_send(reading).is_err() {
                tracing::warn!(
                    "a change of the initialization files was left out: an earlier one is not done"
                );
            }
        }));
        let shared = Arc::downgrade(self);
        tokio::spawn(async move {
            while let Some(reading) = came.recv().await {
                let Some(shared) = shared.upgrade() else {
                    return;
                };
                let taken = match reading {
                    Ok(loaded) => shared.take_files(&loaded, &mut registered).await,
                    Err(error) => Err(error.to_string()),
                };
                if let Err(reason) = taken {
                    tracing::error!(reason, "a change of the initialization files was not taken");
                }
            }
        });
    }

    /// Writes the active expectations at each change, until the server stops.
    fn keep_persisting(self: &Arc<Self>, path: PathBuf) {
        let mut news = self.scopes.common().store.news();
        let (shared, stop) = (Arc::downgrade(self), self.stop.clone());
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    changed = news.changed() => if changed.is_err() {
                        return;
                    },
                    () = stop.cancelled() => return,
                }
                let Some(shared) = shared.upgrade() else {
                    return;
                };
                let active = shared.scopes.common().store.active();
                let active: Vec<Json> = active
                    .iter()
                    .map(|expectation| expectation.written())
                    .collect();
                let path = path.clone();
                match tokio::task::spawn_blocking(move || persist(&path, &active)).await {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => tracing::error!(%error, "the expectations were not kept"),
                    Err(error) => tracing::error!(%error, "the expectations were not kept"),
                }
            }
        });
    }
}

/// What is known of the initialization files.
#[derive(Default)]
struct Watched {
    stamps: Stamps,
    registered: Registered,
}
