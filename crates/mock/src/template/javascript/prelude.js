// Defines what templates see beside `request` and `response`, and returns the function that runs one.
(function (host, helpers, dynamics) {
  'use strict';
  const { parse, stringify } = JSON;
  const call = (object, method, values) =>
    parse(host(object, method, stringify(values, (_, value) => (value === undefined ? null : value))));

  // The engine asks for the time between steps of the script, but not while a method of its own goes through a list.
  const LENGTH_MAX = 1e6;
  const { isArray, from } = Array;
  const { apply, construct, ownKeys } = Reflect;
  const checked = (list) => {
    if (isArray(list) && list.length > LENGTH_MAX) {
      throw new RangeError('a list of more than ' + LENGTH_MAX + ' items');
    }
    return list;
  };
  // Without methods or iterators, which a template could have put others in place of.
  const allChecked = (values) => {
    for (let place = 0; place < values.length; place += 1) {
      checked(values[place]);
    }
    return values;
  };
  const CHANGING = ['reverse', 'sort', 'splice', 'shift', 'unshift', 'copyWithin', 'fill'];
  const SHORT = ['constructor', 'push', 'pop', 'at', 'keys', 'values', 'entries'];
  for (const method of ownKeys(Array.prototype)) {
    const original = Array.prototype[method];
    if (typeof original !== 'function' || typeof method === 'symbol' || SHORT.includes(method)) {
      continue;
    }
    const changes = CHANGING.includes(method);
    Array.prototype[method] = function (...values) {
      if (changes && !isArray(this)) {
        throw new TypeError('only lists can be changed so');
      }
      const list = checked(isArray(this) ? this : from(this));
      return apply(original, list, allChecked(values));
    };
  }
  for (const kind of ['Set', 'WeakSet', 'Map', 'WeakMap']) {
    const bounded = new Proxy(globalThis[kind], {
      construct: (target, values, made) => construct(target, allChecked(values), made),
    });
    globalThis[kind] = bounded;
    bounded.prototype.constructor = bounded;
  }

  // A value that is made anew each time it is used.
  for (const name of dynamics) {
    Object.defineProperty(globalThis, name, { get: () => parse(host(name, null, '[]')), configurable: true });
  }

  // An object whose every property is a method of the host.
  const helper = (object) =>
    new Proxy(Object.create(null), {
      get: (_, method) => {
        if (method === Symbol.toPrimitive || method === 'toString' || method === 'toJSON') {
          return () => call(object, 'toString', []);
        }
        return typeof method === 'symbol' ? undefined : (...values) => call(object, method, values);
      },
    });
  for (const name of helpers) {
    globalThis[name] = helper(name);
  }
  // faker.name().firstName(): its methods without arguments lead to providers.
  globalThis.faker = new Proxy(Object.create(null), {
    get: (_, provider) => {
      if (typeof provider === 'symbol') {
        return undefined;
      }
      return (...values) => (values.length === 0 ? helper('faker.' + provider) : call('faker', provider, values));
    },
  });
  globalThis.jsonPath = (path) => call('jsonPath', 'find', [path]);
  globalThis.xPath = (path) => call('xPath', 'find', [path]);

  // Header names are found in any case.
  const ignoringCase = (map) =>
    new Proxy(map, {
      get: (target, name) => {
        if (name in target || typeof name === 'symbol') {
          return target[name];
        }
        const found = Object.keys(target).find((key) => key.toLowerCase() === name.toLowerCase());
        return found === undefined ? undefined : target[found];
      },
    });
  const prepared = (message) => {
    if (message && message.headers) {
      message.headers = ignoringCase(message.headers);
    }
    return message;
  };

  return (template, request, response) => {
    const answer = template(prepared(request), prepared(response));
    if (answer === undefined || answer === null) {
      return undefined;
    }
    return typeof answer === 'string' ? answer : stringify(answer);
  };
})
