//! Making payment intents, and changing what they say.

use std::sync::Arc;

use styk_core::Currency;

use super::confirm::{self, Asked};
use super::{Capture, Extra, Methods, PaymentIntent, Redirects, Status, Usage, addressed, note};
use crate::payments::stripe::contact::{Shipping, check_email};
use crate::payments::stripe::error::StripeError;
use crate::payments::stripe::events::emit;
use crate::payments::stripe::metadata::{Metadata, MetadataChange};
use crate::payments::stripe::money::{check_amount, currency, required_currency};
use crate::payments::stripe::object::Id;
use crate::payments::stripe::params::{Given, Params};
use crate::payments::stripe::payment_methods::{Pick, Spec, known_type};
use crate::payments::stripe::reply::Reply;
use crate::payments::stripe::turn::Turn;

/// Values of `setup_future_usage`.
pub(super) const USAGES: &[(&str, Usage)] = &[
    ("off_session", Usage::OffSession),
    ("on_session", Usage::OnSession),
];

/// Parameters that change nothing in a fake.
const WITHOUT_EFFECT: &[&str] = &[
    "amount_details",
    "payment_details",
    "radar_options",
    "excluded_payment_method_types",
    "allowed_payment_method_types",
    "hooks",
    "customer_account",
    "payment_method_configuration",
    "transfer_data",
    "application",
    "secret_key_confirmation",
];

/// What both making and changing can say.
struct Said {
    customer: Given<Id>,
    description: Given<Arc<str>>,
    metadata: MetadataChange,
    receipt_email: Given<Arc<str>>,
    setup_future_usage: Given<Usage>,
    shipping: Given<Arc<Shipping>>,
    capture: Option<Capture>,
    methods: Option<Methods>,
    pick: Given<Pick>,
    statement_descriptor: Given<String>,
    statement_descriptor_suffix: Given<String>,
    transfer_group: Given<String>,
    on_behalf_of: Given<String>,
    application_fee_amount: Option<i64>,
    three_d_secure: Option<&'static str>,
}

impl Said {
    fn read(turn: &Turn<'_>, params: &mut Params) -> Result<Self, StripeError> {
        let customer = match params.given_text("customer")? {
            Given::Set(id) => Given::Set(Arc::clone(&turn.customer(&id, "customer")?.id)),
            Given::Unset => Given::Unset,
            Given::Keep => Given::Keep,
        };
        let receipt_email = params.given_text("receipt_email")?;
        if let Given::Set(email) = &receipt_email {
            check_email(Some(email), "receipt_email")?;
        }
        let said = Self {
            customer,
            description: params.given_text("description")?.map(Arc::from),
            metadata: params.metadata()?,
            receipt_email: receipt_email.map(Arc::from),
            setup_future_usage: params.given_choice("setup_future_usage", USAGES)?,
            shipping: Shipping::given(params)?,
            capture: params.choice("capture_method", Capture::WORDS)?,
            methods: methods(params)?,
            pick: pick(turn, params)?,
            statement_descriptor: descriptor(params, "statement_descriptor")?,
            statement_descriptor_suffix: descriptor(params, "statement_descriptor_suffix")?,
            transfer_group: params.given_text("transfer_group")?,
            on_behalf_of: params.given_text("on_behalf_of")?,
            application_fee_amount: params.int("application_fee_amount")?,
            three_d_secure: options(turn, params)?,
        };
        turn.gaps(params.leave(WITHOUT_EFFECT));
        Ok(said)
    }

    /// Writes it into an intent. The payment method is left to the caller.
    fn apply(self, intent: &mut PaymentIntent) -> Result<Given<Pick>, StripeError> {
        intent.metadata = intent.metadata.changed(&self.metadata)?;
        self.customer.apply(&mut intent.customer);
        self.description.apply(&mut intent.description);
        self.receipt_email.apply(&mut intent.receipt_email);
        self.setup_future_usage
            .apply(&mut intent.setup_future_usage);
        self.shipping.apply(&mut intent.shipping);
        intent.capture = self.capture.unwrap_or(intent.capture);
        if let Some(methods) = self.methods {
            intent.methods = methods;
        }
        let mut extra = intent.extra.as_deref().cloned().unwrap_or_default();
        self.statement_descriptor
            .apply(&mut extra.statement_descriptor);
        self.statement_descriptor_suffix
            .apply(&mut extra.statement_descriptor_suffix);
        self.transfer_group.apply(&mut extra.transfer_group);
        self.on_behalf_of.apply(&mut extra.on_behalf_of);
        extra.application_fee_amount = self.application_fee_amount.or(extra.application_fee_amount);
        extra.request_three_d_secure = self.three_d_secure.or(extra.request_three_d_secure);
        intent.extra = (extra != Extra::default()).then(|| Arc::new(extra));
        Ok(self.pick)
    }
}

