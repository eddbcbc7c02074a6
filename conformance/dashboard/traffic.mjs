// Expectations and requests for a mock server, hostile ones among them.
import http from 'node:http';

export const HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(2)>';

export class Mock {
  #agent = new http.Agent({ keepAlive: true, maxSockets: 16 });

  constructor(url) {
    this.url = url;
  }

  /** Sends a request; the status and text of its answer, or 0 when there was none. */
  send(method, path, { headers = {}, body = '' } = {}) {
    return new Promise((resolve) => {
      const given = { agent: this.#agent, method, headers: { ...headers, 'content-length': Buffer.byteLength(body) } };
      const request = http.request(this.url + path, given, (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (data) => { text += data; });
        answer.on('end', () => resolve({ status: answer.statusCode, text, headers: answer.headers }));
      });
      request.on('error', () => resolve({ status: 0, text: '', headers: {} }));
      request.end(body);
    });
  }

  async expect(...expectations) {
    const { status, text } = await this.send('PUT', '/mockserver/expectation', { body: JSON.stringify(expectations) });
    if (status !== 201) throw new Error(`not registered: ${status} ${text}`);
  }

  close() {
    this.#agent.destroy();
  }
}

export function expectations() {
  const json = { 'content-type': ['application/json'] };
  return [
    { id: 'get-product', httpRequest: { method: 'GET', path: '/api/v1/products/.*' }, httpResponse: { headers: json, body: '{"id": 7, "price": 0.00, "token": "hidden-in-answer"}' } },
    { id: 'create-payment', priority: 10, httpRequest: { method: 'POST', path: '/api/v1/payments', headers: { 'Authorization': ['Bearer hidden-in-expectation'] }, body: { type: 'JSON', json: { currency: 'EUR' } } }, httpResponse: { statusCode: 201, headers: json, body: '{"status":"pending"}' } },
    { id: 'one-time', httpRequest: { path: '/one-time' }, httpResponse: { statusCode: 503 }, times: { remainingTimes: 3 }, timeToLive: { timeUnit: 'HOURS', timeToLive: 2 } },
    { id: 'drop-it', httpRequest: { path: '/drop' }, httpError: { dropConnection: true } },
    { id: 'to-nowhere', httpRequest: { path: '/forwarded' }, httpForward: { host: '127.0.0.1', port: 1, scheme: 'HTTP' } },
    { id: 'first-step', httpRequest: { path: '/step' }, httpResponse: { body: 'one' }, scenarioName: 'checkout', scenarioState: 'Started', newScenarioState: 'Paid' },
  ];
}

/** Sends `count` requests, 16 at a time: nine of ten are answered, the others show what can go wrong. */
export async function play(mock, count) {
  let next = 0;
  const one = (n) => {
    if (n === 40) return mock.send('POST', `/hostile/${encodeURIComponent(HOSTILE)}`, { headers: { 'x-evil': HOSTILE, 'content-type': 'text/html' }, body: HOSTILE });
    if (n === 60) return mock.send('POST', '/needle', { headers: { 'content-type': 'application/json', authorization: 'Bearer hidden-in-request' }, body: '{"word": "a-needle-in-the-hay", "amount": 12.50, "password": "hidden-in-body"}' });
    if (n % 100 === 7) return mock.send('POST', '/api/v1/payments', { headers: { 'content-type': 'application/json' }, body: `{"currency":"USD","n":${n}}` });
    if (n % 100 === 17) return mock.send('GET', `/api/v1/prodcts/${n}`);
    if (n % 1000 === 27) return mock.send('GET', '/drop');
    if (n % 1000 === 37) return mock.send('GET', '/forwarded');
    if (n % 100 === 47) return mock.send('POST', '/api/v1/payments', { headers: { 'content-type': 'application/json', Authorization: 'Bearer hidden-in-expectation' }, body: `{"currency":"EUR","n":${n}}` });
    if (n % 100 === 57) return mock.send('GET', `/scoped/${n}`, { headers: { 'x-styk-scope': `test-${n % 3}` } });
    return mock.send('GET', `/api/v1/products/${n}?page=${n % 10}`);
  };
  const worker = async () => { while (next < count) await one(next++); };
  await Promise.all(Array.from({ length: 16 }, worker));
}
