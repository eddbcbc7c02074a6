//! What a client's certificate says, in the words in which Java says it: matchers and records hold these texts.

use rustls::CommonState;
use sha2::{Digest, Sha256};
use styk_core::ClientCertificate;
use x509_parser::asn1_rs::ToDer;
use x509_parser::prelude::{AttributeTypeAndValue, FromDer, X509Certificate, X509Name};

/// What the other side showed, its own certificate first; empty when it showed nothing.
pub(crate) fn peer_certificates(connection: &CommonState) -> Vec<ClientCertificate> {
    let shown = connection.peer_certificates().unwrap_or_default();
    let read = shown.iter().map(|one| read(one));
    let kept = read.filter_map(|read| {
        read.inspect_err(|error| tracing::warn!(%error, "a client's certificate is not recorded"))
            .ok()
    });
    kept.collect()
}

/// # Errors
///
/// What is wrong with the certificate.
fn read(der: &[u8]) -> Result<ClientCertificate, String> {
    let (_, certificate) = X509Certificate::from_der(der).map_err(|error| error.to_string())?;
    let algorithm = certificate.signature_algorithm.algorithm.to_id_string();
    Ok(ClientCertificate {
        subject: distinguished(certificate.subject()),
        issuer: distinguished(certificate.issuer()),
        serial_number: certificate.serial.to_string(),
        signature_algorithm: java_algorithm(&algorithm).unwrap_or(&algorithm).to_owned(),
        fingerprint_sha256: hex(&Sha256::digest(der)),
    })
}

/// RFC 2253: the last part first.
fn distinguished(name: &X509Name<'_>) -> String {
    let mut parts: Vec<String> = name
        .iter_rdn()
        .map(|part| {
            let values: Vec<String> = part.iter().map(attribute).collect();
            values.join("+")
        })
        .collect();
    parts.reverse();
    parts.join(",")
}

fn attribute(attribute: &AttributeTypeAndValue<'_>) -> String {
    let id = attribute.attr_type().to_id_string();
    if let (Some(keyword), Ok(value)) = (keyword(&id), attribute.as_str()) {
        return format!("{keyword}={}", escaped(value));
    }
    match attribute.attr_value().to_der_vec() {
        Ok(der) => format!("{id}=#{}", hex(&der)),
        Err(_) => format!("{id}="),
    }
}

/// The keywords of RFC 2253; other types stand as numbers.
fn keyword(id: &str) -> Option<&'static str> {
    Some(match id {
        "2.5.4.3" => "CN",
        "2.5.4.6" => "C",
        "2.5.4.7" => "L",
        "2.5.4.8" => "ST",
        "2.5.4.9" => "STREET",
        "2.5.4.10" => "O",
        "2.5.4.11" => "OU",
        "0.9.2342.19200300.100.1.25" => "DC",
        "0.9.2342.19200300.100.1.1" => "UID",
        _ => return None,
    })
}

fn escaped(value: &str) -> String {
    let inner_start = value.len() - value.trim_start_matches(' ').len();
    let inner_end = value.trim_end_matches(' ').len();
    let mut text = String::with_capacity(value.len());
    for (at, c) in value.char_indices() {
        let is_outer_space = c == ' ' && (at < inner_start || at >= inner_end);
        if is_outer_space || ",=+<>#;\"\\".contains(c) {
            text.push('\\');
        }
        text.push(c);
    }
    text
}

fn java_algorithm(id: &str) -> Option<&'static str> {
    Some(match id {
        "1.2.840.113549.1.1.5" => "SHA1withRSA",
        "1.2.840.113549.1.1.10" => "RSASSA-PSS",
        "1.2.840.113549.1.1.11" => "SHA256withRSA",
        "1.2.840.113549.1.1.12" => "SHA384withRSA",
        "1.2.840.113549.1.1.13" => "SHA512withRSA",
        "1.2.840.10045.4.3.2" => "SHA256withECDSA",
        "1.2.840.10045.4.3.3" => "SHA384withECDSA",
        "1.2.840.10045.4.3.4" => "SHA512withECDSA",
        "1.3.101.112" => "Ed25519",
        _ => return None,
    })
}

/// Lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject;
    use styk_core::ClientCertificate;
    use test_case::test_case;

    use super::read;

    /// What a certificate says that was made by openssl.
    fn says(name: &str) -> ClientCertificate {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/tls/tests/peers");
        let certificate = CertificateDer::from_pem_file(format!("{folder}/{name}.pem")).unwrap();
        read(&certificate).unwrap()
    }

    #[test_case("signs", r#"1.2.840.113549.1.9.1=#16056140622e63,CN=x \"y\" \<z\>\;\#,OU=a\+b,O=Acme\, Inc,L=London,ST=Eng,C=UK"#)]
    #[test_case("types", r"2.5.4.12=#0c024472,2.5.4.42=#0c014a,2.5.4.4=#0c03446f65,2.5.4.5=#13023132,CN=jö\\e,UID=joe,DC=acme,DC=com")]
    #[test_case("spaces", r"L=a  b,O=a\=b\ ,OU=\#hash,CN=\ lead\ ")]
    #[test_case("several", "STREET=c d,CN=a+OU=b"; "several values in one part")]
    #[test_case("unicode", "OU=日本,CN=Ünï"; "not ascii")]
    #[test_case("twice", "CN=c,OU=b,OU=a"; "a type twice")]
    fn names_are_written_as_the_original_writes_them(name: &str, expected: &str) {
        let said = says(name);
        assert_eq!(
            (said.subject.as_str(), said.issuer.as_str()),
            (expected, expected)
        );
    }

    #[test_case("several", "SHA256withECDSA")]
    #[test_case("p384", "SHA384withECDSA")]
    #[test_case("rsa", "SHA512withRSA")]
    #[test_case("pss", "RSASSA-PSS")]
    fn algorithms_have_their_java_names(name: &str, expected: &str) {
        assert_eq!(says(name).signature_algorithm, expected);
    }

    #[test_case("p384", "0"; "zero")]
    #[test_case("rsa", "248633691774339137174806369954647078899075644278"; "a long one")]
    fn the_number_is_decimal(name: &str, number: &str) {
        assert_eq!(says(name).serial_number, number);
    }

    #[test]
    fn the_fingerprint_is_that_of_openssl() {
        let told = "c3af8b8f9026f63010c5775bc9597f353261a906b3fb56f8bab88f5d16c137c9";
        assert_eq!(says("rsa").fingerprint_sha256, told);
    }

    #[test]
    fn nonsense_is_an_error() {
        for der in [
            &b""[..],
            b"\x30\x03\x02\x01\x01",
            &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff],
        ] {
            assert!(read(der).is_err());
        }
    }
}
