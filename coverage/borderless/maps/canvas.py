"""The only way into an HTML page: one escaping gate, inlined assets, a strict content security policy.

folium compiles much of the text it is given a second time, as a Jinja template, so a station called
``{{7*7}}`` would be evaluated in the planner's Python. Nothing from a file therefore reaches folium: it
hosts the page and the map, and everything else enters here, in one of these forms.

- :func:`text` makes any value safe as HTML text or as a quoted attribute;
- :func:`markup` fills our own HTML template with values, each through :func:`text`;
- :meth:`Page.data` packs an object for the page's script, so that nothing in it can be read as HTML,
  JavaScript or Jinja. ``Borderless.unpack(id)`` gives it back, and ``Borderless.element`` writes it as text.
  :meth:`Page.arrays` does the same for arrays of numbers, which ``Borderless.unpackArrays(id)`` gives back.

A page is made like this (styles, scripts and body keep the order of the calls)::

    page = Page("Coverage of the East Midlands")
    page.style(asset("comparison.css")).data("results", {"names": names})
    page.body(markup("<h1>{title}</h1>", title=study.name))
    page.script(asset("comparison.js"))
    html = page.render()

Assets of another package are named with it: ``asset("page.css", "borderless.report")`` reads
``assets/page.css`` beside that package. Scripts run only if the policy knows their hash, so inline
handlers (``onclick=``) do nothing: use ``addEventListener``.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import folium
import numpy as np
from branca.element import Element, Figure
from jinja2 import Template
from markupsafe import Markup
from numpy.typing import NDArray

#: Types of arrays that pages can carry: NumPy's name → JavaScript's.
ARRAY_TYPES = {
    "u1": "Uint8Array",
    "i1": "Int8Array",
    "u2": "Uint16Array",
    "i2": "Int16Array",
    "u4": "Uint32Array",
    "i4": "Int32Array",
    "f8": "Float64Array",
}
_RISKY = {ord(c): f"&#{ord(c)};" for c in "\\`${}\u2028\u2029"}
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_IDENTIFIER = re.compile(r"[a-z][a-z0-9-]*")
_HOST = re.compile(r"https://[a-z0-9-]+(\.[a-z0-9-]+)+")
_CLOSES_SCRIPT = re.compile(r"</script|<!--", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Asset:
    """A style or script of our own, read from a package.

    Parameters
    ----------
    name
        File name under the package's ``assets`` folder.
    source
        Its text.
    """

    name: str
    source: str


def asset(name: str, package: str = "borderless.maps") -> Asset:
    """Read one of our own style or script files.

    Parameters
    ----------
    name
        File name under ``assets``, such as ``"comparison.js"`` or ``"leaflet/leaflet.css"``.
    package
        The package that holds the ``assets`` folder.

    Returns
    -------
    Asset
    """
    source = files(package).joinpath("assets", *name.split("/")).read_text(encoding="utf-8")
    return Asset(name, source.replace("\r\n", "\n"))


def text(value: object) -> Markup:
    r"""Make a value safe as HTML text or inside a quoted attribute.

    Beyond HTML's own characters, those that mean something to JavaScript template strings or to Jinja
    become numeric entities, and control characters become spaces. Markup passes unchanged.

    Parameters
    ----------
    value
        Anything; ``str(value)`` is shown.

    Returns
    -------
    markupsafe.Markup

    Examples
    --------
    >>> text("<b>{{7*7}}</b>")
    Markup('&lt;b&gt;&#123;&#123;7*7&#125;&#125;&lt;/b&gt;')
    """
    if isinstance(value, Markup):
        return value
    plain = _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", _UNPRINTABLE.sub(" ", str(value)))
    return Markup(html.escape(plain, quote=True).translate(_RISKY))


def markup(template: str, /, **values: object) -> Markup:
    """Fill one of our own HTML templates; each value passes :func:`text`.

    Parameters
    ----------
    template
        HTML written by us, with ``{name}`` where a value goes. Attributes must be quoted.
    **values
        The values; Markup (from this function or :func:`text`) is put in as it is.

    Returns
    -------
    markupsafe.Markup

    Examples
    --------
    >>> markup('<p title="{name}">{name}</p>', name='"Oxclose" Lane')
    Markup('<p title="&quot;Oxclose&quot; Lane">&quot;Oxclose&quot; Lane</p>')
    """
    return Markup(template.format_map({name: text(value) for name, value in values.items()}))


def pack(value: object) -> str:
    """Pack an object as JSON, deflated, in base64; the same object always gives the same text.

    Parameters
    ----------
    value
        Dictionaries, lists, strings, finite numbers, booleans, None, and NumPy scalars and arrays.

    Returns
    -------
    str
        Letters, digits, ``+``, ``/`` and ``=`` only.

    Raises
    ------
    ValueError
        If a number is not finite.
    TypeError
        If something else is in it.
    """
    plain = json.dumps(value, separators=(",", ":"), allow_nan=False, default=_plain)
    return base64.b64encode(zlib.compress(plain.encode("ascii"), 9)).decode("ascii")


def pack_arrays(arrays: Mapping[str, NDArray[Any]]) -> str:
    """Pack arrays of numbers as their bytes, deflated, in base64; equal arrays always give the same text.

    Parameters
    ----------
    arrays
        Name → array of one of the types that JavaScript has (`ARRAY_TYPES`).

    Returns
    -------
    str
        As from :func:`pack`. Inside: the length of a JSON header (four bytes, little-endian), the header
        (name, type and number of elements of each array, in order), then each array from the next multiple
        of 8.

    Raises
    ------
    TypeError
        If an array is of another type.
    """
    header, body = [], b""
    for name, array in arrays.items():
        if array.dtype.str.lstrip("<|") not in ARRAY_TYPES:
            raise TypeError(f"a page's arrays cannot be of type {array.dtype}")
        body += b"\0" * (-len(body) % 8) + np.ascontiguousarray(array).tobytes()
        header.append([name, ARRAY_TYPES[array.dtype.str.lstrip("<|")], array.size])
    head = json.dumps(header, separators=(",", ":")).encode("ascii")
    head += b" " * (-(len(head) + 4) % 8)
    whole = len(head).to_bytes(4, "little") + head + body
    return base64.b64encode(zlib.compress(whole, 9)).decode("ascii")


class Page:
    """One self-contained HTML page, hosted by a folium figure.

    Parameters
    ----------
    title
        The title in the browser's tab; escaped.
    tile_host
        Where a tile layer would come from if the reader switches one on, as ``https://host``. Empty: images
        come from the page alone.
    """

    def __init__(self, title: str, *, tile_host: str = "") -> None:
        if tile_host and not _HOST.fullmatch(tile_host):
            raise ValueError(f"tile_host must look like https://tile.example.org, not {tile_host!r}")
        self._figure = _Sheet(text(title), f"data: {tile_host}".strip())

    def style(self, style: Asset) -> Page:
        """Inline a style sheet."""
        if "</style" in style.source.lower():
            raise ValueError(f"{style.name} would close its own <style>")
        self._figure.header.add_child(_Verbatim(f"<style>\n{style.source}</style>\n"))
        return self

    def script(self, script: Asset) -> Page:
        """Inline a script; it runs after the body and after the map, if there is one."""
        self._figure.scripts.append(_script(script))
        return self

    def data(self, name: str, value: object) -> Page:
        """Pack an object for the scripts, which get it by ``await Borderless.unpack(name)``.

        Parameters
        ----------
        name
            Small letters, digits and hyphens; the id of the block.
        value
            See :func:`pack`.
        """
        return self._block(name, pack(value))

    def arrays(self, name: str, arrays: Mapping[str, NDArray[Any]]) -> Page:
        """Pack arrays for the scripts, which get typed arrays by ``await Borderless.unpackArrays(name)``.

        Parameters
        ----------
        name
            As for :meth:`data`.
        arrays
            See :func:`pack_arrays`.
        """
        return self._block(name, pack_arrays(arrays))

    def _block(self, name: str, packed: str) -> Page:
        if not _IDENTIFIER.fullmatch(name):
            raise ValueError(f"a data block's name has small letters, digits and hyphens, not {name!r}")
        self._figure.packed = True
        block = f'<script type="application/octet-stream" id="{name}">{packed}</script>\n'
        self._figure.html.add_child(_Verbatim(block))
        return self

    def body(self, html_body: Markup) -> Page:
        """Append to the body. Only markup is taken: use :func:`markup` or :func:`text` to make it."""
        if not isinstance(html_body, Markup):
            raise TypeError("a page's body takes markup made by markup() or text(), not a plain string")
        self._figure.html.add_child(_Verbatim(html_body))
        return self

    def map(self, latitude: float, longitude: float, zoom: int, **options: float | bool) -> Page:
        """Add the map: a ``<div id="map_main">`` at the end of the body, ``window.map_main`` for scripts.

        Its colours come with it: ``palette.css``, and ``Borderless.palette`` for painters.

        Parameters
        ----------
        latitude, longitude
            Centre, WGS84 degrees.
        zoom
            Zoom level to start at.
        **options
            Leaflet map options, in camel case.
        """
        self.style(asset("leaflet/leaflet.css")).style(asset("palette.css"))
        self._figure.leaflet = True
        _HostedMap(latitude, longitude, zoom, options).add_to(self._figure)
        return self

    def render(self) -> str:
        """Return the whole page as text."""
        return str(self._figure.render())


class _Verbatim(Element):
    """Text that is put in as it is. folium's own Element would compile it as a template."""

    _template = Template("{{ this.text }}")

    def __init__(self, verbatim: str) -> None:
        super().__init__()
        self.text = str(verbatim)


