"""Addresses of what is said. Circles and questions have random names in them."""

from django.urls import include, path

from questions.views import (
    asking,
    first_hour,
    guard,
    home,
    lists,
    members,
    moving,
    own_data,
    page,
    renewal,
)

urlpatterns = [
    path("", home.home, name="home"),
    path("search/", lists.search_page, name="search_page"),
    path("own/", own_data.own_data_page, name="own_data_page"),
    path("own/export/", own_data.own_export_ask, name="own_export_ask"),
    path("own/export/file/", own_data.own_export_file, name="own_export_file"),
    path("own/words/<slug:own_id>/", own_data.words_withdraw, name="words_withdraw"),
    path("own/erase/", own_data.account_erase, name="own_account_erase"),
    path("memberships/<slug:own_id>/renew/", renewal.membership_renew, name="membership_renew"),
    path("c/<slug:circle_id>/", lists.question_list, name="question_list"),
    path("c/<slug:circle_id>/first-hour/", first_hour.first_hour_page, name="first_hour_page"),
    path(
        "c/<slug:circle_id>/first-hour/form/", first_hour.first_hour_form, name="first_hour_form"
    ),
    path("c/<slug:circle_id>/members/", members.member_list, name="member_list"),
    path("c/<slug:circle_id>/members/<slug:person_id>/", members.member_page, name="member_page"),
    path("c/<slug:circle_id>/profile/", members.member_portrait, name="member_portrait"),
    path("c/<slug:circle_id>/ask/", asking.question_ask, name="question_ask"),
    path("c/<slug:circle_id>/preview/", asking.text_preview, name="text_preview"),
    path("c/<slug:circle_id>/q/<slug:question_id>/", page.question_page, name="question_page"),
    path(
        "c/<slug:circle_id>/q/<slug:question_id>/edit/", asking.question_edit, name="question_edit"
    ),
    path(
        "c/<slug:circle_id>/q/<slug:question_id>/history/",
        asking.question_history,
        name="question_history",
    ),
    path(
        "c/<slug:circle_id>/q/<slug:question_id>/answers/",
        page.question_answer,
        name="question_answer",
    ),
    path(
        "c/<slug:circle_id>/q/<slug:question_id>/comments/",
        page.question_comment,
        name="question_comment",
    ),
    path(
        "c/<slug:circle_id>/q/<slug:question_id>/outcome/",
        page.outcome_report,
        name="outcome_report",
    ),
    path(
        "c/<slug:circle_id>/q/<slug:question_id>/read/", page.question_read, name="question_read"
    ),
    path(
        "c/<slug:circle_id>/q/<slug:question_id>/aside/",
        page.question_aside,
        name="question_aside",
    ),
    path(
        "c/<slug:circle_id>/q/<slug:question_id>/a/<slug:answer_id>/edit/",
        page.answer_edit,
        name="answer_edit",
    ),
    path(
        "c/<slug:circle_id>/q/<slug:question_id>/a/<slug:answer_id>/accept/",
        page.answer_accept,
        name="answer_accept",
    ),
    path(
        "c/<slug:circle_id>/q/<slug:question_id>/a/<slug:answer_id>/comments/",
        page.question_comment,
        name="answer_comment",
    ),
    path("c/<slug:circle_id>/settings/guard/", guard.guard_settings, name="guard_settings"),
    path("c/<slug:circle_id>/settings/moving-in/", moving.archive_import, name="archive_import"),
    path(
        "c/<slug:circle_id>/settings/moving-in/<slug:import_id>/",
        moving.import_page,
        name="import_page",
    ),
    path(
        "c/<slug:circle_id>/settings/moving-in/<slug:import_id>/go/",
        moving.import_go,
        name="import_go",
    ),
    path(
        "c/<slug:circle_id>/settings/moving-in/<slug:import_id>/stop/",
        moving.import_stop,
        name="import_stop",
    ),
    path(
        "c/<slug:circle_id>/settings/moving-in/<slug:import_id>/drop/",
        moving.import_drop,
        name="import_drop",
    ),
    path(
        "c/<slug:circle_id>/settings/moving-in/<slug:import_id>/report/",
        moving.import_report,
        name="import_report",
    ),
    path("", include("questions.digest_urls")),
]
