"""Mail as files and over SMTP; and that nothing it carries shows where it should not."""

import email
import email.policy
import smtplib
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from periscolaire.access import Secret
from periscolaire.errors import MisuseError
from periscolaire.mail import FileOutbox, SmtpMailer
from periscolaire.ports import Mail

MAIL = Mail(
    "alice@exemple.fr",
    "Créez votre compte",
    "Lien : https://x/?activationCode=SECRET",
    (("a.pdf", "application/pdf", b"%PDF"),),
)


def test_the_outbox_writes_numbered_private_files_that_mail_programs_open(tmp_path: Path) -> None:
    outbox = FileOutbox(tmp_path / "boite")
    outbox.send(MAIL)
    outbox.send(Mail("b@exemple.fr", "Deux", "x"))
    first, second = outbox.sent()
    assert [first.name, second.name] == ["000001.eml", "000002.eml"]
    assert first.stat().st_mode & 0o077 == 0
    message = email.message_from_bytes(first.read_bytes(), policy=email.policy.default)
    assert (message["To"], message["Subject"], message["Auto-Submitted"]) == (
        "alice@exemple.fr", "Créez votre compte", "auto-generated",
    )  # fmt: skip
    body = message.get_body(("plain",))
    assert body is not None
    assert body.get_content().strip() == MAIL.text
    assert [part.get_filename() for part in message.iter_attachments()] == ["a.pdf"]


def test_a_line_break_never_makes_a_header(tmp_path: Path) -> None:
    for mail in (Mail("a@b.fr\nBcc: x@y.fr", "s", "t"), Mail("a@b.fr", "s\r\nBcc: x@y.fr", "t")):
        with pytest.raises(MisuseError, match="line break"):
            FileOutbox(tmp_path).send(mail)
    assert FileOutbox(tmp_path).sent() == ()


def test_no_repr_shows_a_password_or_the_text_of_a_mail() -> None:
    assert "SECRET" not in repr(MAIL)
    assert "SECRET" not in repr(SmtpMailer("smtp.exemple.fr", "x@y.fr", user="u", password=Secret("SECRET")))


class Server:
    """Stands for smtplib.SMTP and writes down what was asked of it."""

    def __init__(self, host: str, port: int, **options: Any) -> None:
        self.calls: list[tuple[str, ...]] = [("connect", host, str(port), "tls" if "context" in options else "clear")]
        SERVERS.append(self)

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.calls.append(("quit",))

    def starttls(self, **_: object) -> None:
        self.calls.append(("starttls",))

    def login(self, user: str, password: str) -> None:
        self.calls.append(("login", user, password))

    def send_message(self, message: EmailMessage) -> None:
        self.calls.append(("send", message["To"]))


SERVERS: list[Server] = []


@pytest.mark.parametrize(
    ("encryption", "calls"),
    [
        ("starttls", ["connect clear", "starttls", "login", "send", "quit"]),
        ("tls", ["connect tls", "login", "send", "quit"]),
    ],
)
def test_the_password_travels_only_after_encryption(
    monkeypatch: pytest.MonkeyPatch, encryption: str, calls: list[str]
) -> None:
    SERVERS.clear()
    monkeypatch.setattr(smtplib, "SMTP", Server)
    monkeypatch.setattr(smtplib, "SMTP_SSL", Server)
    SmtpMailer("h", "x@y.fr", encryption=encryption, user="u", password=Secret("p")).send(MAIL)
    (server,) = SERVERS
    assert [call[0] + (f" {call[3]}" if call[0] == "connect" else "") for call in server.calls] == calls


def test_a_password_in_clear_and_an_unknown_encryption_are_misuse() -> None:
    with pytest.raises(MisuseError, match="never travels"):
        SmtpMailer("h", "x@y.fr", encryption="none", user="u", password=Secret("p"))
    with pytest.raises(MisuseError, match="expected starttls"):
        SmtpMailer("h", "x@y.fr", encryption="ssl3")
