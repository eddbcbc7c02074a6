//! `/api/auth/`: register, login, verify-email, change-password, logout.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use http::StatusCode;
use http::header::SET_COOKIE;
use serde_json::json;

use super::register::{self, Entry};
use super::{User, session, verify};
use crate::app::{App, transact};
use crate::error::ApiError;
use crate::http::Fields;
use crate::telemetry::Scope;
use crate::users::NewUser;

const PASSWORD_CHARS_MAX: usize = 1_024;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/api/auth/register", post(register))
        .route("/api/auth/login", post(login))
        .route("/api/auth/verify-email", post(verify_email))
        .route("/api/auth/change-password", post(change_password))
        .route("/api/auth/logout", post(logout))
}

async fn register(State(app): State<App>, mut body: Fields) -> Result<Response, ApiError> {
    let new = NewUser::read(&mut body);
    let password = body.secret("password", 8..=PASSWORD_CHARS_MAX);
    body.finish()?;
    let entry = app
        .telemetry
        .span(
            Scope::Auth,
            "register",
            register::register(&app, new, password),
        )
        .await?;
    let_in(&app, StatusCode::CREATED, entry)
}

async fn login(State(app): State<App>, mut body: Fields) -> Result<Response, ApiError> {
    let email = body.text("email", 1..=254).to_lowercase();
    let password = body.secret("password", 1..=PASSWORD_CHARS_MAX);
    body.finish()?;
    let entry = app
        .telemetry
        .span(
            Scope::Auth,
            "login",
            register::login(&app, &email, password),
        )
        .await?;
    let_in(&app, StatusCode::OK, entry)
}

/// Both names of the token, and the cookie: clients rely on any of them.
fn let_in(app: &App, status: StatusCode, entry: Entry) -> Result<Response, ApiError> {
    let cookie = session::set_cookie(app, &entry.token)?;
    let body = json!({
        "user": entry.user,
        "access_token": entry.token,
        "access": entry.token,
        "token_type": "Bearer",
        "expires_in": session::SESSION_TTL.as_secs(),
    });
    Ok((status, [(SET_COOKIE, cookie)], Json(body)).into_response())
}

async fn verify_email(State(app): State<App>, mut body: Fields) -> Result<Response, ApiError> {
    let token = body.text("token", 1..=200);
    body.finish()?;
    let work = async { transact!(app, tx => verify::verify(&app, tx, &token).await) };
    app.telemetry
        .span(Scope::Auth, "verify_email", work)
        .await?;
    Ok(Json(json!({"verified": true})).into_response())
}

async fn change_password(
    State(app): State<App>,
    user: User,
    mut body: Fields,
) -> Result<Response, ApiError> {
    let old = body.secret("old_password", 1..=PASSWORD_CHARS_MAX);
    let new = body.secret("new_password", 8..=PASSWORD_CHARS_MAX);
    body.finish()?;
    let work = register::change_password(&app, &user, old, new);
    app.telemetry
        .span(Scope::Auth, "change_password", work)
        .await?;
    Ok(Json(json!({})).into_response())
}

async fn logout(State(app): State<App>, user: User) -> Result<Response, ApiError> {
    let work = async { session::close(&app, &mut app.db.read().await?, &user.session_id).await };
    app.telemetry.span(Scope::Auth, "logout", work).await?;
    let cookie = session::set_cookie(&app, "")?;
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, cookie)]).into_response())
}