class _Sheet(Figure):
    """folium's page, with our head: language, policy, zoomable viewport and no foreign links."""

    _template = Template(
        "<!DOCTYPE html>\n"
        '<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" content="{{ this.policy(scripts) }}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<link rel="icon" href="data:,">\n'
        "<title>{{ this.title }}</title>\n{{ head }}</head>\n"
        "<body>\n{{ body }}"
        "{% for script in scripts %}<script>{{ script }}</script>\n{% endfor %}"
        "</body>\n</html>\n"
    )

    def __init__(self, title: Markup, images: str) -> None:
        super().__init__(title=str(title))
        self.header = Element()
        self.header._parent = self
        self.images = images
        self.scripts: list[str] = []
        self.packed = False
        self.leaflet = False

    def render(self, **kwargs: Any) -> str:
        for child in list(self._children.values()):
            child.render(**kwargs)
        scripts = [_script(asset("canvas.js"))] if self.packed else []
        if self.leaflet:
            scripts += [_script(asset("leaflet/leaflet.js")), self.script.render(**kwargs)]
            scripts.append(_script(asset("palette.js")))
        return str(
            self._template.render(
                this=self, head=self.header.render(), body=self.html.render(), scripts=scripts + self.scripts
            )
        )

    def policy(self, scripts: list[str]) -> str:
        """Allow exactly these scripts, our own styles, the page's own images, and nothing else."""
        hashes = (base64.b64encode(hashlib.sha256(s.encode()).digest()).decode("ascii") for s in scripts)
        allowed = " ".join(f"'sha256-{digest}'" for digest in hashes) or "'none'"
        return (
            f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src {self.images}; "
            "base-uri 'none'; form-action 'none'"
        )


