"""The gate: whatever a file brings in, a page shows it as text and nothing else."""

from __future__ import annotations

import base64
import html
import json
import re
import zlib

import numpy as np
import pytest
from jinja2 import Template
from markupsafe import Markup

from borderless.maps.canvas import Asset, Page, asset, markup, pack, text
from map_results import HOSTILE


@pytest.mark.parametrize("value", HOSTILE)
def test_escaped_text_has_no_character_that_html_javascript_or_jinja_reads(value: str) -> None:
    escaped = str(text(value))
    assert not re.search(r"[<>\"'`${}\\\u2028\u2029]", escaped)
    assert html.unescape(escaped) == value


@pytest.mark.parametrize("value", HOSTILE)
def test_escaped_text_survives_a_second_compilation_as_a_template(value: str) -> None:
    assert Template(str(text(value))).render() == str(text(value))


def test_control_characters_become_spaces_and_lone_surrogates_a_replacement() -> None:
    assert text("a\x00b\x1bc\x85d") == "a b c d"
    assert text("a\ud800b") == "a\ufffdb"


def test_markup_escapes_values_and_keeps_markup() -> None:
    inner = markup("<b>{x}</b>", x="<i>")
    assert markup("<p>{inner}{plain}</p>", inner=inner, plain="<i>") == "<p><b>&lt;i&gt;</b>&lt;i&gt;</p>"


def test_a_value_is_not_a_template_for_the_next_value() -> None:
    assert markup("{a}{b}", a="{b}", b="2") == "&#123;b&#125;2"


def test_a_page_takes_no_plain_string_as_body() -> None:
    with pytest.raises(TypeError, match="markup"):
        Page("t").body("<p>plain</p>")  # type: ignore[arg-type]


@pytest.mark.parametrize("value", HOSTILE)
def test_title_and_body_reach_the_page_unevaluated(value: str) -> None:
    page = Page(value).body(markup("<p>{v}</p>", v=value)).map(52, -1, 9).render()
    assert f"<title>{text(value)}</title>" in page
    assert f"<p>{text(value)}</p>" in page
    assert ">49<" not in page


def test_packed_data_holds_nothing_but_base64_and_comes_back_whole() -> None:
    value = {"names": list(HOSTILE), "n": [1, 2.5, None, True], "np": np.arange(3, dtype=np.int32)}
    packed = pack(value)
    assert re.fullmatch(r"[A-Za-z0-9+/=]+", packed)
    back = json.loads(zlib.decompress(base64.b64decode(packed)))
    assert back == {"names": list(HOSTILE), "n": [1, 2.5, None, True], "np": [0, 1, 2]}


def test_data_that_javascript_could_not_read_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        pack({"x": float("nan")})
    with pytest.raises(TypeError, match="set"):
        pack({"x": {1, 2}})


@pytest.mark.parametrize("name", ["Data", "a b", 'x"><script>', ""])
def test_a_data_block_needs_a_plain_name(name: str) -> None:
    with pytest.raises(ValueError, match="small letters"):
        Page("t").data(name, {})


def test_an_asset_that_would_end_its_own_element_is_refused() -> None:
    with pytest.raises(ValueError, match="script"):
        Page("t").script(Asset("bad.js", "x = '</SCRIPT>'"))
    with pytest.raises(ValueError, match="style"):
        Page("t").style(Asset("bad.css", "</style><b>"))


def test_a_page_with_a_map_links_to_nothing() -> None:
    page = Page("t").data("d", {}).map(52, -1, 9).script(asset("atlas.js")).render()
    markup_only = re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.DOTALL)
    assert not re.search(r"\bsrc=|https?://|@import", markup_only)
    assert re.findall(r'href="([^"]*)"', markup_only) == ["data:,"]


def test_the_policy_allows_only_the_scripts_that_are_in_the_page() -> None:
    page = Page("t").data("d", {}).map(52, -1, 9).render()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    assert "default-src 'none'" in policy[1]
    assert "unsafe-inline" not in policy[1].split("style-src")[0]
    assert policy[1].count("'sha256-") == page.count("<script>") == 4
    assert "img-src data:;" in policy[1]


def test_only_a_page_that_offers_tiles_may_fetch_them() -> None:
    assert (
        "img-src data: https://tile.example.org;" in Page("t", tile_host="https://tile.example.org").render()
    )
    with pytest.raises(ValueError, match="tile_host"):
        Page("t", tile_host="https://x; script-src *")


def test_a_page_without_scripts_allows_none() -> None:
    page = Page("t").body(Markup("<p>x</p>")).render()
    assert "script-src 'none'" in page
    assert "<script" not in page


def test_the_same_page_is_the_same_text() -> None:
    def made() -> str:
        return Page("t").data("d", {"a": [1, 2]}).map(52, -1, 9).render()

    assert made() == made()
