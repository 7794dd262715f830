"""Every address of Kring. Each app says its own; the wiring adds the account pages and health."""

from django.conf import settings
from django.urls import include, path

from kring import health, metrics, steward, steward_mail, views
from members.views.silence import silence_page

handler400 = "kring.errors.bad_request"
handler403 = "kring.errors.denied"
handler404 = "kring.errors.not_found"
handler500 = "kring.errors.server_error"

urlpatterns = [
    path("", include("questions.urls")),
    path("", include("circles.urls")),
    path("never/<str:token>/", silence_page, name="silence_page"),
    path("account/", include("members.urls")),
    path("", include("members.mail_urls")),
    path("account/", include("allauth.account.urls")),
    path("steward/", steward.steward_page, name="steward_page"),
    path("steward/mail/", steward_mail.steward_mail, name="steward_mail"),
    path("steward/mail/again/", steward_mail.steward_mail_again, name="steward_mail_again"),
    path("steward/letters/<str:letter_id>/", steward.steward_letter, name="steward_letter"),
    path("language/", views.language_choose, name="language_choose"),
    path("theme/", views.theme_choose, name="theme_choose"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
]

if settings.DEMO:
    urlpatterns.append(path("demo/", include("kring.demo.urls")))
