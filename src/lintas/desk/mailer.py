"""The agency's mail server, as the environment names it, and one plain mail to it (RFC 5321, RFC 8314)."""

import os
import re
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from lintas.desk import secret_files
from lintas.model.errors import FileError, InputError, UnavailableError

HOST, PORT, TLS, SENDER = "LINTAS_MAIL_HOST", "LINTAS_MAIL_PORT", "LINTAS_MAIL_TLS", "LINTAS_MAIL_FROM"
USER, PASSWORD, PASSWORD_FILE = "LINTAS_MAIL_USER", "LINTAS_MAIL_PASSWORD", "LINTAS_MAIL_PASSWORD_FILE"
PORTS = {"starttls": 587, "tls": 465, "none": 25}  # RFC 6409, RFC 8314, RFC 5321
TIMEOUT_S = 10.0  # ours
LONGEST = 254  # characters of an address: RFC 5321, 4.5.3.1.3, without the brackets
_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,188}[A-Za-z0-9])?")


@dataclass(frozen=True)
class Server:
    """`tls`: starttls, tls or none. `user` empty: nobody signs in there."""

    host: str
    port: int
    tls: str
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def domain(self) -> str:
        """What the node calls itself to the server: no name of a machine leaves."""
        return self.sender.partition("@")[2]


def configured(environment: Mapping[str, str] | None = None) -> Server | None:
    """The server that the environment names; None when it names none.

    Raises InputError for what is none, FileError when the password cannot be read.
    """
    given = os.environ if environment is None else environment
    host, tls = given.get(HOST, ""), given.get(TLS, "") or "starttls"
    if not host:
        return None
    port = given.get(PORT, "") or str(PORTS.get(tls, 0))
    user = given.get(USER, "")
    is_one = tls in PORTS and port.isdecimal() and 0 < int(port) < 65536 and not (user and tls == "none")
    if not is_one or not is_address(given.get(SENDER, "")):
        raise InputError(
            f"{HOST}, {PORT}, {TLS} and {SENDER} do not name a mail server",
            where=host[:200],
            do="Give a host, a port, starttls, tls or none, and a plain address to send from; no password without TLS.",
            code="bad_mail_server",
        )
    password = given.get(PASSWORD, "") or _password_of(given.get(PASSWORD_FILE, ""))
    return Server(host, int(port), tls, given[SENDER], user, password)


def is_address(text: str) -> bool:
    """Whether it is a plain mail address."""
    return len(text) <= LONGEST and _ADDRESS.fullmatch(text) is not None


def send(server: Server, to: str, subject: str, text: str, at: datetime) -> None:
    """One mail. Raises UnavailableError when the server does not take it now, InputError when it never takes it."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = server.sender, to, subject
    mail["Date"], mail["Auto-Submitted"] = format_datetime(at), "auto-generated"
    mail["Message-ID"] = make_msgid(domain=server.domain)
    mail.set_content(text)
    try:
        with _opened(server) as session:
            session.send_message(mail)
    except smtplib.SMTPRecipientsRefused as error:
        ((code, _),) = error.recipients.values()
        if code < 500:
            raise _away(server, f"{code}") from error
        raise InputError(
            f"The mail server takes nothing for this officer: {code}", do="Correct the address.", code="mail_refused"
        ) from error
    except (OSError, smtplib.SMTPException) as error:
        raise _away(server, type(error).__name__) from error


def _opened(server: Server) -> smtplib.SMTP:
    trust = ssl.create_default_context()
    if server.tls == "tls":
        session: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, server.domain, timeout=TIMEOUT_S, context=trust
        )
    else:
        session = smtplib.SMTP(server.host, server.port, server.domain, timeout=TIMEOUT_S)
    try:
        if server.tls == "starttls":
            session.starttls(context=trust)
        if server.user:
            session.login(server.user, server.password)
    except BaseException:
        session.close()
        raise
    return session


def _away(server: Server, why: str) -> UnavailableError:
    return UnavailableError(
        f"The mail server does not take mail ({why})",
        where=f"{server.host}:{server.port}",
        do="Look at its address and certificate; it is tried again.",
        code="mail_away",
    )


def _password_of(path: str) -> str:
    unreadable = FileError(
        "The password of the mail server cannot be read",
        where=path,
        do=f"Name a text file in {PASSWORD_FILE} that the account of the node may read.",
        code="no_mail_password",
    )
    return secret_files.text_of(path, unreadable)
