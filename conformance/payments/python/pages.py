"""A payer without JavaScript: reads a page's forms, fills fields by their names, presses a button by its words."""

import urllib.error
import urllib.parse
import urllib.request
from html.parser import HTMLParser


class Form:
    def __init__(self, action, method):
        self.action, self.method, self.fields, self.buttons = action, method, {}, []


class Page(HTMLParser):
    def __init__(self, url, text):
        super().__init__()
        self.url, self.text, self.forms, self._button = url, text, [], None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "form":
            self.forms.append(Form(attributes.get("action", ""), attributes.get("method", "get").upper()))
        elif tag == "input" and self.forms:
            if attributes.get("type") == "submit":
                self.forms[-1].buttons.append((attributes.get("value", ""), attributes))
            elif attributes.get("name"):
                self.forms[-1].fields[attributes["name"]] = attributes.get("value", "")
        elif tag == "button" and self.forms:
            self._button = (attributes, "")

    def handle_data(self, data):
        if self._button:
            self._button = (self._button[0], self._button[1] + data)

    def handle_endtag(self, tag):
        if tag == "button" and self._button:
            attributes, text = self._button
            self.forms[-1].buttons.append((text.strip(), attributes))
            self._button = None

    def press(self, *words, **fields):
        """Presses the button with one of the words on it; gives the next page, or the address outside that was reached."""
        for form in self.forms:
            for text, attributes in form.buttons:
                if any(word.lower() in text.lower() for word in words):
                    values = {**form.fields, **fields}
                    if attributes.get("name"):
                        values[attributes["name"]] = attributes.get("value", "")
                    action = attributes.get("formaction", form.action)
                    return send(urllib.parse.urljoin(self.url, action), form.method, values)
        raise AssertionError(f"no button with {words} on {self.url}: {self.text[:500]}")


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirects)


def send(url, method="GET", values=None, host=None):
    """Follows redirects as long as they stay on the fake's host; one that leaves it is given as text."""
    host = host or urllib.parse.urlsplit(url).netloc
    for _ in range(10):
        if urllib.parse.urlsplit(url).netloc != host:
            return url
        data = urllib.parse.urlencode(values or {}).encode() if method == "POST" else None
        try:
            answer = _opener.open(urllib.request.Request(url, data=data, method=method), timeout=10)
            return Page(url, answer.read().decode())
        except urllib.error.HTTPError as error:
            if error.code not in (301, 302, 303, 307):
                raise AssertionError(f"{method} {url}: {error.code} {error.read()[:500]!r}") from error
            if error.code == 303:
                method, values = "GET", None
            elif error.code != 307 and method == "POST":
                method, values = "GET", None
            url = urllib.parse.urljoin(url, error.headers["Location"])
    raise AssertionError("more than ten redirects")
