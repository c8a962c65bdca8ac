"""A mail server of few lines that keeps what it is sent: plain, STARTTLS or TLS, with a password or without."""

import base64
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any


class Mailbox:
    """`mails`: as they came. `refuses`: addresses that it never takes. `said`: every command, in its order."""

    def __init__(self, context: ssl.SSLContext | None, tls: str) -> None:
        self.mails, self.refuses, self.said = list[EmailMessage](), set[str](), list[str]()
        self.context, self.tls, self.port = context, tls, 0


class _Session(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        box: Mailbox = self.server.box  # type: ignore[attr-defined]
        try:
            if box.tls == "tls":
                self._wrap(box)
            self.stream: Any = self.request.makefile("rwb", buffering=0)
            self._answer("220 ready")
            while line := self.stream.readline().decode().strip():
                box.said.append(line)
                if not self._do(box, line):
                    return
        except (ssl.SSLError, ConnectionError):
            return  # whoever does not trust the certificate goes

    def _do(self, box: Mailbox, line: str) -> bool:
        verb = line.split(" ", maxsplit=1)[0].upper()
        if verb == "EHLO":
            offers = (
                "STARTTLS" if box.tls == "starttls" and not isinstance(self.request, ssl.SSLSocket) else "AUTH PLAIN"
            )
            self._answer(f"250-here\r\n250 {offers}")
        elif verb == "STARTTLS":
            self._answer("220 go")
            self._wrap(box)
            self.stream = self.request.makefile("rwb", buffering=0)
        elif verb == "AUTH":
            is_right = base64.b64decode(line.split()[2]) == b"\0node\0a secret"
            self._answer("235 in" if is_right else "535 no")
        elif verb == "RCPT":
            self._answer("550 unknown" if line.partition("<")[2].rstrip(">") in box.refuses else "250 fine")
        elif verb == "DATA":
            self._answer("354 go on")
            self._take(box)
        else:
            self._answer("221 bye" if verb == "QUIT" else "250 fine")
        return verb != "QUIT"

    def _take(self, box: Mailbox) -> None:
        held = bytearray()
        while (line := self.stream.readline()) != b".\r\n":
            held += line
        mail = message_from_bytes(bytes(held), policy=policy.default)
        assert isinstance(mail, EmailMessage)
        box.mails.append(mail)
        self._answer("250 kept")

    def _wrap(self, box: Mailbox) -> None:
        assert box.context is not None
        self.request = box.context.wrap_socket(self.request, server_side=True)

    def _answer(self, text: str) -> None:
        self.stream.write(f"{text}\r\n".encode())


@contextmanager
def opened(certificate: tuple[Path, Path] | None = None, tls: str = "none", port: int = 0) -> Iterator[Mailbox]:
    """The server, on a free port unless one is named."""
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
    box = Mailbox(context, tls)
    socketserver.ThreadingTCPServer.allow_reuse_address = True
    with socketserver.ThreadingTCPServer(("127.0.0.1", port), _Session) as server:
        server.daemon_threads, server.box = True, box  # type: ignore[attr-defined]
        box.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield box
        finally:
            server.shutdown()
            thread.join()
