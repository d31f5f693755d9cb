"""One table of servers, each with licence and attribution, and other addresses for all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from borderless.errors import InputError
from borderless.fetch.endpoints import endpoint_table, read_endpoints


def test_every_endpoint_has_an_address_a_licence_and_an_attribution() -> None:
    table = endpoint_table()
    assert set(table) == {"extracts", "overpass", "forces", "centroids", "population", "police_uk"}
    for one in table.values():
        assert one.url.startswith("https://")
        assert one.what and one.licence and one.attribution and one.edition
        assert one.licence.split()[0] in one.attribution
        assert one.given_by == ""


def test_a_variable_counts_more_than_the_study_and_the_study_more_than_the_table(tmp_path: Path) -> None:
    study = tmp_path / "study.toml"
    study.write_text('[endpoints]\nforces = "https://a.example/0"\noverpass = "http://b.example/api"\n')
    found = read_endpoints(study, {"BORDERLESS_ENDPOINT_FORCES": "https://c.example/0", "OTHER": "x"})
    assert (found["forces"].url, found["forces"].given_by) == (
        "https://c.example/0",
        "BORDERLESS_ENDPOINT_FORCES",
    )
    assert (found["overpass"].url, found["overpass"].given_by) == ("http://b.example/api", "study.toml")
    assert found["overpass"].server == "b.example"
    assert found["overpass"].edition == "edition not known"
    assert found["extracts"] == endpoint_table()["extracts"]


def test_the_edition_of_another_layer_is_the_one_in_its_address() -> None:
    url = (
        "https://services1.example/x/arcgis/rest/services/Police_Force_Areas_Dec_2024_EW_BGC/FeatureServer/0"
    )
    found = read_endpoints(None, {"BORDERLESS_ENDPOINT_FORCES": url})
    assert found["forces"].edition == "Police Force Areas Dec 2024 EW BGC"


def test_the_process_own_variables_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BORDERLESS_ENDPOINT_POPULATION", "https://d.example/x.csv")
    assert read_endpoints(None)["population"].url == "https://d.example/x.csv"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('[endpoints]\nforce = "https://a.example"', r"no such endpoint.*did you mean forces\?"),
        ('[endpoints]\nforces = "file:///etc/passwd"', "is not a web address"),
        ('[endpoints]\nforces = "https://"', "is not a web address"),
        ("[endpoints]\nforces = 3", "is not a web address"),
        ("endpoints = 3", "must be a table"),
        ("endpoints = ", "cannot be read as a study"),
    ],
)
def test_wrong_addresses_are_told(text: str, why: str, tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text(text)
    with pytest.raises(InputError, match=why):
        read_endpoints(tmp_path / "study.toml", {})


def test_a_study_that_is_not_there_and_an_unknown_variable_are_told_together(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_endpoints(tmp_path / "gone.toml", {"BORDERLESS_ENDPOINT_FORSES": "https://a.example"})
    assert len(caught.value.problems) == 2
