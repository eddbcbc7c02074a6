// The SDK `cloudpayments` for Node.js against the fake.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { test } from 'node:test';
import cloudpayments from 'cloudpayments';

const { ClientService } = cloudpayments;
const endpoint = process.env.FAKE_URL.replace(/\/$/, '');

const service = () => new ClientService({ publicId: `pk_${randomUUID()}`, privateKey: randomUUID(), endpoint });

const cryptogram = (number) =>
  `01${number.slice(0, 6)}${number.slice(-4)}341204${Buffer.from('encrypted').toString('base64')}`;
const PLAIN = cryptogram('4000000000003055');

const charge = (api, more = {}) =>
  api.chargeCryptogramPayment({ Amount: 100, Currency: 'RUB', IpAddress: '127.0.0.1', Name: 'ANNA', CardCryptogramPacket: PLAIN, ...more });

test('ping needs no credentials', async () => {
  const pong = await service().getClientApi().ping();
  assert.equal(pong.isSuccess(), true);
  assert.match(pong.getResponse().Message, /^[0-9a-f-]{36}$/);
});

test('a charge is completed, found and refunded', async () => {
  const api = service().getClientApi();
  const paid = (await charge(api, { InvoiceId: 'A-1', AccountId: 'anna', Amount: 65.98 })).getResponse();
  assert.equal(paid.Success, true);
  assert.equal(paid.Model.Status, 'Completed');
  assert.equal(paid.Model.Amount, 65.98);
  const found = (await api.findPaymentByInvoiceId({ InvoiceId: 'A-1' })).getResponse();
  assert.equal(found.Model.TransactionId, paid.Model.TransactionId);
  const id = paid.Model.TransactionId;
  const refund = await api.refundPayment({ TransactionId: id, Amount: 65.98 });
  assert.equal(refund.isSuccess(), true);
  assert.equal((await api.getPayment({ TransactionId: id })).getResponse().Model.Refunded, true);
  assert.equal((await api.refundPayment({ TransactionId: id, Amount: 0.01 })).isSuccess(), false);
});

test('a poor card is declined with its reason', async () => {
  const answer = (await charge(service().getClientApi(), { CardCryptogramPacket: cryptogram('4000056655665556') })).getResponse();
  assert.equal(answer.Success, false);
  assert.equal(answer.Model.ReasonCode, 5051);
  assert.equal(answer.Model.Reason, 'InsufficientFunds');
});

test('a challenge is told apart from a decline', async () => {
  const answer = (await charge(service().getClientApi(), { CardCryptogramPacket: cryptogram('4242424242424242') })).getResponse();
  assert.equal(answer.Success, false);
  assert.ok(answer.Model.AcsUrl.startsWith(endpoint) && answer.Model.PaReq);
  assert.ok(!('ReasonCode' in answer.Model));
});

test('what is held is confirmed or given back', async () => {
  const api = service().getClientApi();
  const hold = async () =>
    (await api.authorizeCryptogramPayment({ Amount: 10, Currency: 'RUB', IpAddress: '127.0.0.1', Name: 'A', CardCryptogramPacket: PLAIN })).getResponse().Model;
  const one = await hold();
  assert.equal(one.Status, 'Authorized');
  assert.equal((await api.confirmPayment({ TransactionId: one.TransactionId, Amount: 10 })).isSuccess(), true);
  assert.equal((await api.voidPayment({ TransactionId: one.TransactionId })).isSuccess(), false);
  const two = await hold();
  assert.equal((await api.voidPayment({ TransactionId: two.TransactionId })).isSuccess(), true);
});

test('eight parallel refunds give back no more than was paid', async () => {
  const api = service().getClientApi();
  const { TransactionId } = (await charge(api, { Amount: 4000 })).getResponse().Model;
  const made = await Promise.all(Array.from({ length: 8 }, () => api.refundPayment({ TransactionId, Amount: 1000 })));
  assert.equal(made.filter((answer) => answer.isSuccess()).length, 4);
});

test('a notification passes the verifier of the SDK', async () => {
  const shop = service();
  const api = shop.getClientApi();
  let heard;
  const told = new Promise((resolve) => (heard = resolve));
  const server = createServer(async (request, response) => {
    const read = await shop.getNotificationHandlers().handlePayRequest(request, async () => 0).catch((error) => ({ error }));
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(read.response ?? {}));
    heard(read);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${server.address().port}/pay`;
  await api.call('/site/notifications/pay/update', { IsEnabled: true, Address: address, HttpMethod: 'POST' });
  const paid = (await charge(api, { InvoiceId: 'N-1', Description: 'Бумага' })).getResponse().Model;
  const read = await told;
  server.close();
  assert.equal(read.error, undefined);
  assert.equal(read.request.TransactionId, String(paid.TransactionId));
  assert.equal(read.request.Amount, '100.00');
  assert.equal(read.request.Description, 'Бумага');
});
