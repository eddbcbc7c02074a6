// A headless Chromium, spoken to over its debugging pipe: nothing to install beside the browser.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const DEADLINE = 20_000;

export class Page {
  #calls = new Map();
  #next = 1;
  #session;
  #process;
  #profile;
  /** Errors and warnings of the console, exceptions, and refused loads. */
  complaints = [];

  static async open(width, height) {
    const page = new Page();
    page.#profile = mkdtempSync(join(tmpdir(), 'dashboard-'));
    const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', '--remote-debugging-pipe', `--user-data-dir=${page.#profile}`];
    page.#process = spawn(process.env.CHROMIUM || 'chromium', flags, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
    page.#listen(page.#process.stdio[4]);
    const { targetId } = await page.#call('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await page.#call('Target.attachToTarget', { targetId, flatten: true });
    page.#session = sessionId;
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await page.#call(`${domain}.enable`);
    await page.resize(width, height);
    return page;
  }

  #listen(pipe) {
    let buffered = '';
    pipe.setEncoding('utf8');
    pipe.on('data', (data) => {
      const messages = (buffered + data).split('\0');
      buffered = messages.pop();
      for (const message of messages) this.#receive(JSON.parse(message));
    });
  }

  #receive({ id, result, error, method, params }) {
    if (id) {
      const [resolve, reject] = this.#calls.get(id);
      this.#calls.delete(id);
      if (error) reject(new Error(error.message)); else resolve(result);
    } else if (method === 'Runtime.exceptionThrown') {
      this.complaints.push(params.exceptionDetails.exception?.description || params.exceptionDetails.text);
    } else if (method === 'Runtime.consoleAPICalled' && ['error', 'warning'].includes(params.type)) {
      this.complaints.push(params.args.map((arg) => arg.value ?? arg.description).join(' '));
    } else if (method === 'Log.entryAdded' && ['error', 'warning'].includes(params.entry.level)) {
      this.complaints.push(`${params.entry.text} ${params.entry.url || ''}`);
    } else if (method === 'Page.javascriptDialogOpening') {
      this.complaints.push(`a dialog opened: ${params.message}`);
      this.#call('Page.handleJavaScriptDialog', { accept: true });
    }
  }

  #call(method, params = {}) {
    const id = this.#next++;
    const called = new Promise((resolve, reject) => this.#calls.set(id, [resolve, reject]));
    this.#process.stdio[3].write(JSON.stringify({ id, method, params, sessionId: this.#session }) + '\0');
    return called;
  }

  resize(width, height) {
    return this.#call('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: width < 600 });
  }

  dark(isDark) {
    return this.#call('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: isDark ? 'dark' : 'light' }] });
  }

  async goto(url) {
    const { errorText } = await this.#call('Page.navigate', { url });
    if (errorText) throw new Error(`${url}: ${errorText}`);
    await this.until(`loading ${url}`, `location.href.startsWith(${JSON.stringify(url)}) && document.readyState === 'complete'`);
  }

  /** The value of an expression in the page. */
  async value(expression) {
    const { result, exceptionDetails } = await this.#call('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true });
    if (exceptionDetails) throw new Error(`${expression}: ${exceptionDetails.exception?.description || exceptionDetails.text}`);
    return result.value;
  }

  /** Waits until an expression in the page is true. */
  async until(what, expression) {
    const end = Date.now() + DEADLINE;
    for (;;) {
      if (await this.value(`Boolean(${expression})`)) return;
      if (Date.now() > end) throw new Error(`${what}: not within ${DEADLINE / 1000} s: ${expression}`);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  }

  async press(key) {
    const text = key.length === 1 ? key : key === 'Enter' ? '\r' : undefined;
    await this.#call('Input.dispatchKeyEvent', { type: 'keyDown', key, text, windowsVirtualKeyCode: key === 'Enter' ? 13 : key === 'Escape' ? 27 : key === 'Tab' ? 9 : 0 });
    await this.#call('Input.dispatchKeyEvent', { type: 'keyUp', key });
  }

  type(text) {
    return this.#call('Input.insertText', { text });
  }

  async screenshot(path, whole = false) {
    const { data } = await this.#call('Page.captureScreenshot', { captureBeyondViewport: whole });
    writeFileSync(path, Buffer.from(data, 'base64'));
  }

  async close() {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGKILL');
    await ended;
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
