"""Members as an app: its letters and hooks are known as soon as anything runs."""

from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "members"

    def ready(self):
        from members import account_letters, bounces, hooks  # noqa: F401 (they register themselves)
