"""The house rules a reviewer should never have to say twice."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FLOORS = ["kring.lib", "members", "circles", "questions"]  # each may import those before it
CODE = [
    path
    for app in FLOORS[1:]
    for path in (ROOT / app).rglob("*.py")
    if "migrations" not in path.parts
]
CELLAR = list((ROOT / "platform/kring/lib").rglob("*.py"))
DOORS = [
    path
    for path in CODE
    if path.name in {"views.py", "tasks.py"} or "views" in path.relative_to(ROOT).parts
]


def imports(path: Path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", CODE, ids=name)
def test_imports_only_go_down(path):
    floor = FLOORS.index(path.relative_to(ROOT).parts[0])
    for module in imports(path):
        if module.split(".")[0] in {"kring", *FLOORS}:
            below = FLOORS[: floor + 1]
            assert any(f"{module}.".startswith(f"{room}.") for room in below), (
                f"{module}: upstairs"
            )


@pytest.mark.parametrize("path", CELLAR, ids=name)
def test_the_cellar_knows_no_app(path):
    for module in imports(path):
        assert module.split(".")[0] not in FLOORS
        assert not module.startswith("kring.") or module.startswith("kring.lib")


@pytest.mark.parametrize("path", DOORS, ids=name)
def test_views_and_tasks_never_reach_for_rows(path):
    touched = {
        node.attr
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
    }
    assert not touched & {"objects", "save", "delete", "bulk_create"}


@pytest.mark.parametrize("path", CODE + CELLAR, ids=name)
def test_every_room_says_what_it_is(path):
    assert path.stat().st_size == 0 or ast.get_docstring(ast.parse(path.read_text()))


def test_platform_never_hides_python_s_own():
    """An __init__.py there would hide the module `platform`, and nothing would start."""
    assert not (ROOT / "platform/__init__.py").exists()


def test_no_session_level_setting_is_left_on_a_connection():
    """Settings about who acts end with their transaction: never `set`, always set_config(…, true)."""
    for path in [*CODE, *(ROOT / "platform").rglob("*.py")]:
        source = path.read_text().lower()
        assert "set kring." not in source
        assert "set session" not in source
        for call in source.split("set_config(")[1:]:
            assert call.split(")")[0].rstrip().endswith("true"), path


@pytest.mark.parametrize("path", CODE + CELLAR, ids=name)
def test_no_text_hides_inside_an_f_string(path):
    """Where gettext is called within an f-string, nobody collects the text for translation."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.JoinedStr):
            called = {
                n.func.id
                for n in ast.walk(node)
                if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
            }
            assert not called & {"_", "gettext", "ngettext", "pgettext"}