/// `payment_method` or `payment_method_data`.
pub(in crate::payments::stripe) fn pick(
    turn: &Turn<'_>,
    params: &mut Params,
) -> Result<Given<Pick>, StripeError> {
    let named = params.given_text("payment_method")?;
    let data = params.hash("payment_method_data")?;
    if params.has("confirmation_token") {
        let token = params.text("confirmation_token")?.unwrap_or_default();
        turn.gap("confirmation tokens");
        return Err(
            StripeError::invalid(format!("No such confirmation_token: '{token}'"))
                .code("resource_missing")
                .param("confirmation_token"),
        );
    }
    match (named, data) {
        (Given::Set(_), Some(_)) => Err(StripeError::invalid(
            "You cannot pass both payment_method and payment_method_data.",
        )
        .code("parameters_exclusive")
        .param("payment_method")),
        (Given::Set(name), None) => Pick::new(turn, &name, "payment_method").map(Given::Set),
        (_, Some(data)) => Ok(Given::Set(Pick::New(Spec::read(turn, data)?))),
        (Given::Unset, None) => Ok(Given::Unset),
        (Given::Keep, None) => Ok(Given::Keep),
    }
}

/// `payment_method_types`: each must be one that Stripe knows.
pub(in crate::payments::stripe) fn methods(
    params: &mut Params,
) -> Result<Option<Methods>, StripeError> {
    let Some(names) = params.texts("payment_method_types")? else {
        return Ok(None);
    };
    let param = params.name("payment_method_types");
    let mut known = Vec::with_capacity(names.len());
    for name in &names {
        let Some(name) = known_type(name) else {
            let message = format!("Invalid {param}: {name} is no type of payment method");
            return Err(StripeError::invalid(message).param(param));
        };
        known.push(name);
    }
    Ok(Some(Methods(Some(known.into()))))
}

fn descriptor(params: &mut Params, name: &str) -> Result<Given<String>, StripeError> {
    let given = params.given_text(name)?;
    if let Given::Set(text) = &given {
        let is_fine =
            text.chars().count() <= 22 && !text.contains(['<', '>', '\\', '\'', '"', '*']);
        if !is_fine {
            let message = "The statement descriptor must have at most 22 characters and none of < > \\ ' \" *.";
            return Err(StripeError::invalid(message).param(name));
        }
    }
    Ok(given)
}

