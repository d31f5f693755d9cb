"""People: counts of the census from Nomis, joined by code to where they live from the ONS portal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlencode

import pandas as pd

from borderless.errors import FetchError
from borderless.fetch.arcgis import Layer, fetch_features
from borderless.fetch.endpoints import Endpoint
from borderless.fetch.http import BadAnswerError, Client, Request

REMEDY = "try again later, or use a local table: [[demand]] in study.toml"
_LAYER = Layer("population centroids", code=r"(LSOA|OA)\d\dCD")
_CODE, _COUNT, _ALL = "GEOGRAPHY_CODE", "OBS_VALUE", "RECORD_COUNT"
# What Nomis sends at once to those who do not sign in.
_PAGE_ROWS = 25_000
_DECIMALS = 6


def fetch_population(
    client: Client, centroids: Endpoint, counts: Endpoint, box: tuple[float, float, float, float]
) -> pd.DataFrame:
    """Fetch how many people live where.

    Parameters
    ----------
    client
        Asks for it.
    centroids
        The layer of population-weighted centroids.
    counts
        The table of residents by area code.
    box
        West, south, east, north, degrees: centroids beyond it are left out.

    Returns
    -------
    DataFrame
        Columns id (area code), population (int64), lon, lat (degrees), sorted by id.

    Raises
    ------
    FetchError
        When either cannot be had whole, or a centroid has no count.
    """
    places = fetch_features(client, centroids, _LAYER, box)
    people = _fetch_counts(client, counts)
    unknown = [code for code in places["code"] if code not in people]
    if unknown:
        shown = ", ".join([*unknown[:5], *(["…"] if unknown[5:] else [])])
        why = f"has no count for {len(unknown):,} of {len(places):,} areas ({shown})"
        raise FetchError("population", counts.server, why, "check that both endpoints are of one census")
    return pd.DataFrame(
        {
            "id": places["code"],
            "population": [people[code] for code in places["code"]],
            "lon": places.geometry.x.round(_DECIMALS),
            "lat": places.geometry.y.round(_DECIMALS),
        }
    )


def _fetch_counts(client: Client, endpoint: Endpoint) -> dict[str, int]:
    found: dict[str, int] = {}
    while True:
        query = {
            "select": f"{_CODE},{_COUNT},{_ALL}".lower(),
            "recordlimit": str(_PAGE_ROWS),
            "recordoffset": str(len(found)),
        }
        url = f"{endpoint.url}{'&' if '?' in endpoint.url else '?'}{urlencode(query)}"
        what = f"population, from row {len(found):,}"
        request = Request(what, endpoint.name, url, _page_check(found), REMEDY)
        page, count = _read_page(client.get(request).path)
        found |= page
        if len(found) >= count:
            return found


def _page_check(before: Mapping[str, int]) -> Callable[[Path], None]:
    def check(path: Path) -> None:
        page, count = _read_page(path)
        expected = min(_PAGE_ROWS, count - len(before))
        if page.keys() & before.keys():
            raise BadAnswerError("sent areas again that it had sent before")
        if len(page) != expected:
            raise BadAnswerError(f"sent {len(page):,} areas where there should be {expected:,}")

    return check


def _read_page(path: Path) -> tuple[dict[str, int], int]:
    """Return people by area code, and how many areas there are on all pages."""
    try:
        rows = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
        rows.columns = rows.columns.str.strip().str.upper()
        counts = {int(text) for text in rows[_ALL]}
        page = {code: int(text) for code, text in zip(rows[_CODE], rows[_COUNT], strict=True)}
    except (ValueError, KeyError, pd.errors.ParserError) as error:
        raise BadAnswerError(f"sent no table of {_CODE}, {_COUNT} and {_ALL} ({error!r:.80})") from error
    if len(counts) != 1 or len(page) != len(rows) or min(page.values()) < 0:
        raise BadAnswerError("sent a table that contradicts itself")
    return page, counts.pop()
