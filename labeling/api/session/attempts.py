"""Failed sign-ins, by account and by address. The answer is the same whether or not the account exists."""

from __future__ import annotations

from rest_framework.request import Request

from labeling.api.attempts import FailedAttempts

MOST_PER_ACCOUNT = 10
MOST_PER_ADDRESS = 50


class SignInAttempts(FailedAttempts):
    """The failures of one account and one address within the window."""

    def __init__(self, request: Request, account: str) -> None:
        limits = {
            ("account", account.strip().lower()): MOST_PER_ACCOUNT,
            ("address", request.META.get("REMOTE_ADDR", "")): MOST_PER_ADDRESS,
        }
        super().__init__("sign-in", limits)
