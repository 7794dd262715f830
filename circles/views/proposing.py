"""Proposing a circle, step by step: each page keeps what was typed, and one can leave at any time."""

from functools import wraps

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from circles import policy
from circles.forms_founding import (
    MOST_PARAMETERS,
    PROMISES,
    AskForm,
    CharterForm,
    ParameterForm,
    PromiseForm,
    RulesForm,
    StartForm,
)
from circles.models import Founding
from circles.proposing import cofounders, doors, drafts, starting_points
from kring.lib.refused import Refused

PAGES = {
    "charter": "founding_charter",
    "form": "founding_form",
    "rules": "founding_rules",
    "people": "founding_people",
}


@require_http_methods(["GET", "HEAD", "POST"])
def founding_page(request):
    """GET, POST. Begin a proposal from a starting point; later, where it stands."""
    member = doors.no_steward(request.user)
    founding = doors.own_founding(member)
    language = request.LANGUAGE_CODE
    typed = request.POST if request.method == "POST" else None
    start = {"start": "", "text_language": language}
    if founding:
        start = {"start": founding.start, "text_language": founding.language}
    form = StartForm(typed, language=language, initial=start)
    if typed is not None and form.is_valid():
        chosen = form.cleaned_data["start"], form.cleaned_data["text_language"]
        try:
            if founding is None:
                drafts.begin(*chosen, by=member)
                return redirect("founding_charter")
            return _choose(request, founding, *chosen)
        except Refused as refused:
            form.refuse(refused)
    context = _context(request, founding) if founding else {"place": "circles"}
    context |= {"form": form, "may_found": doors.may_found(member)}
    return render(request, "circles/founding_page.html", context)


def _choose(request, founding: Founding, start: str, language: str):
    """Another starting point: where one's own words would be touched, ask what happens to them."""
    own = drafts.own_words(founding)
    if own and not {"keep", "replace"} & request.POST.keys():
        context = _context(request, founding) | {
            "point": starting_points.start(start, language),
            "text_language": language,
            "own": _named(own),
        }
        return render(request, "circles/founding_choose.html", context)
    drafts.choose(founding, start, language, keep="replace" not in request.POST, by=request.user)
    messages.success(
        request,
        _("Filled anew. What stood there before can be put back.")
        if own
        else _("Filled anew. Change what you like."),
    )
    return redirect("founding_charter")


def _named(own: list[str]) -> list[str]:
    """The fields by the words that stand above them."""
    labels = {name: field.label for name, field in CharterForm().fields.items()}
    labels |= {
        "parameters": _("The question form"),
        "commitment": _("Commitment"),
        "cost_cents": labels["cost"],
    }
    return list(dict.fromkeys(str(labels.get(name) or _("Rules of admission")) for name in own))


def of_own(view):
    """Hand the view the proposal its visitor is writing, or answer 404."""

    @wraps(view)
    def enter(request, **names):
        founding = doors.founding_of(doors.no_steward(request.user))
        return view(request, founding, **names)

    return enter


@of_own
@require_POST
def founding_back(request, founding):
    """POST. Put back what the last starting point took the place of."""
    try:
        drafts.put_back(founding, by=request.user)
    except Refused as refused:
        messages.warning(request, refused.sentence)
    else:
        messages.success(request, _("What stood there before is back."))
    return redirect("founding_page")


@of_own
@require_http_methods(["GET", "HEAD", "POST"])
def founding_charter(request, founding):
    """GET, POST. What the circle is for, and what it asks."""
    typed, later = _typed(request)
    start = {**founding.charter, "cost": _euros(founding.charter.get("cost_cents"))}
    form = CharterForm(typed, initial=start, draft=later)
    rows = [*founding.charter.get("commitment", []), *[{}] * PROMISES][:PROMISES]
    promises = [
        PromiseForm(typed, prefix=f"p{place}", auto_id="id_%s", initial=row)
        for place, row in enumerate(rows, start=1)
    ]
    if typed is not None:
        checked = [one.is_valid() for one in (form, *promises)]
        sound = all(checked)
        kept = form.fits()
        told = (one.fits() for one in promises)
        kept["commitment"] = [
            {name: row.get(name, "") for name in ("label", "value", "note")}
            for row in told
            if row.get("label")
        ]
        answer = _kept(request, founding, "charter", form, sound, later, charter=kept)
        if answer:
            return answer
    context = _context(request, founding, "charter") | {"form": form, "promises": promises}
    return render(request, "circles/founding_charter.html", context)


