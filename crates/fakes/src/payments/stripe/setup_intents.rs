//! Setup intents: a payment method is kept for later.

use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::cards::{self, Decline};
use super::error::{ErrorType, StripeError};
use super::events::emit;
use super::list::list;
use super::metadata::{Metadata, MetadataChange};
use super::object::{Id, Kind, NULL, Object, show};
use super::params::{Given, Params};
use super::payment_intents::{
    Asked, Automatic, Methods, NextAction, PaymentError, Redirects, Secret, Status, Usage, Verdict,
    automatic, check_owner, check_secret, methods, next_action, pick, read_automatic, verdict,
};
use super::payment_methods::{self, PaymentMethod, Pick};
use super::reply::Reply;
use super::routes::{Endpoint, many, one, other, public};
use super::shelf::term;
use super::turn::Turn;
use crate::kit::Routes;

/// A setup intent.
#[derive(Clone, Debug)]
pub(super) struct SetupIntent {
    pub(super) id: Id,
    /// The second half of its client secret.
    pub(super) secret: Arc<str>,
    pub(super) created: i64,
    pub(super) status: Status,
    pub(super) usage: Usage,
    pub(super) automatic: Option<Redirects>,
    pub(super) methods: Methods,
    pub(super) customer: Option<Id>,
    pub(super) payment_method: Option<Id>,
    pub(super) mandate: Option<Id>,
    pub(super) latest_attempt: Option<Id>,
    pub(super) description: Option<Arc<str>>,
    pub(super) metadata: Metadata,
    pub(super) cancellation_reason: Option<&'static str>,
    pub(super) last_error: Option<Arc<PaymentError>>,
    pub(super) next_action: Option<Arc<NextAction>>,
}

/// Where a setup intent may still be confirmed, changed and canceled.
const OPEN: &[Status] = &[
    Status::RequiresPaymentMethod,
    Status::RequiresConfirmation,
    Status::RequiresAction,
];

impl SetupIntent {
    pub(super) fn client_secret(&self) -> String {
        format!("{}_secret_{}", self.id, self.secret)
    }

    fn unexpected(self: &Arc<Self>, doing: &str) -> StripeError {
        let allowed: Vec<_> = OPEN.iter().map(|status| status.word()).collect();
        let message = format!(
            "This SetupIntent could not be {doing} because it has a status of {}. Only a SetupIntent with one of the following statuses may be {doing}: {}.",
            self.status.word(),
            allowed.join(", ")
        );
        StripeError::invalid(message)
            .code("setup_intent_unexpected_state")
            .setup(Arc::clone(self))
    }
}

impl Object for SetupIntent {
    fn id(&self) -> &Id {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn terms(&self, file: &mut dyn FnMut(u64)) {
        if let Some(customer) = &self.customer {
            file(term("customer", customer));
        }
    }

    fn metadata(&self) -> Option<&Metadata> {
        Some(&self.metadata)
    }
}

#[derive(Serialize)]
struct Options {
    card: CardOptions,
}

#[derive(Serialize)]
struct CardOptions {
    mandate_options: Option<()>,
    network: Option<()>,
    request_three_d_secure: &'static str,
}

impl Serialize for SetupIntent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        show!(serializer;
            "id": self.id,
            "object": "setup_intent",
            "application": NULL,
            "automatic_payment_methods": self.automatic.map(|allow_redirects| Automatic {
                allow_redirects,
                enabled: true,
            }),
            "cancellation_reason": self.cancellation_reason,
            "client_secret": Secret { id: &self.id, secret: &self.secret },
            "created": self.created,
            "customer": self.customer,
            "customer_account": NULL,
            "description": self.description,
            "excluded_payment_method_types": NULL,
            "flow_directions": NULL,
            "last_setup_error": self.last_error,
            "latest_attempt": self.latest_attempt,
            "livemode": false,
            "mandate": self.mandate,
            "metadata": self.metadata,
            "next_action": self.next_action,
            "on_behalf_of": NULL,
            "payment_method": self.payment_method,
            "payment_method_configuration_details": NULL,
            "payment_method_options": Options {
                card: CardOptions {
                    mandate_options: None,
                    network: None,
                    request_three_d_secure: "automatic",
                },
            },
            "payment_method_types": self.methods.names(),
            "single_use_mandate": NULL,
            "status": self.status,
            "usage": self.usage,
        )
    }
}

