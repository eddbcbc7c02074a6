//! Reaching a target through an HTTP proxy, with `CONNECT`.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout_at};

use crate::proxy_auth::{Credentials, PROXY_AUTHORIZATION};
use crate::socks::Target;

/// More than the head of any answer to `CONNECT` takes.
const HEAD_MAX: usize = 8 * 1024;
const HEADERS_MAX: usize = 64;

/// Why the proxy did not connect us.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HttpProxyError {
    /// The connection broke.
    #[error("the connection to the HTTP proxy broke: {0}")]
    Io(#[from] io::Error),
    /// The proxy took too long.
    #[error("the HTTP proxy took too long to connect to {0}")]
    TimedOut(String),
    /// The proxy says no.
    #[error("the HTTP proxy answered {status} when asked to connect to {target}")]
    Refused {
        /// Where to.
        target: String,
        /// The status of its answer.
        status: u16,
    },
    /// The answer is no HTTP.
    #[error("the HTTP proxy does not answer in HTTP: {0}")]
    Malformed(&'static str),
    /// The target is no host.
    #[error("`{0}` is no host to connect to")]
    Target(String),
}

/// Asks the proxy behind `stream` to connect to `target`; after it, the stream is the target's.
///
/// # Errors
///
/// The proxy refuses, breaks the protocol or takes too long.
pub(crate) async fn connect<S>(
    stream: &mut S,
    target: &Target,
    credentials: Option<&Credentials>,
    deadline: Instant,
) -> Result<(), HttpProxyError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let authority = target.authority();
    if authority.bytes().any(|byte| byte <= b' ' || byte == 0x7f) {
        return Err(HttpProxyError::Target(authority));
    }
    let mut request = format!("CONNECT {authority} HTTP/1.1\r\nhost: {authority}\r\n");
    if let Some(credentials) = credentials {
        request.push_str(&format!(
            "{PROXY_AUTHORIZATION}: {}\r\n",
            credentials.header()
        ));
    }
    request.push_str("\r\n");
    let exchange = async {
        stream.write_all(request.as_bytes()).await?;
        stream.flush().await?;
        read_status(stream).await
    };
    match timeout_at(deadline, exchange).await {
        Err(_) => Err(HttpProxyError::TimedOut(authority)),
        Ok(Ok(200..=299)) => Ok(()),
        Ok(Ok(status)) => Err(HttpProxyError::Refused {
            target: authority,
            status,
        }),
        Ok(Err(error)) => Err(error),
    }
}

/// Reads the head of the answer byte by byte: what comes after it is the target's.
async fn read_status<S: AsyncRead + Unpin>(stream: &mut S) -> Result<u16, HttpProxyError> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() == HEAD_MAX {
            return Err(HttpProxyError::Malformed("the head does not end"));
        }
        head.push(stream.read_u8().await?);
    }
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut response = httparse::Response::new(&mut headers);
    match response.parse(&head) {
        Ok(httparse::Status::Complete(_)) => response
            .code
            .ok_or(HttpProxyError::Malformed("there is no status")),
        Ok(httparse::Status::Partial) => Err(HttpProxyError::Malformed("the head is not whole")),
        Err(_) => Err(HttpProxyError::Malformed("the head cannot be read")),
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::time::{Duration, Instant};

    use super::{HttpProxyError, connect};
    use crate::proxy_auth::Credentials;
    use crate::socks::Target;

    /// What comes of it, what the proxy gets, and what is left to read.
    async fn against(
        script: &[u8],
        host: &str,
        credentials: Option<&Credentials>,
    ) -> (Result<(), HttpProxyError>, String, String) {
        let (mut near, mut far) = tokio::io::duplex(64 * 1024);
        far.write_all(script).await.unwrap();
        far.shutdown().await.unwrap();
        let target = Target {
            host: host.to_owned(),
            port: 443,
        };
        let deadline = Instant::now() + Duration::from_secs(60);
        let connected = connect(&mut near, &target, credentials, deadline).await;
        let mut left = String::new();
        near.read_to_string(&mut left).await.unwrap();
        drop(near);
        let mut sent = String::new();
        far.read_to_string(&mut sent).await.unwrap();
        (connected, sent, left)
    }

    #[tokio::test]
    async fn the_stream_is_the_targets_after_it() {
        let answer = b"HTTP/1.1 200 Connection established\r\nvia: x\r\n\r\nhello";
        let (connected, sent, left) = against(answer, "shop.test", None).await;
        connected.unwrap();
        assert_eq!(
            sent,
            "CONNECT shop.test:443 HTTP/1.1\r\nhost: shop.test:443\r\n\r\n"
        );
        assert_eq!(left, "hello");
    }

    #[tokio::test]
    async fn the_password_is_shown() {
        let joe = Credentials::from_settings("joe", "s3cret").unwrap();
        let (connected, sent, _) = against(b"HTTP/1.0 200 OK\r\n\r\n", "::1", Some(&joe)).await;
        connected.unwrap();
        let expected = "CONNECT [::1]:443 HTTP/1.1\r\nhost: [::1]:443\r\n\
                        proxy-authorization: Basic am9lOnMzY3JldA==\r\n\r\n";
        assert_eq!(sent, expected);
    }

    #[test_case(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "answered 407")]
    #[test_case(
        b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n",
        "answered 502 when asked to connect to shop.test:443"
    )]
    #[test_case(b"HTTP/1.1 200", "broke"; "broken off")]
    #[test_case(b"SSH-2.0-x\r\n\r\n", "cannot be read"; "no HTTP")]
    #[test_case(&[b'x'; 10_000], "does not end"; "no end")]
    #[tokio::test]
    async fn what_the_proxy_says_is_told(script: &[u8], expected: &str) {
        let text = against(script, "shop.test", None)
            .await
            .0
            .unwrap_err()
            .to_string();
        assert!(text.contains(expected), "{text}");
    }

    #[tokio::test]
    async fn a_target_cannot_add_lines() {
        let (connected, sent, _) = against(b"", "a\r\nevil: 1", None).await;
        assert!(matches!(connected, Err(HttpProxyError::Target(_))));
        assert_eq!(sent, "");
    }

    #[tokio::test]
    async fn a_silent_proxy_is_given_up() {
        let (mut near, _far) = tokio::io::duplex(1024);
        let target = Target {
            host: "shop.test".to_owned(),
            port: 443,
        };
        let connected = connect(&mut near, &target, None, Instant::now()).await;
        assert!(matches!(connected, Err(HttpProxyError::TimedOut(_))));
    }
}
