"""Who sets what is asked at the door, who answers, and who opens the papers: vetters only."""

from django.db import migrations

from kring.lib.policies import (
    ADMINISTERS,
    HOUSE,
    ME,
    TOKEN,
    VETS,
    changing,
    child,
    reading,
    run,
    secured,
    writing,
)

FEW = """
create function kring_few_papers() returns trigger language plpgsql as $$
begin
    if (select count(*) from circles_paper where circle_id = new.circle_id
        and application_id = new.application_id and erased_at is null) >= 4 then
        raise exception 'kring: four papers' using errcode = '42501';
    end if;
    return new;
end $$;
create trigger few_papers before insert on circles_paper
for each row execute function kring_few_papers();
"""

KNOWS = "circle_id = any ((select kring_knows())::bigint[])"
OWN = f"(link_id = {TOKEN} or member_id = {ME})"
OWN_APPLICATION = f"application_id in (select id from circles_application where {OWN})"
DRAFT = f"application_id in (select id from circles_application where {OWN} and state = 'draft')"
OTHERS_APPLICATION = (
    f"{VETS} and application_id in (select id from circles_application "
    f"where member_id is distinct from {ME})"
)
QUESTION = "kind, label, help, choices, required, version"


class Migration(migrations.Migration):
    dependencies = [("circles", "0022_door")]

    operations = [
        child("circles_dooranswer", "application_id", of="circles_application"),
        child("circles_paper", "application_id", of="circles_application"),
        run(FEW),
        secured(
            "circles_doorquestion",
            web=f"select, insert, update ({QUESTION})",
            worker="",
            policies=[
                reading("whoever has to do with the circle reads what it asks", KNOWS),
                writing("admins ask at the door", ADMINISTERS, to="kring_web"),
                changing("admins change what is asked", ADMINISTERS, to="kring_web"),
            ],
        ),
        secured(
            "circles_dooranswer",
            web="select, insert, update (version, asked, value)",
            worker="select, update (value)",
            policies=[
                writing("an applicant answers", DRAFT, to="kring_web"),
                reading("own answers at the door", OWN_APPLICATION),
                changing("answers change until they are sent", DRAFT, to="kring_web"),
                reading("vetters read the answers of others", OTHERS_APPLICATION),
                reading("house knows the answers", HOUSE, to="kring_worker"),
                changing("house erases the answers", HOUSE, to="kring_worker"),
            ],
        ),
        secured(
            "circles_paper",
            web="select, insert, update (what, erased_at)",
            worker="select, update (what, erased_at)",
            policies=[
                writing("an applicant adds a paper", DRAFT, to="kring_web"),
                reading("own papers", OWN_APPLICATION),
                changing("a paper is taken back until it is sent", DRAFT, to="kring_web"),
                reading("vetters open the papers of others", OTHERS_APPLICATION),
                reading("house knows the papers", HOUSE, to="kring_worker"),
                changing("house erases papers", HOUSE, to="kring_worker"),
            ],
        ),
    ]
