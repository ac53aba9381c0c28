"""Who may come in by single sign-on."""

from __future__ import annotations

from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.http import HttpRequest


class InvitedPeopleOnly(DefaultSocialAccountAdapter):
    """Single sign-on opens the account of an invited person; it never makes a new one.

    A provider that serves a whole university would otherwise let each of its members in.
    """

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False
