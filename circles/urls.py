"""Addresses of the guide, of an application, of a circle's own pages."""

urlpatterns = []
