//! Which payment an event is about.

use crate::app::App;
use crate::db::{Conn, Row, args};
use crate::error::ApiError;

/// What an event's ids lead to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Match {
    /// Our id of the object.
    One(String),
    None,
    /// Several objects could be meant: providers in tests give the same id to all.
    Several,
}

impl Match {
    pub(crate) fn of(mut ids: Vec<String>) -> Self {
        match ids.len() {
            0 => Self::None,
            1 => ids.pop().map_or(Self::None, Self::One),
            _ => Self::Several,
        }
    }
}

/// The payment an event is about: by our id, else by the provider's among those that are not final, else by the
/// provider's among all.
pub(crate) async fn match_payment(
    app: &App,
    conn: &mut Conn,
    ours: Option<&str>,
    provider_id: Option<&str>,
) -> Result<Match, ApiError> {
    let ids = |rows: Vec<Row>| {
        rows.iter()
            .map(|row| Ok(row.text("id")?))
            .collect::<Result<Vec<_>, ApiError>>()
    };
    if let Some(ours) = ours {
        return Ok(Match::of(ids(conn
            .all("SELECT id FROM payments WHERE id = $1", args![ours])
            .await?)?));
    }
    let Some(provider_id) = provider_id else {
        return Ok(Match::None);
    };
    let provider = app.clients.payments.name();
    let open = conn
        .all(
            "SELECT id FROM payments WHERE provider = $1 AND provider_id = $2
                 AND state IN ('created', 'sending', 'unknown', 'pending') LIMIT 2",
            args![provider, provider_id],
        )
        .await?;
    if !open.is_empty() {
        return Ok(Match::of(ids(open)?));
    }
    let sql = "SELECT id FROM payments WHERE provider = $1 AND provider_id = $2 LIMIT 2";
    Ok(Match::of(ids(conn
        .all(sql, args![provider, provider_id])
        .await?)?))
}
