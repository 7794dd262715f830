"""What was told, against what should have been: by what the mail server took, not by what the
product believes it sent.

Lost: something its reader should have been told (still theirs to read, not read) and was not,
although their digest has passed it by or has come since. Doubled: one mail twice, or one thing
told by two digests that were sent, or by a letter and a digest. What an unknown digest told and
the next one tells again is counted apart: nobody can know better.
"""

from dataclasses import dataclass, field
from datetime import datetime

import psycopg

from members import delivery
from members.models import Letter

_TOLD = """
create temporary table told on commit drop as
select i.id as issue, i.member_id, i.state, i.built_at, item ->> 'kind' as kind,
       (item ->> 'question')::bigint as question, item -> 'answers' as answers,
       item ->> 'reason' as reason, not coalesce(i.told @> to_jsonb(place - 1), true) as rest
from questions_digestissue i
cross join lateral jsonb_array_elements(i.items) with ordinality of (item, place)
where i.id in (select subject_id from arrived where kind = 'weekly_digest');
create index on told (member_id, question);
create temporary table at_once on commit drop as
select l.member_id, l.kind, l.state, l.subject_id as question, told::text::bigint as told
from arrived a join members_letter l on l.id = a.letter
cross join lateral jsonb_array_elements(l.tells) told
where l.kind in ('answer_on_mine', 'outcome_thanks');
create index on at_once (member_id, question);
analyze told; analyze at_once;
"""
# Who should have been told of what: answers and remarks on one's own, the ends of questions.
_EXPECTED = """
create temporary table expected on commit drop as
with happened as (
    select e.*, s.committed_at, q.author_id as asker from questions_event e
    join simulated s on s.event = e.id
    join questions_question q on q.id = e.question_id and q.circle_id = e.circle_id
    where e.kind <> 'asked' and q.state not in ('withdrawn', 'held')),
aimed as (
    select h.*, h.asker as reader from happened h where kind = 'answered'
    union all
    select h.*, case when h.answer_id is null then h.asker else a.author_id end
    from happened h left join questions_answer a on a.id = h.answer_id where kind = 'remarked'
    union all
    select h.*, m.member_id from happened h
    join circles_membership m on m.circle_id = h.circle_id where kind in ('accepted', 'outcome'))
select a.* from aimed a
join circles_membership m on m.circle_id = a.circle_id and m.member_id = a.reader
where m.state = 'active' and m.since <= a.at and a.by_id is distinct from a.reader
  and not exists (select from questions_mark k
                  where k.question_id = a.question_id and k.circle_id = a.circle_id
                    and k.member_id = a.reader and k.read_at >= a.at);
"""
_LOST = """
select e.kind, e.reader, e.question_id, e.id, e.committed_at from expected e
join questions_digestplan p on p.member_id = e.reader
join members_member reader on reader.id = e.reader
where not exists (
        select from told t
        where t.member_id = e.reader and t.question = e.question_id and t.built_at >= e.committed_at
          and case e.kind
              when 'answered' then t.kind = 'answers' and t.answers @> to_jsonb(e.answer_id)
              when 'remarked' then t.kind in ('remarks', 'answers')
              when 'accepted' then t.kind in ('solved', 'known')
              else t.kind = 'known' end)
  and not exists (
        select from at_once o
        where o.member_id = e.reader and o.question = e.question_id
          and case e.kind when 'answered' then o.kind = 'answer_on_mine' and o.told = e.answer_id
                          when 'remarked' then false
                          else o.kind = 'outcome_thanks' end)
  and (greatest(p.cursor_xid, (p.cursors -> e.circle_id::text ->> 0)::bigint) > e.xid
       or (p.every = 'week' and p.paused_until is null and reader.mail_off_since is null
           and reader.last_login > %(calm)s and e.committed_at < %(calm)s))
order by e.id limit 1000
"""
_DOUBLED = """
select 'in two digests', t.member_id, t.kind, t.question from told t
where t.state = 'sent' and not t.rest and t.kind in ('solved', 'known', 'outcome', 'help')
group by t.member_id, t.kind, t.question, t.reason having count(*) > 1
union all
select 'answer in two digests', t.member_id, t.kind, answer::text::bigint
from told t cross join lateral jsonb_array_elements(t.answers) answer
where t.state = 'sent' and not t.rest
group by t.member_id, t.kind, answer having count(*) > 1
union all
select 'at once and in a digest', t.member_id, t.kind, t.question
from told t join at_once o on o.member_id = t.member_id and o.question = t.question
     and o.kind = 'answer_on_mine' and t.answers @> to_jsonb(o.told)
where t.state = 'sent' and o.state = 'sent' and not t.rest
union all
select 'told twice at once', member_id, kind, question from at_once where state = 'sent'
group by member_id, kind, question, told having count(*) > 1
union all
select 'two windows', l.member_id, '', l.id from (
    select id, member_id, lower_xid,
           lag(upper_xid) over (partition by member_id order by id) as before
    from questions_digestissue i where asked = 0 and state = 'sent' and not exists (
        select from questions_digestissue o where o.member_id = i.member_id and o.scope > 0)) l
where l.lower_xid < l.before
"""
_AGAIN = """
select count(*) from told t join told u on u.member_id = t.member_id and u.kind = t.kind
     and u.question = t.question and u.issue < t.issue and u.state = 'unknown' and t.state = 'sent'
where t.kind in ('answers', 'remarks', 'solved', 'known')
"""


@dataclass
class Verdict:
    """What a run shows. The lists say what was lost or doubled, for whoever looks for the reason."""

    expected: int = 0
    lost: list[tuple] = field(default_factory=list)
    doubled: list[tuple] = field(default_factory=list)
    again_after_unknown: int = 0


def judge(connection: psycopg.Connection, taken: dict[str, int], calm: datetime) -> Verdict:
    """Compare. `taken`: how often the mail server took each mail, by its Message-ID. `calm`: from
    when on nothing went wrong any more."""
    with connection.transaction():
        mails = _arrived(connection, taken)
        connection.execute(_TOLD)
        connection.execute(_EXPECTED)
        verdict = Verdict(connection.execute("select count(*) from expected").fetchone()[0])
        verdict.lost = connection.execute(_LOST, {"calm": calm}).fetchall()
        verdict.doubled = [("one mail twice", *mail) for mail in mails]
        verdict.doubled += connection.execute(_DOUBLED).fetchall()
        verdict.again_after_unknown = connection.execute(_AGAIN).fetchone()[0]
        return verdict


def _arrived(connection, taken: dict[str, int]) -> list[tuple]:
    """Find the letters of the mails that were taken; return those that came twice."""
    connection.execute(
        "create temporary table arrived (letter bigint, kind text, subject_id bigint)"
        " on commit drop"
    )
    twice = []
    letters = connection.execute("select id, kind, subject_id, member_id from members_letter")
    with connection.cursor().copy("copy arrived from stdin") as copy:
        for number, kind, subject, member in letters.fetchall():
            times = taken.get(delivery.message_id(Letter(pk=number, kind=kind)), 0)
            if times:
                copy.write_row((number, kind, subject))
            if times > 1:
                twice.append((member, kind, subject))
    connection.execute("analyze arrived")
    return twice
