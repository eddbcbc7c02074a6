//! The certificate authority that signs what the server shows.

use std::path::Path;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose,
};
use rustls::RootCertStore;
use rustls::client::verify_server_cert_signed_by_trust_anchor;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::sign::CertifiedKey;

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
    files: Option<PemFiles>,
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
        let mut authority = Self::new(chain, &key, &files.certificate, &files.key)?;
        authority.files = Some(files.clone());
        Ok(authority)
    }

    /// Reads a text that holds both certificate and key.
    pub(super) fn from_pem(text: &str, path: &Path) -> Result<Self, TlsError> {
        let chain = pem::certificates_in(text.as_bytes(), path)?;
        let key = pem::private_key_in(text.as_bytes(), path)?;
        Self::new(chain, &key, path, path)
    }

    fn new(
        chain: Vec<CertificateDer<'static>>,
        key: &PrivateKeyDer<'_>,
        certificate_path: &Path,
        key_path: &Path,
    ) -> Result<Self, TlsError> {
        const WHAT: &str = "certificate of an authority";
        let Some(certificate) = chain.first().cloned() else {
            return Err(TlsError::content(WHAT, certificate_path, "there is none"));
        };
        let key = AuthorityKey::new(key)
            .map_err(|reason| TlsError::content("private key", key_path, reason))?;
        let issuer = Issuer::from_ca_cert_der(&certificate, key)
            .map_err(|error| TlsError::content(WHAT, certificate_path, error))?;
        Ok(Self {
            chain,
            certificate,
            issuer,
            files: None,
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
        set_validity(&mut params, now, i64::from(validity_days));
        let leaf = params.signed_by(&key, &self.issuer)?;
        let mut chain = vec![CertificateDer::from(leaf)];
        chain.extend(self.chain.iter().cloned());
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let key = rustls::crypto::ring::sign::any_supported_type(&key)?;
        Ok(CertifiedKey::new(chain, key))
    }

    /// Checks, as a client would, that what is signed here is accepted by who trusts the certificate.
    pub(super) fn prove(&self, provider: &CryptoProvider, now: Timestamp) -> Result<(), TlsError> {
        let leaf = self.issue("localhost", &[], now, 1)?;
        let checked = leaf.end_entity_cert().and_then(|leaf| {
            let mut roots = RootCertStore::empty();
            roots.add(self.certificate.clone())?;
            let seconds = u64::try_from(now.as_second()).unwrap_or_default();
            verify_server_cert_signed_by_trust_anchor(
                &ParsedCertificate::try_from(leaf)?,
                &roots,
                &[],
                UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds)),
                provider.signature_verification_algorithms.all,
            )
        });
        checked.map_err(|error| match &self.files {
            Some(files) => files.mismatch(error),
            None => error.into(),
        })
    }
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

/// Sets how long a certificate is good: from some days ago, in whole days.
fn set_validity(params: &mut CertificateParams, now: Timestamp, days: i64) {
    let day = |offset: i64| {
        let moved = now.checked_add(SignedDuration::from_hours(24 * offset));
        let day = moved.unwrap_or(now).to_zoned(TimeZone::UTC).date();
        let (month, day_of_month) = (day.month().unsigned_abs(), day.day().unsigned_abs());
        rcgen::date_time_ymd(i32::from(day.year()), month, day_of_month)
    };
    params.not_before = day(-BACKDATED_DAYS);
    params.not_after = day(days);
}
