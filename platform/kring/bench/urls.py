"""The product's addresses and one more."""

from django.urls import path

from kring.bench.bare import bare
from kring.urls import handler400, handler403, handler404, handler500, urlpatterns

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]
urlpatterns = [path("bare/<int:circle_id>/<slug:question_id>/", bare), *urlpatterns]
