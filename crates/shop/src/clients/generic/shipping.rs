//! The generic shipping service: `/api/v1/shipping/calculate`, `/api/v1/shipping/orders`. Kilograms and centimetres.

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::super::caller::{Answer, Call, Caller};
use super::super::{
    Carrier, Event, Happening, Hook, Outcome, Parcel, Quote, QuoteRequest, Recipient, Rejected,
    ShipmentOrder, ShipmentReport, ShipmentWord, Trouble,
};
use super::{judge, judge_question, normal, signature};
use crate::money::{Currency, Decimal, Money};

const CALCULATE: &str = "api/v1/shipping/calculate";
const ORDERS: &str = "api/v1/shipping/orders";

#[derive(Debug)]
pub(in crate::clients) struct Shipping(Caller);

impl Shipping {
    pub(in crate::clients) fn new(caller: Caller) -> Self {
        Self(caller)
    }
}

#[derive(Serialize)]
struct WantedQuote<'a> {
    destination: Destination<'a>,
    packages: Vec<Package>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<&'a str>,
}

#[derive(Serialize)]
struct Destination<'a> {
    city: &'a str,
    postal_code: &'a str,
}

#[derive(Serialize)]
struct Package {
    weight: Box<RawValue>,
    dimensions: Dimensions,
}

#[derive(Serialize)]
struct Dimensions {
    length: Box<RawValue>,
    width: Box<RawValue>,
    height: Box<RawValue>,
}

#[derive(Serialize)]
struct NewShipment<'a> {
    order_id: &'a str,
    service: &'a str,
    recipient: &'a Recipient,
    packages: Vec<Package>,
    metadata: ShipmentIds<'a>,
}

#[derive(Serialize)]
struct ShipmentIds<'a> {
    order_id: &'a str,
    shipment_id: &'a str,
}

#[derive(Deserialize)]
struct ShownQuote {
    cost: Box<RawValue>,
    #[serde(default)]
    currency: Option<String>,
    delivery_days: i64,
    #[serde(default)]
    service: Option<String>,
}

/// A parcel as the service shows it, in answers and in events.
#[derive(Debug, Deserialize)]
struct ShownShipment {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    tracking_number: Option<String>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    at: Option<Timestamp>,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Debug, Default, Deserialize)]
struct Metadata {
    #[serde(default)]
    shipment_id: Option<String>,
}

impl ShownQuote {
    fn quote(self, base: Currency) -> Result<Quote, Trouble> {
        let bad = |what: String| Trouble::BadAnswer(format!("a quote with {what}"));
        let currency = match &self.currency {
            Some(code) => code
                .parse()
                .map_err(|error| bad(format!("currency {code:?}: {error}")))?,
            None => base,
        };
        let text = self.cost.get().trim_matches('"');
        let cost = Decimal::parse(text).and_then(|decimal| decimal.in_currency(currency));
        let cost: Money = cost.map_err(|error| bad(format!("cost {text:?}: {error}")))?;
        if !(0..=365).contains(&self.delivery_days) {
            return Err(bad(format!("delivery_days {}", self.delivery_days)));
        }
        Ok(Quote {
            cost,
            delivery_days: self.delivery_days,
            service: self.service,
        })
    }
}

impl ShownShipment {
    fn report(self) -> ShipmentReport {
        let status = self
            .status
            .map_or_else(|| "registered".to_owned(), |status| normal(&status));
        ShipmentReport {
            provider_id: self.id,
            tracking_number: self.tracking_number,
            word: word(&status),
            status,
            at: self.at,
            text: self.text,
        }
    }
}

fn word(status: &str) -> Option<ShipmentWord> {
    Some(match status {
        "registered" | "created" | "accepted" | "pending" => ShipmentWord::Registered,
        "in_transit" | "shipped" | "out_for_delivery" | "ready_for_pickup" => {
            ShipmentWord::InTransit
        }
        "delivered" => ShipmentWord::Delivered,
        "returned" => ShipmentWord::Returned,
        "lost" => ShipmentWord::Lost,
        "cancelled" | "canceled" => ShipmentWord::Cancelled,
        _ => return None,
    })
}

/// Our units in theirs: grams as kilograms (`1.500`), millimetres as centimetres (`20.0`).
fn packages(parcels: &[Parcel]) -> Result<Vec<Package>, Trouble> {
    let package = |parcel: &Parcel| -> Result<Package, serde_json::Error> {
        Ok(Package {
            weight: fraction(parcel.weight_g, 1_000, 3)?,
            dimensions: Dimensions {
                length: fraction(parcel.length_mm, 10, 1)?,
                width: fraction(parcel.width_mm, 10, 1)?,
                height: fraction(parcel.height_mm, 10, 1)?,
            },
        })
    };
    let packages: Result<Vec<Package>, serde_json::Error> = parcels.iter().map(package).collect();
    packages.map_err(|error| Trouble::BadAnswer(format!("our request: {error}")))
}

