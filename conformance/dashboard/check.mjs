// Looks at the dashboard of a running mock server as a person would, with 10,000 recorded exchanges.
//
//   node check.mjs URL [FOLDER]      (screenshots go to FOLDER, when one is given)
//
// The server must be fresh: its first request is expected to be the first one recorded.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Page } from './browser.mjs';
import { HOSTILE, Mock, expectations, play } from './traffic.mjs';

const EXCHANGES = 10_000;
const [url, folder] = process.argv.slice(2);
if (!url) { console.error('usage: node check.mjs URL [FOLDER]'); process.exit(2); }
if (folder) mkdirSync(folder, { recursive: true });

const mock = new Mock(url);
const dashboard = `${url}/mockserver/dashboard`;
const page = await Page.open(1280, 900);
let passed = 0;
let failed = 0;

const text = (selector) => page.value(`document.querySelector(${JSON.stringify(selector)}).innerText`);
const rows = () => page.value(`[...document.querySelectorAll('#rows tr')].map((row) => row.innerText)`);
const seqs = () => page.value(`[...document.querySelectorAll('#rows a.call')].map((link) => Number(/open=(\\d+)/.exec(link.hash)[1]))`);
const click = (selector) => page.value(`document.querySelector(${JSON.stringify(selector)}).click()`);
const range = (what, expected) => page.until(what, `document.getElementById('range').textContent === ${JSON.stringify(expected)}`);
const count = (expected) => page.until(`${expected} rows`, `document.querySelectorAll('#rows tr').length === ${expected}`);
const view = async (hash, expression) => { await page.goto(`${dashboard}#${hash}`); await page.until(`the view ${hash}`, expression); };
const shot = async (name) => { if (folder) await page.screenshot(join(folder, `${name}.png`)); };
const fits = async () => assert.ok(await page.value('document.documentElement.scrollWidth <= innerWidth'), 'nothing sticks out sideways');

async function check(name, body) {
  try {
    await body();
    assert.deepEqual(page.complaints, [], 'the console stays quiet');
    passed += 1;
    console.log(`ok      ${name}`);
  } catch (error) {
    failed += 1;
    page.complaints.length = 0;
    console.log(`FAILED  ${name}\n        ${error.message.replaceAll('\n', '\n        ')}`);
    await shot(`failed-${failed}`);
  }
}

