//! Cross-origin requests: what a browser is told about who may read an answer or send a request.
//!
//! Nothing here has a memory: what a request may do depends on the settings alone. A web page therefore reaches the
//! control plane only when the user has said so.

/// What the user may choose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CorsSettings {
    /// Web pages may use the control plane.
    pub(crate) for_api: bool,
    /// All answers carry the headers.
    pub(crate) for_all_responses: bool,
    /// Origins, separated by commas; blank or `*` for any.
    pub(crate) allow_origin: String,
    /// Methods, separated by commas; blank for all usual ones.
    pub(crate) allow_methods: String,
    /// Headers, separated by commas; blank for the usual ones.
    pub(crate) allow_headers: String,
    /// Whether requests may come with cookies.
    pub(crate) allow_credentials: bool,
    /// How long a browser may remember a preflight.
    pub(crate) max_age_seconds: u64,
}

/// Whom a request is for. For a preflight, whom the request it announces is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plane {
    /// The operations of the server.
    Control,
    /// The mocks.
    Data,
}

/// Headers to add to an answer.
pub(crate) type CorsHeaders = Vec<(&'static str, String)>;

const DEFAULT_METHODS: &str = "CONNECT, DELETE, GET, HEAD, OPTIONS, POST, PUT, PATCH, TRACE";
const DEFAULT_HEADERS: &str = "Allow, Content-Encoding, Content-Length, Content-Type, ETag, Expires, Last-Modified, \
                               Location, Server, Vary, Authorization";

/// The method that a preflight announces; `None` when the request is no preflight.
pub(crate) fn announced_method<'a>(
    method: &str,
    header: impl Fn(&str) -> Option<&'a str>,
) -> Option<&'a str> {
    if method != "OPTIONS" {
        return None;
    }
    header("origin")?;
    let announced = header("access-control-request-method")?.trim();
    (!announced.is_empty()).then_some(announced)
}

/// Answers a preflight with 200 and these headers; `None` when it is none, or nothing is allowed.
///
/// A mock that matches the preflight goes first. Preflights for mocks are answered even when the headers are switched
/// off, since a mock may bring its own; those for the control plane are not.
pub(crate) fn preflight<'a>(
    method: &str,
    header: impl Fn(&str) -> Option<&'a str>,
    settings: &CorsSettings,
    plane: Plane,
) -> Option<CorsHeaders> {
    announced_method(method, &header)?;
    if plane == Plane::Control && !settings.apply_to(plane) {
        return None;
    }
    let wanted = header("access-control-request-headers");
    let headers = settings.headers(header("origin"), wanted);
    (!headers.is_empty()).then_some(headers)
}

/// The headers for an ordinary answer; none when the settings do not cover it.
pub(crate) fn headers_for(
    origin: Option<&str>,
    settings: &CorsSettings,
    plane: Plane,
) -> CorsHeaders {
    if settings.apply_to(plane) {
        settings.headers(origin, None)
    } else {
        Vec::new()
    }
}

/// Leaves out what the answer says itself; `vary` may stand in an answer twice.
pub(crate) fn without_own(headers: CorsHeaders, has: impl Fn(&str) -> bool) -> CorsHeaders {
    let mut headers = headers;
    headers.retain(|(name, _)| *name == "vary" || !has(name));
    headers
}

impl CorsSettings {
    fn apply_to(&self, plane: Plane) -> bool {
        self.for_all_responses || (self.for_api && plane == Plane::Control)
    }

    fn headers(&self, origin: Option<&str>, wanted: Option<&str>) -> CorsHeaders {
        let Some(allowed) = self.allowed_origin(origin) else {
            return Vec::new();
        };
        let depends_on_origin = origin.is_some();
        // A page without an origin of its own, or any page at all, never gets cookies along.
        let credentials = match (self.allow_credentials, allowed.as_str()) {
            (true, "*" | "null") => None,
            (allow, _) => Some(allow.to_string()),
        };
        let headers = self.allowed_headers(wanted);
        let mut all = vec![("access-control-allow-origin", allowed)];
        all.extend(credentials.map(|value| ("access-control-allow-credentials", value)));
        let methods = or_default(&self.allow_methods, DEFAULT_METHODS).to_owned();
        all.push(("access-control-allow-methods", methods));
        all.push(("access-control-allow-headers", headers.clone()));
        all.push(("access-control-expose-headers", headers));
        all.push(("access-control-max-age", self.max_age_seconds.to_string()));
        if depends_on_origin {
            all.push(("vary", "origin".to_owned()));
        }
        all
    }

