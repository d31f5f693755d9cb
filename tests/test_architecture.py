"""The house stands as it was drawn: floors, no circles, small modules, and nobody's name taken."""

from __future__ import annotations

import ast
import importlib
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import networkx as nx
import pytest

import borderless

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "coverage" / "borderless"
# From the ground up; parts that share a floor are unaware of each other.
FLOORS = (
    {"errors"},
    {"store", "executor"},
    {"cache"},
    {"study"},
    {"roads"},
    {"sources"},
    {"demand", "network_files"},
    {"fit"},
    {"region"},
    {"analysis"},
    {"condense", "fetch", "maps"},
    {"report", "terminal"},
    {"verbs"},
    {"cli"},
)
LEVEL = {part: level for level, parts in enumerate(FLOORS) for part in parts}
# Tests of several modules together.
ACROSS = {"analysis.invariants", "analysis.second_opinion", "maps.explorer_page"}
MAIN_JOB = "python3 -m venv .venv && .venv/bin/pip install -e . && .venv/bin/borderless run"
TESTS = "python3 -m venv .venv && .venv/bin/pip install -e '.[test]' && .venv/bin/pytest"

SOURCES = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts): path.read_text(encoding="utf-8")
    for path in sorted(PACKAGE.rglob("*.py"))
}
TREES = {name: ast.parse(text) for name, text in SOURCES.items()}


