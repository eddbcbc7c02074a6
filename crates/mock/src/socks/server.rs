//! The server's side of the handshake.

use std::net::Ipv4Addr;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout_at};

use super::{
    Address, CONNECT, SocksError, Target, VERSION_4, VERSION_5, address_type, host_name, method,
    read_address, read_counted,
};
use crate::proxy_auth::Credentials;

/// A name in SOCKS 4 has no stated length; this is what SOCKS 5 could carry.
const NAME_MAX: usize = 255;

/// Answers of SOCKS 5 (RFC 1928, section 6).
mod reply {
    pub(super) const SUCCEEDED: u8 = 0;
    pub(super) const GENERAL_FAILURE: u8 = 1;
    pub(super) const COMMAND_NOT_SUPPORTED: u8 = 7;
    pub(super) const ADDRESS_TYPE_NOT_SUPPORTED: u8 = 8;
}

/// Answers of SOCKS 4.
mod reply_4 {
    pub(super) const GRANTED: u8 = 0x5a;
    pub(super) const REJECTED: u8 = 0x5b;
}

/// Leads a client through the handshake, and says where it wants to go. The client is told that it is connected.
///
/// With `credentials`, only clients of SOCKS 5 that show them get in: SOCKS 4 knows no passwords.
///
/// # Errors
///
/// The client got its refusal; close the connection.
pub(crate) async fn accept<S>(
    stream: &mut S,
    credentials: Option<&Credentials>,
    deadline: Instant,
) -> Result<Target, SocksError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let handshake = async {
        match stream.read_u8().await? {
            VERSION_5 => {
                authenticate(stream, credentials).await?;
                request_5(stream).await
            }
            VERSION_4 => request_4(stream, credentials.is_none()).await,
            _ => Err(SocksError::Malformed("the version is neither 4 nor 5")),
        }
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
    let offered = read_counted(stream).await?;
    let wanted = match credentials {
        Some(_) => method::PASSWORD,
        None => method::NONE,
    };
    if !offered.contains(&wanted) {
        send(stream, &[VERSION_5, method::NO_COMMON]).await?;
        return Err(SocksError::NoCommonMethod);
    }
    send(stream, &[VERSION_5, wanted]).await?;
    match credentials {
        Some(credentials) => check_password(stream, credentials).await,
        None => Ok(()),
    }
}

/// RFC 1929.
async fn check_password<S>(stream: &mut S, credentials: &Credentials) -> Result<(), SocksError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    const VERSION: u8 = 1;
    if stream.read_u8().await? != VERSION {
        send(stream, &[VERSION, 1]).await?;
        return Err(SocksError::Malformed(
            "the version of the password is not 1",
        ));
    }
    let username = read_counted(stream).await?;
    let password = read_counted(stream).await?;
    if credentials.accept(&username, &password) {
        return send(stream, &[VERSION, 0]).await;
    }
    send(stream, &[VERSION, 1]).await?;
    Err(SocksError::WrongCredentials)
}

async fn request_5<S>(stream: &mut S) -> Result<Target, SocksError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut start = [0; 3];
    stream.read_exact(&mut start).await?;
    let [version, command, _reserved] = start;
    if version != VERSION_5 {
        let error = SocksError::Malformed("the version of the request is not 5");
        return refuse_5(stream, reply::GENERAL_FAILURE, error).await;
    }
    // The whole request is read before it is refused: closing on unread bytes could lose the answer.
    let host = match read_address(stream).await? {
        Address::UnknownType(other) => {
            let error = SocksError::AddressType(other);
            return refuse_5(stream, reply::ADDRESS_TYPE_NOT_SUPPORTED, error).await;
        }
        Address::NotAHost => None,
        Address::Host(host) => Some(host),
    };
    let port = stream.read_u16().await?;
    if command != CONNECT {
        let error = SocksError::Command(command);
        return refuse_5(stream, reply::COMMAND_NOT_SUPPORTED, error).await;
    }
    let Some(host) = host else {
        let error = SocksError::Malformed("the name of the host is none");
        return refuse_5(stream, reply::GENERAL_FAILURE, error).await;
    };
    send(stream, &answer_5(reply::SUCCEEDED)).await?;
    Ok(Target { host, port })
}

async fn refuse_5<S>(stream: &mut S, code: u8, error: SocksError) -> Result<Target, SocksError>
where
    S: AsyncWrite + Unpin,
{
    send(stream, &answer_5(code)).await?;
    Err(error)
}

/// Nothing is dialled, so there is no address to tell: it is all zeros.
fn answer_5(code: u8) -> [u8; 10] {
    [VERSION_5, code, 0, address_type::V4, 0, 0, 0, 0, 0, 0]
}

