"""Ways are cut where something stands on them, and parted where nothing passes."""

from __future__ import annotations

from pathlib import Path

import pytest

from borderless.errors import ProblemLog
from borderless.roads.tables import RoadTables
from borderless.sources.osm import read_osm
from little_map import BY_STREET_S, NODE, ROUND_S, STREET, Ways, osm_text, seconds, ways

BOTH, NEITHER = (BY_STREET_S, BY_STREET_S), (ROUND_S, ROUND_S)
BOLLARD = {"barrier": "bollard"}


def read(tmp_path: Path, every: Ways, nodes: dict[str, dict[str, str]]) -> RoadTables:
    path = tmp_path / "roads.osm"
    path.write_text(osm_text(every, nodes), encoding="utf-8")
    return read_osm(path, ProblemLog())


def ends(found: RoadTables) -> list[tuple[str, str]]:
    name = found.nodes["id"].to_numpy()
    return list(zip(name[found.streets["tail"]], name[found.streets["head"]], strict=True))


def test_both_sides_lead_up_to_a_barrier(tmp_path: Path) -> None:
    found = read(tmp_path, ways(STREET), {"G": BOLLARD})
    assert {("1", "7:1"), ("7:2", "2")} <= set(ends(found)) or {("1", "7:2"), ("7:1", "2")} <= set(
        ends(found)
    )
    parts = found.nodes[found.nodes["id"].str.startswith("7:")]
    assert parts["x"].nunique() == parts["y"].nunique() == 1
    assert found.streets["length_m"].sum() == pytest.approx(10_000, rel=1e-4)


def test_ways_that_meet_end_to_end_at_a_barrier_are_parted(tmp_path: Path) -> None:
    halves: Ways = [(200, "AG", STREET), (201, "GHB", STREET)]
    every = [way for way in ways(STREET) if way[0] != 200] + halves
    assert seconds(read(tmp_path, every, {})) == BOTH
    assert seconds(read(tmp_path, every, {"G": BOLLARD})) == NEITHER


def test_at_a_junction_the_way_that_runs_through_passes_beside_the_barrier(tmp_path: Path) -> None:
    # C to H ends at H, where the street under test runs through
    side: Ways = [(201, "CH", STREET)]
    found = read(tmp_path, ways(STREET, side), {"H": BOLLARD})
    assert seconds(found) == BOTH
    meeting = [pair for pair in ends(found) if str(NODE["H"]) in {name.partition(":")[0] for name in pair}]
    assert len({name for pair in meeting for name in pair if name.startswith("8")}) == 2


def test_where_all_ways_end_at_a_barrier_none_passes(tmp_path: Path) -> None:
    pieces: Ways = [(200, "AGH", STREET), (201, "CH", STREET), (202, "HB", STREET)]
    every = [way for way in ways(STREET) if way[0] != 200] + pieces
    assert seconds(read(tmp_path, every, {"H": BOLLARD})) == NEITHER


def test_a_barrier_at_the_end_of_a_dead_end_changes_nothing(tmp_path: Path) -> None:
    every = [(number, path.replace("AGHB", "AGH"), tags) for number, path, tags in ways(STREET)]
    assert ends(read(tmp_path, every, {"H": BOLLARD})) == ends(read(tmp_path, every, {}))


@pytest.mark.parametrize(
    ("tags", "control"),
    [
        ({"highway": "traffic_signals"}, "signals"),
        ({"highway": "traffic_signals", "traffic_signals:direction": "forward"}, "signals:forward"),
        ({"highway": "stop", "direction": "backward"}, "stop:backward"),
        ({"highway": "give_way", "direction": "forward"}, "give_way:forward"),
        ({"highway": "mini_roundabout", "direction": "clockwise"}, "mini_roundabout"),
        ({"highway": "crossing", "crossing": "traffic_signals"}, "signal_crossing"),
        ({"highway": "crossing", "crossing": "zebra"}, "crossing"),
    ],
)
def test_controls_are_nodes_of_their_own(tmp_path: Path, tags: dict[str, str], control: str) -> None:
    found = read(tmp_path, ways(STREET), {"G": tags})
    held = found.nodes.set_index("id")["control"]
    assert held[held != ""].to_dict() == {str(NODE["G"]): control}
    assert seconds(found) == BOTH


def test_a_direction_means_nothing_where_ways_meet(tmp_path: Path) -> None:
    tags = {"highway": "stop", "direction": "forward"}
    found = read(tmp_path, ways(STREET), {"B": tags})
    assert found.nodes.set_index("id").loc[str(NODE["B"]), "control"] == "stop"


@pytest.mark.parametrize("tags", [{"highway": "bus_stop"}, {"highway": "crossing", "crossing": "unmarked"}])
def test_other_points_cut_nothing(tmp_path: Path, tags: dict[str, str]) -> None:
    assert ends(read(tmp_path, ways(STREET), {"G": tags})) == ends(read(tmp_path, ways(STREET), {}))
