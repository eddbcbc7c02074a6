//! Making checkout sessions.

use std::sync::Arc;
use std::time::Duration;

use styk_core::Currency;

use super::{Asked, Item, PaymentStatus, Session, Status, end, order};
use crate::payments::stripe::contact::{Shipping, check_email};
use crate::payments::stripe::error::StripeError;
use crate::payments::stripe::events::emit;
use crate::payments::stripe::metadata::Metadata;
use crate::payments::stripe::money::{check_amount, check_positive};
use crate::payments::stripe::object::{Id, Kind};
use crate::payments::stripe::params::Params;
use crate::payments::stripe::payment_intents::{Capture, Usage, check_url, methods};
use crate::payments::stripe::prices::{Price, Spec};
use crate::payments::stripe::products::{self, Product};
use crate::payments::stripe::reply::Reply;
use crate::payments::stripe::turn::Turn;

/// A session is open for a day, unless the shop says otherwise: half an hour to a day, in seconds.
const USUAL: i64 = 24 * 60 * 60;
const LEAST: i64 = 30 * 60;

/// Parameters that change nothing in a fake.
const WITHOUT_EFFECT: &[&str] = &[
    "adaptive_pricing",
    "after_expiration",
    "allow_promotion_codes",
    "automatic_tax",
    "billing_address_collection",
    "branding_settings",
    "consent_collection",
    "custom_fields",
    "custom_text",
    "customer_update",
    "discounts",
    "excluded_payment_method_types",
    "invoice_creation",
    "name_collection",
    "optional_items",
    "origin_context",
    "payment_method_collection",
    "payment_method_configuration",
    "payment_method_data",
    "payment_method_options",
    "permissions",
    "phone_number_collection",
    "redirect_on_completion",
    "saved_payment_method_options",
    "setup_intent_data",
    "shipping_address_collection",
    "subscription_data",
    "tax_id_collection",
    "wallet_options",
];

/// A line as it is asked for.
struct Line {
    quantity: i64,
    price: Priced,
}

/// A price that there is, or that is made with the session.
enum Priced {
    Known(Arc<Price>),
    New(Spec, Of),
}

/// Whose price is made.
enum Of {
    Known(Id),
    New(Box<Product>),
}

fn lines(turn: &mut Turn<'_>, params: &mut Params) -> Result<Vec<Line>, StripeError> {
    let given = params
        .hashes("line_items")?
        .ok_or_else(|| StripeError::missing("line_items"))?;
    let mut lines = Vec::with_capacity(given.len());
    for line in given {
        lines.push(read_line(turn, line)?);
    }
    if lines.is_empty() {
        return Err(StripeError::missing("line_items"));
    }
    Ok(lines)
}

fn read_line(turn: &mut Turn<'_>, mut line: Params) -> Result<Line, StripeError> {
    let name = line.name("quantity");
    let quantity = line.int("quantity")?.unwrap_or(1);
    check_positive(quantity, &name)?;
    let (id, data) = (line.text("price")?, line.hash("price_data")?);
    let price_name = line.name("price");
    let price = match (id, data) {
        (Some(id), None) => {
            let known = turn.account.objects.prices.get(&id).cloned();
            Priced::Known(known.ok_or_else(|| StripeError::no_such(Kind::Price, &id, &price_name))?)
        }
        (None, Some(data)) => read_data(turn, data)?,
        (Some(_), Some(_)) => {
            let message = "You may only specify one of these parameters: price, price_data.";
            return Err(StripeError::invalid(message)
                .code("parameters_exclusive")
                .param(price_name));
        }
        (None, None) => return Err(StripeError::missing(&price_name)),
    };
    turn.gaps(line.leave(&[
        "adjustable_quantity",
        "dynamic_tax_rates",
        "tax_rates",
        "metadata",
    ]));
    line.finish()?;
    Ok(Line { quantity, price })
}

fn read_data(turn: &mut Turn<'_>, mut data: Params) -> Result<Priced, StripeError> {
    let name = data.name("product");
    let (id, product) = (data.text("product")?, data.hash("product_data")?);
    let of = match (id, product) {
        (Some(id), _) => Of::Known(Arc::clone(&products::named(turn, &id, &name)?.id)),
        (None, Some(product)) => Of::New(Box::new(products::read_data(turn, product)?)),
        (None, None) => return Err(StripeError::missing(&name)),
    };
    Ok(Priced::New(Spec::read(turn, data)?, of))
}

