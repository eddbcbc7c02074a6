//! Customers.

use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::contact::{Address, Shipping, check_email};
use super::error::StripeError;
use super::events::{emit, emit_change};
use super::list::list;
use super::metadata::{Metadata, MetadataChange};
use super::object::{Field, Id, Kind, NULL, Object, show};
use super::params::{Given, Params};
use super::payment_methods::{self, Pick};
use super::reply::Reply;
use super::routes::{Endpoint, many, one};
use super::search::search;
use super::shelf::term;
use super::turn::Turn;
use crate::kit::Routes;

/// A customer.
#[derive(Clone, Debug)]
pub(super) struct Customer {
    pub(super) id: Id,
    pub(super) created: i64,
    pub(super) is_deleted: bool,
    pub(super) email: Option<Arc<str>>,
    pub(super) name: Option<Arc<str>>,
    pub(super) phone: Option<Arc<str>>,
    pub(super) description: Option<Arc<str>>,
    pub(super) metadata: Metadata,
    pub(super) default_payment_method: Option<Id>,
    pub(super) details: Box<Details>,
}

/// What is seldom asked for.
#[derive(Clone, Debug)]
pub(super) struct Details {
    pub(super) address: Option<Address>,
    pub(super) shipping: Option<Arc<Shipping>>,
    pub(super) balance: i64,
    pub(super) invoice_prefix: Box<str>,
    pub(super) preferred_locales: Vec<String>,
    pub(super) tax_exempt: &'static str,
    pub(super) default_source: Option<Id>,
    pub(super) business_name: Option<String>,
    pub(super) individual_name: Option<String>,
}

#[derive(Serialize)]
struct InvoiceSettings<'a> {
    custom_fields: Option<()>,
    default_payment_method: &'a Option<Id>,
    footer: Option<()>,
    rendering_options: Option<()>,
}

impl Object for Customer {
    fn id(&self) -> &Id {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn terms(&self, file: &mut dyn FnMut(u64)) {
        if let Some(email) = &self.email {
            file(term("email", email));
        }
        self.metadata.terms(file);
    }

    fn is_gone(&self) -> bool {
        self.is_deleted
    }

    fn metadata(&self) -> Option<&Metadata> {
        Some(&self.metadata)
    }

    fn field(&self, name: &str) -> Field<'_> {
        match name {
            "created" => Field::Number(self.created),
            "email" => Field::text(self.email.as_deref()),
            "name" => Field::text(self.name.as_deref()),
            "phone" => Field::text(self.phone.as_deref()),
            _ => Field::Unknown,
        }
    }
}

impl Serialize for Customer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.is_deleted {
            return show!(serializer; "id": self.id, "object": "customer", "deleted": true);
        }
        let details = &self.details;
        show!(serializer;
            "id": self.id,
            "object": "customer",
            "address": details.address,
            "balance": details.balance,
            "created": self.created,
            "currency": NULL,
            "default_source": details.default_source,
            "delinquent": false,
            "description": self.description,
            "discount": NULL,
            "email": self.email,
            "invoice_prefix": details.invoice_prefix,
            "invoice_settings": InvoiceSettings {
                custom_fields: None,
                default_payment_method: &self.default_payment_method,
                footer: None,
                rendering_options: None,
            },
            "livemode": false,
            "metadata": self.metadata,
            "name": self.name,
            "next_invoice_sequence": 1,
            "phone": self.phone,
            "preferred_locales": details.preferred_locales,
            "shipping": details.shipping,
            "tax_exempt": details.tax_exempt,
            "test_clock": NULL,
        )
    }
}

/// The operations.
pub(super) fn routes(routes: Routes<Endpoint>) -> Routes<Endpoint> {
    routes
        .post("/v1/customers", one(Kind::Customer, create))
        .get("/v1/customers", many(Kind::Customer, list_all))
        .get("/v1/customers/search", many(Kind::Customer, find))
        .get("/v1/customers/{id}", one(Kind::Customer, retrieve))
        .post("/v1/customers/{id}", one(Kind::Customer, update))
        .delete("/v1/customers/{id}", one(Kind::Customer, delete))
}

/// What a call says about a customer; the rest of its parameters is left.
struct Change {
    email: Given<Arc<str>>,
    name: Given<Arc<str>>,
    phone: Given<Arc<str>>,
    description: Given<Arc<str>>,
    address: Given<Address>,
    shipping: Given<Arc<Shipping>>,
    metadata: MetadataChange,
    balance: Option<i64>,
    default_payment_method: Given<String>,
    invoice_prefix: Option<String>,
    preferred_locales: Option<Vec<String>>,
    tax_exempt: Option<&'static str>,
    business_name: Given<String>,
    individual_name: Given<String>,
}