@of_own
@require_http_methods(["GET", "HEAD", "POST"])
def founding_form(request, founding):
    """GET, POST. The parameters a question is asked with, in their order."""
    typed, later = _typed(request)
    if typed is None:
        forms = [_parameter(place, row) for place, row in enumerate(founding.parameters, start=1)]
        return _form_page(request, founding, forms)
    count = sum(f"n{place}-name" in typed for place in range(1, MOST_PARAMETERS + 1))
    sent = [_parameter(place, {}, typed) for place in range(1, count + 1)]
    checked = [form.is_valid() for form in sent]
    sound = all(checked)
    rows, moved = _moved([form.row() for form in sent], typed)
    twice = {row["name"] for row in rows if [r["name"] for r in rows].count(row["name"]) > 1}
    for form in sent:
        if form.cleaned_data.get("name") in twice and not moved:
            form.add_error("name", _("This name stands there twice."))
            sound = False
    answer = _kept(
        request, founding, "form", None, sound and bool(rows), later or moved, parameters=rows
    )
    if moved:
        return redirect(f"{request.path}#{moved}")
    return answer or _form_page(request, founding, sent)


def _form_page(request, founding, forms):
    context = _context(request, founding, "form") | {
        "forms": forms,
        "is_full": len(forms) >= MOST_PARAMETERS,
        "required": sum(bool(form["required"].value()) for form in forms),
    }
    return render(request, "circles/founding_form.html", context)


def _parameter(place: int, row: dict, typed=None) -> ParameterForm:
    start = {**row, "choices": "\n".join(row.get("choices", []))}
    form = ParameterForm(typed, prefix=f"n{place}", auto_id="id_%s", initial=start)
    form.place = place
    return form


def _moved(rows: list[dict], typed) -> tuple[list[dict], str]:
    """Do what the button says that was pressed; name the place on the page to go on."""
    for way in ("up", "down", "remove", "add"):
        if way not in typed:
            continue
        place = int(typed[way]) - 1 if typed[way].isdigit() else -1
        if way == "add" and len(rows) < MOST_PARAMETERS:
            rows.append({"name": "", "kind": "text"})
            return rows, f"parameter{len(rows)}"
        if way == "remove" and 0 <= place < len(rows):
            del rows[place]
            return rows, "parameters"
        other = place + (-1 if way == "up" else 1)
        if way in ("up", "down") and 0 <= place < len(rows) and 0 <= other < len(rows):
            rows[place], rows[other] = rows[other], rows[place]
            return rows, f"parameter{other + 1}"
        return rows, "parameters"
    return rows, ""


@of_own
@require_http_methods(["GET", "HEAD", "POST"])
def founding_rules(request, founding):
    """GET, POST. How the circle admits, and what its privacy guard does."""
    typed, later = _typed(request)
    form = RulesForm(typed, initial=founding.charter)
    if typed is not None:
        sound = form.is_valid()
        if "effect" not in typed:
            answer = _kept(
                request, founding, "rules", form, sound, later, charter=dict(form.cleaned_data)
            )
            if answer:
                return answer
    rules = form.cleaned_data if form.is_bound else founding.charter
    sound = not form.errors and all(name in rules for name in policy.SETTINGS)
    context = _context(request, founding, "rules") | {
        "rules": form,
        "effect": policy.effect(rules) if sound else [],
    }
    return render(request, "circles/founding_rules.html", context)


