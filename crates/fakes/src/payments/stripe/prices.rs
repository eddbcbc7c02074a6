//! Prices (Stripe API, Prices).

use std::sync::Arc;

use serde::{Serialize, Serializer};
use styk_core::Currency;

use super::error::StripeError;
use super::events::{emit, emit_change};
use super::list::list;
use super::metadata::Metadata;
use super::money::{LARGEST, Lower, required_currency, too_large};
use super::object::{Field, Id, Kind, NULL, Object, show};
use super::params::Params;
use super::products;
use super::reply::Reply;
use super::routes::{Endpoint, many, one};
use super::search::search;
use super::shelf::term;
use super::turn::Turn;
use crate::kit::Routes;

/// A price.
#[derive(Clone, Debug)]
pub(super) struct Price {
    pub(super) id: Id,
    pub(super) created: i64,
    pub(super) is_active: bool,
    pub(super) product: Id,
    pub(super) currency: Currency,
    /// In minor units; none when a fraction of one is asked for.
    pub(super) unit_amount: Option<i64>,
    unit_amount_decimal: String,
    pub(super) recurring: Option<Recurring>,
    pub(super) tax_behavior: &'static str,
    lookup_key: Option<String>,
    nickname: Option<String>,
    metadata: Metadata,
}

/// How often a price is paid.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Recurring {
    interval: &'static str,
    interval_count: i64,
    meter: Option<()>,
    trial_period_days: Option<i64>,
    usage_type: &'static str,
}

impl Object for Price {
    fn id(&self) -> &Id {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn terms(&self, file: &mut dyn FnMut(u64)) {
        file(term("product", &self.product));
        self.metadata.terms(file);
    }

    fn metadata(&self) -> Option<&Metadata> {
        Some(&self.metadata)
    }

    fn field(&self, name: &str) -> Field<'_> {
        match name {
            "active" => Field::Text(if self.is_active { "true" } else { "false" }),
            "currency" => Field::Currency(self.currency),
            "lookup_key" => Field::text(self.lookup_key.as_deref()),
            "product" => Field::Text(&self.product),
            "type" => Field::Text(self.kind()),
            _ => Field::Unknown,
        }
    }
}

impl Price {
    fn kind(&self) -> &'static str {
        if self.recurring.is_some() {
            "recurring"
        } else {
            "one_time"
        }
    }
}

impl Serialize for Price {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        show!(serializer;
            "id": self.id,
            "object": "price",
            "active": self.is_active,
            "billing_scheme": "per_unit",
            "created": self.created,
            "currency": Lower(self.currency),
            "custom_unit_amount": NULL,
            "livemode": false,
            "lookup_key": self.lookup_key,
            "metadata": self.metadata,
            "nickname": self.nickname,
            "product": self.product,
            "recurring": self.recurring,
            "tax_behavior": self.tax_behavior,
            "tiers_mode": NULL,
            "transform_quantity": NULL,
            "type": self.kind(),
            "unit_amount": self.unit_amount,
            "unit_amount_decimal": self.unit_amount_decimal,
        )
    }
}

/// The operations.
pub(super) fn routes(routes: Routes<Endpoint>) -> Routes<Endpoint> {
    let kind = Kind::Price;
    routes
        .post("/v1/prices", one(kind, create))
        .get("/v1/prices", many(kind, list_all))
        .get("/v1/prices/search", many(kind, find))
        .get("/v1/prices/{id}", one(kind, retrieve))
        .post("/v1/prices/{id}", one(kind, update))
}

/// A price to be made; the product is said apart.
#[derive(Debug)]
pub(super) struct Spec {
    currency: Currency,
    unit_amount: Option<i64>,
    unit_amount_decimal: String,
    recurring: Option<Recurring>,
    tax_behavior: &'static str,
    metadata: Metadata,
}

impl Spec {
    /// Reads what `price_data` and `default_price_data` have; all parameters are taken.
    pub(super) fn read(turn: &Turn<'_>, mut params: Params) -> Result<Self, StripeError> {
        let spec = Self::read_from(turn, &mut params)?;
        params.finish()?;
        Ok(spec)
    }

