"""Addresses of the demo."""

from django.urls import path

from kring.demo import views

urlpatterns = [
    path("", views.demo_page, name="demo_page"),
    path("enter/", views.demo_enter, name="demo_enter"),
    path("mailbox/", views.demo_mailbox, name="demo_mailbox"),
    path("mailbox/empty/", views.demo_mailbox_empty, name="demo_mailbox_empty"),
    path("mailbox/<str:key>/", views.demo_mailbox, name="demo_mail"),
    path("mailbox/<str:key>/html/", views.demo_mail_html, name="demo_mail_html"),
    path("mailbox/<str:key>/source/", views.demo_mail_source, name="demo_mail_source"),
]