@of_own
@require_http_methods(["GET", "HEAD", "POST"])
def founding_people(request, founding):
    """GET, POST. Whom one asks to found it too, and what they answered."""
    companions = doors.companions_of(request.user)
    typed = request.POST if request.method == "POST" else None
    form = AskForm(typed, companions=companions)
    if typed is not None and form.is_valid():
        try:
            if drafts.faults_of(founding):
                raise Refused(
                    _(
                        "First the charter and the question form: they read those, and agree to them."
                    )
                )
            cofounders.ask(founding, by=request.user, **form.whom())
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("Asked. The letter goes out now."))
            return redirect("founding_people")
    founders = doors.founders_of(founding)
    standing = [row for row in founders if row.state in ("asked", "agreed")]
    context = _context(request, founding, "people", founders) | {
        "form": form,
        "is_full": len(standing) > Founding.MOST_ASKED,
    }
    return render(request, "circles/founding_people.html", context)


@of_own
@require_POST
def founding_take_back(request, founding, cofounder_id: str):
    """POST. Ask somebody no more."""
    asked = doors.cofounder_of(founding, cofounder_id)
    try:
        cofounders.take_back(asked, by=request.user)
    except Refused as refused:
        messages.info(request, refused.sentence)
    else:
        messages.success(request, _("Taken back. Their link opens nothing any more."))
    return redirect("founding_people")


@of_own
@require_POST
def founding_open(request, founding):
    """POST. Open the text once more; whoever agreed is asked anew."""
    drafts.open_again(founding, by=request.user)
    messages.success(
        request, _("The text is open again. Whoever agreed to it is asked once more.")
    )
    return redirect("founding_charter")


@of_own
@require_http_methods(["GET", "HEAD", "POST"])
def founding_review(request, founding):
    """GET, POST. All of it once more; then it goes to the steward."""
    founders = doors.founders_of(founding)
    context = _context(request, founding, "review", founders)
    if request.method == "POST":
        try:
            circle = drafts.propose(founding, by=request.user)
        except Refused as refused:
            context["refused"] = refused.sentence
        else:
            messages.success(request, _("Proposed. You all get a letter with the answer."))
            return redirect("own_proposal", circle.public_id)
    context |= {
        "circle": doors.as_circle(founding),
        "parameters": founding.parameters,
        "kinds": dict(ParameterForm().fields["kind"].choices),
        "effect": policy.effect(founding.charter) if context["done"]["rules"] else [],
    }
    return render(request, "circles/founding_review.html", context)


@of_own
@require_http_methods(["GET", "HEAD", "POST"])
def founding_drop(request, founding):
    """GET, POST. Ask once more, then give it up."""
    if request.method == "POST":
        try:
            drafts.drop(founding, by=request.user)
        except Refused as refused:
            messages.info(request, refused.sentence)
        else:
            messages.success(request, _("Given up. Nobody is asked about it any more."))
        return redirect("circle_list")
    return render(request, "circles/founding_drop.html", _context(request, founding))


def _typed(request):
    """What was sent, and whether it is only to be kept for later."""
    return (request.POST, "later" in request.POST) if request.method == "POST" else (None, False)


def _kept(request, founding, step, form, sound, later, **written):
    """Keep what was written and say where to go on; None where something is not right."""
    try:
        drafts.write(founding, step, by=request.user, sound=sound and not later, **written)
    except Refused as refused:
        if form is None:
            messages.warning(request, refused.sentence)
            return redirect("founding_people")
        form.refuse(refused)
        return None
    if later:
        messages.success(request, _("Kept. You can go on whenever you like."))
        return redirect("founding_page")
    if not sound:
        return None
    pages = [*PAGES.values(), "founding_review"]
    return redirect(pages[pages.index(PAGES[step]) + 1])


def _euros(cents) -> str:
    return f"{cents / 100:.2f}".replace(".00", "") if cents else ""


def _context(request, founding, step: str = "", founders=None) -> dict:
    founders = doors.founders_of(founding) if founders is None else founders
    return {
        "place": "circles",
        "founding": founding,
        "founders": founders,
        "step": step,
        "done": drafts.steps_done(founding, founders),
        "is_agreed": any(row.agreed and not row.is_lead for row in founders),
    }
