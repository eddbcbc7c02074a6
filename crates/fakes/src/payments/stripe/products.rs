//! Products (Stripe API, Products).

use std::sync::Arc;

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::error::StripeError;
use super::events::{emit, emit_change};
use super::list::list;
use super::metadata::{Metadata, MetadataChange};
use super::object::{Field, Id, Kind, Object, show};
use super::params::{Given, Params};
use super::prices;
use super::reply::Reply;
use super::routes::{Endpoint, many, one};
use super::search::search;
use super::shelf::term;
use super::turn::Turn;
use crate::kit::Routes;

/// A product.
#[derive(Clone, Debug)]
pub(super) struct Product {
    pub(super) id: Id,
    pub(super) created: i64,
    updated: i64,
    pub(super) is_active: bool,
    pub(super) is_deleted: bool,
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) images: Vec<String>,
    pub(super) metadata: Metadata,
    default_price: Option<Id>,
    marketing_features: Vec<Value>,
    package_dimensions: Option<Value>,
    shippable: Option<bool>,
    statement_descriptor: Option<String>,
    tax_code: Option<String>,
    unit_label: Option<String>,
    url: Option<String>,
}

impl Object for Product {
    fn id(&self) -> &Id {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn terms(&self, file: &mut dyn FnMut(u64)) {
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
            "active" => Field::Text(if self.is_active { "true" } else { "false" }),
            "description" => Field::text(self.description.as_deref()),
            "name" => Field::Text(&self.name),
            "shippable" => Field::text(self.shippable.map(|is| if is { "true" } else { "false" })),
            "url" => Field::text(self.url.as_deref()),
            _ => Field::Unknown,
        }
    }
}

impl Serialize for Product {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.is_deleted {
            return show!(serializer; "id": self.id, "object": "product", "deleted": true);
        }
        show!(serializer;
            "id": self.id,
            "object": "product",
            "active": self.is_active,
            "attributes": [(); 0],
            "created": self.created,
            "default_price": self.default_price,
            "description": self.description,
            "images": self.images,
            "livemode": false,
            "marketing_features": self.marketing_features,
            "metadata": self.metadata,
            "name": self.name,
            "package_dimensions": self.package_dimensions,
            "shippable": self.shippable,
            "statement_descriptor": self.statement_descriptor,
            "tax_code": self.tax_code,
            "type": "service",
            "unit_label": self.unit_label,
            "updated": self.updated,
            "url": self.url,
        )
    }
}

/// The operations.
pub(super) fn routes(routes: Routes<Endpoint>) -> Routes<Endpoint> {
    let kind = Kind::Product;
    routes
        .post("/v1/products", one(kind, create))
        .get("/v1/products", many(kind, list_all))
        .get("/v1/products/search", many(kind, find))
        .get("/v1/products/{id}", one(kind, retrieve))
        .post("/v1/products/{id}", one(kind, update))
        .delete("/v1/products/{id}", one(kind, delete))
}

/// What a call says about a product.
struct Said {
    is_active: Option<bool>,
    description: Given<String>,
    images: Option<Vec<String>>,
    metadata: MetadataChange,
    features: Option<Vec<Value>>,
    dimensions: Given<Value>,
    shippable: Option<bool>,
    statement_descriptor: Given<String>,
    tax_code: Given<String>,
    unit_label: Given<String>,
    url: Given<String>,
}

impl Said {
    fn read(params: &mut Params) -> Result<Self, StripeError> {
        let images = params.texts("images")?;
        if images.as_ref().is_some_and(|images| images.len() > 8) {
            return Err(StripeError::invalid("A product can have up to 8 images.").param("images"));
        }
        Ok(Self {
            is_active: params.flag("active")?,
            description: params.given_text("description")?,
            images,
            metadata: params.metadata()?,
            features: features(params)?,
            dimensions: dimensions(params)?,
            shippable: params.flag("shippable")?,
            statement_descriptor: params.given_text("statement_descriptor")?,
            tax_code: params.given_text("tax_code")?,
            unit_label: params.given_text("unit_label")?,
            url: params.given_text("url")?,
        })
    }

    fn apply(self, product: &mut Product) -> Result<(), StripeError> {
        product.metadata = product.metadata.changed(&self.metadata)?;
        product.is_active = self.is_active.unwrap_or(product.is_active);
        self.description.apply(&mut product.description);
        if let Some(images) = self.images {
            product.images = images;
        }
        if let Some(features) = self.features {
            product.marketing_features = features;
        }
        self.dimensions.apply(&mut product.package_dimensions);
        product.shippable = self.shippable.or(product.shippable);
        self.statement_descriptor
            .apply(&mut product.statement_descriptor);
        self.tax_code.apply(&mut product.tax_code);
        self.unit_label.apply(&mut product.unit_label);
        self.url.apply(&mut product.url);
        Ok(())
    }
}

fn features(params: &mut Params) -> Result<Option<Vec<Value>>, StripeError> {
    let Some(given) = params.hashes("marketing_features")? else {
        return Ok(None);
    };
    let mut features = Vec::with_capacity(given.len());
    for mut feature in given {
        features.push(json!({"name": feature.required_text("name")?}));
        feature.finish()?;
    }
    Ok(Some(features))
}

fn dimensions(params: &mut Params) -> Result<Given<Value>, StripeError> {
    let mut given = match params.given_hash("package_dimensions")? {
        Given::Keep => return Ok(Given::Keep),
        Given::Unset => return Ok(Given::Unset),
        Given::Set(given) => given,
    };
    let mut dimensions = json!({});
    for name in ["height", "length", "weight", "width"] {
        let text = given.required_text(name)?;
        let number: f64 = text.parse().map_err(|_| {
            StripeError::invalid(format!("Invalid decimal: {text}")).param(given.name(name))
        })?;
        dimensions[name] = number.into();
    }
    given.finish()?;
    Ok(Given::Set(dimensions))
}