/// The operations.
pub(super) fn routes(routes: Routes<Endpoint>) -> Routes<Endpoint> {
    let kind = Kind::SetupIntent;
    routes
        .post("/v1/setup_intents", one(kind, create))
        .get("/v1/setup_intents", many(kind, list_all))
        .get("/v1/setup_intents/{id}", public(kind, retrieve))
        .post("/v1/setup_intents/{id}", one(kind, update))
        .post("/v1/setup_intents/{id}/confirm", public(kind, confirm))
        .post("/v1/setup_intents/{id}/cancel", one(kind, cancel))
        .get("/v1/setup_attempts", other(attempts))
}

/// The setup intent of the path.
fn addressed(turn: &Turn<'_>) -> Result<Arc<SetupIntent>, StripeError> {
    let id = turn.place(0);
    let known = turn.account.objects.setup_intents.get(id).cloned();
    let intent = known.ok_or_else(|| StripeError::not_found(Kind::SetupIntent, id))?;
    let order = turn.order(&intent.metadata, intent.description.as_deref());
    turn.note(&intent.id, order.as_deref());
    Ok(intent)
}

/// What both making and changing can say.
struct Said {
    customer: Given<Id>,
    description: Given<Arc<str>>,
    metadata: MetadataChange,
    methods: Option<Methods>,
    pick: Given<Pick>,
}

impl Said {
    fn read(turn: &Turn<'_>, params: &mut Params) -> Result<Self, StripeError> {
        let customer = match params.given_text("customer")? {
            Given::Set(id) => Given::Set(Arc::clone(&turn.customer(&id, "customer")?.id)),
            Given::Unset => Given::Unset,
            Given::Keep => Given::Keep,
        };
        let said = Self {
            customer,
            description: params.given_text("description")?.map(Arc::from),
            metadata: params.metadata()?,
            methods: methods(params)?,
            pick: pick(turn, params)?,
        };
        turn.gaps(params.leave(&[
            "attach_to_self",
            "customer_account",
            "excluded_payment_method_types",
            "flow_directions",
            "on_behalf_of",
            "payment_method_configuration",
            "payment_method_options",
            "single_use",
        ]));
        Ok(said)
    }

    fn apply(self, intent: &mut SetupIntent) -> Result<Given<Pick>, StripeError> {
        intent.metadata = intent.metadata.changed(&self.metadata)?;
        self.customer.apply(&mut intent.customer);
        self.description.apply(&mut intent.description);
        if let Some(methods) = self.methods {
            intent.methods = methods;
        }
        Ok(self.pick)
    }
}

fn create(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    const USAGES: &[(&str, Usage)] = &[
        ("off_session", Usage::OffSession),
        ("on_session", Usage::OnSession),
    ];
    let usage = params.choice("usage", USAGES)?.unwrap_or(Usage::OffSession);
    let given = read_automatic(&mut params)?;
    let said = Said::read(turn, &mut params)?;
    let is_confirmed = params.flag("confirm")?.unwrap_or(false);
    let asked = Asked::read(turn, &mut params, is_confirmed)?;
    params.finish()?;
    let mut intent = SetupIntent {
        id: turn.account.new_id("seti_"),
        secret: turn.account.new_secret("", 25).into(),
        created: turn.now,
        status: Status::RequiresPaymentMethod,
        usage,
        automatic: automatic(given, said.methods.is_some())?,
        methods: Methods::default(),
        customer: None,
        payment_method: None,
        mandate: None,
        latest_attempt: None,
        description: None,
        metadata: Metadata::default(),
        cancellation_reason: None,
        last_error: None,
        next_action: None,
    };
    let pick = said.apply(&mut intent)?.set();
    check(&intent, pick.as_ref(), is_confirmed.then_some(&asked))?;
    if let Some(pick) = pick {
        intent.payment_method = Some(Arc::clone(&pick.make(turn).id));
        intent.status = Status::RequiresConfirmation;
    }
    let intent = turn.account.objects.setup_intents.put(intent);
    turn.note(&intent.id, None);
    emit(turn, "setup_intent.created", Arc::clone(&intent));
    if is_confirmed {
        return perform(turn, &intent, &asked).map(Reply::from);
    }
    Ok(intent.into())
}

