"""Addresses of the digest: what it said, what it links to, how one stops it, settings."""

from django.urls import path, register_converter

from questions.views import digests, settings


class Week:
    """A week as the digest names it, such as 2026-W48."""

    regex = r"[0-9]{4}-W[0-9]{2}"

    def to_python(self, text: str) -> str:
        return text

    to_url = to_python


register_converter(Week, "week")

urlpatterns = [
    path("d/<str:token>/", digests.digest_item, name="digest_item"),
    path("digests/", digests.digest_list, name="digest_list"),
    path("digests/<week:week>/", digests.digest_page, name="digest_page"),
    path("digests/<week:week>/<int:asked>/", digests.digest_page, name="digest_page"),
    path(
        "digests/<week:week>/circle/<str:circle_id>/",
        digests.digest_of_circle,
        name="digest_of_circle",
    ),
    path("unsubscribe/<str:token>/", digests.unsubscribe_page, name="unsubscribe_page"),
    path("settings/", settings.settings_page, name="settings_page"),
    path("settings/profile/", settings.settings_profile, name="settings_profile"),
    path("settings/digest/", settings.settings_digest, name="settings_digest"),
    path("settings/circles/", settings.settings_circles, name="settings_circles"),
    path("settings/letters/", settings.settings_letters, name="settings_letters"),
    path("settings/digest/now/", settings.digest_ask, name="digest_ask"),
]