/// `payment_method_options`: only what asks for authentication has an effect.
fn options(turn: &Turn<'_>, params: &mut Params) -> Result<Option<&'static str>, StripeError> {
    const ASK: &[(&str, &str)] = &[
        ("automatic", "automatic"),
        ("any", "any"),
        ("challenge", "challenge"),
    ];
    let Some(mut options) = params.hash("payment_method_options")? else {
        return Ok(None);
    };
    let mut ask = None;
    if let Some(mut card) = options.hash("card")? {
        ask = card.choice("request_three_d_secure", ASK)?;
        turn.gaps(card.leave(&[
            "capture_method",
            "cvc_token",
            "installments",
            "mandate_options",
            "moto",
            "network",
            "request_extended_authorization",
            "request_incremental_authorization",
            "request_multicapture",
            "request_overcapture",
            "require_cvc_recollection",
            "setup_future_usage",
            "statement_descriptor_suffix_kana",
            "statement_descriptor_suffix_kanji",
            "three_d_secure",
        ]));
        card.finish()?;
    }
    Ok(ask)
}

/// `automatic_payment_methods`; none when it is not named.
pub(in crate::payments::stripe) fn read_automatic(
    params: &mut Params,
) -> Result<Option<(bool, Redirects)>, StripeError> {
    const REDIRECTS: &[(&str, Redirects)] =
        &[("always", Redirects::Always), ("never", Redirects::Never)];
    let Some(mut given) = params.hash("automatic_payment_methods")? else {
        return Ok(None);
    };
    let name = given.name("enabled");
    let is_enabled = given
        .flag("enabled")?
        .ok_or_else(|| StripeError::missing(&name))?;
    let redirects = given.choice("allow_redirects", REDIRECTS)?;
    given.finish()?;
    Ok(Some((is_enabled, redirects.unwrap_or(Redirects::Always))))
}

/// Which methods an intent takes: automatic ones unless the shop names them.
pub(in crate::payments::stripe) fn automatic(
    given: Option<(bool, Redirects)>,
    are_named: bool,
) -> Result<Option<Redirects>, StripeError> {
    match (given, are_named) {
        (Some((true, _)), true) => Err(StripeError::invalid(
            "You may only specify one of these parameters: automatic_payment_methods, payment_method_types.",
        )
        .code("parameters_exclusive")
        .param("payment_method_types")),
        (Some((true, redirects)), false) => Ok(Some(redirects)),
        (None, false) => Ok(Some(Redirects::Always)),
        (Some((false, _)), _) | (None, true) => Ok(None),
    }
}

pub(super) fn create(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    const BY_HAND: &[(&str, bool)] = &[("automatic", false), ("manual", true)];
    let amount = params.required_int("amount")?;
    let currency = required_currency(&mut params)?;
    check_amount(amount, currency, "amount")?;
    let given = read_automatic(&mut params)?;
    let is_by_hand = params
        .choice("confirmation_method", BY_HAND)?
        .unwrap_or(false);
    let said = Said::read(turn, &mut params)?;
    let is_confirmed = params.flag("confirm")?.unwrap_or(false);
    let asked = Asked::read(turn, &mut params, is_confirmed)?;
    params.finish()?;
    let automatic = automatic(given, said.methods.is_some())?;
    let mut intent = empty(turn, amount, currency);
    intent.is_confirmed_by_hand = is_by_hand;
    intent.automatic = automatic;
    let pick = said.apply(&mut intent)?.set();
    if let Some(pick) = &pick {
        confirm::check_pick(&intent, pick)?;
    }
    if is_confirmed {
        confirm::check_ready(&intent, pick.as_ref(), &asked)?;
    }
    if let Some(pick) = pick {
        intent.payment_method = Some(Arc::clone(&pick.make(turn).id));
        intent.status = Status::RequiresConfirmation;
    }
    let intent = publish(turn, intent);
    if is_confirmed {
        return confirm::perform(turn, &intent.id, &asked).map(Reply::from);
    }
    Ok(intent.into())
}

/// A new intent, stored, with its event.
fn publish(turn: &mut Turn<'_>, intent: PaymentIntent) -> Arc<PaymentIntent> {
    let intent = turn.account.objects.payment_intents.put(intent);
    note(turn, &intent);
    emit(turn, "payment_intent.created", Arc::clone(&intent));
    intent
}

fn empty(turn: &mut Turn<'_>, amount: i64, currency: Currency) -> PaymentIntent {
    PaymentIntent {
        id: turn.account.new_id("pi_"),
        secret: turn.account.new_secret("", 24).into(),
        created: turn.now,
        amount,
        amount_capturable: 0,
        amount_received: 0,
        currency,
        status: Status::RequiresPaymentMethod,
        capture: Capture::AutomaticAsync,
        is_confirmed_by_hand: false,
        is_authenticated: false,
        automatic: None,
        methods: Methods::default(),
        customer: None,
        payment_method: None,
        latest_charge: None,
        description: None,
        metadata: Metadata::default(),
        receipt_email: None,
        setup_future_usage: None,
        shipping: None,
        canceled: None,
        last_error: None,
        next_action: None,
        extra: None,
    }
}

/// What a checkout session wants paid.
#[derive(Clone, Debug)]
pub(in crate::payments::stripe) struct Order {
    pub(in crate::payments::stripe) amount: i64,
    pub(in crate::payments::stripe) currency: Currency,
    pub(in crate::payments::stripe) capture: Capture,
    pub(in crate::payments::stripe) customer: Option<Id>,
    pub(in crate::payments::stripe) description: Option<Arc<str>>,
    pub(in crate::payments::stripe) metadata: Metadata,
    pub(in crate::payments::stripe) receipt_email: Option<Arc<str>>,
    pub(in crate::payments::stripe) setup_future_usage: Option<Usage>,
    pub(in crate::payments::stripe) shipping: Option<Arc<Shipping>>,
    pub(in crate::payments::stripe) methods: Methods,
    pub(in crate::payments::stripe) session: Id,
}

/// Makes the intent of a checkout session (event `payment_intent.created`).
pub(in crate::payments::stripe) fn create_for_session(
    turn: &mut Turn<'_>,
    order: Order,
) -> Arc<PaymentIntent> {
    let mut intent = empty(turn, order.amount, order.currency);
    intent.capture = order.capture;
    intent.customer = order.customer;
    intent.description = order.description;
    intent.metadata = order.metadata;
    intent.receipt_email = order.receipt_email;
    intent.setup_future_usage = order.setup_future_usage;
    intent.shipping = order.shipping;
    intent.methods = order.methods;
    intent.extra = Some(Arc::new(Extra {
        session: Some(order.session),
        ..Extra::default()
    }));
    publish(turn, intent)
}

/// Where amount, currency, customer and payment method may still be changed.
const OPEN: &[Status] = &[
    Status::RequiresPaymentMethod,
    Status::RequiresConfirmation,
    Status::RequiresAction,
];

pub(super) fn update(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    let before = addressed(turn)?;
    let mut after = PaymentIntent::clone(&before);
    let amount = params.int("amount")?;
    let given = currency(&mut params)?;
    let said = Said::read(turn, &mut params)?;
    params.finish()?;
    let is_about_money = amount.is_some()
        || given.is_some()
        || !said.pick.is_keep()
        || !said.customer.is_keep()
        || said.capture.is_some()
        || said.methods.is_some()
        || !said.setup_future_usage.is_keep();
    after.amount = amount.unwrap_or(after.amount);
    after.currency = given.unwrap_or(after.currency);
    if amount.is_some() || given.is_some() {
        check_amount(after.amount, after.currency, "amount")?;
    }
    if said.methods.is_some() {
        after.automatic = None;
    }
    let pick = said.apply(&mut after)?;
    if is_about_money && !OPEN.contains(&before.status) {
        return Err(before.unexpected("updated", OPEN));
    }
    let is_other = (after.amount, after.currency) != (before.amount, before.currency);
    match pick {
        Given::Keep if is_other && before.status == Status::RequiresAction => {
            after.status = Status::RequiresConfirmation;
            after.next_action = None;
        }
        Given::Keep => {}
        Given::Unset => {
            after.payment_method = None;
            after.next_action = None;
            after.status = Status::RequiresPaymentMethod;
        }
        Given::Set(pick) => {
            confirm::check_pick(&after, &pick)?;
            after.payment_method = Some(Arc::clone(&pick.make(turn).id));
            after.next_action = None;
            after.is_authenticated = false;
            after.status = Status::RequiresConfirmation;
        }
    }
    let intent = turn.account.objects.payment_intents.put(after);
    note(turn, &intent);
    Ok(intent.into())
}

/// What a confirmation can change beside the payment method.
pub(super) fn change_on_confirm(
    turn: &Turn<'_>,
    params: &mut Params,
    intent: &mut PaymentIntent,
) -> Result<(), StripeError> {
    let email = params.given_text("receipt_email")?;
    if let Given::Set(email) = &email {
        check_email(Some(email), "receipt_email")?;
    }
    email.map(Arc::from).apply(&mut intent.receipt_email);
    Shipping::given(params)?.apply(&mut intent.shipping);
    let usage = params.given_choice("setup_future_usage", USAGES)?;
    usage.apply(&mut intent.setup_future_usage);
    let capture = params.choice("capture_method", Capture::WORDS)?;
    intent.capture = capture.unwrap_or(intent.capture);
    if let Some(methods) = methods(params)? {
        intent.methods = methods;
        intent.automatic = None;
    }
    if let Some(ask) = options(turn, params)? {
        let mut extra = intent.extra.as_deref().cloned().unwrap_or_default();
        extra.request_three_d_secure = Some(ask);
        intent.extra = Some(Arc::new(extra));
    }
    turn.gaps(params.leave(WITHOUT_EFFECT));
    Ok(())
}
