"""A forgotten password."""

from typing import Any

from allauth.account.views import PasswordResetView
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from itag.core.mail import mail_works


class PasswordReset(PasswordResetView):
    """allauth's page, which sends a link; where no mail was configured, whom to ask."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not mail_works():
            return render(request, "account/password_ask.html")
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer
