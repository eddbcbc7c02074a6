//! What a client needs to use this server as a proxy: its address, and the authority to trust.

use crate::server::Shared;
use crate::tls::TlsError;

/// Variables of the environment that name a file of authorities to trust.
const TRUST: [&str; 3] = ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"];

/// How a client is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProxySetup {
    pub(crate) proxy: String,
    pub(crate) authority_pem: String,
    /// Absent when the authority is in no file.
    pub(crate) authority_path: Option<String>,
}

impl ProxySetup {
    /// # Errors
    ///
    /// The authority cannot be made or read.
    pub(crate) fn of(shared: &Shared) -> Result<Self, TlsError> {
        let path = shared.tls.authority_path();
        Ok(Self {
            proxy: format!("http://localhost:{}", shared.port()),
            authority_pem: shared.tls.authority_pem()?,
            authority_path: path.map(|path| path.display().to_string()),
        })
    }

    /// For a person to read.
    pub(crate) fn text(&self) -> String {
        let path = self.authority_path.as_deref();
        let path = path.unwrap_or("in no file; see caCertificatePem of the JSON");
        format!(
            "MockServer proxy setup\n======================\nCA certificate: {path}\nHTTPS proxy:    {}\n\n{}\n\n\
             Note: containerised clients must replace \"localhost\" with a host reachable from the container \
             (e.g. host.docker.internal).\n",
            self.proxy,
            self.unix()
        )
    }

    /// Variables for a Unix shell.
    pub(crate) fn unix(&self) -> String {
        self.variables(|name, value| format!("export {name}={value}"))
    }

    /// Variables for PowerShell.
    pub(crate) fn powershell(&self) -> String {
        self.variables(|name, value| format!("$env:{name} = \"{value}\""))
    }

    fn variables(&self, line: impl Fn(&str, &str) -> String) -> String {
        let path = self.authority_path.iter();
        let trust = path.flat_map(|path| TRUST.map(|name| line(name, path)));
        let proxy = std::iter::once(line("HTTPS_PROXY", &self.proxy));
        proxy.chain(trust).collect::<Vec<_>>().join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_name_the_file_where_there_is_one() {
        let setup = |path: Option<&str>| ProxySetup {
            proxy: "http://localhost:1080".to_owned(),
            authority_pem: String::new(),
            authority_path: path.map(str::to_owned),
        };
        assert_eq!(
            setup(None).unix(),
            "export HTTPS_PROXY=http://localhost:1080"
        );
        assert_eq!(
            setup(Some("ca.pem")).powershell(),
            "$env:HTTPS_PROXY = \"http://localhost:1080\"\n$env:NODE_EXTRA_CA_CERTS = \"ca.pem\"\n\
             $env:SSL_CERT_FILE = \"ca.pem\"\n$env:REQUESTS_CA_BUNDLE = \"ca.pem\""
        );
    }
}
