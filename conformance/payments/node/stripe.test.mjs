// The official Stripe SDK for Node.js against the fake.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { test } from 'node:test';
import Stripe from 'stripe';

const fake = new URL(process.env.FAKE_URL);

function client(options = {}) {
  const key = `sk_test_${randomUUID().replaceAll('-', '')}`;
  return new Stripe(key, { host: fake.hostname, port: fake.port, protocol: 'http', ...options });
}

const paid = (stripe, more = {}, options) =>
  stripe.paymentIntents.create(
    { amount: 1999, currency: 'usd', payment_method: 'pm_card_visa', confirm: true, payment_method_types: ['card'], ...more },
    options,
  );

test('a payment succeeds, with its charge expanded', async () => {
  const intent = await paid(client(), { expand: ['latest_charge'], metadata: { order_id: 'A-1' } });
  assert.equal(intent.status, 'succeeded');
  assert.equal(intent.latest_charge.amount, 1999);
  assert.equal(intent.latest_charge.metadata.order_id, 'A-1');
});

test('a decline is a card error with its code', async () => {
  await assert.rejects(paid(client(), { payment_method: 'pm_card_visa_chargeDeclinedInsufficientFunds' }), (error) => {
    assert.ok(error instanceof Stripe.errors.StripeCardError);
    assert.equal(error.code, 'card_declined');
    assert.equal(error.decline_code, 'insufficient_funds');
    assert.equal(error.payment_intent.status, 'requires_payment_method');
    return true;
  });
});

test('a wrong parameter is an invalid request', async () => {
  await assert.rejects(client().paymentIntents.create({ amount: 10, currency: 'usd' }), (error) => {
    assert.ok(error instanceof Stripe.errors.StripeInvalidRequestError);
    assert.equal(error.param, 'amount');
    return true;
  });
});

test('automatic methods with a return address are confirmed later', async () => {
  const stripe = client();
  const intent = await stripe.paymentIntents.create({ amount: 2500, currency: 'eur', automatic_payment_methods: { enabled: true } });
  assert.equal(intent.status, 'requires_payment_method');
  const done = await stripe.paymentIntents.confirm(intent.id, { payment_method: 'pm_card_visa', return_url: 'http://shop.test/' });
  assert.equal(done.status, 'succeeded');
});

test('lists are paged by the iterator of the SDK', async () => {
  const stripe = client();
  const ids = [];
  for (let i = 0; i < 5; i += 1) ids.push((await stripe.customers.create({ name: `c${i}` })).id);
  const seen = [];
  for await (const customer of stripe.customers.list({ limit: 2 })) seen.push(customer.id);
  assert.deepEqual(seen, ids.reverse());
});

test('one key, one payment; another body is an idempotency error', async () => {
  const stripe = client({ maxNetworkRetries: 5 });
  const options = { idempotencyKey: randomUUID() };
  const all = await Promise.all(Array.from({ length: 12 }, () => paid(stripe, {}, options)));
  assert.equal(new Set(all.map((intent) => intent.id)).size, 1);
  assert.equal((await stripe.paymentIntents.list()).data.length, 1);
  await assert.rejects(paid(stripe, { amount: 5 * 100 }, options), (error) => error instanceof Stripe.errors.StripeIdempotencyError);
});

test('eight refunds at once never exceed the payment', async () => {
  const stripe = client();
  const intent = await paid(stripe, { amount: 4000 });
  const refund = () => stripe.refunds.create({ payment_intent: intent.id, amount: 1000 }).then((r) => r.amount, () => 0);
  const amounts = await Promise.all(Array.from({ length: 8 }, refund));
  assert.equal(amounts.reduce((sum, amount) => sum + amount), 4000);
});

test('a checkout session knows its lines', async () => {
  const stripe = client();
  const session = await stripe.checkout.sessions.create({
    mode: 'payment',
    line_items: [{ quantity: 3, price_data: { currency: 'usd', unit_amount: 500, product_data: { name: 'Tea' } } }],
    success_url: 'http://shop.test/ok',
  });
  assert.equal(session.amount_total, 1500);
  const lines = await stripe.checkout.sessions.listLineItems(session.id);
  assert.equal(lines.data[0].quantity, 3);
});

test('webhooks pass the verifier of the SDK', async () => {
  const stripe = client();
  const received = [];
  const shop = createServer((request, response) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      received.push({ signature: request.headers['stripe-signature'], body: Buffer.concat(parts) });
      response.end('{}');
    });
  });
  await new Promise((done) => shop.listen(0, '127.0.0.1', done));
  try {
    const url = `http://127.0.0.1:${shop.address().port}/hook`;
    const endpoint = await stripe.webhookEndpoints.create({ url, enabled_events: ['charge.succeeded'] });
    await paid(stripe);
    for (let i = 0; i < 500 && received.length === 0; i += 1) await new Promise((done) => setTimeout(done, 10));
    const event = stripe.webhooks.constructEvent(received[0].body, received[0].signature, endpoint.secret);
    assert.equal(event.type, 'charge.succeeded');
    assert.throws(() => stripe.webhooks.constructEvent(received[0].body, received[0].signature, 'whsec_other'));
  } finally {
    shop.close();
  }
});
