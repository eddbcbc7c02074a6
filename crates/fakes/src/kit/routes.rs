//! Which operation of a provider a request is.

use std::collections::HashMap;

use http::Method;

/// The operations of one provider: method and path template, each with what handles it.
pub struct Routes<H> {
    by_method: HashMap<Method, matchit::Router<usize>>,
    operations: Vec<Operation<H>>,
}

struct Operation<H> {
    name: String,
    handler: H,
}

/// A request's operation, found by its method and path.
#[derive(Clone, Debug)]
pub struct Found {
    /// The operation's place in [`Routes`], for [`Routes::handler`].
    pub index: usize,
    /// Its name, such as `POST /v1/payment_intents/{id}/confirm`.
    pub operation: String,
    /// What stands in the template's places, in their order.
    pub parameters: Vec<String>,
}

impl<H> Default for Routes<H> {
    fn default() -> Self {
        Self {
            by_method: HashMap::new(),
            operations: Vec::new(),
        }
    }
}

impl<H> Routes<H> {
    /// Adds an operation. Places in the template are written `{id}`, the rest of a path `{*rest}`.
    ///
    /// # Panics
    ///
    /// When two templates of one method are the same: a table of operations is written once, by hand.
    #[must_use]
    pub fn on(mut self, method: Method, template: &str, handler: H) -> Self {
        let index = self.operations.len();
        self.operations.push(Operation {
            name: format!("{method} {template}"),
            handler,
        });
        let router = self.by_method.entry(method).or_default();
        if let Err(error) = router.insert(template, index) {
            panic!("the template {template} is in the way of another: {error}");
        }
        self
    }

    /// Adds an operation that reads.
    #[must_use]
    pub fn get(self, template: &str, handler: H) -> Self {
        self.on(Method::GET, template, handler)
    }

    /// Adds an operation that does something.
    #[must_use]
    pub fn post(self, template: &str, handler: H) -> Self {
        self.on(Method::POST, template, handler)
    }

    /// Adds an operation that deletes.
    #[must_use]
    pub fn delete(self, template: &str, handler: H) -> Self {
        self.on(Method::DELETE, template, handler)
    }

    /// The operation of a request; `None` when the provider has none there.
    #[must_use]
    pub fn find(&self, method: &Method, path: &str) -> Option<Found> {
        let matched = self.by_method.get(method)?.at(path).ok()?;
        let index = *matched.value;
        Some(Found {
            index,
            operation: self.operations.get(index)?.name.clone(),
            parameters: matched
                .params
                .iter()
                .map(|(_, value)| decoded(value))
                .collect(),
        })
    }

    /// What handles a found operation.
    #[must_use]
    pub fn handler(&self, found: &Found) -> Option<&H> {
        self.operations
            .get(found.index)
            .map(|operation| &operation.handler)
    }

    /// The names of all operations, in the table's order.
    pub fn operations(&self) -> impl Iterator<Item = &str> {
        self.operations
            .iter()
            .map(|operation| operation.name.as_str())
    }

    /// Whether another method is served at this path.
    #[must_use]
    pub fn has_path(&self, path: &str) -> bool {
        self.by_method
            .values()
            .any(|router| router.at(path).is_ok())
    }
}

fn decoded(value: &str) -> String {
    percent_encoding::percent_decode_str(value)
        .decode_utf8_lossy()
        .into_owned()
}

impl<H> std::fmt::Debug for Routes<H> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_list().entries(self.operations()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_path_wins_over_a_place() {
        let routes = Routes::default()
            .get("/v1/charges/{id}", 1)
            .get("/v1/charges/search", 2)
            .post("/v1/charges/{id}/capture", 3);
        let find = |method: Method, path| {
            let found = routes.find(&method, path)?;
            Some((*routes.handler(&found)?, found))
        };
        let (handler, found) = find(Method::GET, "/v1/charges/ch_1%2F2").expect("found");
        assert_eq!(
            (handler, &*found.parameters),
            (1, &["ch_1/2".to_owned()][..])
        );
        assert_eq!(find(Method::GET, "/v1/charges/search").expect("found").0, 2);
        let (_, found) = find(Method::POST, "/v1/charges/ch_1/capture").expect("found");
        assert_eq!(found.operation, "POST /v1/charges/{id}/capture");
        assert!(find(Method::PUT, "/v1/charges/ch_1").is_none());
        assert!(routes.has_path("/v1/charges/ch_1") && !routes.has_path("/v1/nothing"));
    }
}
