//! The table of settings: the single source of their names, kinds, defaults and meanings.

use super::key::{Key, settings};
use super::value::{Compat, HostPort, LogLevel, Ports, Secret, Trust, Value};

settings! {
    "Listening and connections" {
        /// The ports to listen on; all of them share one state.
        "serverPort" server_port: Ports = Ports(vec![1080]), env ["MOCKSERVER_SERVER_PORT", "SERVER_PORT"];
        /// The address to listen on. The original listens on all interfaces; write `0.0.0.0` for that.
        "localBoundIP" local_bound_ip: String = "127.0.0.1".to_owned();
        /// A path that answers `GET` as the status operation does, for liveness probes; empty for none.
        "livenessHttpGetPath" liveness_http_get_path: String = String::new();
        /// How long a stop waits for answers that are under way, in milliseconds. The original waits 15000.
        "stopDrainMillis" stop_drain_millis: u64 = 250;
        /// A wait before each new connection is served, in milliseconds.
        "connectionDelayMillis" connection_delay_millis: Option<u64> = None;
        /// Whether every connection ends with its first answer.
        "alwaysCloseSocketConnections" always_close_socket_connections: bool = false;
        /// Whether methods outside the well-known ones are taken for HTTP too.
        "assumeAllRequestsAreHttp" assume_all_requests_are_http: bool = false;
        /// Whether HTTP/2 is spoken.
        "http2Enabled" http2_enabled: bool = true;
    }
    "Behaviour of styk" {
        /// Whose behaviour is followed where versions of the original differ.
        "compat" compat: Compat = Compat::V8_0;
        /// What control answers say in their header `version`; empty for no such header. Java clients refuse servers of
        /// another minor version.
        "versionHeader" version_header: String = String::new();
        /// Lower limits for laptops: 1000 expectations and 1000 log entries, unless they are set.
        "devMode" dev_mode: bool = false;
    }
    "Logging" {
        /// How much to log.
        "logLevel" log_level: LogLevel = LogLevel::Info;
        /// Whether nothing is logged at all.
        "disableLogging" disable_logging: bool = false;
        /// Whether nothing is logged to the terminal.
        "disableSystemOut" disable_system_out: bool = false;
        /// Whether `GET /mockserver/metrics` answers, in Prometheus's format.
        "metricsEnabled" metrics_enabled: bool = false;
    }
    "Limits" {
        /// The largest number of expectations.
        "maxExpectations" max_expectations: u64 = 15_000, in 0..=100_000;
        /// The largest number of log entries; the oldest go first.
        "maxLogEntries" max_log_entries: u64 = 100_000, in 0..=1_000_000;
        /// How much memory the log may take, in bytes. The original has no limit by default.
        "maxEventLogSizeInBytes" max_event_log_size_in_bytes: u64 = 64 << 20, in 0..=9_223_372_036_854_775_807;
        /// The largest body of a request, in bytes; beyond it the answer is 413.
        "maxRequestBodySize" max_request_body_size: u64 = 10 << 20;
        /// The largest body of an answer from a proxied server, in bytes. The original takes 50 MiB.
        "maxResponseBodySize" max_response_body_size: u64 = 10 << 20;
        /// The longest head of a request, in bytes. The original has no limit.
        "maxHeaderSize" max_header_size: u64 = 256 << 10;
        /// The longest first line of a request, in bytes. The original has no limit.
        "maxInitialLineLength" max_initial_line_length: u64 = 64 << 10;
        /// The largest number of clients with callbacks.
        "maxWebSocketExpectations" max_web_socket_expectations: u64 = 1500, in 0..=100_000;
    }
    "Matching and verification" {
        /// Whether the answer to an unmatched request says in a header which expectation came closest.
        "closestMatchHintEnabled" closest_match_hint_enabled: bool = true;
        /// Whether the answer to an unmatched request says in its body why nothing matched.
        "attachMismatchDiagnosticToResponse" attach_mismatch_diagnostic_to_response: bool = false;
        /// How many requests a failed verification shows.
        "maximumNumberOfRequestToReturnInVerificationFailure"
            maximum_number_of_request_to_return_in_verification_failure: u64 = 10,
            env ["MOCKSERVER_MAXIMUM_NUMBER_OF_REQUESTS_TO_RETURN_IN_VERIFICATION_FAILURE"];
        /// Whether a failed verification says how the closest request differs.
        "detailedVerificationFailures" detailed_verification_failures: bool = true;
    }
    "Answers" {
        /// A delay before every answer, in milliseconds.
        "globalResponseDelayMillis" global_response_delay_millis: Option<u64> = None;
        /// Headers that every answer gets unless it has them, as `Name=value`, separated by `|`.
        "defaultResponseHeaders" default_response_headers: String = String::new();
        /// Whether control answers have CORS headers.
        "enableCORSForAPI" enable_cors_for_api: bool = false;
        /// Whether all answers have CORS headers.
        "enableCORSForAllResponses" enable_cors_for_all_responses: bool = false;
        /// `access-control-allow-origin`; empty for the origin of the request.
        "corsAllowOrigin" cors_allow_origin: String = String::new();
        /// `access-control-allow-methods`; empty for the usual ones.
        "corsAllowMethods" cors_allow_methods: String = String::new();
        /// `access-control-allow-headers`; empty for the usual ones.
        "corsAllowHeaders" cors_allow_headers: String = String::new();
        /// `access-control-allow-credentials`.
        "corsAllowCredentials" cors_allow_credentials: bool = false;
        /// `access-control-max-age`.
        "corsMaxAgeInSeconds" cors_max_age_in_seconds: u64 = 0;
    }
    "Templates and callbacks" {
        /// The longest an answer of a callback may take, in milliseconds.
        "maxFutureTimeoutInMillis" max_future_timeout_in_millis: u64 = 90_000, or "maxFutureTimeout";
    }
    "Initialization and persistence" {
        /// Files with expectations to begin with; a pattern with `*`, `**`, `?`, `[…]` and `{a,b}` names several.
        "initializationJsonPath" initialization_json_path: String = String::new();
        /// An OpenAPI description, a file or an URL, to begin with expectations for.
        "initializationOpenAPIPath" initialization_openapi_path: String = String::new(),
            env ["MOCKSERVER_INITIALIZATION_OPENAPI_PATH"];
        /// Whether changes of these files change the expectations.
        "watchInitializationJson" watch_initialization_json: bool = false;
        /// How often these files are looked at, in milliseconds.
        "watchInitializationJsonPollPeriodMillis"
            watch_initialization_json_poll_period_millis: u64 = 5000, in 10..=2_147_483_647;
        /// Whether a mistake in these files keeps the server from starting.
        "failOnInitializationError" fail_on_initialization_error: bool = false;
        /// Whether the expectations are written to a file at each change.
        "persistExpectations" persist_expectations: bool = false;
        /// That file.
        "persistedExpectationsPath" persisted_expectations_path: String = "persistedExpectations.json".to_owned();
    }
    "Forwarding" {
        /// Whether requests that match nothing go to the server in their header `Host`. The original does so by default.
        "attemptToProxyIfNoMatchingExpectation" attempt_to_proxy_if_no_matching_expectation: bool = false;
        /// The server that every request without an expectation goes to.
        "proxyRemoteHost" proxy_remote_host: String = String::new(),
            env ["MOCKSERVER_PROXY_REMOTE_HOST", "PROXY_REMOTE_HOST"];
        /// The port of that server.
        "proxyRemotePort" proxy_remote_port: Option<u64> = None, in 1..=65535,
            env ["MOCKSERVER_PROXY_REMOTE_PORT", "PROXY_REMOTE_PORT"];
        /// Whether that server is spoken to over TLS. The original has no such setting.
        "proxyRemoteSecure" proxy_remote_secure: bool = false;
        /// Whether the header `Host` names the server a request is forwarded to.
        "forwardAdjustHostHeader" forward_adjust_host_header: bool = true;
        /// The header `Host` of all forwarded requests; empty for none in particular.
        "forwardDefaultHostHeader" forward_default_host_header: String = String::new();
        /// Whether requests to private networks are not forwarded.
        "forwardProxyBlockPrivateNetworks" forward_proxy_block_private_networks: bool = false;
        /// How often a forwarded request is tried again.
        "forwardProxyRetryCount" forward_proxy_retry_count: u64 = 0, in 0..=100;
        /// The wait before it is, in milliseconds.
        "forwardProxyRetryBackoffMillis" forward_proxy_retry_backoff_millis: u64 = 100;
        /// The longest a forwarded request may wait for its answer, in milliseconds.
        "maxSocketTimeoutInMillis" max_socket_timeout_in_millis: u64 = 20_000, or "maxSocketTimeout";
        /// The longest a connection to another server may take to open, in milliseconds.
        "socketConnectionTimeoutInMillis" socket_connection_timeout_in_millis: u64 = 20_000,
            or "socketConnectionTimeout";
        /// The HTTP proxy that forwarded requests take.
        "forwardHttpProxy" forward_http_proxy: Option<HostPort> = None;
        /// The HTTP proxy that forwarded requests over TLS take.
        "forwardHttpsProxy" forward_https_proxy: Option<HostPort> = None;
        /// The SOCKS proxy that forwarded requests take.
        "forwardSocksProxy" forward_socks_proxy: Option<HostPort> = None;
        /// The user name for these proxies.
        "forwardProxyAuthenticationUsername" forward_proxy_authentication_username: String = String::new();
        /// The password for these proxies.
        "forwardProxyAuthenticationPassword" forward_proxy_authentication_password: Secret = Secret::default();
        /// Hosts that are reached without these proxies, separated by commas.
        "noProxyHosts" no_proxy_hosts: String = String::new();
        /// The realm that clients who use this server as a proxy are asked for.
        "proxyAuthenticationRealm" proxy_authentication_realm: String = "MockServer HTTP Proxy".to_owned(),
            env ["MOCKSERVER_PROXY_SERVER_REALM"];
        /// The user name that clients who use this server as a proxy have to give; empty for none.
        "proxyAuthenticationUsername" proxy_authentication_username: String = String::new();
        /// The password that goes with it.
        "proxyAuthenticationPassword" proxy_authentication_password: Secret = Secret::default();
        /// Whose certificates are trusted when requests are forwarded.
        "forwardProxyTLSX509CertificatesTrustManagerType"
            forward_proxy_tls_x509_certificates_trust_manager_type: Trust = Trust::Any,
            env ["MOCKSERVER_FORWARD_PROXY_TLS_X509_CERTIFICATES_TRUST_MANAGER_TYPE"];
        /// The file of certificates that `CUSTOM` trusts, in PEM.
        "forwardProxyTLSCustomTrustX509Certificates"
            forward_proxy_tls_custom_trust_x509_certificates: String = String::new();
        /// Whether certificates have to name the host that was asked for.
        "forwardProxyTLSHostnameVerificationEnabled"
            forward_proxy_tls_hostname_verification_enabled: bool = true;
        /// The file of the key that forwarded requests identify themselves with, in PEM.
        "forwardProxyPrivateKey" forward_proxy_private_key: Secret = Secret::default(),
            env ["MOCKSERVER_FORWARD_PROXY_TLS_PRIVATE_KEY"];
        /// The file of the certificates that go with this key, in PEM.
        "forwardProxyCertificateChain" forward_proxy_certificate_chain: String = String::new(),
            env ["MOCKSERVER_FORWARD_PROXY_TLS_X509_CERTIFICATE_CHAIN"];
    }
    "TLS" {
        /// The versions of TLS that are spoken.
        "tlsProtocols" tls_protocols: String = "TLSv1.2,TLSv1.3".to_owned();
        /// Whether the server makes itself a certificate authority of its own.
        "dynamicallyCreateCertificateAuthorityCertificate"
            dynamically_create_certificate_authority_certificate: bool = true;
        /// The folder that this authority is kept in.
        "directoryToSaveDynamicSSLCertificate"
            directory_to_save_dynamic_ssl_certificate: String = ".".to_owned(),
            env ["MOCKSERVER_CERTIFICATE_DIRECTORY_TO_SAVE_DYNAMIC_SSL_CERTIFICATE"];
        /// The file of the authority's certificate, in PEM; empty for an authority of the server's own.
        "certificateAuthorityCertificate" certificate_authority_certificate: String = String::new(),
            env ["MOCKSERVER_CERTIFICATE_AUTHORITY_X509_CERTIFICATE"];
        /// The file of the authority's key, in PEM.
        "certificateAuthorityPrivateKey" certificate_authority_private_key: Secret = Secret::default();
        /// The file of a certificate to use as it is, in PEM; empty for certificates made on demand.
        "x509CertificatePath" x509_certificate_path: String = String::new(),
            env ["MOCKSERVER_TLS_X509_CERTIFICATE_PATH"];
        /// The file of the key that goes with it, in PEM.
        "privateKeyPath" private_key_path: String = String::new(), env ["MOCKSERVER_TLS_PRIVATE_KEY_PATH"];
        /// The host that the certificate is made for.
        "sslCertificateDomainName" ssl_certificate_domain_name: String = "localhost".to_owned();
        /// The names that the certificate is made for.
        "sslSubjectAlternativeNameDomains"
            ssl_subject_alternative_name_domains: Vec<String> = vec!["localhost".to_owned()];
        /// The addresses that the certificate is made for.
        "sslSubjectAlternativeNameIps"
            ssl_subject_alternative_name_ips: Vec<String> = vec!["0.0.0.0".to_owned(), "127.0.0.1".to_owned()];
        /// How long a certificate is valid.
        "sslCertificateLeafValidityInDays" ssl_certificate_leaf_validity_in_days: u64 = 397, in 1..=36_500;
        /// Whether certificates are not made again for the names that clients ask for.
        "preventCertificateDynamicUpdate" prevent_certificate_dynamic_update: bool = false;
        /// Whether certificates are made at the start, not with the first connection.
        "proactivelyInitialiseTLS" proactively_initialise_tls: bool = false;
        /// Whether clients have to identify themselves with a certificate.
        "tlsMutualAuthenticationRequired" tls_mutual_authentication_required: bool = false;
        /// The file of certificates that clients are trusted by, in PEM; empty for the server's own authority.
        "tlsMutualAuthenticationCertificateChain"
            tls_mutual_authentication_certificate_chain: String = String::new();
        /// Whether the start prints how to use the server as a proxy for HTTPS, with a private authority.
        "proxySetup" proxy_setup: bool = false;
    }
}
