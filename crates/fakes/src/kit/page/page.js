'use strict';
const view = document.getElementById('view'), state = document.getElementById('status'), result = document.getElementById('result');
let tab = 'exchanges', shown = '';
const ask = async (path, options) => {
  const answer = await fetch('/_styk' + path, options);
  const text = await answer.text();
  const body = text ? JSON.parse(text) : null;
  if (!answer.ok) throw new Error(body && body.error ? [body.error.what, body.error.where, body.error.hint].filter(Boolean).join(' – ') : answer.statusText);
  return body;
};
const element = (name, content, style) => {
  const made = document.createElement(name);
  if (style) made.className = style;
  for (const part of [content].flat()) made.append(part instanceof Node ? part : String(part ?? ''));
  return made;
};
const table = (titles, rows) => rows.length === 0 ? element('p', 'Nothing yet.', 'none') : element('table', [
  element('thead', element('tr', titles.map((title) => element('th', title)))),
  element('tbody', rows.map((row) => element('tr', row.map((cell) => element('td', cell))))),
]);
const opened = (title, value) => {
  const details = element('details', element('summary', title));
  details.append(element('pre', JSON.stringify(value, null, 2)));
  return details;
};
const time = (at) => at ? new Date(at).toLocaleTimeString('en-GB') : '';
const views = {
  exchanges: async () => (await ask('/exchanges?limit=100')).exchanges.reverse().map((x) => [
    x.seq, time(x.at), opened(x.operation, x), element('span', x.response ? x.response.status : x.outcome, x.response && x.response.status < 400 ? 'good' : 'bad'), [x.facts.fault, x.facts.gap && 'gap: ' + x.facts.gap].filter(Boolean).join(' '),
  ]),
  ledger: async () => (await ask('/ledger')).entries.reverse().map((x) => [x.seq, time(x.at), x.text || x.kind, x.account]),
  webhooks: async () => (await ask('/webhooks?limit=200')).deliveries.reverse().map((x) => {
    const again = element('button', 'resend');
    again.onclick = () => run('/webhooks/' + x.id + '/resend', {});
    return [x.id, time(x.created_at), x.event, x.object, element('span', x.state + (x.status ? ' ' + x.status : ''), x.state === 'delivered' ? 'good' : ''), x.tries, x.fault || '', again];
  }),
  state: async () => Object.entries((await ask('/state')).accounts).map(([name, account]) => [opened(name, account)]),
  faults: async () => (await ask('/faults')).faults.map((x) => [x.id, x.fault.kind, x.fault.on.operation || 'any', x.seen, x.fired, x.result]),
  gaps: async () => Object.entries((await ask('/gaps')).gaps),
};
const titles = {
  exchanges: ['#', 'at', 'operation', 'answer', 'notes'], ledger: ['#', 'at', 'what happened', 'account'],
  webhooks: ['#', 'at', 'event', 'object', 'state', 'tries', 'fault', ''], state: ['account'],
  faults: ['#', 'kind', 'on', 'calls seen', 'fired', 'result'], gaps: ['what was wanted', 'times'],
};
const show = async () => {
  try {
    const rows = await views[tab]();
    const made = table(titles[tab], rows);
    // What a person has opened stays open as long as nothing changes.
    if (made.textContent !== shown) { view.replaceChildren(made); shown = made.textContent; }
    state.textContent = 'live';
  } catch (error) { state.textContent = 'not reachable: ' + error.message; }
};
const choose = (name) => {
  tab = name; shown = '';
  for (const button of document.querySelectorAll('nav button')) button.setAttribute('aria-selected', String(button.dataset.tab === name));
  show();
};
const run = async (path, body) => {
  try {
    const answer = await ask(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    result.textContent = JSON.stringify(answer, null, 2); result.className = '';
  } catch (error) { result.textContent = error.message; result.className = 'bad'; }
  show();
};
const filled = (form) => Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ''));
for (const button of document.querySelectorAll('nav button')) button.onclick = () => choose(button.dataset.tab);
for (const form of document.querySelectorAll('form[data-action]')) form.onsubmit = (event) => { event.preventDefault(); run('/actions/' + form.dataset.action, filled(form)); };
document.getElementById('fault').onsubmit = (event) => {
  event.preventDefault();
  const { kind, times, operation, entity } = filled(event.target);
  run('/faults', { kind, times: Number(times || 1), on: { operation, entity } });
};
choose(tab);
setInterval(show, 1000);
