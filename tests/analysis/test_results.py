"""Everything the main job finds out, from one matrix of times, the same from the cache as computed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import two_counties
from borderless.analysis.results import Results, analyse
from borderless.region import load_region
from borderless.study.policy import NAMED_SCENARIOS, SEPARATE
from borderless.study.read import read_study


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    path = two_counties.write_files(tmp_path_factory.mktemp("results"))
    own = '\n[scenarios.own]\nborders = "if_faster"\nmin_gain_s = 60\n'
    path.write_text(two_counties.STUDY + own, encoding="utf-8")
    return analyse(load_region(path))


def test_every_scenario_is_covered_with_the_baseline_first(results: Results) -> None:
    assert list(results.coverages) == [*(scenario.name for scenario in NAMED_SCENARIOS), "own"]
    assert list(results.comparisons) == [name for name in results.coverages if name != SEPARATE.name]


def test_every_comparison_is_with_the_baseline_and_from_the_same_times(results: Results) -> None:
    for name, comparison in results.comparisons.items():
        assert comparison.baseline is results.coverages["separate"]
        assert comparison.scenario is results.coverages[name]
        assert comparison.scenario.times is results.times


def test_isochrones_are_drawn_for_every_scenario(results: Results) -> None:
    assert results.isochrones.columns.tolist() == ["scenario", "minutes", "geometry"]
    assert results.isochrones["scenario"].tolist() == [name for name in results.coverages for _ in range(4)]
    assert results.isochrones["minutes"].tolist() == [5, 10, 15, 20] * len(results.coverages)
    assert results.isochrones.crs == "EPSG:27700"


def test_results_from_the_cache_equal_computed_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BORDERLESS_CACHE", str(tmp_path / "cache"))
    path = two_counties.write_files(tmp_path / "study")
    first, second = (analyse(load_region(path)) for _ in range(2))
    assert np.array_equal(first.times.travel_ms, second.times.travel_ms)
    assert first.times.travel_ms.dtype == second.times.travel_ms.dtype
    for name, coverage in first.coverages.items():
        pd.testing.assert_frame_equal(coverage.table, second.coverages[name].table)
    assert first.isochrones.geometry.geom_equals_exact(second.isochrones.geometry, 0).all()


def test_a_region_changed_in_memory_is_asked_anew(tmp_path: Path) -> None:
    region = load_region(two_counties.write_files(tmp_path))
    before = analyse(region)
    # every station moves to the place of the first
    moved = replace(region, station_snap=region.station_snap.take([0, 0, 0]))
    after = analyse(moved)
    assert np.array_equal(after.times.travel_ms, before.times.travel_ms[[0, 0, 0]])
    assert not after.isochrones.geometry.geom_equals(before.isochrones.geometry).all()


def test_what_is_kept_for_one_alliance_is_not_told_for_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = two_counties.write_files(tmp_path / "study")

    def areas(cache: str, partners: tuple[str, ...]) -> gpd.GeoSeries:
        monkeypatch.setenv("BORDERLESS_CACHE", str(tmp_path / cache))
        return analyse(load_region(read_study(path).with_partners(partners))).isochrones.geometry

    for partners in ((), ("North",), ()):
        shared, fresh = areas("shared", partners), areas(f"for {partners}", partners)
        assert shared.geom_equals_exact(fresh, 0).all()
    assert not areas("shared", ()).geom_equals(areas("shared", ("North",))).all()


def test_stages_are_told_as_they_begin(tmp_path: Path) -> None:
    stages: list[str] = []
    analyse(load_region(two_counties.write_files(tmp_path)), on_stage=stages.append)
    assert len(stages) == len(set(stages)) >= 3
