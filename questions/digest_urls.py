"""Addresses of the digest: what it said, what it links to, how one stops it, settings."""

from django.urls import path

from questions.views import digests, settings

urlpatterns = [
    path("d/<str:token>/", digests.digest_item, name="digest_item"),
    path("digests/", digests.digest_list, name="digest_list"),
    path("digests/<str:week>/", digests.digest_page, name="digest_page"),
    path("digests/<str:week>/<int:asked>/", digests.digest_page, name="digest_page"),
    path("unsubscribe/<str:token>/", digests.unsubscribe_page, name="unsubscribe_page"),
    path("settings/", settings.settings_page, name="settings_page"),
    path("settings/profile/", settings.settings_profile, name="settings_profile"),
    path("settings/digest/", settings.settings_digest, name="settings_digest"),
    path("settings/digest/now/", settings.digest_ask, name="digest_ask"),
]