try {
  await check('an empty server says what to do', async () => {
    await view('', `document.getElementById('empty').innerText.includes('Nothing has been received')`);
    await page.until('live', `document.getElementById('live').textContent === 'live'`);
    await shot('empty');
    await view('view=expectations', `document.getElementById('empty').innerText.includes('No expectation is active')`);
  });

  await mock.expect(...expectations());
  await play(mock, EXCHANGES);

  await check('expectations that were registered meanwhile appear by themselves', async () => {
    await count(6);
    assert.match((await rows())[0], /10\s+POST \/api\/v1\/payments\s+create-payment/);
    await shot('expectations');
  });

  await check('10,000 exchanges: the newest fifty, counted by result', async () => {
    await view('view=exchanges', `document.getElementById('range').textContent === '#10000 to #9951'`);
    assert.equal((await seqs()).length, 50);
    const chips = await page.value(`[...document.querySelectorAll('#outcomes button')].map((chip) => chip.innerText)`);
    assert.deepEqual(chips, ['All 10,000', 'Answered 9,678', 'Unmatched 302', 'Failed 10', 'Dropped 10', 'Under way 0']);
    await fits();
    await shot('exchanges');
  });

  await check('pages go to older and newer exchanges, and back', async () => {
    await click('#older');
    await range('the second page', '#9950 to #9901');
    await click('#older');
    await range('the third page', '#9900 to #9851');
    await click('#newer');
    await range('the second page again', '#9950 to #9901');
    await page.value('history.back()');
    await range('the way back', '#9900 to #9851');
    await click('#newest');
    await range('the newest page', '#10000 to #9951');
    assert.ok(await page.value(`document.getElementById('newer').disabled`));
  });

  await check('the oldest exchange is the last one', async () => {
    await view('before=11', `document.querySelectorAll('#rows tr').length === 10`);
    assert.ok(await page.value(`document.getElementById('older').disabled`));
  });

  await check('the search finds one body among all, typed on the keyboard', async () => {
    await view('view=exchanges', `document.getElementById('range').textContent === '#10000 to #9951'`);
    await page.press('/');
    await page.type('NEEDLE-in-the');
    await count(1);
    assert.match((await rows())[0], /POST \/needle/);
  });

  await check('its detail shows both messages, pretty and masked', async () => {
    await page.value('document.activeElement.blur()');
    await page.press('j');
    await page.press('Enter');
    await page.until('the detail', `document.querySelector('#detail pre')`);
    assert.match(await text('#detail pre'), /"amount" : 12\.50,\n {2}"password" : "\*\*\*"/);
    const detail = await text('#detail');
    assert.match(detail, /authorization\s+\*\*\*/);
    assert.doesNotMatch(detail, /hidden-in/);
    assert.match(detail, /POST \/needle/);
    await shot('detail');
    await page.press('Escape');
    await page.until('closed', `document.getElementById('detail').hidden`);
  });

  await check('unmatched requests name what came closest, and which fields missed', async () => {
    await view('outcome=unmatched', `document.getElementById('outcomes').querySelector('[aria-pressed=true]').innerText.startsWith('Unmatched')`);
    await count(50);
    const all = await rows();
    assert.ok(all.some((row) => /prodcts.*\s+unmatched · closest get-product: path/.test(row)), all[0]);
    await page.value(`[...document.querySelectorAll('#rows tr')].find((row) => row.innerText.includes('payments')).querySelector('a').click()`);
    await page.until('the closest', `document.querySelector('.closest')?.innerText.includes('create-payment')`);
    const closest = await text('.closest');
    assert.match(closest, /create-payment comes closest/);
    assert.match(closest, /headers\s+.*\*\*\*.*\s+nothing/);
    assert.match(closest, /body\s+.*EUR.*\s+.*USD/);
    assert.match(closest, /\$\.currency: expected "EUR", received "USD"/);
    await fits();
    await shot('closest');
    await click('.closest a');
    await page.until('the expectation', `document.querySelector('#detail h2')?.innerText === 'POST /api/v1/payments' && document.getElementById('tab-expectations').getAttribute('aria-current')`);
    assert.doesNotMatch(await text('#detail'), /hidden-in/);
  });

  await check('an expectation tells what is left of it, and leads to what it answered', async () => {
    await view('view=expectations&open=one-time', `document.querySelector('#detail h2')?.innerText.includes('/one-time')`);
    assert.match(await text('#detail'), /Answers\s+3 more times\s+Lives\s+1 h more/);
    await view('view=expectations&open=first-step', `document.querySelector('#detail h2')?.innerText.includes('/step')`);
    assert.match(await text('#detail'), /checkout: answers in Started, then Paid; now Started/);
    await view('view=expectations&open=drop-it', `document.querySelector('#detail h2')?.innerText.includes('/drop')`);
    await click('#detail .facts a');
    await count(10);
    assert.ok((await rows()).every((row) => /dropped · drop-it/.test(row)));
  });

  await check('failures show their reason', async () => {
    await view('outcome=failed', `document.getElementById('rows').innerText.includes('failed ·')`);
    await count(10);
    assert.match((await rows())[0], /failed · to-nowhere · /);
    await click('#rows a.call');
    await page.until('the reason', `document.querySelector('#detail .reason')`);
    await shot('failed');
  });

  await check('a scope filters the list and its counts', async () => {
    await view('view=exchanges', `document.querySelectorAll('#scope option').length === 5`);
    await page.value(`{ const scope = document.getElementById('scope'); scope.value = '=test-1'; scope.dispatchEvent(new Event('change')); }`);
    await count(33);
    assert.ok((await rows()).every((row) => row.includes('scope test-1')));
    assert.equal(await text('#outcomes button'), 'All 33');
  });

  await check('hostile paths, headers and bodies are text', async () => {
    await view('search=hostile', `document.querySelectorAll('#rows tr').length === 1`);
    await click('#rows a.call');
    await page.until('the detail', `document.querySelector('#detail h2')?.innerText.includes('/hostile/')`);
    assert.equal(await text('#detail pre'), HOSTILE);
    assert.ok((await text('#detail')).includes(`x-evil\t${HOSTILE}`));
    assert.deepEqual(await page.value(`[document.images.length, document.scripts.length]`), [0, 1]);
    await shot('hostile');
  });

  await check('new exchanges appear by themselves, and the row in focus stays', async () => {
    await view('view=exchanges', `document.getElementById('range').textContent === '#10000 to #9951'`);
    await page.value(`document.querySelector('#rows a.call').focus()`);
    await mock.send('GET', '/fresh/1');
    await page.until('the new row', `document.querySelector('#rows a.call').innerText.includes('/fresh/1')`);
    assert.match(await page.value('document.activeElement.hash'), /open=10000/);
    assert.equal(await text('#outcomes button'), 'All 10,001');
    await mock.expect({ id: 'fresh', httpRequest: { path: '/fresh/.*' }, httpResponse: {} });
    await mock.send('GET', '/fresh/2');
    await page.until('the next row', `document.querySelector('#rows tr').innerText.includes('matched fresh')`);
  });

  await check('an answer under way is shown, and then its end', async () => {
    await mock.expect({ id: 'slow', httpRequest: { path: '/slow' }, httpResponse: { delay: { timeUnit: 'SECONDS', value: 2 } } });
    const answer = mock.send('GET', '/slow');
    await page.until('under way', `document.querySelector('#rows tr').innerText.includes('under way')`);
    await answer;
    await page.until('its end', `document.querySelector('#rows tr').innerText.includes('matched slow')`);
  });

  await check('a pause keeps the list as it is', async () => {
    await click('#pause');
    await page.until('paused', `document.getElementById('live').textContent === 'paused'`);
    const before = await seqs();
    await mock.send('GET', '/paused');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    assert.deepEqual(await seqs(), before);
    await click('#pause');
    await page.until('the row', `document.querySelector('#rows a.call').innerText.includes('/paused')`);
  });

  await check('a search that is too long is refused in words', async () => {
    await view('search=a+b+c+d+e+f+g+h+i+j', `document.getElementById('note').innerText.includes('at most 8 words')`);
    page.complaints.splice(0, page.complaints.length, ...page.complaints.filter((line) => !line.includes('status of 400')));
  });

  await check('at 390 pixels, list and detail each have the screen', async () => {
    await page.resize(390, 844);
    await view('outcome=unmatched', `document.querySelectorAll('#rows tr').length === 50`);
    await fits();
    await shot('narrow-list');
    await click('#rows a.call');
    await page.until('the detail', `!document.getElementById('detail').hidden`);
    assert.equal(await page.value(`getComputedStyle(document.getElementById('list')).display`), 'none');
    await fits();
    await shot('narrow-detail');
    await click('#detail button');
    await page.until('the list', `getComputedStyle(document.getElementById('list')).display !== 'none'`);
    await view('view=expectations', `document.querySelectorAll('#rows tr').length === 8`);
    await fits();
    await page.resize(1280, 900);
  });

  await check('dark colours follow the reader', async () => {
    const background = () => page.value('getComputedStyle(document.body).backgroundColor');
    const light = await background();
    await page.dark(true);
    assert.notEqual(await background(), light);
    await view('outcome=failed', `document.querySelectorAll('#rows tr').length === 10`);
    await shot('dark');
  });

  await check('the page itself left nothing in the record', async () => {
    const { text: answer } = await mock.send('GET', '/mockserver/dashboard/data/exchanges?search=favicon');
    assert.deepEqual(JSON.parse(answer).exchanges, []);
  });
} finally {
  await page.close();
  mock.close();
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