/// `payment_intent_data`.
fn read_intent(turn: &Turn<'_>, params: &mut Params, asked: &mut Asked) -> Result<(), StripeError> {
    const USAGES: &[(&str, Usage)] = &[
        ("off_session", Usage::OffSession),
        ("on_session", Usage::OnSession),
    ];
    let Some(mut data) = params.hash("payment_intent_data")? else {
        return Ok(());
    };
    asked.capture = data
        .choice("capture_method", Capture::WORDS)?
        .unwrap_or(asked.capture);
    asked.description = data.text("description")?.map(Arc::from);
    asked.intent_metadata = Metadata::default().changed(&data.metadata()?)?;
    asked.receipt_email = data.text("receipt_email")?.map(Arc::from);
    asked.setup_future_usage = data.choice("setup_future_usage", USAGES)?;
    asked.shipping = Shipping::given(&mut data)?.set();
    turn.gaps(data.leave(&[
        "application_fee_amount",
        "on_behalf_of",
        "statement_descriptor",
        "statement_descriptor_suffix",
        "transfer_data",
        "transfer_group",
    ]));
    data.finish()
}

fn read_asked(turn: &Turn<'_>, params: &mut Params) -> Result<Asked, StripeError> {
    const PAGES: &[(&str, &str)] = &[
        ("hosted_page", "hosted_page"),
        ("hosted", "hosted"),
        ("embedded_page", "embedded_page"),
        ("embedded", "embedded"),
        ("form", "form"),
        ("elements", "elements"),
        ("custom", "custom"),
    ];
    const CREATION: &[(&str, &str)] = &[("always", "always"), ("if_required", "if_required")];
    let mut asked = Asked {
        success_url: params.text("success_url")?,
        cancel_url: params.text("cancel_url")?,
        return_url: params.text("return_url")?,
        ui_mode: params.choice("ui_mode", PAGES)?.unwrap_or("hosted_page"),
        customer_creation: params
            .choice("customer_creation", CREATION)?
            .unwrap_or("if_required"),
        submit_type: params.text("submit_type")?,
        locale: params.text("locale")?,
        capture: Capture::AutomaticAsync,
        description: None,
        intent_metadata: Metadata::default(),
        receipt_email: None,
        setup_future_usage: None,
        shipping: None,
    };
    check_url(asked.success_url.as_deref(), "success_url")?;
    check_url(asked.cancel_url.as_deref(), "cancel_url")?;
    check_url(asked.return_url.as_deref(), "return_url")?;
    if asked.ui_mode.starts_with("hosted") && asked.success_url.is_none() {
        return Err(StripeError::missing("success_url"));
    }
    if asked.customer_creation == "always" {
        turn.gap("customers made by checkout sessions");
    }
    read_intent(turn, params, &mut asked)?;
    Ok(asked)
}

/// The price of the first way to ship, which is what a payer gets who does not choose.
fn shipping(turn: &Turn<'_>, params: &mut Params) -> Result<i64, StripeError> {
    let Some(options) = params.hashes("shipping_options")? else {
        return Ok(0);
    };
    let mut first = None;
    for mut option in options {
        turn.gaps(option.leave(&["shipping_rate"]));
        if let Some(mut rate) = option.hash("shipping_rate_data")? {
            if let Some(mut fixed) = rate.hash("fixed_amount")? {
                let amount = fixed.required_int("amount")?;
                drop(fixed.leave(&["currency", "currency_options"]));
                fixed.finish()?;
                first = first.or(Some(amount));
            }
            drop(rate.leave(&[
                "delivery_estimate",
                "display_name",
                "metadata",
                "tax_behavior",
                "tax_code",
                "type",
            ]));
            rate.finish()?;
        }
        option.finish()?;
    }
    Ok(first
        .unwrap_or(0)
        .clamp(0, crate::payments::stripe::money::LARGEST))
}

