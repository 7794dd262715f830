"""`make guard-report`: how good the privacy guard is, in figures, on texts seen and held back.

`POSTS=file` reads further posts (a Stack Exchange Posts.xml, or a table with a column `question`).
`SHOW=1` lists what was missed and what was wrong in the texts to work with, never in those held back.
"""

import os
import sys
import time
from pathlib import Path

from kring.guarding import posts
from kring.guarding.measuring import annotated, halves, own, tally
from kring.guarding.writing import texts
from kring.lib.privacy import CERTAIN, KINDS, findings, load

GOALS = "Goals on unseen text: recall 0.95, names 0.90, precision 0.90, clean posts flagged 10 %, blocked none."


def say(line: str = "") -> None:
    sys.stdout.write(line + "\n")


def main() -> None:
    load()
    say(GOALS)
    work, held = halves(annotated())
    own_work, own_held = halves(own("own.txt") + own("own-traps.txt"))
    sets = [
        ("annotated, to work with", work),
        ("annotated, held back and looked at once", held),
        ("our own, to work with", own_work),
        ("our own, held back and looked at once", own_held),
        ("our own, never used to change a rule", own("own-unseen.txt")),
        ("made up, to work with", texts(1056, 11, held_back=False)),
        ("made up, other people in other sentences", texts(1056, 12, held_back=True)),
    ]
    for name, some in sets:
        report(name, some, show="to work" in name and bool(os.environ.get("SHOW")))
    by_culture(texts(2112, 12, held_back=True))
    clean("posts of the demo's archive", posts.of_demo())
    if path := os.environ.get("POSTS"):
        clean(Path(path).name, posts.of_file(Path(path)))


def report(name: str, some: list[dict], *, show: bool = False) -> None:
    count = tally(some)
    recall = count.recall()
    say(f"\n{name}: {len(some)} texts, {sum(count.planted.values())} planted")
    say(
        f"  recall {recall:.3f}  precision {count.precision:.3f}  clean texts flagged {count.flagged} of {count.clean}, blocked {count.blocked}"
    )
    for kind in KINDS:
        cells = [
            f"{language} {count.recall(kind, language):.2f} of {count.planted[kind, language]}"
            for language in ("nl", "en")
            if count.planted[kind, language]
        ]
        if cells:
            say(f"    {kind:10} {'   '.join(cells)}")
    if show:
        for what, rows in (("missed", count.missed), ("wrong", count.wrong)):
            for row in rows[:40]:
                say(f"    {what}: {' '.join(row)}")


def by_culture(some: list[dict]) -> None:
    """Names by where they come from; 'unlisted' surnames are made of parts and stand in no list."""
    say(
        "\nnames, made up, other sentences: recall where the surname is an existing one / is made of parts"
    )
    for culture in dict.fromkeys(one["domain"] for one in some):
        cells = []
        for listed in (True, False):
            count = tally([t for t in some if t["domain"] == culture and t["listed"] is listed])
            cells.append(f"{count.recall('NAME'):.2f}")
        say(f"    {culture:12} {' / '.join(cells)}")


def clean(name: str, some: list[tuple[str, str]]) -> None:
    flagged = blocked = characters = 0
    begun = time.process_time()
    for language, text in some:
        found = findings(text, language)
        flagged += bool(found)
        blocked += any(f.confidence == CERTAIN for f in found)
        characters += len(text)
    spent = (time.process_time() - begun) * 1000 / max(characters, 1) * 2000
    say(
        f"\n{name}: {len(some)} posts, flagged {flagged} ({flagged / len(some):.1%}), with a certain finding {blocked}; {spent:.1f} ms for 2 KB"
    )


if __name__ == "__main__":
    main()
