//! Noticing that files have changed, by looking at them again and again: this works on every file system.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use tokio_util::sync::CancellationToken;

use super::{InitializationError, Loaded, expand, load};

/// When files were written last, and how long they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stamps(BTreeMap<PathBuf, Option<(SystemTime, u64)>>);

impl Stamps {
    /// The stamps of the files that patterns fit now; a file that is not there has none.
    pub(crate) fn take(patterns: &[&str]) -> Result<Self, InitializationError> {
        let mut stamps = BTreeMap::new();
        for pattern in patterns {
            for path in expand(pattern)? {
                let data = std::fs::metadata(&path).ok();
                let stamp = data.and_then(|data| Some((data.modified().ok()?, data.len())));
                stamps.insert(path, stamp);
            }
        }
        Ok(Self(stamps))
    }
}

/// Hands in what the files say each time they have changed since `stamps`, until `stop`. A mistake in a file is handed in
/// once, not at every look.
pub(crate) async fn watch(
    patterns: Vec<String>,
    mut stamps: Stamps,
    every: Duration,
    stop: CancellationToken,
    mut changed: impl FnMut(Reading) + Send,
) {
    let mut failed = false;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(every) => {}
        }
        let (named, before) = (patterns.clone(), stamps.clone());
        match tokio::task::spawn_blocking(move || look(&named, &before, failed)).await {
            Ok((now, loaded)) => {
                failed = now.is_none();
                stamps = now.unwrap_or(stamps);
                loaded.into_iter().for_each(&mut changed);
            }
            Err(error) => {
                tracing::error!(%error, "the initialization files could not be looked at");
            }
        }
    }
}

type Reading = Result<Vec<Loaded>, InitializationError>;

/// One look: the stamps, unless they could not be taken, and what there is to hand in.
fn look(patterns: &[String], before: &Stamps, failed: bool) -> (Option<Stamps>, Option<Reading>) {
    let patterns: Vec<&str> = patterns.iter().map(String::as_str).collect();
    match Stamps::take(&patterns) {
        Ok(now) if now == *before => (Some(now), None),
        // The stamps are older than the reading: a change in between is seen the next time.
        Ok(now) => (Some(now), Some(load(&patterns))),
        Err(_) if failed => (None, None),
        Err(error) => (None, Some(Err(error))),
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;

    #[test]
    fn stamps_tell_a_longer_a_new_and_a_missing_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.json");
        let pattern = format!("{}/*.json", folder.path().display());
        let take = || Stamps::take(&[&pattern]).expect("stamps");
        let none = take();
        std::fs::write(&path, "[]").expect("a file");
        let short = take();
        assert_ne!(none, short);
        assert_eq!(short, take());
        std::fs::write(&path, "[ ]").expect("a file");
        assert_ne!(short, take());
        std::fs::remove_file(&path).expect("removed");
        assert_eq!(none, take());
    }

    #[test]
    fn only_changes_are_handed_in_and_a_mistake_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.json");
        let patterns = [path.display().to_string()];
        let (now, loaded) = look(&patterns, &Stamps::default(), false);
        assert!(
            matches!(loaded, Some(Err(InitializationError::Read { .. }))),
            "the file is missing"
        );
        let missing = now.expect("stamps");
        assert!(
            look(&patterns, &missing, false).1.is_none(),
            "nothing has changed"
        );
        std::fs::write(&path, "[]").expect("a file");
        let (now, loaded) = look(&patterns, &missing, false);
        assert!(matches!(loaded, Some(Ok(_))), "the file has come");
        assert!(
            look(&patterns, &now.expect("stamps"), false).1.is_none(),
            "nothing has changed"
        );

        let wrong = ["a/{b".to_owned()];
        assert!(
            matches!(look(&wrong, &missing, false), (None, Some(Err(_)))),
            "told"
        );
        assert!(
            matches!(look(&wrong, &missing, true), (None, None)),
            "told before"
        );
    }

    #[tokio::test]
    async fn changes_and_mistakes_are_handed_in() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.json");
        std::fs::write(&path, "[]").expect("a file");
        let name = path.to_str().expect("text").to_owned();
        let stamps = Stamps::take(&[&name]).expect("stamps");
        let (seen, mut sees) = mpsc::unbounded_channel();
        let stop = CancellationToken::new();
        let every = Duration::from_millis(1);
        let watching = tokio::spawn(watch(
            vec![name],
            stamps,
            every,
            stop.clone(),
            move |loaded| {
                let _received = seen.send(loaded.map_err(|error| error.to_string()));
            },
        ));
        std::fs::write(&path, "[{a:1}] ").expect("a file");
        // A look may fall between the emptying and the writing: the last state is what counts.
        while sees
            .recv()
            .await
            .expect("a change")
            .map(|files| files[0].expectations.len())
            != Ok(1)
        {}
        std::fs::write(&path, "[{a:1").expect("a file");
        while sees.recv().await.expect("a change").is_ok() {}
        stop.cancel();
        watching.await.expect("an end");
    }
}