class _HostedMap(folium.Map):
    """folium's map without its links to content networks, its viewport and its page-wide styles."""

    default_js: list[tuple[str, str]] = []  # noqa: RUF012 - folium's own name and kind
    default_css: list[tuple[str, str]] = []  # noqa: RUF012
    _template = Template(
        "{% macro html(this, kwargs) %}"
        '<div class="folium-map" id="{{ this.get_name() }}"></div>\n'
        "{% endmacro %}"
        "{% macro script(this, kwargs) %}"
        "var {{ this.get_name() }} = L.map({{ this.get_name()|tojson }}, "
        "{center: {{ this.location|tojson }}, ...{{ this.options|tojson }}});"
        "{% endmacro %}"
    )

    def __init__(
        self, latitude: float, longitude: float, zoom: int, options: dict[str, float | bool]
    ) -> None:
        super().__init__(location=[latitude, longitude], tiles=None, zoom_start=zoom, prefer_canvas=True)
        self.options = {"zoom": zoom, "preferCanvas": True, **options}
        self._id = "main"  # folium numbers maps at random; the same results must give the same page


def _script(script: Asset) -> str:
    if _CLOSES_SCRIPT.search(script.source):
        raise ValueError(f"{script.name} would close its own <script>")
    return f"\n{script.source}"


def _plain(value: object) -> object:
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise TypeError(f"a page's data cannot hold {type(value).__name__}")
