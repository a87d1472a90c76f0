"""Forms of the log-in library with a word for our log."""

from typing import Any

from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm
from django.core.exceptions import ValidationError

from bridgedesk.team import doors


class SecondFactor(AuthenticateForm):  # type: ignore[misc]
    """The code after the password; a wrong one stands in the log."""

    def clean_code(self) -> Any:
        try:
            return super().clean_code()
        except ValidationError:
            doors.second_factor_failed(self.user, str(context.request.META.get("REMOTE_ADDR", "")))
            raise
