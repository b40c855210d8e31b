"""A referral through a real Django shop, on this machine only: `make demo`, or `python examples/django_shop/demo.py`.

Starts the embedded Gameball emulator and the shop, then walks through the shop's own pages as browsers would: Ann
shares her link, Ben follows it, signs up and pays his first order, and the operator looks up in the admin what came of
it. The shop then stays up to click through, until Ctrl-C; with DEMO_EXIT=1, and where CI is set, it ends by itself.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import socketserver
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, Request, build_opener

from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler, get_internal_wsgi_application
from gameball_referrals.testing import Emulator

PASSWORD = "correct horse battery"
PATIENCE = 30.0


def step(number: int, text: str) -> None:
    print(f"\n {number}. {text}", flush=True)


def detail(name: str, value: object) -> None:
    print(f"      {name:<14} {value}", flush=True)


class Page(HTMLParser):
    """An HTML page: its forms, and the text of its elements by their class."""

    EMPTY = ("input", "br", "img", "meta", "link", "hr", "source", "wbr")

    def __init__(self, url: str, html: str) -> None:
        super().__init__()
        self.url, self.html = url, html
        self.forms: list[tuple[str, dict[str, str]]] = []
        self._texts: list[tuple[set[str], list[str]]] = []
        self._open: list[tuple[str, list[str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((urljoin(self.url, given.get("action", "")), {}))
        elif tag in ("input", "textarea", "button") and given.get("name") and self.forms:
            self.forms[-1][1][given["name"]] = given.get("value", "")
        if tag not in self.EMPTY:
            text: list[str] = []
            names = {*given.get("class", "").split(), given.get("id", "")}
            self._texts.append((names, text))
            self._open.append((tag, text))

    def handle_endtag(self, tag: str) -> None:
        while self._open and any(tag == each for each, _ in self._open):
            if self._open.pop()[0] == tag:
                break

    def handle_data(self, data: str) -> None:
        for _, text in self._open:
            text.append(data)

    def texts_of(self, name: str) -> list[str]:
        """Return the text of all elements with this class or id."""
        return [" ".join(" ".join(text).split()) for names, text in self._texts if name in names]

    def text_of(self, name: str) -> str:
        return " / ".join(self.texts_of(name))

    def form_with(self, *fields: str) -> tuple[str, dict[str, str]]:
        for action, form in self.forms:
            if all(field in form for field in fields):
                return action, form
        raise SystemExit(f"{self.url} has no form with {', '.join(fields)}")


class Browser:
    """Cookies, redirects, and forms posted with what the page put into them (CSRF tokens, too)."""

    def __init__(self, home: str) -> None:
        self._jar = CookieJar()
        self._opener = build_opener(HTTPCookieProcessor(self._jar))
        self._home = home

    @property
    def cookies(self) -> list[str]:
        return [cookie.name for cookie in self._jar]

    def open(self, url: str, data: dict[str, str] | None = None, referer: str | None = None) -> Page:
        request = Request(urljoin(self._home, url), data=urlencode(data).encode() if data is not None else None)
        if referer:
            request.add_header("Referer", referer)
        with self._opener.open(request, timeout=20) as answer:
            return Page(answer.url, answer.read().decode())

    def submit(self, page: Page, **fields: str) -> Page:
        """Fill in the page's form that has all these fields, and send it."""
        action, form = page.form_with(*fields)
        return self.open(action, {**form, **fields}, referer=page.url)


def until(what: str, ready: Callable[[], object]) -> object:
    """Ask until the answer is something, telling when it takes long."""
    began = told = time.monotonic()
    while not (answer := ready()):
        now = time.monotonic()
        if now - began > PATIENCE:
            raise SystemExit(f"gave up waiting for {what} after {PATIENCE:.0f} s")
        if now - told > 2:
            print(f"      … waiting for {what} ({now - began:.0f} s)", flush=True)
            told = now
        time.sleep(0.05)
    return answer


def listen(port: int) -> ThreadedWSGIServer:
    """Return a server of the kind that `runserver` has; on another port if this one is taken."""

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadedWSGIServer):
        # Not `HTTPServer.server_bind`: it looks up this machine's full name, which can take seconds.
        def server_bind(self) -> None:
            socketserver.TCPServer.server_bind(self)
            self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])
            self.setup_environ()

        # A browser that closes a connection early is no news.
        def handle_error(self, *_: object) -> None:
            if not isinstance(sys.exception() if sys.version_info >= (3, 11) else sys.exc_info()[1], ConnectionError):
                super().handle_error(*_)

    try:
        return Server(("127.0.0.1", port), Quiet)
    except OSError:
        return Server(("127.0.0.1", 0), Quiet)


@contextmanager
def serving(server: ThreadedWSGIServer) -> Iterator[None]:
    """Serve the shop, each request on a thread of its own."""
    from django.contrib.staticfiles.handlers import StaticFilesHandler

    server.set_app(StaticFilesHandler(get_internal_wsgi_application()))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def prepare(gameball: Emulator, folder: str, url: str) -> None:
    """Point the shop at the emulator, make its tables, and put things and people into them."""
    os.environ.update(
        DJANGO_SETTINGS_MODULE="shop.settings",
        SHOP_DATABASE=str(Path(folder, "shop.sqlite3")),
        SHOP_URL=os.environ.get("SHOP_URL", url),
        GAMEBALL_BASE_URL=gameball.url,
        GAMEBALL_API_KEY=gameball.api_key,
        GAMEBALL_SECRET_KEY=gameball.secret_key,
    )
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    import django

    django.setup()
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.db import transaction

    call_command("migrate", verbosity=0)
    with transaction.atomic():
        call_command("seed", verbosity=0)
        # Ann has been a customer at Gameball for a while, with a code of her own.
        gameball.add_customer(
            str(User.objects.get(username="ann").pk), referral_code="ANN4FRIENDS", email="ann@shop.example"
        )


