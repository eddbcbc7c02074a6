//! TLS as the settings of a server describe it.

use std::path::{Path, PathBuf};

use super::{
    AuthoritySource, AuthorityStore, ClientCertificates, ForwardTls, Identity, Issued, PemFiles,
    TlsError, TlsSettings, TlsVersion, Trust,
};
use crate::settings::{self, Settings};

impl TlsSettings {
    /// What the settings ask for. The server's own authority is kept in `folder`; without one it lives as long as the server.
    ///
    /// # Errors
    ///
    /// A setting is missing that another one needs, or no usable version of TLS is left.
    pub(crate) fn of(settings: &Settings, folder: Option<&Path>) -> Result<Self, TlsError> {
        Ok(Self {
            identity: identity(settings, folder)?,
            client_certificates: client_certificates(settings),
            forward: ForwardTls {
                trust: trust(settings)?,
                verifies_names: settings.forward_proxy_tls_hostname_verification_enabled,
                identity: pair(
                    (
                        "forwardProxyCertificateChain",
                        &settings.forward_proxy_certificate_chain,
                    ),
                    (
                        "forwardProxyPrivateKey",
                        settings.forward_proxy_private_key.reveal(),
                    ),
                )?,
            },
            versions: versions(&settings.tls_protocols)?,
            offers_http2: settings.http2_enabled,
            ..Self::default()
        })
    }
}

fn identity(settings: &Settings, folder: Option<&Path>) -> Result<Identity, TlsError> {
    let authority = pair(
        (
            "certificateAuthorityCertificate",
            &settings.certificate_authority_certificate,
        ),
        (
            "certificateAuthorityPrivateKey",
            settings.certificate_authority_private_key.reveal(),
        ),
    );
    let own = pair(
        ("x509CertificatePath", &settings.x509_certificate_path),
        ("privateKeyPath", &settings.private_key_path),
    )?;
    if let Some(files) = own {
        // Here the authority only completes the chain; its key is of no use.
        let issuer = path(&settings.certificate_authority_certificate);
        return Ok(Identity::Given { files, issuer });
    }
    let authority = match (authority?, folder) {
        (Some(files), _) => AuthoritySource::Given(files),
        (None, Some(folder)) => AuthoritySource::Stored(AuthorityStore {
            folder: folder.to_owned(),
        }),
        (None, None) => AuthoritySource::InMemory,
    };
    let names = settings.ssl_subject_alternative_name_domains.iter();
    let addresses = settings.ssl_subject_alternative_name_ips.iter();
    Ok(Identity::Issued(Issued {
        authority,
        common_name: settings.ssl_certificate_domain_name.clone(),
        alternative_names: names.chain(addresses).cloned().collect(),
        follows_names: !settings.prevent_certificate_dynamic_update,
        validity_days: u32::try_from(settings.ssl_certificate_leaf_validity_in_days)
            .unwrap_or(u32::MAX),
    }))
}

fn client_certificates(settings: &Settings) -> ClientCertificates {
    if settings.tls_mutual_authentication_required {
        ClientCertificates::Required {
            trust: path(&settings.tls_mutual_authentication_certificate_chain),
        }
    } else {
        ClientCertificates::Welcome
    }
}

fn trust(settings: &Settings) -> Result<Trust, TlsError> {
    let custom = path(&settings.forward_proxy_tls_custom_trust_x509_certificates);
    match (
        settings.forward_proxy_tls_x509_certificates_trust_manager_type,
        custom,
    ) {
        (settings::Trust::Any, _) => Ok(Trust::Any),
        (settings::Trust::Jvm, _) => Ok(Trust::WebRoots),
        (settings::Trust::Custom, Some(path)) => Ok(Trust::Custom(path)),
        (settings::Trust::Custom, None) => Err(TlsError::Missing {
            given: "forwardProxyTLSX509CertificatesTrustManagerType=CUSTOM",
            missing: "forwardProxyTLSCustomTrustX509Certificates",
        }),
    }
}

/// Both files, or neither.
fn pair(
    (certificate_name, certificate): (&'static str, &str),
    (key_name, key): (&'static str, &str),
) -> Result<Option<PemFiles>, TlsError> {
    match (path(certificate), path(key)) {
        (Some(certificate), Some(key)) => Ok(Some(PemFiles { certificate, key })),
        (None, None) => Ok(None),
        (Some(_), None) => Err(TlsError::Missing {
            given: certificate_name,
            missing: key_name,
        }),
        (None, Some(_)) => Err(TlsError::Missing {
            given: key_name,
            missing: certificate_name,
        }),
    }
}

fn path(text: &str) -> Option<PathBuf> {
    let text = text.trim();
    (!text.is_empty()).then(|| PathBuf::from(text))
}

fn versions(names: &str) -> Result<Vec<TlsVersion>, TlsError> {
    let mut versions = Vec::new();
    for name in names.split(',').map(str::trim) {
        match TlsVersion::from_name(name) {
            Some(version) if !versions.contains(&version) => versions.push(version),
            Some(_) => {}
            None => tracing::warn!(name, "this version of TLS is not spoken"),
        }
    }
    if versions.is_empty() {
        return Err(TlsError::NoVersion(names.to_owned()));
    }
    Ok(versions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_make_certificates_on_the_fly() {
        let tls = TlsSettings::of(&Settings::default(), None).unwrap();
        let Identity::Issued(issued) = tls.identity else {
            panic!("a certificate was given");
        };
        assert_eq!(issued.authority, AuthoritySource::InMemory);
        assert_eq!(tls.versions, [TlsVersion::V1_2, TlsVersion::V1_3]);
        assert_eq!(tls.client_certificates, ClientCertificates::Welcome);
    }

    #[test]
    fn half_of_a_pair_is_told_by_name() {
        let mut settings = Settings::default();
        settings.x509_certificate_path = "cert.pem".to_owned();
        let error = TlsSettings::of(&settings, None).unwrap_err().to_string();
        assert!(
            error.contains("`x509CertificatePath`") && error.contains("`privateKeyPath`"),
            "{error}"
        );
    }

    #[test]
    fn old_versions_are_left_out_and_none_at_all_is_refused() {
        assert_eq!(
            versions("TLSv1, TLSv1.1,TLSv1.2").unwrap(),
            [TlsVersion::V1_2]
        );
        assert!(matches!(versions("TLSv1"), Err(TlsError::NoVersion(_))));
    }
}
