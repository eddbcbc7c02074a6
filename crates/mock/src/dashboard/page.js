'use strict';
// What comes from the server is hostile: it only ever becomes text nodes and attributes that hold no code.
(() => {
  const DATA = location.pathname.replace(/\/+$/, '') + '/data/';
  const PAGE_SIZE = 50;
  const $ = (id) => document.getElementById(id);
  const RESULTS = { '': 'All', answered: 'Answered', unmatched: 'Unmatched', failed: 'Failed', dropped: 'Dropped', open: 'Under way' };
  const number = (value) => value.toLocaleString('en');

  /** An element with attributes and children; texts become text nodes. */
  function h(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name === 'onclick') element.addEventListener('click', value);
      else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
    }
    element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ''));
    return element;
  }

  // The state of the page is its fragment, so that every view has an address and the browser's way back works.
  const state = () => new URLSearchParams(location.hash.slice(1));
  const viewOf = (params) => (params.get('view') === 'expectations' ? 'expectations' : 'exchanges');

  function address(changes, from = state()) {
    for (const [name, value] of Object.entries(changes)) {
      if (value === null) from.delete(name); else from.set(name, value);
    }
    return '#' + from.toString();
  }

  function go(changes, quietly) {
    const target = address(changes);
    if (quietly) { history.replaceState(null, '', target); update(); } else location.hash = target;
  }

  const FIRST_PAGE = { before: null, after: null, skip: null };

  async function get(path, parameters, signal) {
    const query = new URLSearchParams(parameters).toString();
    const answer = await fetch(DATA + path + (query && '?' + query), { signal, cache: 'no-store' });
    const json = await answer.json();
    if (!answer.ok) throw Object.assign(new Error(json.error || answer.statusText), { refused: answer.status });
    return json;
  }

  // ---- the list

  let version = '';
  let latest = null; // what the list shows
  let listing = null; // the request under way
  const rows = new Map(); // key -> [what it shows, element]

  async function loadList() {
    listing?.abort();
    const mine = listing = new AbortController();
    const params = state();
    const view = viewOf(params);
    const names = view === 'exchanges' ? ['search', 'scope', 'outcome', 'expectation', 'before', 'after'] : ['search', 'scope', 'skip'];
    const asked = { limit: PAGE_SIZE };
    for (const name of names) if (params.has(name)) asked[name] = params.get(name);
    try {
      const answer = await get(view, asked, mine.signal);
      if (mine !== listing) return;
      if (asked.after && !answer.hasNewer && !answer.searchedTo) return go(FIRST_PAGE, true);
      version = answer.version;
      if (!isPaused && !document.hidden) live('live', 'on');
      latest = { view, answer, params };
      paint();
    } catch (error) {
      if (error.name === 'AbortError') return;
      if (!error.refused) throw error;
      note(error.message, true);
    }
  }

  function note(text, isBad) {
    $('note').hidden = !text;
    $('note').classList.toggle('bad', Boolean(isBad));
    if ($('note').textContent !== text) $('note').textContent = text;
  }

  function paint() {
    const { view, answer, params } = latest;
    $('server').textContent = answer.server;
    document.title = 'styk mock ' + answer.server;
    paintFilters(view, answer, params);
    const isExchanges = view === 'exchanges';
    const items = isExchanges ? answer.exchanges : answer.expectations;
    paintHead(isExchanges ? ['Time', 'Request and result', 'Status', 'Took'] : ['Priority', 'Request and expectation', 'Left', 'Answered']);
    paintRows(items, isExchanges ? exchangeRow : expectationRow, params);
    paintEmpty(items, isExchanges, params);
    paintPages(items, isExchanges, answer, params);
    const searched = answer.searchedTo ? `Searched as far as #${answer.searchedTo}; the next page searches on. ` : '';
    const dropped = answer.dropped ? `The journal is full: the oldest ${number(answer.dropped)} exchanges were dropped.` : '';
    note(searched + dropped);
  }

  function paintHead(titles) {
    if ($('head').textContent === titles.join('')) return;
    const widths = ['c-first', '', 'c-third', 'c-last'];
    const cells = titles.map((title, at) => h('th', { class: widths[at] + (at > 1 ? ' ' + ['third', 'last'][at - 2] : ''), scope: 'col' }, title));
    $('head').replaceChildren(h('tr', null, cells));
  }

  /** Keeps the elements of rows that stay, so that focus and selection stay too. */
  function paintRows(items, row, params) {
    const body = $('rows');
    const open = params.get('open');
    const scope = params.get('in') || '';
    let cursor = body.firstChild;
    const kept = new Set();
    for (const item of items) {
      const key = item.seq ? String(item.seq) : JSON.stringify([item.scope, item.id]);
      const shows = JSON.stringify(item) + location.hash.replace(/(^|&)(open|in)=[^&]*/g, '');
      let known = rows.get(key);
      if (!known || known[0] !== shows) {
        const made = row(item, params);
        if (known) { if (cursor === known[1]) cursor = made; known[1].replaceWith(made); }
        rows.set(key, known = [shows, made]);
      }
      kept.add(key);
      const element = known[1];
      element.classList.toggle('chosen', item.seq ? String(item.seq) === open : item.id === open && item.scope === scope);
      if (element === cursor) cursor = cursor.nextSibling; else body.insertBefore(element, cursor);
    }
    for (const [key, [, element]] of rows) if (!kept.has(key)) { if (element === cursor) cursor = cursor.nextSibling; element.remove(); rows.delete(key); }
  }

  const two = (value, width = 2) => String(value).padStart(width, '0');

  function clock(text) {
    const at = new Date(text);
    const isToday = at.toDateString() === new Date().toDateString();
    const day = isToday ? '' : `${two(at.getMonth() + 1)}-${two(at.getDate())} `;
    return [day + `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`, '.' + two(at.getMilliseconds(), 3)];
  }

  function duration(micros) {
    if (micros === null) return '';
    if (micros < 1000) return `${micros} µs`;
    if (micros < 1e6) return `${(micros / 1000).toPrecision(micros < 1e5 ? 2 : 3)} ms`;
    return `${(micros / 1e6).toFixed(2)} s`;
  }

  function tableRow(href, label, sub, kind, first, third, last) {
    const link = h('a', { class: 'call', href, title: label.map((part) => part.textContent ?? part).join('') }, label);
    const open = (event) => { if (!event.target.closest('a') && !String(getSelection())) location.hash = href; };
    return h('tr', { class: kind, onclick: open },
      h('td', { class: 'first' }, first), h('td', null, link, h('div', { class: 'sub' }, sub)),
      h('td', { class: 'third' }, third), h('td', { class: 'last' }, last));
  }

  function exchangeRow(exchange) {
    const href = address({ open: exchange.seq, in: null });
    const [time, fine] = clock(exchange.at);
    const first = h('time', { datetime: exchange.at, title: exchange.at }, time, h('span', { class: 'fine' }, fine));
    const status = exchange.status ? h('span', { class: 's' + String(exchange.status)[0] }, String(exchange.status)) : '–';
    const label = [h('b', null, exchange.method || ''), ' ' + (exchange.target || '')];
    const scope = exchange.scope ? ` · scope ${exchange.scope}` : '';
    return tableRow(href, label, [...result(exchange), scope], exchange.outcome, first, status, duration(exchange.micros));
  }

  /** What came of an exchange, in a line. */
  function result(exchange) {
    const id = exchange.expectation;
    const word = h('b', null, RESULTS[exchange.outcome].toLowerCase());
    if (exchange.outcome === 'answered') return ['matched ' + (id || '')];
    if (exchange.outcome === 'unmatched') {
      const closest = exchange.closest;
      return [word, closest ? ` · closest ${closest.id}: ${closest.missed.join(', ') || 'matches by now'}` : ''];
    }
    return [word, id ? ` · ${id}` : '', exchange.reason ? ` · ${exchange.reason}` : ''];
  }

  function expectationRow(expectation) {
    const href = address({ open: expectation.id, in: expectation.scope || null });
    const label = [h('b', null, expectation.method || 'any method'), ' ' + (expectation.path || 'any path')];
    const also = expectation.conditions.length ? ` · and ${expectation.conditions.join(', ')}` : '';
    const scenario = expectation.scenario ? ` · scenario ${expectation.scenario.name}` : '';
    const scope = expectation.scope ? ` · scope ${expectation.scope}` : '';
    const sub = expectation.id + ' · ' + action(expectation) + also + scenario + scope;
    const uses = expectation.usesLeft === null ? '∞' : number(expectation.usesLeft);
    const left = h('span', { title: expectation.usesLeft === null ? 'as often as asked' : `${uses} more times` }, uses,
      expectation.millisLeft === null ? '' : h('div', { class: 'small' }, span(expectation.millisLeft)));
    return tableRow(href, label, [sub], '', String(expectation.priority), left, number(expectation.answered));
  }

  const action = (expectation) => expectation.actions.join(', ') + (expectation.status ? ` ${expectation.status}` : '');

  function span(millis) {
    const units = [[86400000, 'd'], [3600000, 'h'], [60000, 'min'], [1000, 's']];
    const [size, unit] = units.find(([unitSize]) => millis >= unitSize) || [1000, 's'];
    return `${Math.floor(millis / size)} ${unit}`;
  }

  function paintFilters(view, answer, params) {
    const isExchanges = view === 'exchanges';
    const search = $('search');
    if (document.activeElement !== search) search.value = params.get('search') || '';
    search.placeholder = isExchanges ? 'Search method, path, status, headers, bodies' : 'Search everything in an expectation';
    for (const name of ['exchanges', 'expectations']) {
      const tab = $('tab-' + name);
      tab.href = address({ view: name, open: null, in: null, outcome: null, expectation: null, search: null, ...FIRST_PAGE });
      if (name === view) tab.setAttribute('aria-current', 'page'); else tab.removeAttribute('aria-current');
    }
    const scope = $('scope');
    const chosen = params.get('scope');
    const names = chosen && !answer.scopes.includes(chosen) ? [chosen, ...answer.scopes] : answer.scopes;
    scope.hidden = names.length === 0 && chosen === null;
    if (scope.dataset.names !== JSON.stringify(names)) {
      scope.dataset.names = JSON.stringify(names);
      scope.replaceChildren(h('option', { value: '*' }, 'All scopes'), h('option', { value: '' }, 'Without scope'),
        ...names.map((name) => h('option', { value: '=' + name }, name)));
    }
    scope.value = chosen === null ? '*' : chosen && '=' + chosen;
    $('outcomes').hidden = !isExchanges;
    if (isExchanges) paintOutcomes(answer.counts, params);
  }

  function paintOutcomes(counts, params) {
    const group = $('outcomes');
    const by = params.get('expectation');
    const wanted = Object.keys(RESULTS).concat(by ? ['by'] : []);
    if (group.dataset.shows !== wanted.join() + by) {
      group.dataset.shows = wanted.join() + by;
      const chip = (name) => h('button', { type: 'button', 'data-outcome': name, onclick: () => go({ outcome: name || null, ...FIRST_PAGE }) }, RESULTS[name] + ' ', h('span'));
      group.replaceChildren(...Object.keys(RESULTS).map(chip));
      if (by) group.append(h('button', { type: 'button', class: 'by', 'aria-pressed': 'true', onclick: () => go({ expectation: null, ...FIRST_PAGE }) }, `by ${by} `, h('span', null, '✕')));
    }
    for (const button of group.querySelectorAll('[data-outcome]')) {
      const name = button.dataset.outcome;
      const count = counts[name || 'all'];
      const isPressed = String((params.get('outcome') || '') === name);
      if (isPressed === 'true' && button.getAttribute('aria-pressed') !== isPressed) group.scrollLeft = button.offsetLeft - 40;
      button.setAttribute('aria-pressed', isPressed);
      button.classList.toggle('none', count === 0);
      button.lastChild.textContent = number(count);
    }
  }

  function paintEmpty(items, isExchanges, params) {
    const empty = $('empty');
    empty.hidden = items.length > 0;
    if (items.length > 0) return;
    const isFiltered = ['search', 'outcome', 'scope', 'expectation', 'before', 'after', 'skip'].some((name) => params.has(name));
    if (isFiltered) {
      const clear = () => { $('search').value = ''; go({ search: null, outcome: null, scope: null, expectation: null, ...FIRST_PAGE }); };
      empty.replaceChildren(h('p', null, isExchanges ? 'No exchange here fits the search and filters.' : 'No expectation fits the search and filters.'),
        h('button', { type: 'button', onclick: clear }, 'Show all'));
    } else if (isExchanges) {
      empty.replaceChildren(h('p', null, 'Nothing has been received yet.'), h('p', null, 'Send a request to ', h('code', null, location.origin), ' and it shows up here at once.'));
    } else {
      empty.replaceChildren(h('p', null, 'No expectation is active.'), h('p', null, 'Register one with ', h('code', null, 'PUT /mockserver/expectation'), '.'));
    }
  }

  function paintPages(items, isExchanges, answer, params) {
    const skip = Number(params.get('skip') || 0);
    const first = isExchanges ? items[0]?.seq : skip + 1;
    const last = isExchanges ? items[items.length - 1]?.seq : skip + items.length;
    const total = isExchanges ? '' : ` of ${number(answer.total)}`;
    $('range').textContent = items.length ? (isExchanges ? (first === last ? `#${first}` : `#${first} to #${last}`) : `${number(first)} to ${number(last)}`) + total : '';
    const hasNewer = isExchanges ? answer.hasNewer : skip > 0;
    const hasOlder = isExchanges ? answer.hasOlder : skip + items.length < answer.total;
    const bottom = (!params.has('after') && answer.searchedTo) || last;
    const top = (params.has('after') && answer.searchedTo) || (first ?? params.get('before') - 1);
    const turn = (changes) => () => { go({ ...FIRST_PAGE, ...changes }); scrollTo(0, 0); };
    const button = (id, title, isOn, changes) => {
      $(id).textContent = title;
      $(id).disabled = !isOn;
      $(id).onclick = turn(changes);
    };
    button('newest', isExchanges ? 'Newest' : 'First', hasNewer, {});
    button('newer', isExchanges ? 'Newer' : 'Previous', hasNewer, isExchanges ? { after: top } : { skip: Math.max(0, skip - PAGE_SIZE) || null });
    button('older', isExchanges ? 'Older' : 'Next', hasOlder, isExchanges ? { before: bottom } : { skip: skip + PAGE_SIZE });
  }

  // ---- the detail

  let shown = ''; // what the detail shows
  let opening = null;

  async function loadDetail() {
    opening?.abort();
    const mine = opening = new AbortController();
    const params = state();
    const open = params.get('open');
    $('main').classList.toggle('open', Boolean(open));
    if (!open) { $('detail').hidden = true; $('detail').replaceChildren(); $('detail').dataset.open = shown = ''; return; }
    const view = viewOf(params);
    let content;
    try {
      const scope = view === 'expectations' && params.has('in') ? { scope: params.get('in') } : {};
      const answer = await get(`${view}/${encodeURIComponent(open)}`, scope, mine.signal);
      content = { key: JSON.stringify([view, open, answer]), make: () => (view === 'exchanges' ? exchangeDetail(answer) : expectationDetail(answer)) };
    } catch (error) {
      if (error.name === 'AbortError') return;
      if (!error.refused) throw error;
      content = { key: error.message, make: () => [heading(error.message), h('p', { class: 'small' }, 'It was cleared, used up or dropped, or never was.')] };
    }
    if (mine !== opening || content.key === shown) return;
    const isNew = $('detail').dataset.open !== view + open;
    $('detail').dataset.open = view + open;
    $('detail').hidden = false;
    $('detail').replaceChildren(...content.make());
    shown = content.key;
    if (isNew && movesFocus) { $('detail').querySelector('h2').focus({ preventScroll: innerWidth >= 1000 }); $('detail').scrollTop = 0; }
  }

  let movesFocus = false;

  function heading(...title) {
    return h('div', { class: 'bar' }, h('h2', { tabindex: '-1' }, title), h('button', { type: 'button', onclick: close }, 'Close'));
  }

  function facts(pairs) {
    const given = pairs.filter(([, value]) => value !== null && value !== undefined && value !== '');
    return h('dl', { class: 'facts' }, given.map(([name, value]) => [h('dt', null, name), h('dd', null, value)]));
  }

  const toExpectation = (id, scope) => h('a', { class: 'id', href: address({ view: 'expectations', open: id, in: scope || null }, new URLSearchParams()) }, id);

  function exchangeDetail(exchange) {
    const { request, response } = exchange;
    return [
      heading(`${exchange.method || ''} ${exchange.target || ''}`),
      facts([
        ['Result', h('b', { class: exchange.outcome }, RESULTS[exchange.outcome].toLowerCase())],
        ['Expectation', exchange.expectation && toExpectation(exchange.expectation, exchange.answeredIn)],
        ['Received', `${exchange.at} (#${exchange.seq})`], ['Took', duration(exchange.micros)], ['Scope', exchange.scope],
        ['From', request?.from && `${request.from} to ${request.to}, ${request.protocol}`], ['Trace', exchange.trace && h('span', { class: 'id' }, exchange.trace)],
      ]),
      exchange.reason ? h('p', { class: 'reason' }, exchange.reason) : '',
      exchange.outcome === 'unmatched' ? closest(exchange.closest) : '',
      ...(request ? message('Request', '', request) : []),
      ...(response ? message('Answer', `status ${exchange.status}`, response) : [h('h3', null, 'Answer'), h('p', { class: 'small' }, exchange.outcome === 'open' ? 'not yet' : 'none was sent')]),
    ].filter(Boolean);
  }

  function closest(found) {
    if (!found) return h('div', { class: 'closest' }, h('p', null, 'No expectation matched: none is active now.'));
    const title = h('p', null, 'No expectation matched. Of those active now, ', toExpectation(found.id, found.scope), found.differences.length ? ' comes closest; what missed:' : ' would match.');
    if (!found.differences.length) return h('div', { class: 'closest' }, title);
    const row = (difference) => h('tr', null, h('th', { scope: 'row' }, difference.field), h('td', null, difference.expected ?? 'anything'), h('td', null, difference.received ?? 'nothing'));
    const rows = (difference) => [row(difference), difference.detail && h('tr', { class: 'place' }, h('td', { colspan: '3' }, difference.detail))];
    const head = h('thead', null, h('tr', null, ['Field', 'Expected', 'Received'].map((name) => h('th', { scope: 'col' }, name))));
    return h('div', { class: 'closest' }, title, h('table', { class: 'fields' }, head, h('tbody', null, found.differences.map(rows))));
  }

  function message(title, extra, { headers, body }) {
    const row = ([name, value]) => h('tr', null, h('th', { scope: 'row' }, name), h('td', null, value));
    const size = body.bytes ? `${body.kind}, ${number(body.bytes)} bytes` : 'no body';
    return [
      h('h3', null, title, h('small', null, [extra, size].filter(Boolean).join(' · '))),
      headers.length ? h('table', { class: 'fields' }, h('tbody', null, headers.map(row))) : '',
      body.bytes ? h('pre', { tabindex: '0' }, body.text) : '',
      body.omitted ? h('p', { class: 'small' }, `${number(body.omitted)} more bytes are not shown.`) : '',
    ].filter(Boolean);
  }

  function expectationDetail(expectation) {
    const { scenario } = expectation;
    const uses = expectation.usesLeft === null ? 'as often as asked' : `${number(expectation.usesLeft)} more times`;
    const answered = h('a', { href: address({ view: 'exchanges', expectation: expectation.id }, new URLSearchParams()) }, `${number(expectation.answered)} recorded requests`);
    const states = scenario && `${scenario.name}: answers in ${scenario.state || 'any state'}${scenario.next ? `, then ${scenario.next}` : ''}; now ${scenario.now}`;
    return [
      heading(`${expectation.method || 'any method'} ${expectation.path || 'any path'}`),
      facts([
        ['Id', h('span', { class: 'id' }, expectation.id)], ['Action', action(expectation)], ['Answers', uses],
        ['Lives', expectation.millisLeft === null ? 'without limit' : `${span(expectation.millisLeft)} more`], ['Priority', String(expectation.priority)],
        ['Share', expectation.percentage === null ? null : `${expectation.percentage} % of matching requests`], ['Scenario', states], ['Scope', expectation.scope],
        ['Answered', expectation.answered ? answered : 'no recorded request'],
      ]),
      h('h3', null, 'As registered'),
      h('pre', { tabindex: '0' }, expectation.json),
      expectation.omitted ? h('p', { class: 'small' }, `${number(expectation.omitted)} more bytes are not shown.`) : '',
    ].filter(Boolean);
  }

  function close() {
    const params = state();
    const open = params.get('open');
    const key = viewOf(params) === 'exchanges' ? open : JSON.stringify([params.get('in') || '', open]);
    go({ open: null, in: null });
    $('main').classList.remove('open');
    rows.get(key)?.[1].querySelector('a').focus();
  }

  // ---- live

  let isPaused = false;
  let polling = null;
  const wait = (millis) => new Promise((resolve) => setTimeout(resolve, millis));

  function live(word, kind) {
    if ($('live').textContent !== word) $('live').textContent = word;
    $('live').className = kind;
  }

  /** Asks for news, one question at a time, and shows what is new at most twice a second. */
  async function follow() {
    polling?.abort();
    if (isPaused || document.hidden) return live(isPaused ? 'paused' : 'waiting', '');
    const mine = polling = new AbortController();
    let failures = 0;
    while (mine === polling && !mine.signal.aborted) {
      try {
        // After a failure it may be another server that answers: its word is wanted at once, and all of it.
        const isBack = failures > 0;
        const news = await get('news', { seen: version, wait: isBack ? 0 : 20 }, mine.signal);
        live('live', 'on');
        failures = 0;
        if (!news.changed && !isBack) continue;
        const before = version;
        await Promise.all([loadList(), loadDetail()]);
        // A list that was refused told no version; asking again at once would bring the same.
        if (version === before) version = news.version;
        await wait(500);
      } catch (error) {
        if (error.name === 'AbortError') return;
        live('no connection, trying again', 'off');
        failures += 1;
        await wait(Math.min(5000, 500 * 2 ** failures));
      }
    }
  }

  // ---- the person

  async function update() {
    try {
      await Promise.all([loadList(), loadDetail()]);
    } catch {
      live('no connection, trying again', 'off');
    }
  }

  addEventListener('hashchange', update);
  document.addEventListener('visibilitychange', follow);
  $('pause').addEventListener('click', () => {
    isPaused = !isPaused;
    $('pause').textContent = isPaused ? 'Resume' : 'Pause';
    follow();
  });
  let typing = 0;
  const search = () => go({ search: $('search').value.trim() || null, ...FIRST_PAGE }, true);
  $('search').addEventListener('input', () => { clearTimeout(typing); typing = setTimeout(search, 200); });
  $('filters').addEventListener('submit', (event) => { event.preventDefault(); clearTimeout(typing); search(); });
  $('scope').addEventListener('change', () => {
    const value = $('scope').value;
    go({ scope: value === '*' ? null : value.slice(1), ...FIRST_PAGE });
  });
  document.addEventListener('pointerdown', () => { movesFocus = innerWidth < 1000; });
  document.addEventListener('keydown', (event) => {
    movesFocus = true;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isTyping = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (event.key === 'Escape' && state().has('open')) { event.preventDefault(); close(); }
    else if (isTyping) return;
    else if (event.key === '/') { event.preventDefault(); $('search').focus(); }
    else if (event.key === 'j' || event.key === 'k') {
      const links = [...$('rows').querySelectorAll('a.call')];
      const at = links.indexOf(document.activeElement);
      const next = links[at < 0 ? 0 : at + (event.key === 'j' ? 1 : -1)];
      next?.focus();
    }
  });
  update().then(follow);
})();
