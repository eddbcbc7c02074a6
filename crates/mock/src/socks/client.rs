//! The client's side of SOCKS 5: reaching a target through a proxy.

use std::net::IpAddr;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout_at};

use super::{Address, CONNECT, SocksError, Target, VERSION_5, address_type, method, read_address};
use crate::proxy_auth::Credentials;

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
) -> Result<(), SocksError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let handshake = async {
        authenticate(stream, credentials).await?;
        request(stream, target).await
    };
    timeout_at(deadline, handshake)
        .await
        .map_err(|_| SocksError::TimedOut)?
}

async fn authenticate<S>(
    stream: &mut S,
    credentials: Option<&Credentials>,
) -> Result<(), SocksError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let offer: &[u8] = match credentials {
        Some(_) => &[VERSION_5, 2, method::NONE, method::PASSWORD],
        None => &[VERSION_5, 1, method::NONE],
    };
    stream.write_all(offer).await?;
    stream.flush().await?;
    let mut chosen = [0; 2];
    stream.read_exact(&mut chosen).await?;
    match (chosen, credentials) {
        ([VERSION_5, method::NONE], _) => Ok(()),
        ([VERSION_5, method::PASSWORD], Some(credentials)) => {
            let mut message = vec![1];
            push_counted(&mut message, credentials.username(), "user")?;
            push_counted(&mut message, credentials.password(), "password")?;
            stream.write_all(&message).await?;
            stream.flush().await?;
            let mut answer = [0; 2];
            stream.read_exact(&mut answer).await?;
            match answer {
                [_, 0] => Ok(()),
                _ => Err(SocksError::WrongCredentials),
            }
        }
        ([VERSION_5, method::NO_COMMON], _) => Err(SocksError::NoCommonMethod),
        ([VERSION_5, _], _) => Err(SocksError::Malformed(
            "the proxy chose what was not offered",
        )),
        _ => Err(SocksError::Malformed("the version of the proxy is not 5")),
    }
}

async fn request<S>(stream: &mut S, target: &Target) -> Result<(), SocksError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut message = vec![VERSION_5, CONNECT, 0];
    match target.host.parse() {
        Ok(IpAddr::V4(address)) => {
            message.push(address_type::V4);
            message.extend(address.octets());
        }
        Ok(IpAddr::V6(address)) => {
            message.push(address_type::V6);
            message.extend(address.octets());
        }
        Err(_) => {
            message.push(address_type::NAME);
            push_counted(&mut message, &target.host, "host")?;
        }
    }
    message.extend(target.port.to_be_bytes());
    stream.write_all(&message).await?;
    stream.flush().await?;
    let mut answer = [0; 3];
    stream.read_exact(&mut answer).await?;
    let [version, code, _reserved] = answer;
    if version != VERSION_5 {
        return Err(SocksError::Malformed("the version of the answer is not 5"));
    }
    if code != 0 {
        return Err(SocksError::Refused {
            target: target.authority(),
            reason: reason(code),
        });
    }
    // Where the proxy dialled from is of no use here, but has to be read; some leave the name empty.
    match read_address(stream).await? {
        Address::UnknownType(other) => Err(SocksError::AddressType(other)),
        Address::Host(_) | Address::NotAHost => {
            stream.read_u16().await?;
            Ok(())
        }
    }
}

fn push_counted(message: &mut Vec<u8>, text: &str, what: &'static str) -> Result<(), SocksError> {
    let length = u8::try_from(text.len()).map_err(|_| SocksError::TooLong(what))?;
    message.push(length);
    message.extend(text.as_bytes());
    Ok(())
}