def imports(tree: ast.AST) -> Iterator[str]:
    """Yield the modules of the package that a tree imports, anywhere in it, without ``borderless.``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno} imports relatively: floors cannot be read from that"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            head, _, rest = name.partition(".")
            if head == "borderless":
                known = (module for module in (rest, rest.rpartition(".")[0]) if module in SOURCES)
                yield next(known, f"{rest}.__init__")


def pairs() -> set[tuple[str, str]]:
    """Return (module, module it imports) for the whole package but its own front door."""
    return {(name, other) for name, tree in TREES.items() if name != "__init__" for other in imports(tree)}


def part(module: str) -> str:
    return module.split(".", maxsplit=1)[0]


def test_every_part_of_the_package_has_its_floor() -> None:
    assert {part(name) for name in SOURCES} - {"__init__"} == set(LEVEL)


def test_the_walk_finds_the_imports() -> None:
    found = pairs()
    assert {
        ("cli", "region"),
        ("analysis.coverage", "analysis.basing"),
        ("network_files", "roads.pack"),
    } <= found
    assert ("analysis.results", "cache") in found  # from borderless import cache
    assert len({name for name, _ in found}) > 30


def test_no_import_goes_up_or_sideways() -> None:
    wrong = [
        f"{name} imports {other}"
        for name, other in sorted(pairs())
        if part(name) != part(other) and LEVEL.get(part(other), 99) >= LEVEL[part(name)]
    ]
    assert wrong == []


def test_no_import_goes_in_a_circle() -> None:
    assert list(nx.simple_cycles(nx.DiGraph(pairs()))) == []


def test_results_know_nothing_of_maps_and_the_core_draws_nothing() -> None:
    drawing = {"folium", "branca", "rich", "typer", "jinja2"}
    allowed = {"maps", "report", "terminal", "verbs", "cli"}
    for name, tree in TREES.items():
        nodes = list(ast.walk(tree))
        found = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
        found |= {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
        assert part(name) in allowed or not {part(module) for module in found} & drawing, name


@pytest.mark.parametrize("name", SOURCES)
def test_a_module_says_what_it_is_for_and_stays_small(name: str) -> None:
    first = (ast.get_docstring(TREES[name]) or "").partition("\n")[0]
    assert first.endswith((".", ":")), f"the first line of {name} should be a sentence, is {first!r}"
    assert len(SOURCES[name].splitlines()) <= 400


@pytest.mark.parametrize("name", SOURCES)
def test_functions_fit_on_a_screen(name: str) -> None:
    functions = [node for node in ast.walk(TREES[name]) if isinstance(node, ast.FunctionDef)]
    long = {f.name: lines for f in functions if (lines := _code_lines(f)) >= 60}
    assert long == {}


def _code_lines(function: ast.FunctionDef) -> int:
    """Return the lines of a function without its docstring."""
    last = function.end_lineno or function.lineno
    first = function.body[0]
    told = (first.end_lineno or 0) - first.lineno + 1 if ast.get_docstring(function) else 0
    return last - function.lineno + 1 - told


def test_nothing_is_left_unfinished() -> None:
    left = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError)\b")
    assert [name for name, text in SOURCES.items() if left.search(text)] == []


def test_public_names_are_sorted_and_there() -> None:
    # The order of ruff: constants, classes, the rest.
    names = borderless.__all__
    kind = {name: (not name.isupper(), name[0].islower()) for name in names}
    assert names == sorted(names, key=lambda name: (kind[name], name))
    assert len(names) == len(set(names))
    assert [name for name in names if not hasattr(borderless, name)] == []
    documented = [name for name in names if not name.isupper() and name != "UNREACHABLE"]
    assert [name for name in documented if not getattr(borderless, name).__doc__] == []


def test_the_front_door_only_passes_names_on() -> None:
    body = TREES["__init__"].body[1:]
    assert all(isinstance(node, ast.ImportFrom) for node in body[:-1])
    passed = {alias.name for node in body[:-1] if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert passed == set(borderless.__all__)


def test_coverage_py_keeps_its_name() -> None:
    assert not (ROOT / "coverage" / "__init__.py").exists()
    script = "import coverage; print(coverage.Coverage.__module__, coverage.__file__)"
    told = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert told[0].startswith("coverage.")
    assert not Path(told[1]).is_relative_to(ROOT / "coverage")


def test_compiled_code_calls_nothing_compiled_in_another_module() -> None:
    # numba keeps machine code on disk by a function's own file: a change elsewhere would not reach it
    compiled: dict[str, set[str]] = {}
    for name, tree in TREES.items():
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        marks = {f.name: " ".join(ast.unparse(mark) for mark in f.decorator_list) for f in functions}
        compiled[name] = {f for f, mark in marks.items() if "njit" in mark or "intrinsic" in mark}
    assert compiled["roads.sweep"] >= {"sweep", "lay_out"}
    for name, own in compiled.items():
        taken = {
            alias.name
            for node in ast.walk(TREES[name])
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
            if alias.name in compiled.get((node.module or "").removeprefix("borderless."), ())
        }
        assert not (own and taken), f"{name} is compiled and calls {taken}"


def test_the_tests_mirror_the_package() -> None:
    homes = {part(name) for name in SOURCES if (PACKAGE / part(name)).is_dir()}
    folders = {path.parent.name for path in (ROOT / "tests").glob("*/test_*.py")}
    assert folders <= homes
    for path in (ROOT / "tests").glob("*/test_*.py"):
        subject = f"{path.parent.name}.{path.stem.removeprefix('test_')}"
        assert subject in SOURCES or subject in ACROSS, path


def test_the_command_is_the_one_that_is_documented() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    module, _, function = project["scripts"]["borderless"].partition(":")
    assert callable(getattr(importlib.import_module(module), function))
    assert "test" in project["optional-dependencies"]


@pytest.mark.parametrize("command", [MAIN_JOB, TESTS])
def test_the_readme_opens_with_the_main_job_and_the_tests(command: str) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```\w*\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)
    joined = [" ".join(block.replace("\\\n", " ").split()) for block in blocks[:2]]
    assert any(command in block for block in joined)


def test_the_tools_for_the_pages_scripts_are_pinned_and_tied_to_no_registry() -> None:
    folder = ROOT / "tests" / "javascript"
    wanted = json.loads((folder / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    locked = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert {name: locked[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert [name for name, entry in locked.items() if "resolved" in entry] == []
    assert [name for name, entry in locked.items() if name and "integrity" not in entry] == []
