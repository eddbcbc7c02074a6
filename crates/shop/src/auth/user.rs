//! The user of a request, for handlers: `User` (a login is needed), `MaybeUser` (looked up when shown).

use axum::extract::FromRequestParts;
use http::request::Parts;

use super::session::{Credentials, token_hash};
use crate::app::App;
use crate::db::args;
use crate::error::{ApiError, Code};
use crate::telemetry::{Scope, attribute};

/// The signed-in user.
#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) session_id: String,
    is_staff: bool,
}

/// The signed-in user, or nobody. A token that is not valid is nobody.
#[derive(Clone, Debug)]
pub(crate) struct MaybeUser(pub(crate) Option<User>);

impl MaybeUser {
    /// Looks the user up once a request.
    pub(crate) async fn of(app: &App, parts: &mut Parts) -> Result<Self, ApiError> {
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(known.clone());
        }
        let found = match Credentials::find(&parts.headers) {
            Some(credentials) => {
                app.telemetry
                    .span(Scope::Auth, "authenticate", find(app, credentials))
                    .await?
            }
            None => None,
        };
        let user = Self(found);
        parts.extensions.insert(user.clone());
        Ok(user)
    }
}

async fn find(app: &App, credentials: Credentials<'_>) -> Result<Option<User>, ApiError> {
    let mut conn = app.db.read().await?;
    let row = conn
        .optional(
            "SELECT s.id, s.user_id, u.role FROM sessions s JOIN users u ON u.id = s.user_id
             WHERE s.token_hash = $1 AND s.revoked_at IS NULL AND s.expires_at > $2",
            args![token_hash(credentials.token()), app.now()],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let user = User {
        id: row.text("user_id")?,
        session_id: row.text("id")?,
        is_staff: row.text("role")? == "staff",
    };
    attribute("user.id", user.id.clone());
    Ok(Some(user))
}

impl FromRequestParts<App> for MaybeUser {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        Self::of(app, parts).await
    }
}

impl FromRequestParts<App> for User {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let user = MaybeUser::of(app, parts).await?;
        user.0.ok_or_else(|| {
            ApiError::new(
                Code::Unauthenticated,
                "Please log in: this needs a valid session.",
            )
        })
    }
}

/// Runs `work` if `user` may do what staff may; in the integration profile everybody may.
pub(crate) async fn as_staff<T>(
    app: &App,
    user: &User,
    work: impl Future<Output = Result<T, ApiError>>,
) -> Result<T, ApiError> {
    let guarded = async {
        if user.is_staff || app.is_integration() {
            return work.await;
        }
        Err(ApiError::new(Code::Forbidden, "Only staff may do this."))
    };
    app.telemetry.span(Scope::Auth, "guard", guarded).await
}
