//! `PAYMENT_PROVIDER`, and where each provider is and how it knows us.

use url::Url;

use super::super::PaymentProvider;
use super::{ConfigError, Get, error, plain_http, text};

const STRIPE: &str = "https://api.stripe.com";
const YOOKASSA: &str = "https://api.yookassa.ru/v3";
const CLOUDPAYMENTS: &str = "https://api.cloudpayments.ru";

pub(super) fn provider(get: Get<'_>) -> Result<PaymentProvider, ConfigError> {
    let Some(word) = text(get, "PAYMENT_PROVIDER") else {
        return Ok(PaymentProvider::Generic);
    };
    let needed = |variable: &str, what: &str| needed(get, &word, variable, what);
    match word.as_str() {
        "generic" => Ok(PaymentProvider::Generic),
        "stripe" => Ok(PaymentProvider::Stripe {
            secret_key: needed("STRIPE_SECRET_KEY", "the secret key, sk_test_…")?,
            webhook_secret: text(get, "STRIPE_WEBHOOK_SECRET"),
            api_base: api_base(get, "STRIPE_API_BASE", STRIPE)?,
        }),
        "yookassa" => Ok(PaymentProvider::YooKassa {
            shop_id: needed("YOOKASSA_SHOP_ID", "the number of the shop")?,
            secret_key: needed("YOOKASSA_SECRET_KEY", "the secret key, test_…")?,
            api_base: api_base(get, "YOOKASSA_API_BASE", YOOKASSA)?,
        }),
        "cloudpayments" => Ok(PaymentProvider::CloudPayments {
            public_id: needed("CLOUDPAYMENTS_PUBLIC_ID", "the Public ID of the terminal")?,
            api_secret: needed("CLOUDPAYMENTS_API_SECRET", "the API Secret of the terminal")?,
            api_base: api_base(get, "CLOUDPAYMENTS_API_BASE", CLOUDPAYMENTS)?,
        }),
        _ => Err(error(
            "PAYMENT_PROVIDER",
            word,
            "expected generic, stripe, yookassa or cloudpayments",
        )),
    }
}

/// A credential that the provider cannot do without.
fn needed(get: Get<'_>, word: &str, variable: &str, what: &str) -> Result<String, ConfigError> {
    text(get, variable).ok_or_else(|| {
        error(
            variable,
            String::new(),
            format!("is not set, and PAYMENT_PROVIDER={word} needs it: {what}"),
        )
    })
}

/// The address of the provider. Its own speaks TLS only, so in this version another one must be given.
fn api_base(get: Get<'_>, variable: &str, own: &str) -> Result<Url, ConfigError> {
    let base = text(get, variable).unwrap_or_else(|| own.to_owned());
    plain_http(variable, &base)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn with(variables: &[(&str, &str)]) -> Result<PaymentProvider, ConfigError> {
        let map: HashMap<&str, &str> = variables.iter().copied().collect();
        provider(&|name| map.get(name).map(|value| (*value).to_owned()))
    }

    const STRIPE: [(&str, &str); 3] = [
        ("PAYMENT_PROVIDER", "stripe"),
        ("STRIPE_SECRET_KEY", "sk_test_1"),
        ("STRIPE_API_BASE", "http://127.0.0.1:4010"),
    ];

    #[test]
    fn a_provider_is_chosen_by_its_word_and_found_at_its_address() {
        assert_eq!(with(&[]).unwrap(), PaymentProvider::Generic);
        let PaymentProvider::Stripe {
            api_base,
            webhook_secret,
            ..
        } = with(&STRIPE).unwrap()
        else {
            panic!("another provider");
        };
        assert_eq!(api_base.port(), Some(4010));
        assert_eq!(webhook_secret, None);
        let yookassa = with(&[
            ("PAYMENT_PROVIDER", "yookassa"),
            ("YOOKASSA_SHOP_ID", "6"),
            ("YOOKASSA_SECRET_KEY", "test_x"),
            ("YOOKASSA_API_BASE", "http://127.0.0.1:4020/v3"),
        ]);
        assert_eq!(yookassa.unwrap().name(), "yookassa");
        let cloud = with(&[
            ("PAYMENT_PROVIDER", "cloudpayments"),
            ("CLOUDPAYMENTS_PUBLIC_ID", "pk_1"),
            ("CLOUDPAYMENTS_API_SECRET", "secret"),
            ("CLOUDPAYMENTS_API_BASE", "http://127.0.0.1:4030"),
        ]);
        assert_eq!(cloud.unwrap().name(), "cloudpayments");
    }

    #[test_case::test_case("stripe", "STRIPE_SECRET_KEY")]
    #[test_case::test_case("yookassa", "YOOKASSA_SHOP_ID")]
    #[test_case::test_case("cloudpayments", "CLOUDPAYMENTS_PUBLIC_ID")]
    fn a_missing_credential_is_named(word: &str, variable: &str) {
        let error = with(&[("PAYMENT_PROVIDER", word)]).unwrap_err();
        assert_eq!(error.variable, variable);
        assert!(error.to_string().contains("is not set"), "{error}");
    }

    #[test]
    fn the_provider_itself_cannot_be_reached_without_tls() {
        let error = with(&STRIPE[..2]).unwrap_err();
        assert_eq!(error.variable, "STRIPE_API_BASE");
        let text = error.to_string();
        assert!(text.contains("http:// only"), "{text}");
    }

    #[test]
    fn credentials_never_show() {
        let shown = format!("{:?}", with(&STRIPE).unwrap());
        assert_eq!(shown, "stripe");
    }
}