const TAX_EXEMPT: &[(&str, &str)] = &[
    ("none", "none"),
    ("exempt", "exempt"),
    ("reverse", "reverse"),
];

/// Parameters that shops seldom use; they are taken and change nothing.
const WITHOUT_EFFECT: &[&str] = &[
    "cash_balance",
    "next_invoice_sequence",
    "tax",
    "tax_id_data",
    "test_clock",
    "coupon",
    "promotion_code",
    "validate",
];

impl Change {
    fn read(turn: &Turn<'_>, params: &mut Params) -> Result<Self, StripeError> {
        let email = params.given_text("email")?;
        if let Given::Set(email) = &email {
            check_email(Some(email), "email")?;
        }
        let mut settings = params.hash("invoice_settings")?.unwrap_or_default();
        let default_payment_method = settings.given_text("default_payment_method")?;
        turn.gaps(settings.leave(&["custom_fields", "footer", "rendering_options"]));
        settings.finish()?;
        turn.gaps(params.leave(WITHOUT_EFFECT));
        Ok(Self {
            email: email.map(Arc::from),
            name: params.given_text("name")?.map(Arc::from),
            phone: params.given_text("phone")?.map(Arc::from),
            description: params.given_text("description")?.map(Arc::from),
            address: Address::given(params)?,
            shipping: Shipping::given(params)?,
            metadata: params.metadata()?,
            balance: params.int("balance")?,
            default_payment_method,
            invoice_prefix: params.text("invoice_prefix")?,
            preferred_locales: params.texts("preferred_locales")?,
            tax_exempt: params.choice("tax_exempt", TAX_EXEMPT)?,
            business_name: params.given_text("business_name")?,
            individual_name: params.given_text("individual_name")?,
        })
    }

    /// What cannot be wrong any more, but for the metadata's size and the payment method's owner.
    fn apply(self, turn: &Turn<'_>, customer: &mut Customer) -> Result<(), StripeError> {
        let default = match self.default_payment_method {
            Given::Keep => Given::Keep,
            Given::Unset => Given::Unset,
            Given::Set(id) => Given::Set(owned(turn, &customer.id, &id)?),
        };
        customer.metadata = customer.metadata.changed(&self.metadata)?;
        default.apply(&mut customer.default_payment_method);
        self.email.apply(&mut customer.email);
        self.name.apply(&mut customer.name);
        self.phone.apply(&mut customer.phone);
        self.description.apply(&mut customer.description);
        let details = &mut customer.details;
        self.address.apply(&mut details.address);
        self.shipping.apply(&mut details.shipping);
        self.business_name.apply(&mut details.business_name);
        self.individual_name.apply(&mut details.individual_name);
        details.balance = self.balance.unwrap_or(details.balance);
        details.tax_exempt = self.tax_exempt.unwrap_or(details.tax_exempt);
        if let Some(prefix) = self.invoice_prefix {
            details.invoice_prefix = prefix.into();
        }
        if let Some(locales) = self.preferred_locales {
            details.preferred_locales = locales;
        }
        Ok(())
    }
}

/// A payment method that a customer has.
fn owned(turn: &Turn<'_>, customer: &Id, id: &str) -> Result<Id, StripeError> {
    let methods = &turn.account.objects.payment_methods;
    let method = methods
        .get(id)
        .filter(|method| method.customer.as_ref() == Some(customer));
    method.map(|method| Arc::clone(&method.id)).ok_or_else(|| {
        let param = "invoice_settings[default_payment_method]";
        let mut error = StripeError::no_such(Kind::PaymentMethod, id, param);
        error
            .body
            .message
            .push_str("; it must be attached to the customer first.");
        error
    })
}

