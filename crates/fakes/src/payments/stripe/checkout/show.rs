//! Checkout sessions as they are answered.

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::{Item, Session};
use crate::payments::stripe::money::Lower;
use crate::payments::stripe::object::{Empty, NULL, show};

#[derive(Serialize)]
struct Tax {
    enabled: bool,
    liability: Option<()>,
    provider: Option<()>,
    status: Option<()>,
}

#[derive(Serialize)]
struct Enabled {
    enabled: bool,
}

#[derive(Serialize)]
struct Totals {
    amount_discount: i64,
    amount_shipping: i64,
    amount_tax: i64,
}

#[derive(Serialize)]
struct CustomerDetails<'a> {
    address: Option<()>,
    email: Option<&'a str>,
    name: Option<&'a str>,
    phone: Option<()>,
    tax_exempt: &'static str,
    tax_ids: [(); 0],
}

impl Serialize for Session {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let asked = &self.asked;
        let known = self.payer.as_deref();
        let email = known.and_then(|payer| payer.email.as_deref());
        let email = email.or(self.customer_email.as_deref());
        let details = (known.is_some() || email.is_some()).then(|| CustomerDetails {
            address: None,
            email,
            name: known.and_then(|payer| payer.name.as_deref()),
            phone: None,
            tax_exempt: "none",
            tax_ids: [],
        });
        show!(serializer;
            "id": self.id,
            "object": "checkout.session",
            "adaptive_pricing": NULL,
            "after_expiration": NULL,
            "allow_promotion_codes": NULL,
            "amount_subtotal": self.subtotal(),
            "amount_total": self.total().minor,
            "automatic_tax": Tax { enabled: false, liability: None, provider: None, status: None },
            "billing_address_collection": NULL,
            "cancel_url": asked.cancel_url,
            "client_reference_id": self.client_reference_id,
            "client_secret": NULL,
            "consent": NULL,
            "consent_collection": NULL,
            "created": self.created,
            "currency": Lower(self.currency),
            "currency_conversion": NULL,
            "custom_fields": [(); 0],
            "custom_text": Empty {},
            "customer": self.customer,
            "customer_account": NULL,
            "customer_creation": asked.customer_creation,
            "customer_details": details,
            "customer_email": self.customer_email,
            "discounts": [(); 0],
            "expires_at": self.expires_at,
            "invoice": NULL,
            "invoice_creation": Enabled { enabled: false },
            "livemode": false,
            "locale": asked.locale,
            "metadata": self.metadata,
            "mode": "payment",
            "payment_intent": self.payment_intent,
            "payment_link": NULL,
            "payment_method_collection": "if_required",
            "payment_method_options": Empty {},
            "payment_method_types": self.methods.names(),
            "payment_status": self.payment_status,
            "phone_number_collection": Enabled { enabled: false },
            "recovered_from": NULL,
            "return_url": asked.return_url,
            "setup_intent": NULL,
            "shipping_address_collection": NULL,
            "shipping_cost": NULL,
            "shipping_options": [(); 0],
            "status": self.status,
            "submit_type": asked.submit_type,
            "subscription": NULL,
            "success_url": asked.success_url,
            "total_details": Totals {
                amount_discount: 0,
                amount_shipping: self.amount_shipping,
                amount_tax: 0,
            },
            "ui_mode": asked.ui_mode,
            "url": self.url,
        )
    }
}

/// A line.
pub(super) fn item(item: &Item) -> Value {
    json!({
        "id": item.id,
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": item.amount,
        "amount_tax": 0,
        "amount_total": item.amount,
        "currency": Lower(item.price.currency),
        "description": item.description,
        "price": &*item.price,
        "quantity": item.quantity,
    })
}