/// Whether the payment method fits, and whether all is there that a confirmation needs.
fn check(
    intent: &SetupIntent,
    pick: Option<&Pick>,
    asked: Option<&Asked>,
) -> Result<(), StripeError> {
    if let Some(pick) = pick {
        pick.check_unspent()?;
        check_owner(intent.customer.as_ref(), pick, "SetupIntent")?;
    }
    let Some(asked) = asked else {
        return Ok(());
    };
    if pick.is_none() && intent.payment_method.is_none() {
        let message = "You cannot confirm this SetupIntent because it's missing a payment method. Update it with a payment method first, or give one when you confirm.";
        return Err(StripeError::invalid(message)
            .code("setup_intent_unexpected_state")
            .setup(Arc::new(intent.clone())));
    }
    if intent.automatic == Some(Redirects::Always) && asked.return_url.is_none() {
        let message = "This SetupIntent takes automatic payment methods, some of which may send the payer to another page, so you must provide a `return_url`. To refuse those, set `automatic_payment_methods[enabled]` to `true` and `automatic_payment_methods[allow_redirects]` to `never` when you create it.";
        return Err(StripeError::invalid(message).param("return_url"));
    }
    Ok(())
}

fn retrieve(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    let intent = addressed(turn)?;
    check_secret(turn, &mut params, || intent.client_secret())?;
    params.finish()?;
    Ok(intent.into())
}

fn update(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    let before = addressed(turn)?;
    let mut after = SetupIntent::clone(&before);
    let said = Said::read(turn, &mut params)?;
    params.finish()?;
    let pick = said.apply(&mut after)?;
    if !OPEN.contains(&before.status) && !pick.is_keep() {
        return Err(before.unexpected("updated"));
    }
    if let Given::Set(pick) = pick {
        check(&after, Some(&pick), None)?;
        after.payment_method = Some(Arc::clone(&pick.make(turn).id));
        after.next_action = None;
        after.status = Status::RequiresConfirmation;
    }
    Ok(turn.account.objects.setup_intents.put(after).into())
}

fn confirm(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    let intent = addressed(turn)?;
    check_secret(turn, &mut params, || intent.client_secret())?;
    let pick = pick(turn, &mut params)?.set();
    let asked = Asked::read(turn, &mut params, true)?;
    turn.gaps(params.leave(&["payment_method_options"]));
    params.finish()?;
    if !OPEN.contains(&intent.status) {
        return Err(intent.unexpected("confirmed"));
    }
    check(&intent, pick.as_ref(), Some(&asked))?;
    let intent = match pick {
        Some(pick) => {
            let id = Arc::clone(&pick.make(turn).id);
            change(turn, &intent, |intent| intent.payment_method = Some(id))
        }
        None => intent,
    };
    perform(turn, &intent, &asked).map(Reply::from)
}

fn change(
    turn: &mut Turn<'_>,
    intent: &Arc<SetupIntent>,
    change: impl FnOnce(&mut SetupIntent),
) -> Arc<SetupIntent> {
    let changed = turn
        .account
        .objects
        .setup_intents
        .change(&intent.id, change);
    changed.unwrap_or_else(|| Arc::clone(intent))
}

/// Asks the bank, and does what it says.
fn perform(
    turn: &mut Turn<'_>,
    intent: &Arc<SetupIntent>,
    asked: &Asked,
) -> Result<Arc<SetupIntent>, StripeError> {
    let methods = &turn.account.objects.payment_methods;
    let method = intent
        .payment_method
        .as_ref()
        .and_then(|id| methods.get(id))
        .cloned();
    let method = method.ok_or_else(|| intent.unexpected("confirmed"))?;
    let attempt = turn.account.new_id("setatt_");
    let intent = change(turn, intent, |intent| intent.latest_attempt = Some(attempt));
    let refused = method
        .card()
        .and_then(|card| card.test.attaching_is_declined());
    if let Some(no) = refused {
        return Err(fail(turn, &intent, &method, declined(no)));
    }
    match verdict(&method, false, false) {
        Verdict::Ask if asked.refuses_action || asked.is_off_session => {
            let no = cards::authentication_required();
            Err(fail(turn, &intent, &method, declined(no)))
        }
        Verdict::Ask => {
            let action = next_action(turn, &intent.id, asked.return_url.as_deref());
            let waiting = change(turn, &intent, |intent| {
                intent.status = Status::RequiresAction;
                intent.next_action = Some(action);
            });
            emit(turn, "setup_intent.requires_action", Arc::clone(&waiting));
            Ok(waiting)
        }
        Verdict::Blocked => Err(fail(turn, &intent, &method, declined(cards::blocked()))),
        // Cards that are declined when they are charged can be kept all the same.
        Verdict::Yes | Verdict::Later { .. } | Verdict::No(_) => {
            Ok(succeed(turn, &intent, &method))
        }
    }
}

