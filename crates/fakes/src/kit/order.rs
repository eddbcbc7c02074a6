//! Which order of the shop an object belongs to, read from what the shop sent.

use std::sync::LazyLock;

use regex::Regex;

/// Where the order is looked for: metadata by name, then the description by pattern. Cheap to ask, made once.
#[derive(Clone, Debug)]
pub struct OrderRules {
    names: Vec<String>,
    patterns: Vec<Regex>,
}

/// A pattern for descriptions that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("`{pattern}` is no regular expression: {cause}")]
pub struct BadPattern {
    pattern: String,
    cause: regex::Error,
}

impl Default for OrderRules {
    fn default() -> Self {
        const NAMES: [&str; 6] = [
            "order_id",
            "orderId",
            "order",
            "order_number",
            "orderNumber",
            "order_reference",
        ];
        const DESCRIPTION: &str = r"(?i)\b(?:order|заказ\w*)\s*(?:no\.?|№|#|:)?\s*([\w-]*\d[\w-]*)";
        // Every fake of every stage has it, and it takes a millisecond to compile.
        static PATTERNS: LazyLock<Vec<Regex>> =
            LazyLock::new(|| Regex::new(DESCRIPTION).into_iter().collect());
        Self {
            names: NAMES.map(str::to_owned).to_vec(),
            patterns: PATTERNS.clone(),
        }
    }
}

impl OrderRules {
    /// The usual rules after the user's own: names of metadata members, and patterns whose first group is the order.
    ///
    /// # Errors
    ///
    /// When a pattern is no regular expression.
    pub fn with(names: &[String], patterns: &[String]) -> Result<Self, BadPattern> {
        let usual = Self::default();
        let own = patterns.iter().map(|pattern| {
            Regex::new(pattern).map_err(|cause| BadPattern {
                pattern: pattern.clone(),
                cause,
            })
        });
        let own = own.collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            names: names.iter().cloned().chain(usual.names).collect(),
            patterns: own.into_iter().chain(usual.patterns).collect(),
        })
    }

    /// The order, from metadata (asked by name) or a description.
    pub fn find<'a>(
        &self,
        metadata: impl Fn(&str) -> Option<&'a str>,
        description: Option<&str>,
    ) -> Option<String> {
        let named = self.names.iter().find_map(|name| metadata(name));
        let named = named.filter(|order| !order.is_empty()).map(str::to_owned);
        named.or_else(|| {
            let text = description?;
            let mut found = self.patterns.iter().filter_map(|rule| rule.captures(text));
            found.find_map(|groups| groups.get(1).map(|order| order.as_str().to_owned()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_comes_before_the_description() {
        let rules = OrderRules::default();
        let metadata = |name: &str| (name == "order_id").then_some("A-1");
        assert_eq!(
            rules.find(metadata, Some("Order 7")),
            Some("A-1".to_owned())
        );
        let none = |_: &str| None;
        for text in ["Order #2041", "Payment for order no. 2041", "Заказ №2041"] {
            assert_eq!(
                rules.find(none, Some(text)).as_deref(),
                Some("2041"),
                "{text}"
            );
        }
        assert_eq!(rules.find(none, Some("Thank you for your order")), None);
    }

    #[test]
    fn rules_can_be_added() {
        let rules = OrderRules::with(&["cart".to_owned()], &[r"basket-(\d+)".to_owned()]);
        let rules = rules.expect("rules");
        let cart = |name: &str| (name == "cart").then_some("9");
        assert_eq!(rules.find(cart, None).as_deref(), Some("9"));
        assert_eq!(
            rules.find(|_| None, Some("basket-12")).as_deref(),
            Some("12")
        );
        assert!(OrderRules::with(&[], &["(".to_owned()]).is_err());
    }
}