    /// The same, and leaves the rest to the caller.
    pub(super) fn read_from(turn: &Turn<'_>, params: &mut Params) -> Result<Self, StripeError> {
        const TAXES: &[(&str, &str)] = &[
            ("exclusive", "exclusive"),
            ("inclusive", "inclusive"),
            ("unspecified", "unspecified"),
        ];
        let currency = required_currency(params)?;
        let (unit_amount, unit_amount_decimal) = unit_amount(params)?;
        let recurring = match params.hash("recurring")? {
            Some(given) => Some(recurring(turn, given)?),
            None => None,
        };
        Ok(Self {
            currency,
            unit_amount,
            unit_amount_decimal,
            recurring,
            tax_behavior: params
                .choice("tax_behavior", TAXES)?
                .unwrap_or("unspecified"),
            metadata: Metadata::default().changed(&params.metadata()?)?,
        })
    }

    /// Makes the price. Its event is the caller's.
    pub(super) fn make(self, turn: &mut Turn<'_>, product: &Id) -> Arc<Price> {
        let id = turn.account.new_id("price_");
        turn.account.objects.prices.put(Price {
            id,
            created: turn.now,
            is_active: true,
            product: Arc::clone(product),
            currency: self.currency,
            unit_amount: self.unit_amount,
            unit_amount_decimal: self.unit_amount_decimal,
            recurring: self.recurring,
            tax_behavior: self.tax_behavior,
            lookup_key: None,
            nickname: None,
            metadata: self.metadata,
        })
    }
}

/// `unit_amount`, or `unit_amount_decimal` with up to twelve decimals of a minor unit.
fn unit_amount(params: &mut Params) -> Result<(Option<i64>, String), StripeError> {
    let decimal_name = params.name("unit_amount_decimal");
    let name = params.name("unit_amount");
    let whole = params.int("unit_amount")?;
    let decimal = params.text("unit_amount_decimal")?;
    let amount = match (whole, decimal) {
        (Some(_), Some(_)) => {
            let message =
                "You may only specify one of these parameters: unit_amount, unit_amount_decimal.";
            return Err(StripeError::invalid(message)
                .code("parameters_exclusive")
                .param(name));
        }
        (Some(amount), None) => (Some(amount), amount.to_string()),
        (None, Some(decimal)) => {
            let (digits, rest) = decimal.split_once('.').unwrap_or((&decimal, ""));
            let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
            if digits.is_empty() || !is_number(digits) || !is_number(rest) || rest.len() > 12 {
                let message = format!("Invalid decimal: {decimal}");
                return Err(StripeError::invalid(message).param(decimal_name));
            }
            let is_whole = rest.bytes().all(|byte| byte == b'0');
            (digits.parse().ok().filter(|_| is_whole), decimal)
        }
        (None, None) => return Err(StripeError::missing(&name)),
    };
    match amount.0 {
        Some(minor) if minor < 0 => Err(StripeError::invalid(
            "This value must be greater than or equal to 0.",
        )
        .code("parameter_invalid_integer")
        .param(name)),
        Some(minor) if minor > LARGEST => Err(too_large(&name)),
        _ => Ok(amount),
    }
}

fn recurring(turn: &Turn<'_>, mut given: Params) -> Result<Recurring, StripeError> {
    const INTERVALS: &[(&str, &str)] = &[
        ("day", "day"),
        ("week", "week"),
        ("month", "month"),
        ("year", "year"),
    ];
    const USAGES: &[(&str, &str)] = &[("licensed", "licensed"), ("metered", "metered")];
    let name = given.name("interval");
    let interval = given.choice("interval", INTERVALS)?;
    let recurring = Recurring {
        interval: interval.ok_or_else(|| StripeError::missing(&name))?,
        interval_count: given.int("interval_count")?.unwrap_or(1),
        meter: None,
        trial_period_days: given.int("trial_period_days")?,
        usage_type: given.choice("usage_type", USAGES)?.unwrap_or("licensed"),
    };
    turn.gaps(given.leave(&["meter", "aggregate_usage"]));
    given.finish()?;
    Ok(recurring)
}

