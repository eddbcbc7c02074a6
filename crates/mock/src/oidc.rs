//! OpenID Connect: the discovery document of a mocked identity provider (OpenID Connect Discovery 1.0, section 4).

use std::sync::{Arc, PoisonError, RwLock};

use crate::json::Json;
use crate::schema::{Complaints, Fields};

/// Where the document is found.
pub(crate) const DISCOVERY_PATH: &str = "/.well-known/openid-configuration";

/// Each endpoint: its name in the document, the field that sets its path, and its usual path.
const ENDPOINTS: [(&str, Option<&str>, &str); 8] = [
    (
        "authorization_endpoint",
        Some("authorizePath"),
        "/authorize",
    ),
    ("token_endpoint", Some("tokenPath"), "/token"),
    ("userinfo_endpoint", Some("userinfoPath"), "/userinfo"),
    ("jwks_uri", Some("jwksPath"), "/.well-known/jwks.json"),
    (
        "introspection_endpoint",
        Some("introspectPath"),
        "/introspect",
    ),
    ("revocation_endpoint", Some("revokePath"), "/revoke"),
    ("end_session_endpoint", None, "/logout"),
    (
        "device_authorization_endpoint",
        Some("deviceAuthorizationPath"),
        "/device_authorization",
    ),
];

/// What the original can be told about its tokens and keys: there are none here.
const NOT_BUILT: &[&str] = &[
    "subject",
    "clientId",
    "clientSecret",
    "audience",
    "tokenExpirySeconds",
    "additionalClaims",
    "deviceCodePendingPolls",
    "enforceClientAuthentication",
    "opaqueAccessToken",
    "signingAlgorithm",
    "privateKeyPem",
    "certificatePem",
    "jwkJson",
    "keyId",
    "issueExpiredToken",
    "wrongIssuer",
    "tamperedSignature",
];

/// What the provider can do, as the original tells it.
const ABILITIES: [(&str, &[&str]); 6] = [
    ("response_types_supported", &["code"]),
    ("response_modes_supported", &["query"]),
    (
        "grant_types_supported",
        &[
            "authorization_code",
            "client_credentials",
            "refresh_token",
            "urn:ietf:params:oauth:grant-type:device_code",
        ],
    ),
    ("code_challenge_methods_supported", &["S256", "plain"]),
    (
        "token_endpoint_auth_methods_supported",
        &["client_secret_basic", "client_secret_post", "none"],
    ),
    ("id_token_signing_alg_values_supported", &["RS256"]),
];
const SCOPES: [&str; 3] = ["openid", "profile", "email"];
const CLAIMS: &[&str] = &[
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "nbf",
    "nonce",
    "at_hash",
    "name",
    "preferred_username",
    "email",
    "email_verified",
    "scope",
];

/// The provider that a scope mocks, if it does.
#[derive(Debug, Default)]
pub(crate) struct CurrentProvider(RwLock<Option<Arc<Provider>>>);

/// What an identity provider says about itself.
#[derive(Debug)]
pub(crate) struct Provider {
    /// Without one it is the address that is asked.
    issuer: Option<String>,
    /// Of the endpoints, in their order.
    paths: Vec<String>,
    scopes: Vec<String>,
}

impl CurrentProvider {
    pub(crate) fn get(&self) -> Option<Arc<Provider>> {
        let provider = self.0.read().unwrap_or_else(PoisonError::into_inner);
        provider.clone()
    }

    pub(crate) fn set(&self, provider: Option<Provider>) {
        let mut current = self.0.write().unwrap_or_else(PoisonError::into_inner);
        *current = provider.map(Arc::new);
    }
}

impl Provider {
    pub(crate) fn read(json: &Json, complaints: &mut Complaints) -> Option<Self> {
        let mut fields = Fields::of(json, "$", complaints)?;
        fields.refuse(NOT_BUILT, complaints);
        let issuer = fields.text("issuer", complaints);
        let mut paths = Vec::with_capacity(ENDPOINTS.len());
        for (_, field, usual) in ENDPOINTS {
            let given = field.and_then(|field| fields.text(field, complaints));
            paths.push(given.unwrap_or_else(|| usual.to_owned()));
        }
        let scopes = fields.take("scopes");
        let scopes = scopes.map(|json| read_scopes(json, &fields.at("scopes"), complaints));
        fields.finish(complaints);
        let usual = || SCOPES.map(str::to_owned).to_vec();
        Some(Self {
            issuer: issuer.filter(|issuer| !issuer.is_empty()),
            paths,
            scopes: scopes.unwrap_or_else(usual),
        })
    }

    /// The document, for a client that asked at `address`.
    pub(crate) fn discovery(&self, address: &str) -> Json {
        let issuer = self.issuer.as_deref().unwrap_or(address);
        let issuer = issuer.strip_suffix('/').unwrap_or(issuer);
        let list = |items: &[&str]| Json::Array(items.iter().copied().map(Json::text).collect());
        let endpoints = ENDPOINTS.iter().zip(&self.paths);
        let endpoints =
            endpoints.map(|((name, ..), path)| (*name, Json::Text(format!("{issuer}{path}"))));
        let abilities = ABILITIES.iter().map(|(name, items)| (*name, list(items)));
        let scopes = self.scopes.iter().map(Json::text).collect();
        let last = [
            ("scopes_supported", Json::Array(scopes)),
            ("subject_types_supported", list(&["public"])),
            ("claims_supported", list(CLAIMS)),
        ];
        let first = [("issuer", Json::text(issuer))];
        Json::object(
            first
                .into_iter()
                .chain(endpoints)
                .chain(abilities)
                .chain(last),
        )
    }
}

fn read_scopes(json: &Json, path: &str, complaints: &mut Complaints) -> Vec<String> {
    let Json::Array(items) = json else {
        complaints.error(path, format_args!("{} found, array expected", json.kind()));
        return Vec::new();
    };
    let items = items.iter().enumerate();
    items
        .filter_map(|(place, item)| complaints.text(&format!("{path}[{place}]"), item))
        .collect()
}
