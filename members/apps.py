"""Members as an app: its letters are known as soon as anything runs."""

from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "members"

    def ready(self):
        from members import account_letters  # noqa: F401 (registers its kinds)