fn empty(turn: &mut Turn<'_>, id: Option<Id>, name: String) -> Product {
    Product {
        id: id.unwrap_or_else(|| turn.account.new_id("prod_")),
        created: turn.now,
        updated: turn.now,
        is_active: true,
        is_deleted: false,
        name,
        description: None,
        images: Vec::new(),
        metadata: Metadata::default(),
        default_price: None,
        marketing_features: Vec::new(),
        package_dimensions: None,
        shippable: None,
        statement_descriptor: None,
        tax_code: None,
        unit_label: None,
        url: None,
    }
}

fn create(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    let name = params.required_text("name")?;
    let id = params.text("id")?.map(Id::from);
    let said = Said::read(&mut params)?;
    let price = match params.hash("default_price_data")? {
        Some(data) => Some(prices::Spec::read(turn, data)?),
        None => None,
    };
    turn.gaps(params.leave(&["type", "attributes", "caption", "deactivate_on"]));
    params.finish()?;
    let known = id
        .as_ref()
        .and_then(|id| turn.account.objects.products.get(id));
    if let Some(known) = known.filter(|known| !known.is_deleted) {
        let message = format!("Product already exists: {}", known.id);
        return Err(StripeError::invalid(message)
            .code("resource_already_exists")
            .param("id")
            .begun());
    }
    let mut product = empty(turn, id, name);
    said.apply(&mut product)?;
    turn.note(&product.id, None);
    let price = price.map(|price| price.make(turn, &product.id));
    product.default_price = price.as_ref().map(|price| Arc::clone(&price.id));
    let product = turn.account.objects.products.put(product);
    emit(turn, "product.created", Arc::clone(&product));
    if let Some(price) = price {
        emit(turn, "price.created", price);
    }
    Ok(product.into())
}

/// A product made on the way, from `product_data` (event `product.created`). All parameters are taken.
pub(super) fn read_data(turn: &mut Turn<'_>, mut data: Params) -> Result<Product, StripeError> {
    let name = data.required_text("name")?;
    let said = Said::read(&mut data)?;
    turn.gaps(data.leave(&["id"]));
    data.finish()?;
    let mut product = empty(turn, None, name);
    said.apply(&mut product)?;
    Ok(product)
}

/// The product that a parameter names.
pub(super) fn named(turn: &Turn<'_>, id: &str, param: &str) -> Result<Arc<Product>, StripeError> {
    let known = turn.account.objects.products.get(id);
    let known = known.filter(|product| !product.is_deleted).cloned();
    known.ok_or_else(|| StripeError::no_such(Kind::Product, id, param))
}

fn addressed(turn: &Turn<'_>) -> Result<Arc<Product>, StripeError> {
    let id = turn.place(0);
    turn.note(id, None);
    let known = turn.account.objects.products.get(id);
    let known = known.filter(|product| !product.is_deleted).cloned();
    known.ok_or_else(|| StripeError::not_found(Kind::Product, id))
}

fn retrieve(turn: &mut Turn<'_>, params: Params) -> Result<Reply, StripeError> {
    params.finish()?;
    Ok(addressed(turn)?.into())
}

fn update(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    let before = addressed(turn)?;
    let mut after = Product::clone(&before);
    if params.has("name") {
        after.name = params.required_text("name")?;
    }
    let default = params.given_text("default_price")?;
    let said = Said::read(&mut params)?;
    params.finish()?;
    if let Given::Set(id) = &default {
        let price = turn.account.objects.prices.get(id);
        if price.is_none_or(|price| price.product != before.id) {
            return Err(StripeError::no_such(Kind::Price, id, "default_price"));
        }
    }
    default.map(Id::from).apply(&mut after.default_price);
    said.apply(&mut after)?;
    after.updated = turn.now;
    let after = turn.account.objects.products.put(after);
    emit_change(turn, "product.updated", &before, &after);
    Ok(after.into())
}

fn delete(turn: &mut Turn<'_>, params: Params) -> Result<Reply, StripeError> {
    params.finish()?;
    let product = addressed(turn)?;
    let prices = &turn.account.objects.prices;
    if prices.under(term("product", &product.id)).next().is_some() {
        let message =
            "This product cannot be deleted because it has one or more user-created prices.";
        return Err(StripeError::invalid(message).begun());
    }
    let products = &mut turn.account.objects.products;
    let gone = products.change(&product.id, |product| product.is_deleted = true);
    emit(turn, "product.deleted", Arc::clone(&product));
    Ok(gone.unwrap_or(product).into())
}

fn list_all(turn: &mut Turn<'_>, mut params: Params) -> Result<Reply, StripeError> {
    let is_active = params.flag("active")?;
    let shippable = params.flag("shippable")?;
    let url = params.text("url")?;
    let ids = params.texts("ids")?;
    turn.gaps(params.leave(&["type"]));
    list(
        &turn.account.objects.products,
        params,
        "/v1/products",
        None,
        |product| {
            !product.is_deleted
                && is_active.is_none_or(|is| product.is_active == is)
                && (shippable.is_none() || product.shippable == shippable)
                && (url.is_none() || product.url == url)
                && ids
                    .as_ref()
                    .is_none_or(|ids| ids.iter().any(|id| **id == *product.id))
        },
    )
}

fn find(turn: &mut Turn<'_>, params: Params) -> Result<Reply, StripeError> {
    search(
        &turn.account.objects.products,
        params,
        "/v1/products/search",
    )
}
