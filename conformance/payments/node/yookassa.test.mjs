// A YooKassa client for Node.js against the fake.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import sdk from '@a2seven/yoo-checkout';

const { YooCheckout } = sdk;
const card = (number) => ({ type: 'bank_card', card: { number, expiry_year: '2034', expiry_month: '12', csc: '123' } });
const rub = (value) => ({ value, currency: 'RUB' });

function client() {
  const checkout = new YooCheckout({ shopId: String(Math.floor(Math.random() * 1e9)), secretKey: `test_${randomUUID()}` });
  // The client has no option for the address.
  checkout.root = `${process.env.FAKE_URL}/v3`;
  return checkout;
}

test('a card pays at once', async () => {
  const payment = await client().createPayment({ amount: rub('100.00'), capture: true, payment_method_data: card('4111111111111111') }, randomUUID());
  assert.equal(payment.status, 'succeeded');
  assert.equal(payment.amount.value, '100.00');
});

test('two stages, captured and canceled', async () => {
  const checkout = client();
  const hold = () => checkout.createPayment({ amount: rub('100.00'), capture: false, payment_method_data: card('4111111111111111') }, randomUUID());
  const first = await hold();
  assert.equal(first.status, 'waiting_for_capture');
  const captured = await checkout.capturePayment(first.id, { amount: rub('60.00') }, randomUUID());
  assert.equal(captured.status, 'succeeded');
  assert.equal(captured.amount.value, '60.00');
  const second = await hold();
  assert.equal((await checkout.cancelPayment(second.id, randomUUID())).status, 'canceled');
});

test('a refund, and one too many', async () => {
  const checkout = client();
  const payment = await checkout.createPayment({ amount: rub('10.00'), capture: true, payment_method_data: card('4111111111111111') }, randomUUID());
  const refund = await checkout.createRefund({ payment_id: payment.id, amount: rub('4.00') }, randomUUID());
  assert.equal(refund.status, 'succeeded');
  await assert.rejects(checkout.createRefund({ payment_id: payment.id, amount: rub('6.01') }, randomUUID()), (error) => error.response.status === 400 && error.response.data.parameter === 'amount.value');
  assert.equal((await checkout.getRefund(refund.id)).amount.value, '4.00');
});

test('an unknown payment is an error', async () => {
  await assert.rejects(client().getPayment('22e12f66-000f-5000-8000-18db351245c7'));
});

test('lists have cursors', async () => {
  const checkout = client();
  for (let i = 1; i <= 3; i += 1) await checkout.createPayment({ amount: rub(`${i}.00`), capture: true, payment_method_data: card('4111111111111111') }, randomUUID());
  const page = await checkout.getPaymentList({ limit: 2 });
  assert.equal(page.items.length, 2);
  assert.ok(page.next_cursor);
});
