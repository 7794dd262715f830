"""Members as an app: its letters, its hooks and what a restore settles are known as soon as
anything runs."""

from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "members"

    def ready(self):
        from members import (  # noqa: F401 (they register themselves)
            account_letters,
            bounces,
            delivery,
            hooks,
            sessions,
            silence,
        )