async fn request_4<S>(stream: &mut S, needs_no_password: bool) -> Result<Target, SocksError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let command = stream.read_u8().await?;
    let port = stream.read_u16().await?;
    let mut octets = [0; 4];
    stream.read_exact(&mut octets).await?;
    let tail = [port.to_be_bytes().as_slice(), &octets].concat();
    // 0.0.0.x is no address: the name follows (SOCKS 4a).
    let has_name = matches!(octets, [0, 0, 0, 1..=255]);
    let refusal = if read_to_zero(stream).await?.is_none() {
        SocksError::Malformed("the user does not end")
    } else {
        let name = if has_name {
            read_to_zero(stream).await?.and_then(host_name)
        } else {
            Some(Ipv4Addr::from(octets).to_string())
        };
        match name {
            _ if command != CONNECT => SocksError::Command(command),
            _ if !needs_no_password => SocksError::NoCommonMethod,
            None => SocksError::Malformed("the name of the host is none"),
            Some(host) => {
                send(stream, &answer_4(reply_4::GRANTED, &tail)).await?;
                return Ok(Target { host, port });
            }
        }
    };
    send(stream, &answer_4(reply_4::REJECTED, &tail)).await?;
    Err(refusal)
}

/// Port and address go back as they came.
fn answer_4(code: u8, tail: &[u8]) -> Vec<u8> {
    [&[0, code], tail].concat()
}

/// The bytes before the next zero; `None` when it is too far away.
async fn read_to_zero<S: AsyncRead + Unpin>(stream: &mut S) -> Result<Option<Vec<u8>>, SocksError> {
    let mut bytes = Vec::new();
    while bytes.len() <= NAME_MAX {
        match stream.read_u8().await? {
            0 => return Ok(Some(bytes)),
            byte => bytes.push(byte),
        }
    }
    Ok(None)
}

