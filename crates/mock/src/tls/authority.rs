//! The certificate authority that signs what the server shows.

use std::path::Path;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, PublicKeyData,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use x509_parser::prelude::{FromDer, X509Certificate, X509Name};

use super::key::AuthorityKey;
use super::name::Name;
use super::peer::hex;
use super::{AuthorityStore, PemFiles, TlsError, pem};

/// Clocks of clients may be behind; the original dates back by as much.
const BACKDATED_DAYS: i64 = 5;
const AUTHORITY_DAYS: i64 = 3650;

/// Where the authority comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AuthoritySource {
    /// Made for this server, and gone with it.
    InMemory,
    /// Made once for the installation, and kept.
    Stored(AuthorityStore),
    /// The user's own.
    Given(PemFiles),
}

impl AuthoritySource {
    pub(super) fn open(&self, now: Timestamp) -> Result<Authority, TlsError> {
        match self {
            Self::InMemory => Authority::from_pem(&Authority::make(now)?, Path::new("memory")),
            Self::Stored(store) => store.open(now),
            Self::Given(files) => Authority::read(files),
        }
    }
}

/// A certificate authority: its certificate, and the key to sign with.
#[derive(Debug)]
pub(super) struct Authority {
    /// The authority's certificate first, those above it after.
    chain: Vec<CertificateDer<'static>>,
    certificate: CertificateDer<'static>,
    issuer: Issuer<'static, AuthorityKey>,
}

impl Authority {
    /// The text of a fresh authority: certificate and key.
    pub(super) fn make(now: Timestamp) -> Result<String, TlsError> {
        let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
        let mut params = CertificateParams::default();
        // Two authorities under one name would confuse a client that trusts both.
        let id = hex(params.key_identifier(&key).get(..4).unwrap_or_default());
        params.distinguished_name = DistinguishedName::new();
        let name = format!("styk mock authority {id}");
        params.distinguished_name.push(DnType::CommonName, name);
        params
            .distinguished_name
            .push(DnType::OrganizationName, "styk");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        set_validity(&mut params, now, AUTHORITY_DAYS);
        let certificate = params.self_signed(&key)?;
        Ok(format!("{}{}", certificate.pem(), key.serialize_pem()))
    }

    /// Reads the authority the user gave.
    pub(super) fn read(files: &PemFiles) -> Result<Self, TlsError> {
        let chain = pem::certificates(&files.certificate)?;
        let key = pem::private_key(&files.key)?;
        Self::new(chain, &key, files)
    }

    /// Reads a text that holds both certificate and key.
    pub(super) fn from_pem(text: &str, path: &Path) -> Result<Self, TlsError> {
        let chain = pem::certificates_in(text.as_bytes(), path)?;
        let key = pem::private_key_in(text.as_bytes(), path)?;
        let files = PemFiles {
            certificate: path.to_owned(),
            key: path.to_owned(),
        };
        Self::new(chain, &key, &files)
    }

    fn new(
        chain: Vec<CertificateDer<'static>>,
        key: &PrivateKeyDer<'_>,
        files: &PemFiles,
    ) -> Result<Self, TlsError> {
        let refused = |reason: &str| {
            TlsError::content("certificate of an authority", &files.certificate, reason)
        };
        let Some(certificate) = chain.first().cloned() else {
            return Err(refused("there is none"));
        };
        let key = AuthorityKey::new(key)
            .map_err(|reason| TlsError::content("private key", &files.key, reason))?;
        let (_, parsed) =
            X509Certificate::from_der(&certificate).map_err(|error| refused(&error.to_string()))?;
        if parsed.public_key().subject_public_key.data != key.der_bytes() {
            return Err(files.mismatch("it is the key of another"));
        }
        may_sign(&parsed).map_err(refused)?;
        let issuer = Issuer::from_ca_cert_der(&certificate, key)
            .map_err(|error| refused(&error.to_string()))?;
        Ok(Self {
            chain,
            certificate,
            issuer,
        })
    }