    fn allowed_origin(&self, origin: Option<&str>) -> Option<String> {
        let list = self.allow_origin.trim();
        let mut allowed = list.split(',').map(str::trim);
        let any = list.is_empty() || allowed.clone().any(|one| one == "*");
        match origin {
            Some(origin) if any || allowed.any(|one| one == origin) => Some(origin.to_owned()),
            Some(_) => None,
            None if any => Some("*".to_owned()),
            None => {
                let first = allowed.next()?;
                allowed.next().is_none().then(|| first.to_owned())
            }
        }
    }

    fn allowed_headers(&self, wanted: Option<&str>) -> String {
        let configured = self.allow_headers.trim();
        match wanted.map(str::trim).filter(|wanted| !wanted.is_empty()) {
            None => or_default(configured, DEFAULT_HEADERS).to_owned(),
            Some(wanted) if configured.is_empty() => wanted.to_owned(),
            Some(wanted) => format!("{configured}, {wanted}"),
        }
    }
}

fn or_default<'a>(text: &'a str, default: &'a str) -> &'a str {
    let text = text.trim();
    if text.is_empty() { default } else { text }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::{
        CorsHeaders, CorsSettings, DEFAULT_HEADERS, DEFAULT_METHODS, Plane, headers_for, preflight,
        without_own,
    };

    const PAGE: &str = "https://a.example";

    fn on() -> CorsSettings {
        CorsSettings {
            for_all_responses: true,
            ..CorsSettings::default()
        }
    }

    fn configured() -> CorsSettings {
        CorsSettings {
            allow_methods: "GET, PUT".to_owned(),
            allow_headers: "x-a, x-b".to_owned(),
            allow_credentials: true,
            max_age_seconds: 300,
            ..on()
        }
    }

    fn value<'a>(headers: &'a CorsHeaders, name: &str) -> Option<&'a str> {
        let name = format!("access-control-{name}");
        let found = headers.iter().find(|(one, _)| *one == name);
        found.map(|(_, value)| value.as_str())
    }

    fn sent(extra: &'static str) -> impl Fn(&str) -> Option<&'static str> {
        move |name| match name {
            "origin" => Some(PAGE),
            "access-control-request-method" => Some("PUT"),
            "access-control-request-headers" if !extra.is_empty() => Some(extra),
            _ => None,
        }
    }

    #[test]
    fn an_answer_carries_all_that_is_configured() {
        let expected = [
            ("access-control-allow-origin", PAGE),
            ("access-control-allow-credentials", "true"),
            ("access-control-allow-methods", "GET, PUT"),
            ("access-control-allow-headers", "x-a, x-b"),
            ("access-control-expose-headers", "x-a, x-b"),
            ("access-control-max-age", "300"),
            ("vary", "origin"),
        ];
        let expected = expected.map(|(name, value)| (name, value.to_owned()));
        assert_eq!(
            headers_for(Some(PAGE), &configured(), Plane::Data),
            expected
        );
    }

    #[test]
    fn what_is_not_configured_has_the_defaults_of_the_original() {
        let headers = headers_for(Some(PAGE), &on(), Plane::Data);
        assert_eq!(value(&headers, "allow-credentials"), Some("false"));
        assert_eq!(value(&headers, "allow-methods"), Some(DEFAULT_METHODS));
        assert_eq!(value(&headers, "allow-headers"), Some(DEFAULT_HEADERS));
        assert_eq!(value(&headers, "expose-headers"), Some(DEFAULT_HEADERS));
        assert_eq!(value(&headers, "max-age"), Some("0"));
    }

    #[test_case(Some(PAGE), Some(PAGE), Some("true"); "a page")]
    #[test_case(Some("null"), Some("null"), None; "a page without an origin")]
    #[test_case(None, Some("*"), None; "no page at all")]
    fn credentials_are_for_real_origins_only(
        origin: Option<&str>,
        allowed: Option<&str>,
        credentials: Option<&str>,
    ) {
        let headers = headers_for(origin, &configured(), Plane::Data);
        assert_eq!(value(&headers, "allow-origin"), allowed);
        assert_eq!(value(&headers, "allow-credentials"), credentials);
    }

    #[test_case("", Some(PAGE), Some(PAGE); "blank is any")]
    #[test_case("*", Some(PAGE), Some(PAGE); "a star is any")]
    #[test_case("https://a.example", Some(PAGE), Some(PAGE); "the one")]
    #[test_case("https://x.example, https://a.example", Some(PAGE), Some(PAGE); "one of two")]
    #[test_case("https://x.example", Some(PAGE), None; "another")]
    #[test_case("https://a.example.evil", Some(PAGE), None; "a longer one")]
    #[test_case("https://x.example", None, Some("https://x.example"); "the one, unasked")]
    #[test_case("https://x.example, https://y.example", None, None; "one of two, unasked")]
    fn only_listed_origins_are_allowed(list: &str, origin: Option<&str>, expected: Option<&str>) {
        let settings = CorsSettings {
            allow_origin: list.to_owned(),
            ..on()
        };
        let headers = headers_for(origin, &settings, Plane::Data);
        assert_eq!(value(&headers, "allow-origin"), expected);
        assert_eq!(headers.is_empty(), expected.is_none());
    }

    #[test_case(false, false, Plane::Control, false)]
    #[test_case(false, false, Plane::Data, false)]
    #[test_case(true, false, Plane::Control, true)]
    #[test_case(true, false, Plane::Data, false)]
    #[test_case(false, true, Plane::Control, true)]
    #[test_case(false, true, Plane::Data, true)]
    fn the_switches_cover_their_planes(api: bool, all: bool, plane: Plane, expected: bool) {
        let settings = CorsSettings {
            for_api: api,
            for_all_responses: all,
            ..CorsSettings::default()
        };
        assert_eq!(
            !headers_for(Some(PAGE), &settings, plane).is_empty(),
            expected
        );
        let answer = preflight("OPTIONS", sent(""), &settings, plane);
        assert_eq!(answer.is_some(), expected || plane == Plane::Data);
    }

    #[test]
    fn a_preflight_changes_nothing() {
        let settings = CorsSettings::default();
        assert!(preflight("OPTIONS", sent(""), &settings, Plane::Data).is_some());
        assert!(preflight("OPTIONS", sent(""), &settings, Plane::Control).is_none());
        assert!(headers_for(Some(PAGE), &settings, Plane::Control).is_empty());
    }

    #[test_case(CorsSettings::default(), "x-q,x-z", "x-q,x-z"; "what is asked for")]
    #[test_case(configured(), "x-q,x-z", "x-a, x-b, x-q,x-z"; "added to what is configured")]
    #[test_case(configured(), "", "x-a, x-b"; "what is configured")]
    #[test_case(CorsSettings::default(), "", DEFAULT_HEADERS; "the usual ones")]
    fn a_preflight_is_told_its_headers(
        settings: CorsSettings,
        asked: &'static str,
        expected: &str,
    ) {
        let headers = preflight("OPTIONS", sent(asked), &settings, Plane::Data).unwrap();
        assert_eq!(value(&headers, "allow-headers"), Some(expected));
        assert_eq!(value(&headers, "expose-headers"), Some(expected));
    }

    #[test_case("GET", Some(PAGE), Some("PUT"); "another method")]
    #[test_case("OPTIONS", None, Some("PUT"); "no origin")]
    #[test_case("OPTIONS", Some(PAGE), None; "nothing announced")]
    #[test_case("OPTIONS", Some(PAGE), Some(" "); "a blank announced")]
    fn other_requests_are_no_preflights(
        method: &str,
        origin: Option<&'static str>,
        announced: Option<&'static str>,
    ) {
        let header = |name: &str| match name {
            "origin" => origin,
            "access-control-request-method" => announced,
            _ => None,
        };
        assert_eq!(preflight(method, header, &on(), Plane::Data), None);
    }

    #[test]
    fn what_a_mock_says_itself_stays() {
        let headers = headers_for(Some(PAGE), &configured(), Plane::Data);
        let has = |name: &str| matches!(name, "access-control-allow-origin" | "vary");
        let added = without_own(headers, has);
        assert_eq!(value(&added, "allow-origin"), None);
        assert_eq!(value(&added, "allow-credentials"), Some("true"));
        assert_eq!(added.last().unwrap().0, "vary");
    }
}
