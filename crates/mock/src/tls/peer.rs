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
    use std::path::Path;
    use std::process::Command;

    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject;
    use test_case::test_case;

    use super::read;

    const EC: &[&str] = &["ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
    const EC_384: &[&str] = &["ec", "-pkeyopt", "ec_paramgen_curve:P-384", "-sha384"];
    const PSS: &[&str] = &["rsa:2048", "-sigopt", "rsa_padding_mode:pss"];

    /// A certificate made by openssl, and its path.
    fn made(folder: &Path, kind: &[&str], subject: &str, number: &str) -> CertificateDer<'static> {
        let path = folder.join("c.pem");
        let output = Command::new("openssl")
            .args([
                "req",
                "-x509",
                "-nodes",
                "-utf8",
                "-multivalue-rdn",
                "-keyout",
                "k.pem",
            ])
            .args([
                "-out",
                "c.pem",
                "-set_serial",
                number,
                "-subj",
                subject,
                "-newkey",
            ])
            .args(kind)
            .current_dir(folder)
            .output()
            .expect("these tests need openssl on the PATH");
        assert!(output.status.success(), "{output:?}");
        CertificateDer::from_pem_file(path).unwrap()
    }

    #[test_case(r#"/C=UK/ST=Eng/L=London/O=Acme, Inc/OU=a\+b/CN=x "y" <z>;#/emailAddress=a@b.c"#,
        r#"1.2.840.113549.1.9.1=#16056140622e63,CN=x \"y\" \<z\>\;\#,OU=a\+b,O=Acme\, Inc,L=London,ST=Eng,C=UK"#; "signs")]
    #[test_case(r"/DC=com/DC=acme/UID=joe/CN=jö\\e/serialNumber=12/SN=Doe/GN=J/title=Dr",
        r"2.5.4.12=#0c024472,2.5.4.42=#0c014a,2.5.4.4=#0c03446f65,2.5.4.5=#13023132,CN=jö\\e,UID=joe,DC=acme,DC=com"; "types")]
    #[test_case("/CN= lead /OU=#hash/O=a=b /L=a  b", r"L=a  b,O=a\=b\ ,OU=\#hash,CN=\ lead\ "; "spaces")]
    #[test_case("/CN=a+OU=b/street=c d", "STREET=c d,CN=a+OU=b"; "several values")]
    #[test_case("/CN=Ünï/OU=日本", "OU=日本,CN=Ünï"; "not ascii")]
    #[test_case("/OU=a/OU=b/CN=c", "CN=c,OU=b,OU=a"; "a type twice")]
    fn names_are_written_as_the_original_writes_them(subject: &str, expected: &str) {
        let folder = tempfile::tempdir().unwrap();
        let der = made(folder.path(), EC, subject, "1");
        let read = read(&der).unwrap();
        assert_eq!(read.subject, expected);
        assert_eq!(read.issuer, expected);
    }

    #[test_case(EC, "SHA256withECDSA")]
    #[test_case(EC_384, "SHA384withECDSA")]
    #[test_case(&["rsa:2048", "-sha512"], "SHA512withRSA")]
    #[test_case(PSS, "RSASSA-PSS")]
    fn algorithms_have_their_java_names(kind: &[&str], expected: &str) {
        let folder = tempfile::tempdir().unwrap();
        let der = made(folder.path(), kind, "/CN=a", "1");
        assert_eq!(read(&der).unwrap().signature_algorithm, expected);
    }

    #[test_case("0")]
    #[test_case("248633691774339137174806369954647078899075644278")]
    fn the_number_is_decimal(number: &str) {
        let folder = tempfile::tempdir().unwrap();
        let der = made(folder.path(), EC, "/CN=a", number);
        assert_eq!(read(&der).unwrap().serial_number, number);
    }

    #[test]
    fn the_fingerprint_is_that_of_openssl() {
        let folder = tempfile::tempdir().unwrap();
        let der = made(folder.path(), EC, "/CN=a", "1");
        let output = Command::new("openssl")
            .args(["x509", "-in", "c.pem", "-noout", "-fingerprint", "-sha256"])
            .current_dir(folder.path())
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let (_, told) = text.trim().split_once('=').unwrap();
        let told = told.replace(':', "").to_ascii_lowercase();
        assert_eq!(read(&der).unwrap().fingerprint_sha256, told);
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
