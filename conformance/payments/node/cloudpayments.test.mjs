// A CloudPayments client for Node.js against the fake.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { test } from 'node:test';
import cloudpayments from 'cloudpayments';

const { ClientService } = cloudpayments;
const plain = `014000003055341204${Buffer.from('encrypted').toString('base64')}`;
const asks = `014242424242341204${Buffer.from('encrypted').toString('base64')}`;

const client = () => new ClientService({ publicId: `pk_${randomUUID()}`, privateKey: randomUUID(), endpoint: process.env.FAKE_URL });
const card = (packet) => ({ Amount: 100, Currency: 'RUB', IpAddress: '127.0.0.1', CardCryptogramPacket: packet, Name: 'ANNA' });

test('it answers without credentials', async () => {
  const answer = await client().getClientApi().ping();
  assert.equal(answer.isSuccess(), true);
});

test('a card pays', async () => {
  const api = client().getClientApi();
  const paid = await api.chargeCryptogramPayment({ ...card(plain), InvoiceId: 'A-1' });
  assert.equal(paid.isSuccess(), true);
  assert.equal(paid.getResponse().Model.Status, 'Completed');
});

test('3-D Secure asks first', async () => {
  const asked = await client().getClientApi().chargeCryptogramPayment(card(asks));
  assert.equal(asked.isSuccess(), false);
  assert.ok(asked.getResponse().Model.AcsUrl);
});

test('two stages, and refunds up to what was taken', async () => {
  const api = client().getClientApi();
  const held = await api.authorizeCryptogramPayment(card(plain));
  const TransactionId = held.getResponse().Model.TransactionId;
  assert.equal((await api.confirmPayment({ TransactionId, Amount: 60 })).isSuccess(), true);
  assert.equal((await api.refundPayment({ TransactionId, Amount: 60 })).isSuccess(), true);
  assert.equal((await api.refundPayment({ TransactionId, Amount: 1 })).isSuccess(), false);
});

test('notifications pass the check of the SDK, and changed ones do not', async () => {
  const service = client();
  const api = service.getClientApi();
  const received = [];
  const shop = createServer((request, response) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      received.push({ headers: request.headers, payload: Buffer.concat(parts).toString() });
      response.setHeader('content-type', 'application/json');
      response.end('{"code":0}');
    });
  });
  await new Promise((done) => shop.listen(0, '127.0.0.1', done));
  try {
    const Address = `http://127.0.0.1:${shop.address().port}/pay`;
    const set = await api.call('/site/notifications/pay/update', { IsEnabled: true, Address, HttpMethod: 'POST' });
    assert.ok(set);
    await api.chargeCryptogramPayment(card(plain));
    for (let i = 0; i < 500 && received.length === 0; i += 1) await new Promise((done) => setTimeout(done, 10));
    const handlers = service.getNotificationHandlers();
    const told = await handlers.handlePayRequest(received[0]);
    assert.ok(told.request);
    await assert.rejects(handlers.handlePayRequest({ ...received[0], payload: `${received[0].payload}0` }));
  } finally {
    shop.close();
  }
});
