//! By which names a fault can be placed on a call.

use super::Stripe;
use super::account::Account;
use super::form::Pairs;
use super::metadata::Metadata;
use super::object::{Kind, Snapshot};
use super::serve::form;
use super::turn::Turn;
use crate::kit::Call;

impl Stripe {
    /// The ids in a call's path and parameters, the order that its parameters name, and the orders of those objects.
    pub(super) fn named(&self, call: &Call) -> Vec<String> {
        let places = call.found.iter().flat_map(|found| found.parameters.iter());
        let mut names: Vec<String> = places.cloned().collect();
        let pairs = Pairs::read(form(call)).unwrap_or_default();
        for (name, value) in pairs.iter() {
            if Kind::of_id(value).is_some() || name == "client_reference_id" {
                names.push(value.to_owned());
            }
        }
        let metadata = |wanted: &str| {
            let is_it = |name: &str| inside(name) == Some(wanted);
            let mut pairs = pairs.iter();
            pairs.find_map(|(name, value)| is_it(name).then_some(value))
        };
        let mut pairs_again = pairs.iter();
        let description = pairs_again.find(|(name, _)| *name == "description");
        let order = self
            .ground
            .orders
            .find(metadata, description.map(|(_, text)| text));
        names.extend(order);
        if let Ok(caller) = self.authenticate(call) {
            let account = caller.account.lock();
            let orders: Vec<_> = names
                .iter()
                .filter_map(|id| self.order_of(&account, id))
                .collect();
            names.extend(orders);
        }
        names
    }

    /// The shop's order that an object belongs to: by what hangs on itself, or on the payment it is about.
    fn order_of(&self, account: &Account, id: &str) -> Option<String> {
        self.order_of_object(account, &account.objects.find(id)?)
    }

    /// The same for an object at hand.
    fn order_of_object(&self, account: &Account, object: &Snapshot) -> Option<String> {
        let find = |metadata: &Metadata, description: Option<&str>| {
            self.ground
                .orders
                .find(|name| metadata.get(name), description)
        };
        match object {
            Snapshot::PaymentIntent(intent) => {
                find(&intent.metadata, intent.description.as_deref())
            }
            Snapshot::Charge(charge) => find(&charge.metadata, charge.description.as_deref()),
            Snapshot::Refund(refund) => {
                find(&refund.metadata, None).or_else(|| self.order_of(account, &refund.charge))
            }
            other => find(other.metadata()?, None),
        }
    }
}

impl Turn<'_> {
    /// The shop's order that an object belongs to.
    pub(super) fn order_of(&self, object: &Snapshot) -> Option<String> {
        self.stripe.order_of_object(self.account, object)
    }
}

/// `order_id` of `metadata[order_id]`, also deeper: `payment_intent_data[metadata][order_id]`.
fn inside(name: &str) -> Option<&str> {
    let at = name.find("metadata]").map(|at| at + "metadata]".len());
    let rest = match at {
        Some(at) => name.get(at..)?,
        None => name.strip_prefix("metadata")?,
    };
    rest.strip_prefix('[')?.strip_suffix(']')
}
