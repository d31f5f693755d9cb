"""Results of the two counties for pages, with names, roads and isochrones to draw, tame or hostile."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import shapely

import two_counties
from borderless.analysis.compare import compare
from borderless.analysis.coverage import cover
from borderless.analysis.results import Results
from borderless.analysis.times import response_times
from borderless.region import Region
from borderless.study.read import DEFAULT_SPEEDS

GRID = "EPSG:27700"
# Each would run, or be worked out, in some sink of a page that is put together carelessly.
HOSTILE = (
    "{{7*7}}",
    "{% raw %}",
    "{# note #}{{ cycler.__init__ }}",
    "${alert(1)}",
    "`+alert(1)+`",
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "<!--<script>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "\\u003cimg src=x onerror=alert(1)\\u003e",
    "&lt;b&gt;bold&lt;/b&gt;",
    "right\u202eot tfel\u2028line",
    "]]>{{'a'*9}}<plaintext>",
)


def tame() -> Results:
    """Return the two counties with a motorway, a town and circles for isochrones."""
    return _results(_drawn(two_counties.region()))


def hostile(shift: int = 0) -> Results:
    """Return the same with a hostile string wherever a file could bring one; `shift` deals them out anew."""
    bad = HOSTILE[shift:] + HOSTILE[:shift]
    region = _drawn(two_counties.region())
    new = dict(zip(region.study.force_names, (bad[0], bad[5], bad[6]), strict=True))
    study = replace(
        region.study,
        name=bad[8],
        forces=replace(
            region.study.forces,
            alliance=tuple(new[f] for f in region.study.forces.alliance),
            outside=tuple(new[f] for f in region.study.forces.outside),
        ),
        scenarios=tuple(
            replace(s, label=f"{s.label} {bad[i]}", explanation=bad[4])
            for i, s in enumerate(region.study.scenarios)
        ),
        sources=(bad[5], bad[9]),
        notes=(f"Draft: {bad[10]}",),
    )
    stations = region.stations.assign(name=[bad[5], bad[0], bad[13]], role=[bad[6], "response", bad[3]])
    count = len(region.demand)
    table = region.demand.table.assign(place=[bad[i % len(bad)] for i in range(count)])
    drawing = region.drawing.assign(ref=bad[7])
    places = gpd.GeoDataFrame(
        {"name": list(bad), "kind": "town"},
        geometry=[shapely.Point(400_000 + 2_000 * i, 300_200) for i in range(len(bad))],
        crs=GRID,
    )
    for frame in (stations, table):
        frame["force"] = frame["force"].map(new)
    return _results(
        replace(
            region,
            study=study,
            stations=stations,
            forces=region.forces.assign(force=region.forces["force"].map(new)),
            demand=replace(region.demand, table=table),
            drawing=drawing,
            places=places,
        )
    )


def _drawn(region: Region) -> Region:
    """Return the region with every setting at its default, and something to draw."""
    north, south = shapely.Point(430_000, 302_000), shapely.Point(402_000, 300_200)
    return replace(
        region,
        study=replace(region.study, speeds=DEFAULT_SPEEDS),
        places=gpd.GeoDataFrame(
            {"name": ["Northam", "Ashby"], "kind": ["town", "city"]}, geometry=[north, south], crs=GRID
        ),
        drawing=gpd.GeoDataFrame(
            {"highway": ["motorway", "motorway_link", "residential"], "ref": ["M1", "", ""], "name": ""},
            geometry=[
                shapely.LineString([(399_600, 300_000), (410_000, 300_050), (435_000, 300_000)]),
                shapely.LineString([(410_000, 300_050), (410_200, 300_200)]),
                shapely.LineString([(420_000, 300_000), (420_100, 300_200)]),
            ],
            crs=GRID,
        ),
    )


def _results(region: Region) -> Results:
    times = response_times(region)
    coverages = {scenario.name: cover(times, scenario) for scenario in region.study.scenarios}
    baseline, *others = coverages.values()
    rings = [
        (name, minutes, shapely.union_all(region.stations.geometry.buffer(minutes * 500.0).to_numpy()))
        for name in coverages
        for minutes in (5, 10)
    ]
    frame = gpd.GeoDataFrame(
        rings, columns=["scenario", "minutes", "geometry"], geometry="geometry", crs=GRID
    )
    return Results(region, times, coverages, {c.scenario.name: compare(baseline, c) for c in others}, frame)
