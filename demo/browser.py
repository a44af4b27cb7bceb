"""A person at a desk: opens pages, fills in the forms that stand there, follows where the answer leads.

Forms are read from the page itself, hidden fields and all, so the driver needs no knowledge of tokens against forged
requests and notices when a page loses a field.
"""

import http.cookies
import urllib.parse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

from demo.wire import Answer, Broken, Call, Connection, form_body

_BLOCKS = frozenset(("div", "p", "td", "th", "tr", "li", "label", "summary", "option", "button", "h1", "h2", "h3"))


@dataclass
class Form:
    action: str
    method: str
    multipart: bool
    fields: list[tuple[str, str]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    choices: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.links: list[tuple[str, str]] = []
        self.tables: list[list[list[str]]] = []
        self.texts: list[str] = []
        self._form: Form | None = None
        self._select: str | None = None
        self._option: list[str | None] | None = None
        self._link: list[str] | None = None
        self._textarea: list[str] | None = None
        self._button: list[str] | None = None
        self._cell: list[str] | None = None
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in ("script", "style"):
            self._silent += 1
        elif tag == "a":
            self._link = [given.get("href", ""), ""]
        elif tag == "table":
            self.tables.append([])
        elif tag == "tr" and self.tables:
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self._cell = []
        elif tag == "form":
            self._form = Form(
                given.get("action", ""), given.get("method", "get").upper(), "multipart" in given.get("enctype", "")
            )
            self.forms.append(self._form)
        elif self._form is not None:
            self._field(self._form, tag, given)

    def _field(self, form: Form, tag: str, given: dict[str, str]) -> None:
        name = given.get("name", "")
        if tag == "input":
            kind = given.get("type", "text")
            if kind in ("submit", "image"):
                form.buttons.append((name, given.get("value", ""), given.get("value", "")))
                return
            if not name:
                return
            form.names.add(name)
            if kind in ("checkbox", "radio"):
                form.choices.setdefault(name, []).append((given.get("value", "on"), given.get("value", "on")))
                if "checked" in given:
                    form.fields.append((name, given.get("value", "on")))
            elif kind != "file":
                form.fields.append((name, given.get("value", "")))
        elif tag == "select":
            self._select = name
            form.names.add(name)
            form.choices.setdefault(name, [])
        elif tag == "option" and self._select is not None:
            self._option = [given.get("value"), "", "selected" if "selected" in given else ""]
        elif tag == "textarea":
            self._textarea = [name, ""]
            form.names.add(name)
        elif tag == "button":
            self._button = [name, given.get("value", ""), ""]

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.texts.append(" ")
        if tag in ("script", "style"):
            self._silent -= 1
        elif tag == "a" and self._link is not None:
            self.links.append((self._link[0], self._link[1].strip()))
            self._link = None
        elif tag in ("td", "th") and self._cell is not None:
            if self.tables and self.tables[-1]:
                self.tables[-1][-1].append(" ".join("".join(self._cell).split()))
            self._cell = None
        elif tag == "form":
            self._form = None
        elif self._form is not None:
            self._end_field(self._form, tag)

    def _end_field(self, form: Form, tag: str) -> None:
        if tag == "option" and self._option is not None and self._select is not None:
            given, shown, selected = self._option
            shown = (shown or "").strip()
            value = shown if given is None else given
            form.choices[self._select].append((value, shown))
            if selected:
                form.fields.append((self._select, value))
            self._option = None
        elif tag == "select":
            chosen = {name for name, _ in form.fields}
            if self._select is not None and self._select not in chosen and form.choices[self._select]:
                form.fields.append((self._select, form.choices[self._select][0][0]))
            self._select = None
        elif tag == "textarea" and self._textarea is not None:
            form.fields.append((self._textarea[0], self._textarea[1].strip()))
            self._textarea = None
        elif tag == "button" and self._button is not None:
            form.buttons.append((self._button[0], self._button[1], self._button[2].strip()))
            self._button = None

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        self.texts.append(data)
        if self._option is not None:
            self._option[1] = (self._option[1] or "") + data
        for open_text in (self._link, self._textarea):
            if open_text is not None:
                open_text[1] += data
        if self._button is not None:
            self._button[2] += data
        if self._cell is not None:
            self._cell.append(data)


@dataclass(frozen=True)
class Page:
    url: str
    answer: Answer
    forms: Sequence[Form]
    links: Sequence[tuple[str, str]]
    tables: Sequence[list[list[str]]]
    text: str

    def form(self, *names: str, action: str = "") -> Form:
        """The first form that has all these fields and whose action contains the text."""
        for form in self.forms:
            if action in form.action and all(name in form.names for name in names):
                return form
        raise Broken(f"页面 {self.url} 上没有表单（字段 {names}，地址含 {action!r}）：{self.summary()}")

    def link(self, *, text: str = "", href: str = "") -> str:
        for address, shown in self.links:
            if text in shown and href in address:
                return address
        raise Broken(f"页面 {self.url} 上没有链接 {text or href!r}：{self.summary()}")

    def summary(self) -> str:
        return f"HTTP {self.answer.status} {self.text[:400]}"


def read_page(url: str, answer: Answer) -> Page:
    reader = _Reader()
    if "html" in (answer.headers.get("Content-Type") or ""):
        reader.feed(answer.text)
    return Page(url, answer, reader.forms, reader.links, reader.tables, " ".join("".join(reader.texts).split()))


class Browser:
    """Cookies, redirects and forms over one connection."""

    def __init__(self, base_url: str) -> None:
        self._base = base_url.rstrip("/")
        self._connection = Connection(base_url)
        self._cookies: dict[str, str] = {}

    def open(self, path: str) -> Page:
        return self._go("GET", path, None, {})

    def fetch(self, path: str) -> Answer:
        """A download: the answer as it is."""
        return self._ask("GET", self._local(path), None, {})

    def submit(
        self,
        page: Page,
        form: Form,
        values: Mapping[str, str | Sequence[str]] | None = None,
        files: Mapping[str, tuple[str, bytes]] | None = None,
        button: str = "",
    ) -> Page:
        """Fill in and send a form. A value may be several texts (check boxes, multiple choice)."""
        values = values or {}
        strange = [name for name in [*values, *(files or {})] if name not in form.names]
        if strange:
            raise Broken(f"表单 {form.action} 没有字段 {strange}（有 {sorted(form.names)}）")
        fields = [(name, value) for name, value in form.fields if name not in values]
        for name, value in values.items():
            fields.extend((name, item) for item in ([value] if isinstance(value, str) else value))
        for name, value, shown in form.buttons:
            if name and (button in shown or button == value):
                fields.append((name, value))
                break
        target = urllib.parse.urljoin(page.url, form.action or page.url)
        if form.method == "GET":
            return self._go("GET", f"{target}?{urllib.parse.urlencode(fields)}", None, {})
        body, kind = form_body(fields, files or {})
        return self._go("POST", target, body, {"Content-Type": kind})

    def _go(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Page:
        url = self._local(path)
        answer = self._ask(method, url, body, headers)
        for _ in range(5):
            location = answer.headers.get("Location") or answer.headers.get("HX-Redirect")
            if not location or (answer.status not in (301, 302, 303, 307) and "HX-Redirect" not in answer.headers):
                break
            url = self._local(urllib.parse.urljoin(url, location))
            answer = self._ask("GET", url, None, {})
        return read_page(url, answer)

    def _ask(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        sent = {"Accept": "text/html,application/xhtml+xml", "Referer": self._base + url, **headers}
        if self._cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        answer = self._connection.ask(Call(method, url, body, sent))
        for line in answer.headers.get_all("Set-Cookie") or []:
            for name, morsel in http.cookies.SimpleCookie(line).items():
                self._cookies[name] = morsel.value
        return answer

    def _local(self, url: str) -> str:
        parts = urllib.parse.urlsplit(url)
        return urllib.parse.urlunsplit(("", "", parts.path or "/", parts.query, ""))