pub(super) fn create(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    let mode = params.required_text("mode")?;
    if mode != "payment" {
        if !matches!(mode.as_str(), "setup" | "subscription") {
            let message = "Invalid mode: must be one of payment, setup, or subscription";
            return Err(StripeError::invalid(message).param("mode"));
        }
        turn.gap(format!("checkout sessions in the mode {mode}"));
        let message = format!("Checkout sessions in the mode {mode} are not there in this fake.");
        return Err(StripeError::invalid(message).param("mode"));
    }
    let asked = read_asked(turn, &mut params)?;
    let customer = match params.text("customer")? {
        Some(id) => Some(Arc::clone(&turn.customer(&id, "customer")?.id)),
        None => None,
    };
    let email = params.text("customer_email")?;
    check_email(email.as_deref(), "customer_email")?;
    let reference = params.text("client_reference_id")?;
    let metadata = Metadata::default().changed(&params.metadata()?)?;
    let methods = methods(&mut params)?.unwrap_or_default();
    let amount_shipping = shipping(turn, &mut params)?;
    let expires_at = params.int("expires_at")?.unwrap_or(turn.now + USUAL);
    if !(turn.now + LEAST..=turn.now + USUAL).contains(&expires_at) {
        let message =
            "The `expires_at` timestamp must be at least 30 minutes and at most 24 hours from now.";
        return Err(StripeError::invalid(message).param("expires_at"));
    }
    let lines = lines(turn, &mut params)?;
    let currency = params.text("currency")?;
    turn.gaps(params.leave(WITHOUT_EFFECT));
    params.finish()?;
    let currency = one_currency(&lines, currency.as_deref())?;
    check_total(&lines, amount_shipping, currency)?;
    let items = lines
        .into_iter()
        .map(|line| make_item(turn, line))
        .collect();
    let id: Id = turn.account.new_secret("cs_test_", 58).into();
    let is_hosted = asked.ui_mode.starts_with("hosted");
    let url = is_hosted.then(|| turn.stripe.ground.address(&format!("/c/pay/{id}")).into());
    let session = turn.account.objects.checkout_sessions.put(Session {
        id,
        created: turn.now,
        status: Status::Open,
        payment_status: PaymentStatus::Unpaid,
        currency,
        items,
        amount_shipping,
        client_reference_id: reference,
        customer,
        customer_email: email,
        metadata,
        payment_intent: None,
        tried: None,
        methods,
        expires_at,
        url,
        payer: None,
        asked: Arc::new(asked),
    });
    turn.note(&session.id, order(turn, &session).as_deref());
    let id = Arc::clone(&session.id);
    let open_for = Duration::from_secs(u64::try_from(expires_at - turn.now).unwrap_or_default());
    turn.later(open_for, move |turn| drop(end(turn, &id)));
    Ok(session.into())
}

fn priced(line: &Line) -> (Currency, i64) {
    match &line.price {
        Priced::Known(price) => (price.currency, price.unit_amount.unwrap_or(0)),
        Priced::New(spec, _) => spec.amount(),
    }
}

fn one_currency(lines: &[Line], wanted: Option<&str>) -> Result<Currency, StripeError> {
    let currencies: Vec<_> = lines.iter().map(|line| priced(line).0).collect();
    let same = currencies.windows(2).all(|pair| pair[0] == pair[1]);
    let first = currencies.first().copied().filter(|_| same);
    let fits =
        |currency: &Currency| wanted.is_none_or(|code| currency.code().eq_ignore_ascii_case(code));
    let message = "All prices on a Checkout Session must use the same currency.";
    first
        .filter(fits)
        .ok_or_else(|| StripeError::invalid(message).param("line_items"))
}

fn check_total(lines: &[Line], shipping: i64, currency: Currency) -> Result<(), StripeError> {
    let total = lines.iter().try_fold(shipping, |sum: i64, line| {
        sum.checked_add(priced(line).1.checked_mul(line.quantity)?)
    });
    check_amount(total.unwrap_or(i64::MAX), currency, "line_items").map(drop)
}

fn make_item(turn: &mut Turn<'_>, line: Line) -> Item {
    let price = match line.price {
        Priced::Known(price) => price,
        Priced::New(spec, of) => {
            let product = match of {
                Of::Known(id) => id,
                Of::New(product) => {
                    let product = turn.account.objects.products.put(*product);
                    emit(turn, "product.created", Arc::clone(&product));
                    Arc::clone(&product.id)
                }
            };
            let price = spec.make(turn, &product);
            emit(turn, "price.created", Arc::clone(&price));
            price
        }
    };
    let product = turn.account.objects.products.get(&price.product);
    let description = product
        .map(|product| product.name.clone())
        .unwrap_or_default();
    Item {
        id: turn.account.new_id("li_"),
        amount: price.unit_amount.unwrap_or(0) * line.quantity,
        description,
        quantity: line.quantity,
        price,
    }
}