fn declined(decline: &'static Decline) -> StripeError {
    decline.error()
}

fn fail(
    turn: &mut Turn<'_>,
    intent: &Arc<SetupIntent>,
    method: &Arc<PaymentMethod>,
    mut error: StripeError,
) -> StripeError {
    let body = &mut *error.body;
    body.payment_method = Some(Arc::clone(method));
    let last_error = Arc::new(PaymentError {
        kind: body.kind,
        code: body.code.unwrap_or("card_declined"),
        decline_code: body.decline_code,
        message: body.message.as_str().into(),
        charge: None,
        payment_method: Some(Arc::clone(method)),
    });
    let failed = change(turn, intent, |intent| {
        intent.status = Status::RequiresPaymentMethod;
        intent.payment_method = None;
        intent.next_action = None;
        intent.last_error = Some(last_error);
    });
    emit(turn, "setup_intent.setup_failed", Arc::clone(&failed));
    error.setup(failed)
}

fn succeed(
    turn: &mut Turn<'_>,
    intent: &Arc<SetupIntent>,
    method: &PaymentMethod,
) -> Arc<SetupIntent> {
    if let Some(customer) = &intent.customer {
        payment_methods::attach_to(turn, &method.id, customer);
    }
    turn.account
        .objects
        .payment_methods
        .change(&method.id, |method| {
            method.is_set_up = true;
            method.is_spent = method.customer.is_none();
        });
    let done = change(turn, intent, |intent| {
        intent.status = Status::Succeeded;
        intent.next_action = None;
        intent.last_error = None;
    });
    emit(turn, "setup_intent.succeeded", Arc::clone(&done));
    done
}

/// The payer has passed or failed the authentication that a setup intent waits for. An error when it waits for none.
pub(super) fn authenticate(
    turn: &mut Turn<'_>,
    id: &str,
    has_passed: bool,
) -> Result<Arc<SetupIntent>, StripeError> {
    let objects = &turn.account.objects;
    let known = objects.setup_intents.get(id).cloned();
    let intent = known.ok_or_else(|| StripeError::not_found(Kind::SetupIntent, id))?;
    let method = intent
        .payment_method
        .as_ref()
        .and_then(|id| objects.payment_methods.get(id))
        .cloned();
    let Some(method) = method.filter(|_| intent.status == Status::RequiresAction) else {
        return Err(intent.unexpected("authenticated"));
    };
    if has_passed {
        return Ok(succeed(turn, &intent, &method));
    }
    let error = StripeError::new(
        http::StatusCode::PAYMENT_REQUIRED,
        ErrorType::InvalidRequest,
        "The provided PaymentMethod has failed authentication. Give another payment method, or let the payer try again.",
    )
    .code("setup_intent_authentication_failure");
    let error = fail(turn, &intent, &method, error);
    error.body.setup_intent.clone().ok_or(error)
}

fn cancel(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    const REASONS: &[(&str, &str)] = &[
        ("abandoned", "abandoned"),
        ("duplicate", "duplicate"),
        ("requested_by_customer", "requested_by_customer"),
    ];
    let intent = addressed(turn)?;
    let reason = params.choice("cancellation_reason", REASONS)?;
    params.finish()?;
    if !OPEN.contains(&intent.status) {
        return Err(intent.unexpected("canceled"));
    }
    let canceled = change(turn, &intent, |intent| {
        intent.status = Status::Canceled;
        intent.cancellation_reason = reason;
        intent.next_action = None;
    });
    emit(turn, "setup_intent.canceled", Arc::clone(&canceled));
    Ok(canceled.into())
}

fn list_all(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    let customer = params.text("customer")?;
    let method = params.text("payment_method")?;
    turn.gaps(params.leave(&["attach_to_self"]));
    let filed = customer
        .as_deref()
        .map(|customer| term("customer", customer));
    let intents = &turn.account.objects.setup_intents;
    list(intents, params, "/v1/setup_intents", filed, |intent| {
        (customer.is_none() || intent.customer.as_deref() == customer.as_deref())
            && (method.is_none() || intent.payment_method.as_deref() == method.as_deref())
    })
}

fn attempts(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    let _ = params.required_text("setup_intent")?;
    drop(params.leave(&["limit", "created", "starting_after", "ending_before"]));
    params.finish()?;
    turn.gap("the list of setup attempts is always empty");
    Ok(Reply::Value(serde_json::json!({
        "object": "list",
        "data": [],
        "has_more": false,
        "url": "/v1/setup_attempts",
    })))
}
