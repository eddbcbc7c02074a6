-- The schema of the shop, one text for SQLite and PostgreSQL.
-- Integers are BIGINT; times are microseconds since 1970 UTC; money is minor units; JSON is TEXT.
-- Unique indexes are named <table>_<column>_<column>.

CREATE TABLE users (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL CHECK (email = lower(email)),
    password_hash TEXT NOT NULL,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    phone TEXT,
    role TEXT NOT NULL CHECK (role IN ('customer', 'staff')),
    email_verified_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX users_email ON users (email);

-- Only the hash of a token is kept.
CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    token_hash TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX sessions_token_hash ON sessions (token_hash);
CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE TABLE email_tokens (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    token_hash TEXT NOT NULL,
    purpose TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX email_tokens_token_hash ON email_tokens (token_hash);

CREATE TABLE products (
    id TEXT PRIMARY KEY,
    owner_id TEXT NOT NULL REFERENCES users (id),
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    sku TEXT NOT NULL,
    price_minor BIGINT NOT NULL CHECK (price_minor >= 0),
    currency TEXT NOT NULL,
    weight_g BIGINT NOT NULL CHECK (weight_g >= 0),
    tax_bp BIGINT NOT NULL CHECK (tax_bp BETWEEN 0 AND 10000),
    active BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX products_sku ON products (sku);

-- What may be sold is on_hand - reserved.
CREATE TABLE stock (
    product_id TEXT PRIMARY KEY REFERENCES products (id),
    on_hand BIGINT NOT NULL CHECK (on_hand >= 0),
    reserved BIGINT NOT NULL CHECK (reserved >= 0),
    synced_at BIGINT,
    CHECK (reserved <= on_hand)
);

-- The history of on_hand: its sum is on_hand.
CREATE TABLE stock_movements (
    id TEXT PRIMARY KEY,
    product_id TEXT NOT NULL REFERENCES products (id),
    delta BIGINT NOT NULL,
    reason TEXT NOT NULL CHECK (reason IN ('initial', 'sale', 'order', 'return', 'correction')),
    ref TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX stock_movements_product_id_reason_ref ON stock_movements (product_id, reason, ref);

CREATE TABLE carts (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX carts_user_id ON carts (user_id);

CREATE TABLE cart_items (
    id TEXT PRIMARY KEY,
    cart_id TEXT NOT NULL REFERENCES carts (id),
    product_id TEXT NOT NULL REFERENCES products (id),
    quantity BIGINT NOT NULL CHECK (quantity > 0),
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX cart_items_cart_id_product_id ON cart_items (cart_id, product_id);

CREATE TABLE orders (
    id TEXT PRIMARY KEY,
    number TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id),
    state TEXT NOT NULL CHECK (state IN ('placed', 'paying', 'paid', 'fulfilling', 'shipped', 'delivered',
        'refunding', 'refunded', 'cancelled', 'expired')),
    items_minor BIGINT NOT NULL CHECK (items_minor >= 0),
    discount_minor BIGINT NOT NULL CHECK (discount_minor >= 0),
    shipping_minor BIGINT NOT NULL CHECK (shipping_minor >= 0),
    tax_minor BIGINT NOT NULL CHECK (tax_minor >= 0),
    total_minor BIGINT NOT NULL CHECK (total_minor >= 0),
    currency TEXT NOT NULL,
    paid_minor BIGINT NOT NULL CHECK (paid_minor >= 0),
    refunded_minor BIGINT NOT NULL CHECK (refunded_minor >= 0),
    shipping_method TEXT NOT NULL,
    payment_method TEXT NOT NULL,
    shipping_address TEXT NOT NULL,
    billing_address TEXT NOT NULL,
    contact_email TEXT NOT NULL,
    inventory_reserved BOOLEAN NOT NULL,
    payment_processed BOOLEAN NOT NULL,
    shipping_created BOOLEAN NOT NULL,
    reservation_expires_at BIGINT NOT NULL,
    process_task_id TEXT,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CHECK (total_minor = items_minor - discount_minor + shipping_minor),
    CHECK (refunded_minor <= paid_minor)
);
CREATE UNIQUE INDEX orders_number ON orders (number);
CREATE INDEX orders_by_user ON orders (user_id, created_at);
CREATE INDEX orders_expiring ON orders (reservation_expires_at) WHERE state IN ('placed', 'paying');

-- What was bought, as it was then; never changed.
CREATE TABLE order_items (
    id TEXT PRIMARY KEY,
    order_id TEXT NOT NULL REFERENCES orders (id),
    product_id TEXT NOT NULL REFERENCES products (id),
    sku TEXT NOT NULL,
    name TEXT NOT NULL,
    unit_minor BIGINT NOT NULL,
    quantity BIGINT NOT NULL CHECK (quantity > 0),
    line_minor BIGINT NOT NULL,
    weight_g BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    CHECK (line_minor = unit_minor * quantity)
);
CREATE UNIQUE INDEX order_items_order_id_product_id ON order_items (order_id, product_id);

-- One row a transition, the first one (from nothing to placed) included.
CREATE TABLE order_events (
    id TEXT PRIMARY KEY,
    order_id TEXT NOT NULL REFERENCES orders (id),
    version BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    from_state TEXT,
    to_state TEXT NOT NULL,
    reason TEXT,
    data TEXT
);
CREATE UNIQUE INDEX order_events_order_id_version ON order_events (order_id, version);

CREATE TABLE reservations (
    id TEXT PRIMARY KEY,
    order_id TEXT NOT NULL REFERENCES orders (id),
    product_id TEXT NOT NULL REFERENCES products (id),
    quantity BIGINT NOT NULL CHECK (quantity > 0),
    status TEXT NOT NULL CHECK (status IN ('active', 'committed', 'released', 'expired')),
    expires_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX reservations_order_id_product_id ON reservations (order_id, product_id);
CREATE INDEX reservations_active ON reservations (product_id) WHERE status = 'active';

-- Provider ids are not unique: test providers give the same id to every payment.
CREATE TABLE payments (
    id TEXT PRIMARY KEY,
    order_id TEXT NOT NULL REFERENCES orders (id),
    attempt BIGINT NOT NULL,
    provider TEXT NOT NULL,
    provider_id TEXT,
    method TEXT NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor >= 0),
    currency TEXT NOT NULL,
    captured_minor BIGINT NOT NULL CHECK (captured_minor >= 0),
    refunded_minor BIGINT NOT NULL CHECK (refunded_minor >= 0),
    state TEXT NOT NULL CHECK (state IN ('created', 'sending', 'pending', 'unknown', 'succeeded', 'failed',
        'cancelled', 'partially_refunded', 'refunded')),
    idempotency_key TEXT NOT NULL,
    request TEXT,
    confirmation_url TEXT,
    return_url TEXT,
    failure_code TEXT,
    next_check_at BIGINT,
    checks BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CHECK (refunded_minor <= captured_minor)
);
CREATE UNIQUE INDEX payments_idempotency_key ON payments (idempotency_key);
CREATE UNIQUE INDEX payments_order_id ON payments (order_id)
    WHERE state IN ('created', 'sending', 'unknown', 'pending', 'succeeded');
CREATE UNIQUE INDEX payments_order_id_attempt ON payments (order_id, attempt);
CREATE INDEX payments_by_provider ON payments (provider, provider_id);
CREATE INDEX payments_due ON payments (next_check_at) WHERE next_check_at IS NOT NULL;

CREATE TABLE refunds (
    id TEXT PRIMARY KEY,
    payment_id TEXT NOT NULL REFERENCES payments (id),
    order_id TEXT NOT NULL REFERENCES orders (id),
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    currency TEXT NOT NULL,
    reason TEXT,
    state TEXT NOT NULL CHECK (state IN ('created', 'sending', 'pending', 'unknown', 'succeeded', 'failed')),
    provider_id TEXT,
    idempotency_key TEXT NOT NULL,
    failure_code TEXT,
    next_check_at BIGINT,
    checks BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX refunds_idempotency_key ON refunds (idempotency_key);
CREATE INDEX refunds_by_payment ON refunds (payment_id);
CREATE INDEX refunds_by_order ON refunds (order_id);
CREATE INDEX refunds_due ON refunds (next_check_at) WHERE next_check_at IS NOT NULL;

CREATE TABLE shipping_quotes (
    id TEXT PRIMARY KEY,
    order_id TEXT NOT NULL REFERENCES orders (id),
    provider TEXT NOT NULL,
    service TEXT NOT NULL,
    cost_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    delivery_days BIGINT NOT NULL,
    request TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX shipping_quotes_by_order ON shipping_quotes (order_id);

CREATE TABLE shipments (
    id TEXT PRIMARY KEY,
    order_id TEXT NOT NULL REFERENCES orders (id),
    attempt BIGINT NOT NULL,
    provider TEXT NOT NULL,
    provider_id TEXT,
    tracking_number TEXT,
    service TEXT NOT NULL,
    cost_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    recipient TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('created', 'sending', 'unknown', 'registered', 'in_transit', 'delivered',
        'returned', 'lost', 'cancelled', 'failed')),
    -- The carrier's own word, which may be finer than ours.
    carrier_status TEXT,
    failure_code TEXT,
    idempotency_key TEXT NOT NULL,
    next_check_at BIGINT,
    checks BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX shipments_idempotency_key ON shipments (idempotency_key);
CREATE UNIQUE INDEX shipments_order_id ON shipments (order_id) WHERE state NOT IN ('cancelled', 'failed');
CREATE INDEX shipments_due ON shipments (next_check_at) WHERE next_check_at IS NOT NULL;

CREATE TABLE shipment_events (
    id TEXT PRIMARY KEY,
    shipment_id TEXT NOT NULL REFERENCES shipments (id),
    status TEXT NOT NULL,
    at BIGINT NOT NULL,
    text TEXT NOT NULL,
    dedup TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX shipment_events_shipment_id_dedup ON shipment_events (shipment_id, dedup);

CREATE TABLE notifications (
    id TEXT PRIMARY KEY,
    order_id TEXT REFERENCES orders (id),
    user_id TEXT REFERENCES users (id),
    type TEXT NOT NULL CHECK (type IN ('email', 'sms')),
    template TEXT NOT NULL,
    to_addr TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'delivered', 'bounced', 'dead')),
    provider TEXT,
    provider_id TEXT,
    attempts BIGINT NOT NULL,
    next_attempt_at BIGINT,
    error TEXT,
    dedup TEXT NOT NULL,
    sent_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX notifications_dedup ON notifications (dedup);
CREATE INDEX notifications_by_order ON notifications (order_id);

CREATE TABLE webhook_inbox (
    id TEXT PRIMARY KEY,
    provider TEXT NOT NULL,
    event_id TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    headers TEXT NOT NULL,
    -- The raw body. SQLite has no type of this name and keeps bytes as they are.
    body BYTEA,
    state TEXT NOT NULL CHECK (state IN ('received', 'processed', 'ignored', 'failed')),
    attempts BIGINT NOT NULL,
    next_attempt_at BIGINT,
    error TEXT,
    processed_at BIGINT
);
CREATE UNIQUE INDEX webhook_inbox_provider_event_id ON webhook_inbox (provider, event_id);
CREATE INDEX webhook_inbox_due ON webhook_inbox (next_attempt_at) WHERE next_attempt_at IS NOT NULL;

CREATE TABLE outbox (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    aggregate TEXT NOT NULL,
    payload TEXT NOT NULL,
    dedup TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'sending', 'done', 'dead')),
    attempts BIGINT NOT NULL,
    next_attempt_at BIGINT NOT NULL,
    locked_by TEXT,
    locked_until BIGINT,
    error TEXT,
    traceparent TEXT,
    baggage TEXT,
    request_id TEXT,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX outbox_dedup ON outbox (dedup);
CREATE INDEX outbox_due ON outbox (next_attempt_at) WHERE state IN ('pending', 'sending');

CREATE TABLE idempotency_keys (
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    body_hash TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'done')),
    -- The holder of a running key, so that a late finisher cannot overwrite its successor.
    holder TEXT NOT NULL,
    status BIGINT,
    answer TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (scope, key)
);
CREATE INDEX idempotency_keys_expiring ON idempotency_keys (expires_at);

CREATE TABLE tasks (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('PENDING', 'STARTED', 'RETRY', 'SUCCESS', 'FAILURE', 'REVOKED')),
    args TEXT NOT NULL,
    result TEXT,
    error TEXT,
    attempts BIGINT NOT NULL,
    max_attempts BIGINT NOT NULL,
    run_at BIGINT NOT NULL,
    locked_by TEXT,
    locked_until BIGINT,
    created_by TEXT REFERENCES users (id),
    traceparent TEXT,
    baggage TEXT,
    request_id TEXT,
    dedup TEXT,
    started_at BIGINT,
    finished_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX tasks_dedup ON tasks (dedup) WHERE status IN ('PENDING', 'STARTED', 'RETRY');
CREATE INDEX tasks_due ON tasks (run_at) WHERE status IN ('PENDING', 'RETRY');
CREATE INDEX tasks_running ON tasks (locked_until) WHERE status = 'STARTED';

CREATE TABLE schedules (
    name TEXT PRIMARY KEY,
    every_ms BIGINT NOT NULL,
    next_run_at BIGINT NOT NULL,
    locked_until BIGINT
);

CREATE TABLE inventory_syncs (
    id TEXT PRIMARY KEY,
    started_at BIGINT NOT NULL,
    finished_at BIGINT,
    state TEXT NOT NULL CHECK (state IN ('running', 'succeeded', 'failed')),
    products_synced BIGINT NOT NULL,
    corrections BIGINT NOT NULL,
    error TEXT
);
CREATE INDEX inventory_syncs_by_start ON inventory_syncs (started_at);

-- Ids here are free text from the outside, not foreign keys.
CREATE TABLE analytics_events (
    id TEXT PRIMARY KEY,
    event_id TEXT,
    type TEXT NOT NULL,
    user_id TEXT,
    page TEXT,
    product_id TEXT,
    order_id TEXT,
    quantity BIGINT,
    amount_minor BIGINT,
    currency TEXT,
    user_agent TEXT,
    at BIGINT NOT NULL
);
CREATE UNIQUE INDEX analytics_events_event_id ON analytics_events (event_id) WHERE event_id IS NOT NULL;
CREATE INDEX analytics_events_by_type ON analytics_events (type, at);
