"""A password that is changed, and one that was forgotten."""

from typing import Any

from allauth.account.views import PasswordChangeView, PasswordResetView
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from itag.core.mail import mail_works


class PasswordReset(PasswordResetView):
    """allauth's page, which sends a link; where no mail was configured, whom to ask."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not mail_works():
            return render(request, "account/password_ask.html")
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer


class PasswordChange(LoginRequiredMixin, PasswordChangeView):
    """allauth's page, which leads back to the same empty form; here it leads on, and says that it is done."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # Asked before the form is saved, which ends it.
        self.first = getattr(request.user, "must_change_password", False)
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer

    def get_default_success_url(self) -> str:
        return "/" if self.first else reverse("account")

    def form_valid(self, form: Any) -> HttpResponse:
        answer: HttpResponse = super().form_valid(form)
        messages.success(self.request, _("Your password is changed."))
        return answer
