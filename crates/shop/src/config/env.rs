//! The environment variables of the shop, each with its form.

mod payment;

use std::fmt::Display;
use std::time::Duration;

use url::Url;

use super::{Config, PaymentProvider, Profile, Run, Service};

/// A variable whose value cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable}={value}: {expected}")]
pub struct ConfigError {
    /// The variable.
    pub variable: String,
    /// What it holds.
    pub value: String,
    /// What is expected instead.
    pub expected: String,
}

type Get<'a> = &'a dyn Fn(&str) -> Option<String>;

pub(super) fn read(get: Get<'_>) -> Result<Config, ConfigError> {
    refuse_what_is_not_there_yet(get)?;
    let base = Config::default();
    let profile = profile(get)?;
    let payment_provider = payment::provider(get)?;
    // Only mocks of the generic service need leniency: they give every payment the same amount.
    let strict_amount =
        profile == Profile::Production || payment_provider != PaymentProvider::Generic;
    Ok(Config {
        database_url: text(get, "DATABASE_URL").unwrap_or(base.database_url),
        app_url: text(get, "APP_URL")
            .map(|value| address("APP_URL", &value))
            .transpose()?,
        bind: text(get, "BIND").unwrap_or(base.bind),
        profile,
        payment_service: service(get, "PAYMENT", base.payment_service)?,
        shipping_service: service(get, "SHIPPING", base.shipping_service)?,
        email_service: service(get, "EMAIL", base.email_service)?,
        payment_provider,
        payment_strict_amount: flag(get, "PAYMENT_STRICT_AMOUNT", strict_amount)?,
        connect_timeout: millis(get, "CONNECT_TIMEOUT_MS", base.connect_timeout)?,
        provider_timeout: millis(get, "PROVIDER_TIMEOUT_MS", base.provider_timeout)?,
        provider_attempts: number(get, "PROVIDER_ATTEMPTS", base.provider_attempts, 1, 20)?,
        inline_dispatch: millis(get, "INLINE_DISPATCH_MS", base.inline_dispatch)?,
        payment_wait: millis(get, "PAYMENT_WAIT_MS", base.payment_wait)?,
        reservation_ttl: number(
            get,
            "RESERVATION_TTL_S",
            base.reservation_ttl.as_secs(),
            1,
            31_536_000,
        )
        .map(Duration::from_secs)?,
        time_scale: time_scale(get, base.time_scale)?,
        worker_concurrency: number(get, "WORKER_CONCURRENCY", base.worker_concurrency, 1, 256)?,
        run: run(get)?,
        test_reset_token: text(get, "TEST_RESET_TOKEN"),
        telemetry: base.telemetry,
        clock: base.clock,
        seed: base.seed,
    })
}

/// Choices that belong to the shop but not to this version: better an error than another provider than asked for.
fn refuse_what_is_not_there_yet(get: Get<'_>) -> Result<(), ConfigError> {
    let only = [
        ("SHIPPING_PROVIDER", "generic"),
        ("EMAIL_PROVIDER", "generic"),
        ("SMS_PROVIDER", "none"),
    ];
    for (variable, value) in only {
        if let Some(found) = text(get, variable).filter(|found| found != value) {
            return Err(error(
                variable,
                found,
                format!("this version knows only {value:?}"),
            ));
        }
    }
    if text(get, "OTEL_EXPORTER_OTLP_ENDPOINT").is_some() {
        // Set for many programs of a machine at once, so it is no reason not to start.
        tracing::warn!("OTEL_EXPORTER_OTLP_ENDPOINT is set, but this version exports no spans");
    }
    for (variable, what) in [
        (
            "REDIS_URL",
            "this version needs no Redis: the queue is in the database",
        ),
        (
            "INVENTORY_SERVICE_URL",
            "this version recounts stock from its own records only",
        ),
    ] {
        if let Some(found) = text(get, variable) {
            return Err(error(
                variable,
                found,
                format!("{what}; unset the variable"),
            ));
        }
    }
    Ok(())
}

