//! What a foreign program prints: passed on line by line, kept up to a bound.

use std::collections::VecDeque;

use tokio::io::{AsyncRead, AsyncReadExt};

use super::Lines;

/// Kept from the beginning of a stream, and as much from its end.
const HALF_MAX: usize = 256 << 10;
/// The longest line that is passed on as it comes.
const LINE_MAX: usize = 4 << 10;

/// The beginning and the end of a stream.
#[derive(Debug, Default)]
pub(super) struct Captured {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    dropped: u64,
}

impl Captured {
    fn push(&mut self, bytes: &[u8]) {
        let room = HALF_MAX - self.head.len();
        let (head, rest) = bytes.split_at(bytes.len().min(room));
        self.head.extend_from_slice(head);
        self.tail.extend(rest);
        let over = self.tail.len().saturating_sub(HALF_MAX);
        self.tail.drain(..over);
        self.dropped += u64::try_from(over).unwrap_or(u64::MAX);
    }

    /// The text, with a word about what was left out.
    pub(super) fn into_text(self) -> String {
        let mut bytes = self.head;
        if self.dropped > 0 {
            bytes.extend_from_slice(format!("\n… {} bytes left out …\n", self.dropped).as_bytes());
        }
        bytes.extend(self.tail);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// Reads a stream to its end into `captured`, and sends its lines to `lines`.
///
/// Safe to cancel: what was read so far stays in `captured`.
pub(super) async fn capture(
    stream: Option<impl AsyncRead + Unpin>,
    captured: &mut Captured,
    lines: &Lines,
) {
    let Some(mut stream) = stream else {
        return;
    };
    let mut buffer = vec![0; 16 << 10];
    let mut line = Vec::new();
    loop {
        let read = match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => break,
            Ok(read) => read,
        };
        captured.push(&buffer[..read]);
        for byte in &buffer[..read] {
            if *byte == b'\n' {
                send(&mut line, lines).await;
            } else if line.len() < LINE_MAX {
                line.push(*byte);
            }
        }
    }
    if !line.is_empty() {
        send(&mut line, lines).await;
    }
}

async fn send(line: &mut Vec<u8>, lines: &Lines) {
    let text = String::from_utf8_lossy(line)
        .trim_end_matches('\r')
        .to_owned();
    line.clear();
    lines.send(text).await;
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;
    use crate::schedule::Message;

    #[tokio::test]
    async fn lines_come_one_by_one_also_the_last_without_an_end() {
        let mut captured = Captured::default();
        let (messages, mut receiver) = mpsc::channel(8);
        let lines = Lines {
            category: "c".to_owned(),
            messages,
        };
        capture(Some(&b"one\r\ntwo\nthree"[..]), &mut captured, &lines).await;
        drop(lines);
        let mut seen = Vec::new();
        while let Some(message) = receiver.recv().await {
            if let Message::Output { line, .. } = message {
                seen.push(line);
            }
        }
        assert_eq!(seen, ["one", "two", "three"]);
        assert_eq!(captured.into_text(), "one\r\ntwo\nthree");
    }

    #[test]
    fn of_too_much_the_beginning_and_the_end_are_kept() {
        let mut captured = Captured::default();
        captured.push(b"begin");
        captured.push(&vec![b'x'; 3 * HALF_MAX]);
        captured.push(b"end");
        let text = captured.into_text();
        assert!(text.starts_with("beginx") && text.ends_with("xend"));
        assert!(text.contains("bytes left out"));
        assert!(text.len() < 2 * HALF_MAX + 100);
    }
}