fn fraction(value: i64, unit: i64, decimals: usize) -> Result<Box<RawValue>, serde_json::Error> {
    RawValue::from_string(format!("{}.{:0decimals$}", value / unit, value % unit))
}

impl Shipping {
    async fn quote(&self, request: &QuoteRequest) -> Outcome<Quote> {
        let send = async {
            let body = WantedQuote {
                destination: Destination {
                    city: &request.city,
                    postal_code: &request.postal_code,
                },
                packages: packages(&request.parcels)?,
                service: request.service.as_deref(),
            };
            self.0
                .send(Call::post(CALCULATE, &body, &request.key)?)
                .await
        };
        judge(
            send.await,
            |answer| answer.json::<ShownQuote>()?.quote(request.currency),
            super::Reason::code,
        )
    }

    async fn create(&self, order: &ShipmentOrder) -> Outcome<ShipmentReport> {
        let send = async {
            let body = NewShipment {
                order_id: &order.order_id,
                service: &order.service,
                recipient: &order.recipient,
                packages: packages(&order.parcels)?,
                metadata: ShipmentIds {
                    order_id: &order.order_id,
                    shipment_id: &order.shipment_id,
                },
            };
            self.0.send(Call::post(ORDERS, &body, &order.key)?).await
        };
        judge(send.await, read_created, super::Reason::code)
    }
}

/// A registered parcel must have an id and a tracking number.
fn read_created(answer: &Answer) -> Result<ShipmentReport, Trouble> {
    let report = answer.json::<ShownShipment>()?.report();
    match (&report.provider_id, &report.tracking_number) {
        (Some(_), Some(_)) => Ok(report),
        _ => Err(Trouble::BadAnswer(format!(
            "no id or no tracking_number in {answer}"
        ))),
    }
}

impl Carrier for Shipping {
    fn name(&self) -> &'static str {
        "generic"
    }

    fn can_track(&self) -> bool {
        false
    }

    fn quote<'a>(&'a self, request: &'a QuoteRequest) -> BoxFuture<'a, Outcome<Quote>> {
        Box::pin(self.quote(request))
    }

    fn create<'a>(&'a self, order: &'a ShipmentOrder) -> BoxFuture<'a, Outcome<ShipmentReport>> {
        Box::pin(self.create(order))
    }

    fn get<'a>(&'a self, provider_id: &'a str) -> BoxFuture<'a, Outcome<Option<ShipmentReport>>> {
        Box::pin(async move {
            let answer = self.0.send(Call::get(ORDERS, provider_id)).await;
            judge_question(answer, |answer| {
                Ok(answer.json::<ShownShipment>()?.report())
            })
        })
    }

    fn parse_webhook(&self, hook: &Hook<'_>) -> Result<Event, Rejected> {
        let envelope = signature::open::<ShownShipment>(hook, self.0.webhook_secret())?;
        let happening = match envelope.kind.as_str() {
            "shipment.status" if envelope.data.status.is_none() => {
                return Err(Rejected::Malformed("data.status is missing".to_owned()));
            }
            "shipment.status" => {
                let ours = envelope.data.metadata.shipment_id.clone();
                let report = envelope.data.report();
                Happening::Shipment {
                    ours,
                    report: ShipmentReport {
                        at: report.at.or(envelope.created_at),
                        ..report
                    },
                }
            }
            _ => Happening::Other,
        };
        Ok(Event {
            id: envelope.id,
            kind: envelope.kind,
            happening,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grams_and_millimetres_become_kilograms_and_centimetres() {
        let parcel = Parcel {
            weight_g: 1_050,
            length_mm: 300,
            width_mm: 205,
            height_mm: 1,
        };
        assert_eq!(
            serde_json::to_string(&packages(&[parcel]).unwrap()).unwrap(),
            r#"[{"weight":1.050,"dimensions":{"length":30.0,"width":20.5,"height":0.1}}]"#
        );
    }

    #[test]
    fn a_quote_is_read_in_its_currency_or_ours() {
        let quote = |body: &str| {
            serde_json::from_str::<ShownQuote>(body)
                .unwrap()
                .quote(Currency::Rub)
        };
        assert_eq!(
            quote(r#"{"cost": 350.5, "delivery_days": 3}"#)
                .unwrap()
                .cost,
            Money::new(35_050, Currency::Rub)
        );
        assert_eq!(
            quote(r#"{"cost": 7, "currency": "EUR", "delivery_days": 3}"#)
                .unwrap()
                .cost,
            Money::new(700, Currency::Eur)
        );
        assert!(quote(r#"{"cost": -1, "delivery_days": 3}"#).is_err());
        assert!(quote(r#"{"cost": 1, "delivery_days": -3}"#).is_err());
    }

    #[test]
    fn a_word_we_do_not_know_is_kept_as_it_came() {
        let report =
            serde_json::from_str::<ShownShipment>(r#"{"id": "1", "status": "At Customs"}"#)
                .unwrap()
                .report();
        assert_eq!((report.word, report.status.as_str()), (None, "at_customs"));
    }
}
