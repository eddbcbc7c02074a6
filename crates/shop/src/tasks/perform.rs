//! From a task to the code that does it.

use serde_json::Value;

use super::{Kind, Task};
use crate::app::App;
use crate::error::ApiError;
use crate::{fulfilment, inventory, notifications};

/// Does what a task is about, and gives its result.
pub(crate) async fn perform(app: &App, task: &Task) -> Result<Value, ApiError> {
    match task.kind {
        Kind::ProcessOrder => fulfilment::process_order(app, task).await,
        Kind::InventorySync => inventory::sync(app, task).await,
        Kind::SendNotification => notifications::send_task(app, task).await,
    }
}
