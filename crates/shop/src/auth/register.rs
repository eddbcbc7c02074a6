//! Opening an account and entering it.

use serde_json::json;

use super::{session, verify};
use crate::app::{App, transact};
use crate::db::Tx;
use crate::error::{ApiError, Code};
use crate::notifications::{self, Notice, Template};
use crate::users::{self, NewUser, UserView};

/// What a client needs to go on: who it is, and its token.
pub(super) struct Entry {
    pub(super) user: UserView,
    pub(super) token: String,
}

/// Opens an account, a session, and queues the mail that verifies the address.
pub(super) async fn register(app: &App, new: NewUser, password: String) -> Result<Entry, ApiError> {
    let hash = app.passwords.hash(password, app.random.bytes()).await?;
    transact!(app, tx => {
        let user = users::insert(app, tx, &new, &hash).await?;
        let token = session::open(app, tx, &user.id).await?;
        queue_verification(app, tx, &user).await?;
        Ok(Entry { user, token })
    })
}

async fn queue_verification(app: &App, tx: &mut Tx, user: &UserView) -> Result<(), ApiError> {
    let token = verify::make_token(app, tx, &user.id).await?;
    let mut link = app.app_url.clone();
    link.set_path("/verify-email/");
    link.query_pairs_mut().append_pair("token", &token);
    let notice = Notice {
        template: Template::EmailVerification,
        user_id: user.id.clone(),
        order_id: None,
        to: user.email.clone(),
        dedup: format!("email_verification:{}", user.id),
        data: json!({"first_name": user.first_name, "token": token, "link": link.as_str()}),
    };
    notifications::queue(app, tx, notice).await
}

/// Opens a session for somebody who knows the password. An unknown address and a wrong password cannot be told apart.
pub(super) async fn login(app: &App, email: &str, password: String) -> Result<Entry, ApiError> {
    let known = users::find_login(&mut app.db.read().await?, email).await?;
    let (user, hash) = known.map_or((None, None), |(user, hash)| (Some(user), Some(hash)));
    let fits = app.passwords.verify(password, hash).await?;
    match user {
        Some(user) if fits => {
            transact!(app, tx => {
                let token = session::open(app, tx, &user.id).await?;
                Ok(Entry { user: user.clone(), token })
            })
        }
        _ => Err(ApiError::new(
            Code::BadCredentials,
            "The e-mail address or the password is wrong.",
        )),
    }
}

/// Changes the password; other sessions end, this one stays.
pub(super) async fn change_password(
    app: &App,
    user: &super::User,
    old: String,
    new: String,
) -> Result<(), ApiError> {
    let hash = users::password_hash(&mut app.db.read().await?, &user.id).await?;
    if !app.passwords.verify(old, Some(hash.clone())).await? {
        return Err(ApiError::field("old_password", "is not your password"));
    }
    let new_hash = app.passwords.hash(new, app.random.bytes()).await?;
    transact!(app, tx => {
        if !users::set_password(app, tx, &user.id, &hash, &new_hash).await? {
            return Err(ApiError::field("old_password", "was changed by somebody else just now"));
        }
        session::close_others(app, tx, &user.id, &user.session_id).await
    })
}