    /// What clients have to trust.
    pub(super) fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// Makes a certificate for these names, with a key of its own.
    pub(super) fn issue(
        &self,
        common_name: &str,
        names: &[Name],
        now: Timestamp,
        validity_days: u32,
    ) -> Result<CertifiedKey, TlsError> {
        // A fresh key also gives a fresh serial number: browsers refuse one that comes twice.
        let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
        let mut params = CertificateParams::default();
        params.distinguished_name = leaf_name(common_name);
        let alternatives = names.iter().map(Name::alternative);
        params.subject_alt_names = alternatives.collect::<Result<_, _>>()?;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ServerAuth,
            ExtendedKeyUsagePurpose::ClientAuth,
        ];
        params.use_authority_key_identifier_extension = true;
        set_validity(&mut params, now, days_ahead(validity_days));
        let leaf = params.signed_by(&key, &self.issuer)?;
        let mut chain = vec![CertificateDer::from(leaf)];
        chain.extend(self.chain.iter().cloned());
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let key = rustls::crypto::ring::sign::any_supported_type(&key)?;
        Ok(CertifiedKey::new(chain, key))
    }
}

/// Whether clients would accept what is signed in the name of this certificate.
fn may_sign(certificate: &X509Certificate<'_>) -> Result<(), &'static str> {
    match certificate.basic_constraints() {
        Ok(Some(constraints)) if !constraints.value.ca => {
            return Err("it may not sign others (CA:FALSE)");
        }
        Err(_) => return Err("its basic constraints cannot be read"),
        Ok(_) => {}
    }
    if can_be_repeated(certificate.subject()) {
        Ok(())
    } else {
        Err(
            "its subject has several parts of one kind, such as two DC, which cannot be repeated as issuer",
        )
    }
}

/// The maker of certificates keeps one value of each kind; a name beyond that would come out changed.
fn can_be_repeated(name: &X509Name<'_>) -> bool {
    let mut kinds = Vec::new();
    name.iter_rdn().all(|part| {
        let mut values = part.iter();
        let Some(kind) = values.next().map(|value| value.attr_type().to_id_string()) else {
            return false;
        };
        let is_new = !kinds.contains(&kind);
        kinds.push(kind);
        is_new && values.next().is_none()
    })
}

/// The names the original puts into its certificates.
fn leaf_name(common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    name.push(DnType::OrganizationName, "MockServer");
    name.push(DnType::LocalityName, "London");
    name.push(DnType::StateOrProvinceName, "England");
    name.push(DnType::CountryName, "UK");
    name
}

/// How many days from now a certificate is good that is good for so many days in all. Never none: dates are whole days.
pub(super) fn days_ahead(validity_days: u32) -> i64 {
    (i64::from(validity_days) - BACKDATED_DAYS).max(2)
}

/// Sets from when to when a certificate is good.
fn set_validity(params: &mut CertificateParams, now: Timestamp, days_ahead: i64) {
    let midnight = |moment: Timestamp| {
        // Certificates cannot express years before the first.
        let day = moment
            .max(Timestamp::UNIX_EPOCH)
            .to_zoned(TimeZone::UTC)
            .date();
        let (month, day_of_month) = (day.month().unsigned_abs(), day.day().unsigned_abs());
        rcgen::date_time_ymd(i32::from(day.year()), month, day_of_month)
    };
    let before = now.checked_sub(SignedDuration::from_hours(24 * BACKDATED_DAYS));
    let after = now.checked_add(SignedDuration::from_hours(24 * days_ahead));
    params.not_before = midnight(before.unwrap_or(now));
    params.not_after = midnight(after.unwrap_or(Timestamp::MAX));
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::{Authority, days_ahead};
    use crate::tls::name::Name;

    #[test_case(397, 392)]
    #[test_case(1, 2; "the last midnight is ahead")]
    #[test_case(0, 2)]
    fn a_certificate_is_good_for_some_time(validity_days: u32, expected: i64) {
        assert_eq!(days_ahead(validity_days), expected);
    }

    #[test_case("-009999-01-04T00:00:00Z", 397; "the first day")]
    #[test_case("9999-12-30T00:00:00Z", 397; "the last day")]
    #[test_case("2026-01-01T00:00:00Z", u32::MAX; "for ever")]
    fn no_date_is_too_much(now: &str, validity_days: u32) {
        let now = now.parse().unwrap();
        let text = Authority::make(now).unwrap();
        let authority = Authority::from_pem(&text, std::path::Path::new("test")).unwrap();
        let names = [Name::Dns("a.test".to_owned())];
        assert!(authority.issue("a", &names, now, validity_days).is_ok());
    }
}
