"""Addresses of the guide, of applications and invitations, of the desk and of one's circles."""

from django.urls import path

from circles.views import (
    applying,
    circles,
    desk,
    door,
    founding,
    guide,
    inviting,
    references,
    settings,
)

urlpatterns = [
    path("guide/", guide.guide_page, name="guide_page"),
    path("guide/<slug:circle_id>/", guide.charter_page, name="charter_page"),
    path("guide/<slug:circle_id>/apply/", applying.application_start, name="application_start"),
    path("application/", applying.application_page, name="application_page"),
    path("application/open/<str:token>/", applying.application_open, name="application_open"),
    path("application/mailed/", applying.application_mailed, name="application_mailed"),
    path("application/link/", applying.application_link, name="application_link"),
    path("application/prove/", applying.application_prove, name="application_prove"),
    path("application/again/", applying.application_again, name="application_again"),
    path("application/reply/", applying.application_reply, name="application_reply"),
    path("application/withdraw/", applying.application_withdraw, name="application_withdraw"),
    path("application/accept/", applying.application_accept, name="application_accept"),
    path("invitation/", inviting.invitation_page, name="invitation_page"),
    path("invitation/open/<str:token>/", inviting.invitation_open, name="invitation_open"),
    path("invitation/answer/", inviting.invitation_answer, name="invitation_answer"),
    path("reference/", references.reference_page, name="reference_page"),
    path("reference/open/<str:token>/", references.reference_open, name="reference_open"),
    path("application/referee/", applying.application_referee, name="application_referee"),
    path("steward/circles/<slug:proposal_id>/", founding.proposal_page, name="steward_proposal"),
    path(
        "steward/circles/<slug:proposal_id>/confirm/",
        founding.proposal_confirm,
        name="steward_confirm",
    ),
    path(
        "steward/circles/<slug:proposal_id>/decline/",
        founding.proposal_decline,
        name="steward_decline",
    ),
    path("proposed/<slug:proposal_id>/", founding.own_proposal, name="own_proposal"),
    path("circles/", circles.circle_list, name="circle_list"),
    path("c/<slug:circle_id>/about/", circles.circle_about, name="circle_about"),
    path("c/<slug:circle_id>/factor/", settings.circle_factor, name="circle_factor"),
    path("c/<slug:circle_id>/settings/", settings.circle_settings, name="circle_settings"),
    path("c/<slug:circle_id>/admission/", settings.circle_admission, name="circle_admission"),
    path(
        "c/<slug:circle_id>/settings/questions/",
        door.circle_questions,
        name="circle_questions",
    ),
    path("c/<slug:circle_id>/invitations/", inviting.invitation_list, name="invitation_list"),
    path("c/<slug:circle_id>/invitations/new/", inviting.invitation_new, name="invitation_new"),
    path(
        "c/<slug:circle_id>/invitations/<slug:invitation_id>/revoke/",
        inviting.invitation_revoke,
        name="invitation_revoke",
    ),
    path(
        "c/<slug:circle_id>/invitations/<slug:invitation_id>/remind/",
        inviting.invitation_remind,
        name="invitation_remind",
    ),
    path("c/<slug:circle_id>/references/", references.member_references, name="reference_list"),
    path(
        "c/<slug:circle_id>/references/<slug:reference_id>/",
        references.member_reference,
        name="member_reference",
    ),
    path("c/<slug:circle_id>/vetting/", desk.vetting_desk, name="vetting_desk"),
    path(
        "c/<slug:circle_id>/vetting/<slug:application_id>/",
        desk.vetting_page,
        name="vetting_page",
    ),
    path(
        "c/<slug:circle_id>/vetting/<slug:application_id>/papers/<slug:paper_id>/",
        door.vetting_paper,
        name="vetting_paper",
    ),
    path(
        "c/<slug:circle_id>/vetting/<slug:application_id>/vote/",
        desk.vetting_vote,
        name="vetting_vote",
    ),
    path(
        "c/<slug:circle_id>/vetting/<slug:application_id>/ask/",
        desk.vetting_ask,
        name="vetting_ask",
    ),
    path(
        "c/<slug:circle_id>/vetting/<slug:application_id>/decide/",
        desk.vetting_decide,
        name="vetting_decide",
    ),
]
