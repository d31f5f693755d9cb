"""Bars for a row of numbers, each with its value beside it, as inline SVG without script."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from borderless.maps.canvas import markup

_LABEL, _LEFT, _RIGHT, _WIDTH = 66, 74, 270, 360
_ROW = 22


def bars_chart(name: str, title: str, bars: Sequence[tuple[str, int, str]], *, style: int = 0) -> Markup:
    """Draw one horizontal bar for each number, from nought.

    Parameters
    ----------
    name
        Makes ids unique in the page.
    title
        Read aloud by screen readers, with every bar's words as the description.
    bars
        Label, length (not below 0) and what is printed beside it.
    style
        Which colour; the words say it all without.
    """
    longest = max((length for _, length, _ in bars), default=0) or 1
    drawn = []
    for row, (label, length, said) in enumerate(bars):
        y = _ROW * row + 16
        end = _LEFT + length / longest * (_RIGHT - _LEFT)
        drawn.append(
            markup(
                '<text class="label end" x="{label_x}" y="{y}">{label}</text>'
                '<rect class="fill s{style}" x="{left}" y="{top}" width="{width}" height="14"/>'
                '<text class="said" x="{after}" y="{y}">{said}</text>',
                label_x=_LABEL,
                label=label,
                y=y,
                top=y - 12,
                left=_LEFT,
                # nought is drawn as a hair, so that it is seen to be there
                width=f"{max(end - _LEFT, 1):.1f}",
                after=f"{max(end, _LEFT + 1) + 6:.1f}",
                said=said,
                style=style,
            )
        )
    told = "; ".join(f"{label}: {said}" for label, _, said in bars)
    return markup(
        '<svg class="chart" viewBox="0 0 {width} {height}" role="img" aria-labelledby="{name}-t {name}-d">'
        '<title id="{name}-t">{title}</title><desc id="{name}-d">{told}</desc>{drawn}</svg>',
        width=_WIDTH,
        height=_ROW * len(bars) + 6,
        name=name,
        title=title,
        told=told,
        drawn=Markup("").join(drawn),
    )