def own_link(browser: Browser) -> str:
    """Find the referral link on the account page; it is there once the sender has asked Gameball for the code."""
    found = re.search(r'class="gameball-share__link"[^>]*\bvalue="([^"]+)"', browser.open("account/").html)
    return found.group(1) if found else ""


def evidence(operator: Browser) -> Page | None:
    """Open the one referral's page in the admin, if it has its receipt already and the order is on it."""
    listed = operator.open("admin/gameball/referral/")
    found = re.search(r'href="(/admin/gameball/referral/\d+/change/[^"]*)"', listed.html)
    page = operator.open(found.group(1)) if found else None
    return page if page and "order" in page.text_of("gb-step").lower() else None


def chain(page: Page) -> Iterator[str]:
    """Write the evidence's steps as lines of text."""
    for item in re.findall(r'<li class="gb-step .*?</li>', page.html, re.DOTALL):
        found = Page(page.url, item)
        at = re.search(r"\d\d:\d\d:\d\d", found.text_of("gb-step-at"))
        yield f"{at.group() if at else '':8}  {found.text_of('gb-step-title')}"
        rest = re.sub(r'<div class="gb-step-(?:title|at|id)">.*?</div>', "", item, flags=re.DOTALL)
        told = Page(page.url, rest).text_of("gb-step")
        if told:
            yield f"{'':10}{told}"


def journey(home: str) -> None:
    """Have the friend referred."""
    step(1, "Ann, a customer, finds her referral link on her account page")
    ann = Browser(home)
    ann.submit(ann.open("log-in/"), username="ann", password="demo")
    link = str(until("Ann's link", lambda: own_link(ann)))
    detail("link", link)

    step(2, "Ben opens it, and looks around; a cookie keeps the code")
    ben = Browser(home)
    welcome = ben.open(link)
    detail("banner", welcome.text_of("gameball-banner__text"))
    detail("cookies", ", ".join(ben.cookies))

    step(3, "Ben signs up with Django's own form; what Gameball has to know is written in the same transaction")
    account = ben.submit(
        ben.open("sign-up/"), username="ben", email="ben@shop.example", password1=PASSWORD, password2=PASSWORD
    )
    detail("page", account.text_of("message"))

    step(4, "Ben buys a mug, and pays")
    ben.submit(ben.open("products/mug/"), product="mug")
    till = ben.submit(ben.open("checkout/"), name="Ben Book", email="ben@shop.example", address="1 High Street\nLeeds")
    thanks = ben.submit(till, pay="now")
    detail("page", thanks.text_of("lead"))

    step(5, "The operator asks the admin: why did this friend (not) count?")
    operator = Browser(home)
    operator.submit(operator.open("admin/login/?next=/admin/"), username="operator", password="demo")
    page = until("the receipt", lambda: evidence(operator))
    assert isinstance(page, Page)
    print(f"\n      {page.text_of('gb-notice-title')}")
    for line in chain(page):
        print(f"        {line}")
    if "linked" not in page.text_of("gb-facts").lower():
        raise SystemExit("the friend was not linked")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=8000, help="the shop's port, if it is free (8000)")
    parser.add_argument(
        "--bare", action="store_true", help="for programs: tell the addresses as a line of JSON, run until stdin ends"
    )
    arguments = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    server = listen(arguments.port)
    home = f"http://127.0.0.1:{server.server_port}/"
    with Emulator() as gameball, tempfile.TemporaryDirectory(prefix="gameball-demo-") as folder:
        if not arguments.bare:
            print("A referral through a Django shop")
            detail("shop", home)
            detail("Gameball", f"{gameball.url}/ (the embedded emulator)")
            print("      migrating …", flush=True)
        prepare(gameball, folder, home)
        from gameball_referrals.django import thread

        try:
            with serving(server):
                if arguments.bare:
                    print(json.dumps({"url": home, "gameball": gameball.url, "api_key": gameball.api_key}), flush=True)
                    sys.stdin.read()
                else:
                    journey(home)
                    if not (os.environ.get("DEMO_EXIT") or os.environ.get("CI")):
                        stay(home, gameball.url)
        finally:
            thread.stop()
    print()


def stay(home: str, gameball: str) -> None:
    print("\n Have a look around:\n")
    detail("shop", f"{home:34} as ann (password: demo) or ben ({PASSWORD})")
    detail("admin", f"{home + 'admin/':34} as operator (demo)")
    detail("Gameball", f"{gameball + '/':34} what the emulator knows")
    print("\n Ctrl-C ends it; nothing is kept.", flush=True)
    with suppress(KeyboardInterrupt):
        while True:
            time.sleep(3600)


def end(*_: object) -> None:
    """End in good order, whichever way it is asked to; once, since `make` and the terminal may both ask."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
