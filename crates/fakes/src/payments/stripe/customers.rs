//! Customers.

use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::contact::{Address, Shipping};
use super::metadata::Metadata;
use super::object::{Field, Id, NULL, Object, show};
use super::routes::Endpoint;
use super::shelf::term;
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
}
