//! The task that recounts the stock of all products.

use serde_json::{Value, json};

use super::store;
use crate::app::{App, transact};
use crate::error::ApiError;
use crate::products;
use crate::tasks::Task;

/// Recounts every product, each in a transaction of its own, so that nobody who buys has to wait for long. Counting
/// twice does no harm, so a run that was interrupted begins again.
pub(crate) async fn sync(app: &App, task: &Task) -> Result<Value, ApiError> {
    store::begin(app, &mut app.db.read().await?, &task.id).await?;
    let (synced, corrections) = match recount_all(app).await {
        Ok(counts) => counts,
        Err(error) => {
            store::fail(app, &mut app.db.read().await?, &task.id, &error.to_string()).await?;
            return Err(error);
        }
    };
    store::succeed(
        app,
        &mut app.db.read().await?,
        &task.id,
        synced,
        corrections,
    )
    .await?;
    Ok(json!({"products_synced": synced, "corrections": corrections}))
}

/// How many products were looked at, and how many were wrong.
async fn recount_all(app: &App) -> Result<(i64, i64), ApiError> {
    let ids = products::ids(&mut app.db.read().await?).await?;
    let (mut synced, mut corrections) = (0, 0);
    for id in ids {
        let corrected = transact!(app, tx => products::recount(app, tx, &id).await)?;
        synced += 1;
        corrections += i64::from(corrected);
    }
    Ok((synced, corrections))
}
