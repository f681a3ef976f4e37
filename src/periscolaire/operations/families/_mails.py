"""The messages that accounts send: their words come from the catalogues, their links are made here."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import attrs

from periscolaire.access import Invitation, Secret, Token
from periscolaire.errors import MisuseError
from periscolaire.files import PortalSettings
from periscolaire.i18n import text
from periscolaire.ports import Mail
from periscolaire.reasons import Description, Parameter

__all__ = ["Portal"]


@attrs.frozen
class Portal:
    """How the commune presents itself to families, and where its portal answers.

    ``address`` is the portal's, without a slash at the end; links carry secrets, hence ``https`` (``http`` is for a
    developer's own machine).

    :raises MisuseError: another scheme.
    """

    commune: str
    address: str
    telephone: str
    tz: ZoneInfo = ZoneInfo("Europe/Paris")  # noqa: RUF009  # immutable: one shared default is meant

    def __attrs_post_init__(self) -> None:
        if not self.address.startswith(("https://", "http://localhost", "http://127.0.0.1")):
            raise MisuseError(
                f"portal {self.address!r}: expected an https address",
                code="mail.portal_not_https",
                address=self.address,
            )

    @classmethod
    def of(cls, settings: PortalSettings, tz: ZoneInfo) -> Portal:
        """As the commune's file says."""
        return cls(settings.commune, settings.address, settings.telephone, tz)

    def invitation(self, invitation: Invitation, code: Secret, language: str) -> Mail:
        """« Vous pouvez désormais utiliser l'espace famille »: the link of the guide."""
        query = urlencode({"activationCode": code.reveal(), "email": invitation.email})
        # The last whole day on which the link works, by the commune's clock.
        last = (invitation.expires_at.astimezone(self.tz) - dt.timedelta(days=1)).date()
        return self._mail(
            invitation.email,
            "invitation",
            language,
            link=f"{self.address}/activation?{query}",
            email=invitation.email,
            last_day=last,
            telephone=self.telephone,
        )

    def forgotten_password(self, to: str, token: Token, secret: Secret, minutes: int, language: str) -> Mail:
        """A link to choose another password."""
        query = urlencode({"token": token.id, "code": secret.reveal()})
        return self._mail(to, "password", language, link=f"{self.address}/mot-de-passe?{query}", minutes=minutes)

    def password_changed(self, to: str, language: str) -> Mail:
        """So that a theft does not go unnoticed."""
        return self._mail(to, "password_changed", language, telephone=self.telephone)

    def email_change(self, to: str, token: Token, secret: Secret, minutes: int, language: str) -> Mail:
        """A link by which whoever reads the new address confirms it."""
        query = urlencode({"token": token.id, "code": secret.reveal()})
        return self._mail(to, "email_change", language, link=f"{self.address}/adresse?{query}", minutes=minutes)

    def email_change_asked(self, to: str, language: str) -> Mail:
        """To the present address, before anything changes."""
        return self._mail(to, "email_change_asked", language, telephone=self.telephone)

    def email_changed(self, to: str, language: str) -> Mail:
        """To the former address: the last message that it gets."""
        return self._mail(to, "email_changed", language, telephone=self.telephone)

    def reply(self, to: str, subject: str, language: str) -> Mail:
        """An answer awaits; what it says stays behind the sign-in."""
        return self._mail(to, "reply", language, subject=subject)

    def _mail(self, to: str, name: str, language: str, **parameters: Parameter) -> Mail:
        subject = text(Description.of(f"mail.{name}.subject", commune=self.commune), language)
        body = text(Description.of(f"mail.{name}.body", commune=self.commune, **parameters), language)
        return Mail(to, " ".join(subject.split()), body)