fn create(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    let product = params.text("product")?;
    let data = params.hash("product_data")?;
    let lookup_key = params.text("lookup_key")?;
    let takes_key = params.flag("transfer_lookup_key")?.unwrap_or(false);
    let nickname = params.text("nickname")?;
    let is_active = params.flag("active")?.unwrap_or(true);
    let spec = Spec::read_from(turn, &mut params)?;
    turn.gaps(params.leave(&[
        "billing_scheme",
        "currency_options",
        "custom_unit_amount",
        "tiers",
        "tiers_mode",
        "transform_quantity",
    ]));
    params.finish()?;
    let holder = lookup_key.as_ref().and_then(|key| by_lookup_key(turn, key));
    if let (Some(holder), false) = (&holder, takes_key) {
        let message = format!(
            "A price (`{}`) already uses that lookup key. Set transfer_lookup_key to take it over.",
            holder.id
        );
        return Err(StripeError::invalid(message).param("lookup_key").begun());
    }
    let product = match (product, data) {
        (Some(_), Some(_)) => {
            let message = "You may only specify one of these parameters: product, product_data.";
            return Err(StripeError::invalid(message)
                .code("parameters_exclusive")
                .param("product"));
        }
        (Some(id), None) => Arc::clone(&products::named(turn, &id, "product")?.id),
        (None, Some(data)) => {
            let product = products::read_data(turn, data)?;
            let product = turn.account.objects.products.put(product);
            emit(turn, "product.created", Arc::clone(&product));
            Arc::clone(&product.id)
        }
        (None, None) => return Err(StripeError::missing("product")),
    };
    if let Some(holder) = holder {
        turn.account
            .objects
            .prices
            .change(&holder.id, |price| price.lookup_key = None);
    }
    let id = Arc::clone(&spec.make(turn, &product).id);
    let price = turn.account.objects.prices.change(&id, |price| {
        price.is_active = is_active;
        price.lookup_key = lookup_key;
        price.nickname = nickname;
    });
    let price = price.ok_or_else(|| StripeError::not_found(Kind::Price, &id))?;
    turn.note(&price.id, None);
    emit(turn, "price.created", Arc::clone(&price));
    Ok(price.into())
}

fn by_lookup_key(turn: &Turn<'_>, key: &str) -> Option<Arc<Price>> {
    let mut prices = turn.account.objects.prices.iter();
    prices
        .find(|price| price.lookup_key.as_deref() == Some(key))
        .cloned()
}

fn addressed(turn: &Turn<'_>) -> Result<Arc<Price>, StripeError> {
    let id = turn.place(0);
    turn.note(id, None);
    let known = turn.account.objects.prices.get(id).cloned();
    known.ok_or_else(|| StripeError::not_found(Kind::Price, id))
}

fn retrieve(turn: &mut Turn<'_>, params: Params) -> Result<Reply, StripeError> {
    params.finish()?;
    Ok(addressed(turn)?.into())
}

fn update(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    let before = addressed(turn)?;
    let mut after = Price::clone(&before);
    after.is_active = params.flag("active")?.unwrap_or(after.is_active);
    params
        .given_text("lookup_key")?
        .apply(&mut after.lookup_key);
    params.given_text("nickname")?.apply(&mut after.nickname);
    after.metadata = after.metadata.changed(&params.metadata()?)?;
    turn.gaps(params.leave(&["currency_options", "tax_behavior", "transfer_lookup_key"]));
    params.finish()?;
    let after = turn.account.objects.prices.put(after);
    emit_change(turn, "price.updated", &before, &after);
    Ok(after.into())
}

fn list_all(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    let product = params.text("product")?;
    let is_active = params.flag("active")?;
    let currency = params.text("currency")?;
    let kind = params.text("type")?;
    let keys = params.texts("lookup_keys")?;
    turn.gaps(params.leave(&["recurring"]));
    let filed = product.as_deref().map(|product| term("product", product));
    list(
        &turn.account.objects.prices,
        params,
        "/v1/prices",
        filed,
        |price| {
            let has_key = |keys: &Vec<String>| {
                price
                    .lookup_key
                    .as_ref()
                    .is_some_and(|key| keys.contains(key))
            };
            product
                .as_deref()
                .is_none_or(|product| *price.product == *product)
                && is_active.is_none_or(|is| price.is_active == is)
                && currency
                    .as_deref()
                    .is_none_or(|code| price.currency.code().eq_ignore_ascii_case(code))
                && kind.as_deref().is_none_or(|kind| price.kind() == kind)
                && keys.as_ref().is_none_or(has_key)
        },
    )
}

fn find(turn: &mut Turn<'_>, params: Params) -> Result<Reply, StripeError> {
    search(&turn.account.objects.prices, params, "/v1/prices/search")
}
