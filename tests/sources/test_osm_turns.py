"""Turn restrictions between street pieces, as far as they hold for a police car."""

from __future__ import annotations

from pathlib import Path

import pytest

from borderless.errors import ProblemLog
from borderless.roads.tables import RoadTables
from borderless.sources.osm import read_osm
from little_map import NODE, STREET, Ways, osm_text, ways

# from the street under test at B into the ring
TURN = [("from", "way", 200), ("via", "node", NODE["B"]), ("to", "way", 101)]


def relation(
    members: list[tuple[str, str, int]], tags: dict[str, str], number: int = 1, mark: str = ""
) -> str:
    inside = "".join(f'<member type="{kind}" ref="{ref}" role="{role}"/>' for role, kind, ref in members)
    inside += "".join(
        f'<tag k="{key}" v="{value}"/>' for key, value in {"type": "restriction", **tags}.items()
    )
    return f'<relation id="{number}" version="1" {mark}>{inside}</relation>'


def read(
    tmp_path: Path, *relations: str, more: Ways | None = None, gates: bool = True
) -> tuple[RoadTables, str]:
    path, log = tmp_path / "roads.osm", ProblemLog()
    path.write_text(osm_text(ways(STREET, more), relations="".join(relations)), encoding="utf-8")
    found = read_osm(path, log, bus_gates=gates)
    return found, "; ".join(problem.why for problem in log if problem.why.startswith("left out"))


def turns(found: RoadTables) -> list[tuple[set[str], str, set[str], str]]:
    name = found.nodes["id"].to_numpy()
    ends = [{name[t], name[h]} for t, h in found.streets[["tail", "head"]].to_numpy()]
    rows = found.restrictions.itertuples(index=False)
    return [(ends[row.from_street], name[row.via_node], ends[row.to_street], row.kind) for row in rows]


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"restriction": "no_left_turn"}, "no"),
        ({"restriction": "only_straight_on"}, "only"),
        ({"restriction:motorcar": "no_right_turn"}, "no"),
        ({"restriction": "no_left_turn", "restriction:motorcar": "only_left_turn"}, "only"),
        ({"restriction": "no_left_turn", "except": "bicycle"}, "no"),
    ],
)
def test_restrictions_are_told_by_street_and_node(tmp_path: Path, tags: dict[str, str], kind: str) -> None:
    found, told = read(tmp_path, relation(TURN, tags))
    assert turns(found) == [({"1", "2"}, "2", {"2", "6"}, kind)]
    assert told == ""


@pytest.mark.parametrize("who", ["emergency", "motorcar", "bicycle;motor_vehicle", "psv", "bus;taxi"])
def test_exceptions_for_the_police_are_none_of_its_business(tmp_path: Path, who: str) -> None:
    tags = {"restriction": "no_left_turn", "except": who}
    found, told = read(tmp_path, relation(TURN, tags))
    assert (turns(found), told) == ([], "")
    strict, _ = read(tmp_path, relation(TURN, tags), gates=False)
    assert len(strict.restrictions) == ("psv" in who or "bus" in who)


@pytest.mark.parametrize(
    ("members", "tags", "why"),
    [
        (TURN, {"restriction:conditional": "no_left_turn @ (07:00-09:00)"}, "1 conditional turn restriction"),
        (
            [TURN[0], ("via", "way", 101), ("to", "way", 102)],
            {"restriction": "no_u_turn"},
            "1 turn restriction by way of a street",
        ),
        (TURN[:2], {"restriction": "no_left_turn"}, "1 incomplete turn restriction"),
        ([*TURN[:2], ("to", "way", 999)], {"restriction": "no_left_turn"}, "1 incomplete turn restriction"),
        ([TURN[0], ("via", "node", 4), TURN[2]], {"restriction": "no_left_turn"}, "1 incomplete turn"),
        (TURN, {"restriction": "perhaps"}, "1 turn restriction of an unknown kind"),
    ],
)
def test_what_cannot_be_followed_is_counted(
    tmp_path: Path, members: list[tuple[str, str, int]], tags: dict[str, str], why: str
) -> None:
    found, told = read(tmp_path, relation(members, tags))
    assert found.restrictions.empty
    assert why in told


def test_a_condition_beside_a_restriction_is_counted(tmp_path: Path) -> None:
    tags = {"restriction": "no_left_turn", "restriction:conditional": "no_u_turn @ (22:00-06:00)"}
    found, told = read(tmp_path, relation(TURN, tags))
    assert len(found.restrictions) == 1
    assert told == "left out: 1 conditional turn restriction"


def test_deleted_restrictions_do_not_hold(tmp_path: Path) -> None:
    gone = relation(TURN, {"restriction": "no_left_turn"}, mark='visible="false"')
    found, told = read(tmp_path, gone)
    assert found.restrictions.empty
    assert told == "left out: 1 deleted object"


def test_of_a_way_that_runs_through_the_node_the_half_that_can_be_driven_is_meant(tmp_path: Path) -> None:
    # one way from C by G to D, past the middle of the street under test
    more: Ways = [(201, "CGD", STREET | {"oneway": "yes"})]
    members = [("from", "way", 201), ("via", "node", NODE["G"]), ("to", "way", 201)]
    found, _ = read(tmp_path, relation(members, {"restriction": "no_straight_on"}), more=more)
    assert turns(found) == [({"3", "7"}, "7", {"7", "4"}, "no")]


def test_several_entries_and_exits_make_several_turns(tmp_path: Path) -> None:
    more: Ways = [(201, "BC", STREET)]
    members = [*TURN, ("to", "way", 201)]
    found, _ = read(tmp_path, relation(members, {"restriction": "no_exit"}), more=more)
    assert len(found.restrictions) == 2


def test_other_formats_have_an_empty_table(tmp_path: Path) -> None:
    found, _ = read(tmp_path)
    assert found.restrictions.columns.tolist() == ["from_street", "via_node", "to_street", "kind"]
    assert found.restrictions.empty