/// Unset and empty are the same, as in every shell.
fn text(get: Get<'_>, variable: &str) -> Option<String> {
    get(variable)
        .map(|value| value.trim().to_owned())
        .filter(|value| !value.is_empty())
}

fn error(variable: &str, value: String, expected: impl Into<String>) -> ConfigError {
    ConfigError {
        variable: variable.to_owned(),
        value,
        expected: expected.into(),
    }
}

fn address(variable: &str, value: &str) -> Result<Url, ConfigError> {
    let refused = |why: &str| {
        error(
            variable,
            value.to_owned(),
            format!("expected an address like http://host:1080; {why}"),
        )
    };
    let url = Url::parse(value).map_err(|reason| refused(&reason.to_string()))?;
    match url.scheme() {
        "http" | "https" if url.has_host() => Ok(url),
        _ => Err(refused("it does not start with http:// or https://")),
    }
}

/// `PAYMENT_SERVICE_URL` or `PAYMENT_MOCK_URL`, whichever is set first; enabled; secret.
fn service(get: Get<'_>, name: &str, base: Service) -> Result<Service, ConfigError> {
    let addresses = [format!("{name}_SERVICE_URL"), format!("{name}_MOCK_URL")];
    let set = addresses
        .iter()
        .find_map(|variable| Some((variable, text(get, variable)?)));
    let url = match set {
        Some((variable, value)) => plain_http(variable, &value)?,
        None => base.url,
    };
    Ok(Service {
        url,
        enabled: flag(get, &format!("{name}_SERVICE_ENABLED"), base.enabled)?,
        webhook_secret: text(get, &format!("{name}_WEBHOOK_SECRET")),
    })
}

/// This version speaks to outside services without TLS.
fn plain_http(variable: &str, value: &str) -> Result<Url, ConfigError> {
    let url = address(variable, value)?;
    if url.scheme() == "https" {
        return Err(error(
            variable,
            value.to_owned(),
            "this version calls outside services by http:// only",
        ));
    }
    Ok(url)
}

fn flag(get: Get<'_>, variable: &str, base: bool) -> Result<bool, ConfigError> {
    let Some(value) = text(get, variable) else {
        return Ok(base);
    };
    match value.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Ok(true),
        "0" | "false" | "no" | "off" => Ok(false),
        _ => Err(error(variable, value, "expected true or false")),
    }
}

