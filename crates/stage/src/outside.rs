//! The mocks of one stage, wherever each of them runs.

use std::sync::Arc;

use serde_json::{Value, json};
use styk_mock::MockServer;
use url::Url;

use crate::foreign::ForeignMock;

/// The outside world of a stage: its mocks by name.
#[derive(Debug)]
pub struct OutsideWorld {
    mocks: Vec<PlacedMock>,
}

/// One mock, standing.
#[derive(Debug)]
pub(crate) struct PlacedMock {
    pub(crate) name: String,
    pub(crate) url: Url,
    pub(crate) server: Server,
}

/// Where a mock runs.
#[derive(Debug)]
pub(crate) enum Server {
    /// In this process; it records into the stage's journal by itself.
    Own(MockServer),
    /// Elsewhere; ids of the expectations that we brought for the stage's whole life.
    Foreign(Box<ForeignMock>, Vec<String>),
}

impl OutsideWorld {
    pub(crate) fn new(mocks: Vec<PlacedMock>) -> Arc<Self> {
        Arc::new(Self { mocks })
    }

    /// The mocks' names, in the configuration's order.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.mocks.iter().map(|mock| mock.name.clone()).collect()
    }

    /// The address of each mock.
    pub fn addresses(&self) -> impl Iterator<Item = (&str, &Url)> {
        self.mocks
            .iter()
            .map(|mock| (mock.name.as_str(), &mock.url))
    }

    /// What `stage.<name>` is for each mock: `url`, `host`, `port`.
    pub(crate) fn values(&self) -> serde_json::Map<String, Value> {
        self.addresses()
            .map(|(name, url)| (name.to_owned(), address_value(url)))
            .collect()
    }

    /// Adds expectations (one, or a list) to a mock and gives their ids.
    ///
    /// # Errors
    ///
    /// When there is no such mock, or it refuses them; the text says why.
    pub async fn expect(&self, mock: &str, expectations: &Value) -> Result<Vec<String>, String> {
        match &self.find(mock)?.server {
            Server::Own(server) => server
                .expect(expectations)
                .map_err(|error| error.to_string()),
            Server::Foreign(server, _) => server.expect(expectations).await,
        }
    }

    /// Removes an expectation. One that was used up counts as removed.
    ///
    /// # Errors
    ///
    /// When there is no such mock, or a foreign one cannot be reached.
    pub async fn remove(&self, mock: &str, id: &str) -> Result<(), String> {
        match &self.find(mock)?.server {
            Server::Own(server) => {
                server.remove(id);
                Ok(())
            }
            Server::Foreign(server, _) => server.remove(id).await,
        }
    }

    /// Brings what foreign mock servers recorded into the journal; our own record by themselves.
    ///
    /// # Errors
    ///
    /// When one of them cannot be asked.
    pub async fn refresh(&self) -> Result<(), String> {
        for mock in &self.mocks {
            if let Server::Foreign(server, _) = &mock.server {
                server
                    .refresh()
                    .await
                    .map_err(|cause| format!("mock `{}`: {cause}", mock.name))?;
            }
        }
        Ok(())
    }

    /// Ends our own mocks and takes our expectations back from foreign ones.
    pub(crate) async fn stop(&self) {
        let stops = self.mocks.iter().map(|mock| async move {
            match &mock.server {
                Server::Own(server) => server.stop().await,
                Server::Foreign(server, ids) => {
                    for id in ids {
                        if let Err(cause) = server.remove(id).await {
                            tracing::warn!(mock = mock.name, id, cause, "expectation stays behind");
                        }
                    }
                }
            }
        });
        futures_util::future::join_all(stops).await;
    }

    fn find(&self, name: &str) -> Result<&PlacedMock, String> {
        self.mocks
            .iter()
            .find(|mock| mock.name == name)
            .ok_or_else(|| format!("there is no mock `{name}` on this stage"))
    }
}

/// An address as scenarios see it.
pub(crate) fn address_value(url: &Url) -> Value {
    json!({
        "url": url.as_str().trim_end_matches('/'),
        "host": url.host_str().unwrap_or_default(),
        "port": url.port_or_known_default(),
    })
}
