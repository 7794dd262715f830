"""Addresses around mail that does not arrive."""

from django.urls import path

from members.views import mail

urlpatterns = [
    path("settings/mail/try/", mail.mail_try, name="mail_try"),
    path("settings/mail/works/", mail.mail_works, name="mail_works"),
    path("mail/webhook/<slug:provider>/", mail.mail_webhook, name="mail_webhook"),
]
