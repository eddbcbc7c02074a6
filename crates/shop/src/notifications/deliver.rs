//! Handing messages to the mail service.

use serde_json::{Value, json};

use super::store::{self, Notice, Queued};
use super::template::{Template, html};
use crate::app::{App, transact};
use crate::clients::{Letter, Outcome};
use crate::db::Tx;
use crate::error::ApiError;
use crate::orders;
use crate::outbox::Handover;
use crate::tasks::Task;
use crate::telemetry::Scope;

/// Who writes to customers.
const FROM: &str = "shop@example.com";

/// Hands one message over. `last` says that there will be no other try.
pub(crate) async fn deliver(app: &App, id: &str, last: bool) -> Result<Handover, ApiError> {
    if !app.config.email_service.enabled {
        return Ok(Handover::NotNow);
    }
    app.telemetry
        .span(
            Scope::Notifications,
            "deliver",
            try_to_deliver(app, id, last),
        )
        .await
}

async fn try_to_deliver(app: &App, id: &str, last: bool) -> Result<Handover, ApiError> {
    let Some(queued) = store::begin(&mut app.db.read().await?, id).await? else {
        // Handed over before, by somebody else.
        return Ok(Handover::Done);
    };
    let template = queued.template;
    let outcome = app.clients.mail.send(&letter(id, queued)).await;
    let mut conn = app.db.read().await?;
    match outcome {
        Outcome::Done(provider_id) => {
            store::sent(app, &mut conn, id, template, provider_id).await?;
            Ok(Handover::Done)
        }
        Outcome::Refused(refusal) => {
            tracing::error!(alert = "notification_refused", notification = id, %refusal, "a message was refused");
            store::not_sent(&mut conn, id, "dead", &refusal.to_string()).await?;
            Ok(Handover::Never(refusal.to_string()))
        }
        Outcome::Unknown(trouble) => {
            let state = if last { "dead" } else { "queued" };
            store::not_sent(&mut conn, id, state, &trouble.to_string()).await?;
            Ok(Handover::Later {
                cause: trouble.to_string(),
                wait: trouble.wait(),
            })
        }
    }
}

fn letter(id: &str, queued: Queued) -> Letter {
    Letter {
        notification_id: id.to_owned(),
        order_id: queued.order_id,
        to: queued.to,
        from: FROM.to_owned(),
        subject: queued.subject,
        template: queued.template.as_str().to_owned(),
        html: html(&queued.text),
        text: queued.text,
        key: format!("mail:{id}"),
    }
}

/// The task behind `POST /api/notifications/send/`: one message for each task, however often it runs.
pub(crate) async fn send_task(app: &App, task: &Task) -> Result<Value, ApiError> {
    let order_id: String = task.arg("order_id")?;
    let template: Template = task
        .arg::<String>("template")?
        .parse()
        .map_err(|_| task.bad("template"))?;
    let dedup = format!("{}:{}", template.as_str(), task.id);
    transact!(app, tx => {
        let order = orders::find(tx, &order_id).await?;
        let notice = Notice { dedup: dedup.clone(), ..order_notice(&order, template, json!({})) };
        store::queue(app, tx, notice).await
    })?;
    let (id, status) = store::state_of(&mut app.db.read().await?, &dedup).await?;
    Ok(json!({"notification_id": id, "status": status}))
}

/// What the mail service tells about a letter it took. Gives whether the letter is ours.
pub(crate) async fn letter_event(
    app: &App,
    tx: &mut Tx,
    ours: Option<&str>,
    provider_id: Option<&str>,
    arrived: bool,
) -> Result<bool, ApiError> {
    if !arrived {
        tracing::warn!(notification = ours, "a letter came back");
    }
    store::mark_fate(tx, app.clients.mail.name(), ours, provider_id, arrived).await
}

/// A message about an order to the address the order was placed with.
pub(crate) fn order_notice(order: &orders::Order, template: Template, more: Value) -> Notice {
    let mut data = json!({
        "number": order.number,
        "total": order.total.to_string(),
        "currency": order.total.currency,
    });
    if let (Some(data), Value::Object(more)) = (data.as_object_mut(), more) {
        data.extend(more);
    }
    Notice {
        template,
        user_id: order.user_id.clone(),
        order_id: Some(order.id.clone()),
        to: order.contact_email.clone(),
        dedup: format!("{}:{}", template.as_str(), order.id),
        data,
    }
}