async fn send<S: AsyncWrite + Unpin>(stream: &mut S, bytes: &[u8]) -> Result<(), SocksError> {
    stream.write_all(bytes).await?;
    stream.flush().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use test_case::test_case;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::time::{Duration, Instant};

    use super::{SocksError, accept};
    use crate::proxy_auth::Credentials;

    /// What comes of it, what the client is answered, and what is left to read.
    async fn play(
        sent: &[u8],
        with_password: bool,
    ) -> (Result<String, SocksError>, Vec<u8>, Vec<u8>) {
        let credentials = Credentials::from_settings("joe", "s3cret").filter(|_| with_password);
        let (mut near, mut far) = tokio::io::duplex(4096);
        near.write_all(sent).await.unwrap();
        near.shutdown().await.unwrap();
        let deadline = Instant::now() + Duration::from_secs(60);
        let target = accept(&mut far, credentials.as_ref(), deadline).await;
        let mut left = Vec::new();
        far.read_to_end(&mut left).await.unwrap();
        drop(far);
        let mut answer = Vec::new();
        near.read_to_end(&mut answer).await.unwrap();
        (target.map(|target| target.authority()), answer, left)
    }

    const GRANTED: &[u8] = &[5, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0];

    #[test_case(b"\x05\x01\x00\x05\x01\x00\x03\x09localhost\x00\x50GET", "localhost:80"; "a name")]
    #[test_case(b"\x05\x02\x02\x00\x05\x01\x00\x01\x7f\x00\x00\x01\x1f\x90GET", "127.0.0.1:8080"; "an address of four")]
    #[test_case(b"\x05\x01\x00\x05\x01\x00\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x01\xbbGET", "[::1]:443"; "an address of six")]
    #[tokio::test]
    async fn socks_5_connects(sent: &[u8], expected: &str) {
        let (target, answer, left) = play(sent, false).await;
        assert_eq!(target.unwrap(), expected);
        assert_eq!(answer, GRANTED);
        assert_eq!(left, b"GET", "not one byte too many is read");
    }

    #[test_case(b"\x04\x01\x00\x50\x7f\x00\x00\x01bob\x00GET", "127.0.0.1:80", &[0, 0x5a, 0, 80, 127, 0, 0, 1]; "socks 4")]
    #[test_case(b"\x04\x01\x00\x50\x00\x00\x00\x01\x00foo.example\x00GET", "foo.example:80", &[0, 0x5a, 0, 80, 0, 0, 0, 1]; "socks 4a")]
    #[tokio::test]
    async fn socks_4_connects(sent: &[u8], expected: &str, granted: &[u8]) {
        let (target, answer, left) = play(sent, false).await;
        assert_eq!(target.unwrap(), expected);
        assert_eq!(answer, granted);
        assert_eq!(left, b"GET");
    }

    #[tokio::test]
    async fn the_password_opens() {
        let sent = b"\x05\x02\x00\x02\x01\x03joe\x06s3cret\x05\x01\x00\x03\x01a\x00\x50";
        let (target, answer, _) = play(sent, true).await;
        assert_eq!(target.unwrap(), "a:80");
        assert_eq!(answer, [5, 2, 1, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    }

    #[test_case(b"\x05\x01\x00", &[5, 0xff]; "not offered")]
    #[test_case(b"\x05\x01\x02\x01\x03joe\x06s3creT", &[5, 2, 1, 1]; "wrong")]
    #[test_case(b"\x05\x01\x02\x01\x03joe\x00", &[5, 2, 1, 1]; "empty")]
    #[test_case(b"\x05\x01\x02\x05", &[5, 2, 1, 1]; "another version")]
    #[test_case(b"\x04\x01\x00\x50\x7f\x00\x00\x01bob\x00", &[0, 0x5b, 0, 80, 127, 0, 0, 1]; "socks 4 has none")]
    #[tokio::test]
    async fn without_the_password_nobody_gets_in(sent: &[u8], refusal: &[u8]) {
        let (target, answer, _) = play(sent, true).await;
        assert!(target.is_err());
        assert_eq!(answer, refusal);
    }

    #[test_case(b"\x05\x01\x01", &[5, 0xff]; "another way to authenticate")]
    #[test_case(b"\x05\x01\x00\x05\x02\x00\x01\x7f\x00\x00\x01\x00\x50", &[5, 0, 5, 7, 0, 1, 0, 0, 0, 0, 0, 0]; "bind")]
    #[test_case(b"\x05\x01\x00\x05\x03\x00\x01\x7f\x00\x00\x01\x00\x50", &[5, 0, 5, 7, 0, 1, 0, 0, 0, 0, 0, 0]; "udp")]
    #[test_case(b"\x05\x01\x00\x05\x01\x00\x09", &[5, 0, 5, 8, 0, 1, 0, 0, 0, 0, 0, 0]; "an unknown type of address")]
    #[test_case(b"\x05\x01\x00\x05\x01\x00\x03\x00\x00\x50", &[5, 0, 5, 1, 0, 1, 0, 0, 0, 0, 0, 0]; "an empty name")]
    #[test_case(b"\x05\x01\x00\x05\x01\x00\x03\x03a\rb\x00\x50", &[5, 0, 5, 1, 0, 1, 0, 0, 0, 0, 0, 0]; "a name with a line end")]
    #[test_case(b"\x05\x01\x00\x04\x01\x00", &[5, 0, 5, 1, 0, 1, 0, 0, 0, 0, 0, 0]; "another version in the request")]
    #[test_case(b"\x04\x02\x00\x50\x7f\x00\x00\x01\x00", &[0, 0x5b, 0, 80, 127, 0, 0, 1]; "socks 4 bind")]
    #[test_case(b"\x04\x01\x00\x50\x00\x00\x00\x01\x00\x00", &[0, 0x5b, 0, 80, 0, 0, 0, 1]; "socks 4a with an empty name")]
    #[test_case(b"\x06\x01", &[]; "no socks")]
    #[test_case(b"\x05\x03\x00", &[]; "broken off")]
    #[tokio::test]
    async fn what_is_not_served_is_refused(sent: &[u8], refusal: &[u8]) {
        let (target, answer, _) = play(sent, false).await;
        assert!(target.is_err());
        assert_eq!(answer, refusal);
    }

    #[test_case(&[]; "the user")]
    #[test_case(&[0]; "the name")]
    #[tokio::test]
    async fn nothing_of_socks_4_goes_on_for_ever(start: &[u8]) {
        let sent = [b"\x04\x01\x00\x50\x00\x00\x00\x01", start, &[b'a'; 1000]].concat();
        let (target, answer, left) = play(&sent, false).await;
        assert!(matches!(target, Err(SocksError::Malformed(_))));
        assert_eq!(answer, [0, 0x5b, 0, 80, 0, 0, 0, 1]);
        assert_eq!(left.len(), 1000 - 256);
    }

    #[tokio::test]
    async fn a_silent_client_is_given_up() {
        let (mut near, mut far) = tokio::io::duplex(64);
        near.write_all(&[5, 1]).await.unwrap();
        let refused = accept(&mut far, None, Instant::now()).await;
        assert!(matches!(refused, Err(SocksError::TimedOut)));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn any_bytes_come_to_an_end(
            version in proptest::sample::select(vec![4_u8, 5, 5, 0]),
            rest in proptest::collection::vec(prop_oneof![0_u8..6, any::<u8>()], 0..600),
            with_password: bool,
        ) {
            let sent = [&[version], rest.as_slice()].concat();
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            let (target, answer, left) = runtime.block_on(play(&sent, with_password));
            prop_assert!(answer.len() <= 14 && left.len() < sent.len());
            if let Ok(target) = target {
                prop_assert!(!target.contains(['\r', '\n', ' ', '/']));
            }
        }
    }
}
