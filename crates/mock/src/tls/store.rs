//! The authority of an installation: made once, kept in a folder, shared by all processes.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use uuid::Uuid;

use super::authority::Authority;
use super::{TlsError, pem};

/// Certificate and key in one file, so that nobody ever sees half of the pair.
const SECRET_FILE: &str = "authority.pem";
/// The certificate alone, under the name the original gives it.
const PUBLIC_FILE: &str = "CertificateAuthorityCertificate.pem";

/// The folder that keeps the authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AuthorityStore {
    /// A folder of the user's own; made when it is not there.
    pub(crate) folder: PathBuf,
}

impl AuthorityStore {
    /// The file with the certificate alone, for clients to trust.
    pub(crate) fn public_file(&self) -> PathBuf {
        self.folder.join(PUBLIC_FILE)
    }

    /// The authority of the folder. Of several processes that find none, one makes it and all take that one.
    pub(super) fn open(&self, now: Timestamp) -> Result<Authority, TlsError> {
        let secret = self.folder.join(SECRET_FILE);
        if !self.exists(&secret)? {
            self.create_folder()?;
            self.publish(&secret, Authority::make(now)?.as_bytes(), Readers::Owner)?;
        }
        let text = pem::read("the certificate authority", &secret)?;
        let text = String::from_utf8(text)
            .map_err(|error| TlsError::content("certificate authority", &secret, error))?;
        let authority = Authority::from_pem(&text, &secret)?;
        let public = self.public_file();
        if !self.exists(&public)? {
            let text = pem::encode(authority.certificate());
            self.publish(&public, text.as_bytes(), Readers::Everybody)?;
        }
        Ok(authority)
    }

    /// Puts a whole file in place, unless another process was faster: then that one's stays.
    fn publish(&self, path: &Path, content: &[u8], readers: Readers) -> Result<(), TlsError> {
        let draft = self.folder.join(format!(".{}.part", Uuid::now_v7()));
        let written = write_new(&draft, content, readers);
        // A link is refused when the name is taken, which a rename is not.
        let placed = written.and_then(|()| fs::hard_link(&draft, path));
        let removed = match fs::remove_file(&draft) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        };
        match placed {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(self.failed(error)),
            _ => removed.map_err(|error| self.failed(error)),
        }
    }

    fn exists(&self, path: &Path) -> Result<bool, TlsError> {
        path.try_exists().map_err(|error| self.failed(error))
    }

    fn create_folder(&self) -> Result<(), TlsError> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::DirBuilderExt;
            builder.mode(0o700);
        }
        builder
            .create(&self.folder)
            .map_err(|error| self.failed(error))
    }

    fn failed(&self, source: io::Error) -> TlsError {
        TlsError::Store {
            path: self.folder.clone(),
            source,
        }
    }
}

/// Who may read a file.
#[derive(Clone, Copy)]
enum Readers {
    Owner,
    Everybody,
}

fn write_new(path: &Path, content: &[u8], readers: Readers) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(match readers {
            Readers::Owner => 0o600,
            Readers::Everybody => 0o644,
        });
    }
    #[cfg(not(unix))]
    let _ = readers;
    let mut file = options.open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::thread;

    use styk_core::Clock;

    use super::{AuthorityStore, PUBLIC_FILE, SECRET_FILE};
    use crate::tls::{TlsError, pem};

    fn store(folder: &std::path::Path) -> AuthorityStore {
        AuthorityStore {
            folder: folder.join("deep").join("er"),
        }
    }

    #[test]
    fn all_who_start_at_once_share_one_authority() {
        let home = tempfile::tempdir().unwrap();
        let store = store(home.path());
        let gate = Barrier::new(8);
        let certificates: Vec<_> = thread::scope(|scope| {
            let open = || {
                gate.wait();
                let authority = store.open(Clock::system().now()).unwrap();
                authority.certificate().clone()
            };
            let all: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert!(certificates.iter().all(|one| *one == certificates[0]));
        let mut left: Vec<_> = std::fs::read_dir(&store.folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        assert_eq!(left, [PUBLIC_FILE, SECRET_FILE], "no drafts stay behind");
    }

    #[test]
    fn the_authority_stays_the_same() {
        let home = tempfile::tempdir().unwrap();
        let store = store(home.path());
        let now = Clock::system().now();
        let first = store.open(now).unwrap();
        let second = store.open(now).unwrap();
        assert_eq!(first.certificate(), second.certificate());
        let public = pem::certificates(&store.folder.join(PUBLIC_FILE)).unwrap();
        assert_eq!(public, [first.certificate().clone()]);
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_reads_the_key() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().unwrap();
        let store = store(home.path());
        store.open(Clock::system().now()).unwrap();
        let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&store.folder.join(SECRET_FILE)), 0o600);
        assert_eq!(mode(&store.folder), 0o700);
    }

    #[test]
    fn a_damaged_file_is_told_and_kept() {
        let home = tempfile::tempdir().unwrap();
        let store = AuthorityStore {
            folder: home.path().to_owned(),
        };
        let secret = home.path().join(SECRET_FILE);
        std::fs::write(&secret, "half a file").unwrap();
        let error = store.open(Clock::system().now()).unwrap_err();
        assert!(matches!(error, TlsError::Content { .. }), "{error}");
        assert!(error.to_string().contains(SECRET_FILE), "{error}");
        assert_eq!(std::fs::read(secret).unwrap(), b"half a file");
    }

    #[test]
    fn a_folder_that_cannot_be_is_told() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("file");
        std::fs::write(&file, "").unwrap();
        let store = AuthorityStore {
            folder: file.join("folder"),
        };
        let error = store.open(Clock::system().now()).unwrap_err();
        assert!(matches!(error, TlsError::Store { .. }), "{error}");
    }
}
