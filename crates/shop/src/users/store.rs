//! Statements on `users`.

use super::view::{NewUser, UserView};
use crate::app::App;
use crate::db::{Conn, Tx, args};
use crate::error::{ApiError, Code};
use crate::telemetry::Scope;

const COLUMNS_BY_ID: &str = "SELECT id, email, email_verified_at, first_name, last_name, phone, role, created_at FROM users WHERE id = $1";

/// Opens an account.
pub(crate) async fn insert(
    app: &App,
    tx: &mut Tx,
    new: &NewUser,
    password_hash: &str,
) -> Result<UserView, ApiError> {
    app.telemetry
        .span(
            Scope::Users,
            "insert",
            insert_row(app, tx, new, password_hash),
        )
        .await
}

async fn insert_row(
    app: &App,
    tx: &mut Tx,
    new: &NewUser,
    password_hash: &str,
) -> Result<UserView, ApiError> {
    let (id, now) = (app.id(), app.now());
    let row = tx
        .optional(
            "INSERT INTO users (id, email, password_hash, first_name, last_name, phone, role, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, 'customer', $7, $7)
             ON CONFLICT (email) DO NOTHING
             RETURNING id, email, email_verified_at, first_name, last_name, phone, role, created_at",
            args![id, &new.email, password_hash, &new.first_name, &new.last_name, &new.phone, now],
        )
        .await?;
    match row {
        Some(row) => Ok(UserView::from_row(&row)?),
        None => Err(ApiError::new(
            Code::EmailTaken,
            "There is an account with this e-mail address already.",
        )),
    }
}

/// The account with this address and its password hash.
pub(crate) async fn find_login(
    conn: &mut Conn,
    email: &str,
) -> Result<Option<(UserView, String)>, ApiError> {
    let row = conn
        .optional(
            "SELECT id, email, email_verified_at, first_name, last_name, phone, role, created_at, password_hash
             FROM users WHERE email = $1",
            args![email],
        )
        .await?;
    Ok(match row {
        Some(row) => Some((UserView::from_row(&row)?, row.text("password_hash")?)),
        None => None,
    })
}

pub(super) async fn find(conn: &mut Conn, id: &str) -> Result<UserView, ApiError> {
    let row = conn.optional(COLUMNS_BY_ID, args![id]).await?;
    row.map_or_else(
        || Err(ApiError::not_found("user")),
        |row| Ok(UserView::from_row(&row)?),
    )
}

/// The account an order is made for: its address and names go into the order.
pub(crate) async fn contact(app: &App, conn: &mut Conn, id: &str) -> Result<UserView, ApiError> {
    app.telemetry
        .span(Scope::Users, "contact", find(conn, id))
        .await
}

pub(crate) async fn password_hash(conn: &mut Conn, id: &str) -> Result<String, ApiError> {
    let row = conn
        .one("SELECT password_hash FROM users WHERE id = $1", args![id])
        .await?;
    Ok(row.text("password_hash")?)
}

/// Sets a new password hash, unless the old one is not `old` any more.
pub(crate) async fn set_password(
    app: &App,
    tx: &mut Tx,
    id: &str,
    old: &str,
    new: &str,
) -> Result<bool, ApiError> {
    let changed = tx
        .execute("UPDATE users SET password_hash = $3, updated_at = $4 WHERE id = $1 AND password_hash = $2", args![
            id,
            old,
            new,
            app.now()
        ])
        .await?;
    Ok(changed == 1)
}

/// The address was proved to belong to the account.
pub(crate) async fn mark_verified(app: &App, tx: &mut Tx, id: &str) -> Result<(), ApiError> {
    tx.execute(
        "UPDATE users SET email_verified_at = COALESCE(email_verified_at, $2), updated_at = $2 WHERE id = $1",
        args![id, app.now()],
    )
    .await?;
    Ok(())
}

/// What a profile update may change; what is missing stays.
#[derive(Debug)]
pub(super) struct ProfileChange {
    pub(super) first_name: Option<String>,
    pub(super) last_name: Option<String>,
    pub(super) phone: Option<String>,
}

pub(super) async fn update(
    app: &App,
    tx: &mut Tx,
    id: &str,
    change: &ProfileChange,
) -> Result<UserView, ApiError> {
    let row = tx
        .one(
            "UPDATE users SET first_name = COALESCE($2, first_name), last_name = COALESCE($3, last_name),
                 phone = COALESCE($4, phone), updated_at = $5
             WHERE id = $1
             RETURNING id, email, email_verified_at, first_name, last_name, phone, role, created_at",
            args![id, &change.first_name, &change.last_name, &change.phone, app.now()],
        )
        .await?;
    Ok(UserView::from_row(&row)?)
}