/// RFC 1928, section 6.
fn reason(code: u8) -> &'static str {
    match code {
        2 => "its rules do not allow it",
        3 => "the network cannot be reached",
        4 => "the host cannot be reached",
        5 => "the connection was refused",
        6 => "the time to live ran out",
        7 => "it does not support the command",
        8 => "it does not support the type of the address",
        _ => "it failed",
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::time::{Duration, Instant};

    use super::connect;
    use crate::proxy_auth::Credentials;
    use crate::socks::{SocksError, Target, accept};

    fn deadline() -> Instant {
        Instant::now() + Duration::from_secs(60)
    }

    fn target(host: &str) -> Target {
        Target {
            host: host.to_owned(),
            port: 443,
        }
    }

    fn joe(password: &str) -> Option<Credentials> {
        Credentials::from_settings("joe", password)
    }

    #[test_case("shop.test", false)]
    #[test_case("127.0.0.1", false)]
    #[test_case("::1", false)]
    #[test_case("shop.test", true; "with a password")]
    #[tokio::test]
    async fn the_two_sides_understand_each_other(host: &str, with_password: bool) {
        let (mut near, mut far) = tokio::io::duplex(4096);
        let credentials = joe("s3cret").filter(|_| with_password);
        let target = target(host);
        let (connected, accepted) = tokio::join!(
            connect(&mut near, &target, credentials.as_ref(), deadline()),
            accept(&mut far, credentials.as_ref(), deadline()),
        );
        connected.unwrap();
        assert_eq!(accepted.unwrap(), target);
    }

    #[tokio::test]
    async fn a_wrong_password_is_told() {
        let (mut near, mut far) = tokio::io::duplex(4096);
        let (right, wrong) = (joe("s3cret"), joe("secret"));
        let target = target("shop.test");
        let (connected, accepted) = tokio::join!(
            connect(&mut near, &target, wrong.as_ref(), deadline()),
            accept(&mut far, right.as_ref(), deadline()),
        );
        assert!(matches!(connected, Err(SocksError::WrongCredentials)));
        assert!(matches!(accepted, Err(SocksError::WrongCredentials)));
    }

    /// The outcome against a proxy that says `script` whatever comes.
    async fn against(script: &[u8], host: &str) -> Result<(), SocksError> {
        let (mut near, mut far) = tokio::io::duplex(4096);
        far.write_all(script).await.unwrap();
        far.shutdown().await.unwrap();
        connect(&mut near, &target(host), None, deadline()).await
    }

    #[test_case(&[5, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0], "connected")]
    #[test_case(&[5, 0, 5, 0, 0, 3, 0, 0, 0], "connected"; "an empty name as address")]
    #[test_case(&[5, 0, 5, 0, 0, 3, 1, b'a', 0, 80], "connected"; "a name as address")]
    #[test_case(&[5, 0, 5, 5, 0, 1, 0, 0, 0, 0, 0, 0], "refuses to connect to shop.test:443: the connection was refused")]
    #[test_case(&[5, 0, 5, 99, 0], "it failed"; "an unknown reason")]
    #[test_case(&[5, 255], "no way to authenticate")]
    #[test_case(&[5, 2], "not offered")]
    #[test_case(&[4, 0], "not 5"; "another version")]
    #[test_case(&[5, 0, 5, 0, 0, 7], "address type 7")]
    #[test_case(&[5, 0, 5], "broke"; "broken off")]
    #[tokio::test]
    async fn what_the_proxy_says_is_told(script: &[u8], expected: &str) {
        let text = match against(script, "shop.test").await {
            Ok(()) => "connected".to_owned(),
            Err(error) => error.to_string(),
        };
        assert!(text.contains(expected), "{text}");
    }

    #[tokio::test]
    async fn a_host_that_does_not_fit_is_told() {
        let error = against(&[5, 0], &"a".repeat(256)).await.unwrap_err();
        assert!(matches!(error, SocksError::TooLong("host")), "{error}");
    }

    #[tokio::test]
    async fn the_bytes_are_those_of_the_rfc() {
        let (mut near, mut far) = tokio::io::duplex(4096);
        far.write_all(&[5, 2, 1, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0])
            .await
            .unwrap();
        connect(&mut near, &target("ab.c"), joe("pw").as_ref(), deadline())
            .await
            .unwrap();
        drop(near);
        let mut sent = Vec::new();
        far.read_to_end(&mut sent).await.unwrap();
        let expected = b"\x05\x02\x00\x02\x01\x03joe\x02pw\x05\x01\x00\x03\x04ab.c\x01\xbb";
        assert_eq!(sent, expected);
    }
}