fn create(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    let mut change = Change::read(turn, &mut params)?;
    let named = params.text("payment_method")?;
    let source = params.text("source")?;
    params.finish()?;
    let method = match (&named, &source) {
        (Some(method), _) => Some(Pick::new(turn, method, "payment_method")?),
        (None, Some(token)) => Some(Pick::of_token(turn, token, "source")?),
        (None, None) => None,
    };
    if let Some(method) = &method {
        method.check_attaching()?;
    }
    let is_default = match (std::mem::take(&mut change.default_payment_method), &named) {
        (Given::Set(default), named) if named.as_ref() == Some(&default) => true,
        (Given::Set(default), _) => {
            let param = "invoice_settings[default_payment_method]";
            return Err(StripeError::no_such(Kind::PaymentMethod, &default, param));
        }
        _ => false,
    };
    let mut customer = Customer {
        id: turn.account.new_id("cus_"),
        created: turn.now,
        is_deleted: false,
        email: None,
        name: None,
        phone: None,
        description: None,
        metadata: Metadata::default(),
        default_payment_method: None,
        details: Box::new(Details {
            address: None,
            shipping: None,
            balance: 0,
            invoice_prefix: turn.account.new_secret("", 8).to_ascii_uppercase().into(),
            preferred_locales: Vec::new(),
            tax_exempt: "none",
            default_source: None,
            business_name: None,
            individual_name: None,
        }),
    };
    change.apply(turn, &mut customer)?;
    let id = Arc::clone(&customer.id);
    let attached = method.map(|method| {
        let method = method.make(turn);
        if source.is_some() {
            customer.details.default_source = Some(Arc::clone(&method.id));
        }
        method
    });
    if is_default {
        customer.default_payment_method = attached.as_ref().map(|method| Arc::clone(&method.id));
    }
    let made = turn.account.objects.customers.put(customer);
    emit(turn, "customer.created", Arc::clone(&made));
    if let Some(method) = attached {
        payment_methods::attach_to(turn, &method.id, &id);
    }
    turn.note(&made.id, None);
    Ok(made.into())
}

fn live(turn: &Turn<'_>, id: &str) -> Result<Arc<Customer>, StripeError> {
    let customer = turn.account.objects.customers.get(id);
    let customer = customer.filter(|customer| !customer.is_deleted).cloned();
    customer.ok_or_else(|| StripeError::not_found(Kind::Customer, id))
}

fn retrieve(turn: &mut Turn<'_>, params: Params) -> Result<Reply, StripeError> {
    params.finish()?;
    let id = turn.place(0);
    turn.note(id, None);
    let customer = turn.account.objects.customers.get(id).cloned();
    let customer = customer.ok_or_else(|| StripeError::not_found(Kind::Customer, id))?;
    Ok(customer.into())
}

fn update(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    let before = live(turn, turn.place(0))?;
    let change = Change::read(turn, &mut params)?;
    let source = params.given_text("default_source")?.map(Id::from);
    let token = params.text("source")?;
    params.finish()?;
    let token = match &token {
        Some(token) => Some(Pick::of_token(turn, token, "source")?),
        None => None,
    };
    if let Some(token) = &token {
        token.check_attaching()?;
    }
    let mut customer = Customer::clone(&before);
    change.apply(turn, &mut customer)?;
    source.apply(&mut customer.details.default_source);
    if let Some(token) = token {
        let method = token.make(turn);
        customer.details.default_source = Some(Arc::clone(&method.id));
        payment_methods::attach_to(turn, &method.id, &customer.id);
    }
    let after = turn.account.objects.customers.put(customer);
    emit_change(turn, "customer.updated", &before, &after);
    turn.note(&after.id, None);
    Ok(after.into())
}

fn delete(turn: &mut Turn<'_>, params: Params) -> Result<Reply, StripeError> {
    params.finish()?;
    let before = live(turn, turn.place(0))?;
    let methods = &turn.account.objects.payment_methods;
    let theirs: Vec<Id> = methods
        .under(term("customer", &before.id))
        .filter(|method| method.customer.as_ref() == Some(&before.id))
        .map(|method| Arc::clone(&method.id))
        .collect();
    for id in theirs {
        turn.account.objects.payment_methods.change(&id, |method| {
            method.customer = None;
            method.is_spent = true;
        });
    }
    emit(turn, "customer.deleted", Arc::clone(&before));
    let customers = &mut turn.account.objects.customers;
    let gone = customers.change(&before.id, |customer| customer.is_deleted = true);
    turn.note(&before.id, None);
    Ok(gone.unwrap_or(before).into())
}

fn list_all(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    let email = params.text("email")?;
    turn.gaps(params.leave(&["test_clock"]));
    let filed = email.as_deref().map(|email| term("email", email));
    let customers = &turn.account.objects.customers;
    list(customers, params, "/v1/customers", filed, |customer| {
        !customer.is_deleted
            && email
                .as_deref()
                .is_none_or(|email| customer.email.as_deref() == Some(email))
    })
}

fn find(turn: &mut Turn<'_>, params: Params) -> Result<Reply, StripeError> {
    search(
        &turn.account.objects.customers,
        params,
        "/v1/customers/search",
    )
}
