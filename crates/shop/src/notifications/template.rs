//! What the messages say.

use std::str::FromStr;

use serde_json::Value;

/// A kind of message. Its name is also the name of the template at the mail service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Template {
    /// Data: `first_name`, `link`.
    EmailVerification,
    /// Data: `number`, `total`, `currency`.
    OrderCreated,
    /// The order is paid. Data: `number`, `total`, `currency`.
    OrderConfirmation,
    /// The parcel is registered. Data: `number`, `tracking_number`.
    OrderShipped,
    /// Money goes back. Data: `number`, `amount`, `currency`.
    OrderRefunded,
}

impl Template {
    const ALL: [Self; 5] = [
        Self::EmailVerification,
        Self::OrderCreated,
        Self::OrderConfirmation,
        Self::OrderShipped,
        Self::OrderRefunded,
    ];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::EmailVerification => "email_verification",
            Self::OrderCreated => "order_created",
            Self::OrderConfirmation => "order_confirmation",
            Self::OrderShipped => "order_shipped",
            Self::OrderRefunded => "order_refunded",
        }
    }

    /// Whether the message is about an order: only such messages can be asked for over the API.
    pub(super) fn is_about_an_order(self) -> bool {
        self != Self::EmailVerification
    }

    /// Whether the text opens a door and must not be kept once it is handed over.
    pub(super) fn is_secret(self) -> bool {
        self == Self::EmailVerification
    }

    /// The words an API client may choose from.
    pub(super) fn about_orders() -> String {
        let words: Vec<&str> = Self::ALL
            .into_iter()
            .filter(|template| template.is_about_an_order())
            .map(Self::as_str)
            .collect();
        words.join(", ")
    }

    /// Subject and text.
    pub(super) fn render(self, data: &Value) -> (String, String) {
        let fact = |name: &str| match data.get(name) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Null) | None => String::new(),
            Some(other) => other.to_string(),
        };
        let number = fact("number");
        let total = format!("{} {}", fact("total"), fact("currency"));
        match self {
            Self::EmailVerification => (
                "Please confirm your e-mail address".to_owned(),
                format!(
                    "Hello {},\n\nplease confirm that this address is yours by opening this link:\n\n{}\n\n\
                     If you did not open an account with us, you need not do anything.",
                    fact("first_name"),
                    fact("link")
                ),
            ),
            Self::OrderCreated => (
                format!("Your order {number}"),
                format!(
                    "Thank you for your order {number}.\n\nThe total is {total}. We wait for your payment."
                ),
            ),
            Self::OrderConfirmation => (
                format!("Your order {number} is confirmed"),
                format!("We have received {total} for your order {number} and prepare it now."),
            ),
            Self::OrderShipped => (
                format!("Your order {number} is on its way"),
                format!(
                    "Your order {number} is packed.\n\nTracking number: {}",
                    fact("tracking_number")
                ),
            ),
            Self::OrderRefunded => (
                format!("Refund for your order {number}"),
                format!(
                    "We give back {} {} for your order {number}.",
                    fact("amount"),
                    fact("currency")
                ),
            ),
        }
    }
}

impl FromStr for Template {
    type Err = UnknownTemplate;

    fn from_str(word: &str) -> Result<Self, UnknownTemplate> {
        Self::ALL
            .into_iter()
            .find(|template| template.as_str() == word)
            .ok_or(UnknownTemplate)
    }
}

/// The word names no template.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UnknownTemplate;

/// The text as a web page: paragraphs, and addresses that can be clicked.
pub(super) fn html(text: &str) -> String {
    let paragraph = |part: &str| match part.starts_with("http://") || part.starts_with("https://") {
        true => format!("<p><a href=\"{0}\">{0}</a></p>", escape(part)),
        false => format!("<p>{}</p>", escape(part)),
    };
    text.split("\n\n")
        .map(paragraph)
        .collect::<Vec<_>>()
        .join("\n")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_verification_mail_has_the_link_with_its_token() {
        let link = "http://shop/verify-email/?token=abc_-1";
        let (_, text) =
            Template::EmailVerification.render(&json!({"first_name": "Anna", "link": link}));
        assert!(text.contains("token=abc_-1"), "{text}");
        assert!(
            html(&text).contains("<a href=\"http://shop/verify-email/?token=abc_-1\">"),
            "{}",
            html(&text)
        );
    }

    #[test]
    fn what_a_customer_wrote_stays_text() {
        let (_, text) =
            Template::EmailVerification.render(&json!({"first_name": "<b>", "link": "x"}));
        assert!(html(&text).contains("Hello &lt;b&gt;,"));
    }

    #[test]
    fn every_template_is_found_by_its_name() {
        for template in Template::ALL {
            assert_eq!(template.as_str().parse::<Template>().unwrap(), template);
        }
    }
}
