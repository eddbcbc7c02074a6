//! Verification of e-mail addresses by a token that is mailed.

use std::time::Duration;

use super::session::token_hash;
use crate::app::App;
use crate::clock::after;
use crate::db::{Tx, args};
use crate::error::{ApiError, Code};
use crate::users;

const TOKEN_TTL: Duration = Duration::from_secs(48 * 3_600);

/// Makes a token for the address of `user_id`; it goes into the mail and nowhere else.
pub(super) async fn make_token(app: &App, tx: &mut Tx, user_id: &str) -> Result<String, ApiError> {
    let (token, now) = (app.random.token(), app.now());
    tx.execute(
        "INSERT INTO email_tokens (id, user_id, token_hash, purpose, expires_at, created_at)
         VALUES ($1, $2, $3, 'verify_email', $4, $5)",
        args![
            app.id(),
            user_id,
            token_hash(&token),
            after(now, TOKEN_TTL),
            now
        ],
    )
    .await?;
    Ok(token)
}

/// Uses a token up.
pub(super) async fn verify(app: &App, tx: &mut Tx, token: &str) -> Result<(), ApiError> {
    let used = tx
        .optional(
            "UPDATE email_tokens SET used_at = $2
             WHERE token_hash = $1 AND purpose = 'verify_email' AND used_at IS NULL AND expires_at > $2
             RETURNING user_id",
            args![token_hash(token), app.now()],
        )
        .await?;
    let Some(row) = used else {
        return Err(ApiError::new(
            Code::InvalidToken,
            "This link is unknown, was used before, or has expired.",
        ));
    };
    users::mark_verified(app, tx, &row.text("user_id")?).await
}
