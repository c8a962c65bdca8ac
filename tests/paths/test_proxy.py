"""The reverse proxy of the documentation, as a real nginx in front of a real node."""

import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from lintas.cli.serving import application
from lintas.desk.office import Office
from tests.paths import certificates
from tests.serving import running

EXAMPLE = Path(__file__).resolve().parents[2] / "packaging/nginx.conf"
AROUND = """
daemon off; master_process off; worker_processes 1; pid {place}/pid; error_log {place}/error.log;
events {{}}
http {{
access_log off; client_body_temp_path {place}/body; proxy_temp_path {place}/proxy;
fastcgi_temp_path {place}/f; uwsgi_temp_path {place}/u; scgi_temp_path {place}/s;
{servers}
}}
"""


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@pytest.fixture
def client(sqlite_office: Office, tmp_path: Path) -> Iterator[httpx.Client]:
    """A browser's side of nginx, which stands before a node."""
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if not nginx:
        pytest.skip("nginx is not here")
    certificate, key = certificates.make(tmp_path)
    secured, plain = free_port(), free_port()
    with running(application(sqlite_office), proxy="127.0.0.1") as node:
        servers = "\n".join(line for line in EXAMPLE.read_text().splitlines() if "listen [::]" not in line)
        for was, now in (
            ("listen 443", f"listen 127.0.0.1:{secured}"),
            ("listen 80;", f"listen 127.0.0.1:{plain};"),
            ("/etc/lintas/certificate.pem", str(certificate)),
            ("/etc/lintas/key.pem", str(key)),
            ("http://127.0.0.1:8000", node),
        ):
            assert was in servers
            servers = servers.replace(was, now)
        (tmp_path / "nginx.conf").write_text(AROUND.format(place=tmp_path, servers=servers))
        with subprocess.Popen([nginx, "-p", tmp_path, "-c", tmp_path / "nginx.conf"]) as proxy:
            try:
                wait_for(secured, proxy)
                trust = ssl.create_default_context(cafile=certificate)
                with httpx.Client(base_url=f"https://127.0.0.1:{secured}", verify=trust, timeout=30) as opened:
                    opened.headers["X-Plain"] = str(plain)
                    yield opened
            finally:
                proxy.terminate()


def wait_for(port: int, proxy: subprocess.Popen[bytes]) -> None:
    while proxy.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.02)
        else:
            return
    raise RuntimeError(f"nginx ended with {proxy.returncode}")


def test_the_node_knows_that_the_browser_speaks_https(client: httpx.Client) -> None:
    answer = client.get("/sign-in", headers={"X-Forwarded-Proto": "http"})
    assert answer.status_code == 200
    assert "Strict-Transport-Security" in answer.headers


def test_a_form_of_the_nodes_own_page_passes_and_of_another_site_does_not(client: httpx.Client) -> None:
    own = str(client.base_url).rstrip("/")
    assert client.post("/theme", data={"wanted": "dark"}, headers={"Origin": own}).status_code == 303
    assert client.post("/theme", data={"wanted": "dark"}, headers={"Origin": "https://evil.example"}).status_code == 403


def test_plain_http_is_sent_to_https(client: httpx.Client) -> None:
    answer = httpx.get(f"http://127.0.0.1:{client.headers['X-Plain']}/lists")
    assert (answer.status_code, answer.headers["Location"]) == (301, "https://127.0.0.1/lists")


def test_a_program_is_not_led_on_to_https_but_told(client: httpx.Client) -> None:
    for path in ("/match/default", "/search/default", "/metrics", "/catalog", "/reconcile/default/suggest/type"):
        answer = httpx.get(f"http://127.0.0.1:{client.headers['X-Plain']}{path}", headers={"Authorization": "ApiKey x"})
        assert (answer.status_code, "Location" in answer.headers) == (403, False), path