fn number<T>(get: Get<'_>, variable: &str, base: T, min: T, max: T) -> Result<T, ConfigError>
where
    T: std::str::FromStr + PartialOrd + Display,
{
    let Some(value) = text(get, variable) else {
        return Ok(base);
    };
    match value.parse::<T>() {
        Ok(number) if number >= min && number <= max => Ok(number),
        _ => Err(error(
            variable,
            value,
            format!("expected a whole number from {min} to {max}"),
        )),
    }
}

fn millis(get: Get<'_>, variable: &str, base: Duration) -> Result<Duration, ConfigError> {
    let base = u64::try_from(base.as_millis()).unwrap_or(u64::MAX);
    number(get, variable, base, 0, 3_600_000).map(Duration::from_millis)
}

fn time_scale(get: Get<'_>, base: f64) -> Result<f64, ConfigError> {
    let Some(value) = text(get, "TIME_SCALE") else {
        return Ok(base);
    };
    match value.parse::<f64>() {
        Ok(scale) if (0.001..=1_000.0).contains(&scale) => Ok(scale),
        _ => Err(error(
            "TIME_SCALE",
            value,
            "expected a number from 0.001 to 1000",
        )),
    }
}

fn profile(get: Get<'_>) -> Result<Profile, ConfigError> {
    match text(get, "SHOP_PROFILE").as_deref() {
        None | Some("production") => Ok(Profile::Production),
        Some("integration") => Ok(Profile::Integration),
        Some(other) => Err(error(
            "SHOP_PROFILE",
            other.to_owned(),
            "expected production or integration",
        )),
    }
}

fn run(get: Get<'_>) -> Result<Run, ConfigError> {
    let Some(value) = text(get, "RUN") else {
        return Ok(Run::ALL);
    };
    let mut run = Run {
        api: false,
        worker: false,
        beat: false,
    };
    for part in value.split(',') {
        match part.trim() {
            "all" => run = Run::ALL,
            "api" => run.api = true,
            "worker" => run.worker = true,
            "beat" => run.beat = true,
            _ => {
                return Err(error(
                    "RUN",
                    value.clone(),
                    "expected all, or any of api, worker, beat with commas",
                ));
            }
        }
    }
    Ok(run)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn with(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let map: HashMap<String, String> = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Config::from_env(|name| map.get(name).cloned())
    }

    #[test]
    fn an_empty_environment_gives_the_defaults() {
        let config = with(&[("BIND", ""), ("TIME_SCALE", " ")]).unwrap();
        assert_eq!(config.database_url, "sqlite://shop.db");
        assert_eq!(config.bind, "127.0.0.1:8000");
        assert_eq!(
            config.payment_service.url.as_str(),
            "http://localhost:1080/"
        );
        assert_eq!(config.email_service.url.as_str(), "http://localhost:1082/");
        assert!(config.payment_strict_amount);
        assert_eq!(config.run, Run::ALL);
    }

    #[test]
    fn the_address_of_a_service_may_be_given_as_the_address_of_its_mock() {
        let mock = ("PAYMENT_MOCK_URL", "http://localhost:9001");
        assert_eq!(
            with(&[mock]).unwrap().payment_service.url.port(),
            Some(9001)
        );
        let both = with(&[mock, ("PAYMENT_SERVICE_URL", "http://pay:9002")]).unwrap();
        assert_eq!(both.payment_service.url.port(), Some(9002));
    }

    #[test]
    fn the_integration_profile_is_lenient_with_amounts_unless_told_otherwise() {
        let integration = ("SHOP_PROFILE", "integration");
        assert!(!with(&[integration]).unwrap().payment_strict_amount);
        assert!(
            with(&[integration, ("PAYMENT_STRICT_AMOUNT", "1")])
                .unwrap()
                .payment_strict_amount
        );
    }

    #[test]
    fn a_named_provider_is_held_to_the_amount_in_every_profile() {
        let config = with(&[
            ("SHOP_PROFILE", "integration"),
            ("PAYMENT_PROVIDER", "stripe"),
            ("STRIPE_SECRET_KEY", "sk_test_1"),
            ("STRIPE_API_BASE", "http://127.0.0.1:4010"),
        ]);
        assert!(config.unwrap().payment_strict_amount);
    }

    #[test]
    fn a_process_can_run_some_of_the_parts() {
        assert_eq!(
            with(&[("RUN", "worker, beat")]).unwrap().run,
            Run {
                api: false,
                worker: true,
                beat: true
            }
        );
    }

    #[test_case::test_case("PROVIDER_ATTEMPTS", "0", "from 1 to 20")]
    #[test_case::test_case("PROVIDER_TIMEOUT_MS", "soon", "whole number")]
    #[test_case::test_case("TIME_SCALE", "NaN", "from 0.001")]
    #[test_case::test_case("SHOP_PROFILE", "prod", "production or integration")]
    #[test_case::test_case("RUN", "api,web", "worker")]
    #[test_case::test_case("APP_URL", "localhost:8000", "http://")]
    #[test_case::test_case("EMAIL_SERVICE_ENABLED", "maybe", "true or false")]
    #[test_case::test_case("PAYMENT_PROVIDER", "paypal", "yookassa")]
    #[test_case::test_case("PAYMENT_SERVICE_URL", "https://pay", "http://")]
    #[test_case::test_case("REDIS_URL", "redis://localhost", "no Redis")]
    fn a_bad_value_is_refused_by_name(variable: &str, value: &str, expected: &str) {
        let error = with(&[(variable, value)]).unwrap_err();
        assert_eq!(error.variable, variable);
        let text = error.to_string();
        assert!(text.contains(value) && text.contains(expected), "{text}");
    }
}
