//! Password hashes: argon2id, off the async threads, a bounded number at a time.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::config::Profile;
use crate::error::{ApiError, Code};

/// Hashes under way at once; each holds its memory cost.
const AT_ONCE_MAX: usize = 4;
/// Requests that may wait for a hash; more are asked to come again.
const WAITING_MAX: usize = 256;

/// Makes and checks password hashes.
#[derive(Clone, Debug)]
pub(crate) struct Passwords {
    params: Params,
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

impl Passwords {
    /// Costly hashes in production; in tests the cheapest there are.
    pub(crate) fn new(profile: Profile) -> Self {
        let params = match profile {
            Profile::Production => Params::DEFAULT,
            Profile::Integration => Params::new(Params::MIN_M_COST, Params::MIN_T_COST, 1, None)
                .unwrap_or(Params::DEFAULT),
        };
        Self {
            params,
            running: Arc::new(Semaphore::new(AT_ONCE_MAX)),
            waiting: Arc::new(Semaphore::new(WAITING_MAX)),
        }
    }

    /// The hash of `password`, as a PHC string.
    pub(crate) async fn hash(&self, password: String, salt: [u8; 16]) -> Result<String, ApiError> {
        let argon = self.argon();
        self.run(move || {
            argon
                .hash_password_with_salt(password.as_bytes(), &salt)
                .map(|hash: PasswordHash| hash.to_string())
                .map_err(|error| ApiError::internal(error.to_string()))
        })
        .await
    }

    /// Whether `password` belongs to `hash`. Without a hash the answer is no, after the same amount of work.
    pub(crate) async fn verify(
        &self,
        password: String,
        hash: Option<String>,
    ) -> Result<bool, ApiError> {
        let argon = self.argon();
        self.run(move || match hash {
            Some(hash) => {
                let hash = PasswordHash::new(&hash)
                    .map_err(|error| ApiError::internal(error.to_string()))?;
                Ok(argon.verify_password(password.as_bytes(), &hash).is_ok())
            }
            None => {
                let hashed: Result<PasswordHash, _> =
                    argon.hash_password_with_salt(password.as_bytes(), &[0; 16]);
                hashed
                    .map_err(|error| ApiError::internal(error.to_string()))
                    .map(|_| false)
            }
        })
        .await
    }

    fn argon(&self) -> Argon2<'static> {
        Argon2::new(Algorithm::Argon2id, Version::V0x13, self.params.clone())
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let Ok(_waiting) = self.waiting.try_acquire() else {
            return Err(ApiError::new(
                Code::TooManyRequests,
                "Too many logins at once. Please try again.",
            )
            .retry_after(1));
        };
        let _running = self.running.acquire().await.map_err(ApiError::internal)?;
        tokio::task::spawn_blocking(work)
            .await
            .map_err(ApiError::internal)?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_only() {
        let passwords = Passwords::new(Profile::Integration);
        let hash = passwords
            .hash("testpass123".to_owned(), [7; 16])
            .await
            .unwrap();
        assert!(hash.starts_with("$argon2id$"), "{hash}");
        assert!(
            passwords
                .verify("testpass123".to_owned(), Some(hash.clone()))
                .await
                .unwrap()
        );
        assert!(
            !passwords
                .verify("testpass124".to_owned(), Some(hash))
                .await
                .unwrap()
        );
        assert!(
            !passwords
                .verify("testpass123".to_owned(), None)
                .await
                .unwrap()
        );
    }
}
