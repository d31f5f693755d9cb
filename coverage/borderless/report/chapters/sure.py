"""The chapter on how sure the answers are: what holds in every draw, what it hangs on, where it turns."""

from __future__ import annotations

from markupsafe import Markup

from borderless.analysis.robustness.robustness import Robustness
from borderless.maps.canvas import markup
from borderless.report import words
from borderless.report.answers import robustness_words as sure
from borderless.report.parts import fold, table
from borderless.report.robustness_chart import Span, spans_chart
from borderless.report.tables import records

_SETTINGS = 8
_KINDS = (("gain", "Units always free"), ("expected", "Units busy as drawn"))


def chapter(found: Robustness) -> Markup:
    """Return the section of the page about what an alliance is worth."""
    doubts = sure.doubts(found)
    firm = [] if doubts else ["Every headline conclusion holds in every draw."]
    return markup(
        '<section id="sure"><h2>How sure this is</h2><p>{how}</p>{doubts}{sentences}{gains}{matters}'
        '{folds}<p class="note">{limits}</p></section>',
        how=f"The settings that nobody knows for sure were drawn together {found.count:,} times, and every "
        "scenario was counted anew each time.",
        doubts=_doubts(doubts),
        sentences=_paragraphs([*firm, *sure.certainties(found), *sure.what_matters(found)]),
        gains=_gains(found),
        matters=_matters(found),
        folds=markup(
            '<div class="folds">{a}{b}{c}</div>', a=_numbers(found), b=_turns(found), c=_settings(found)
        ),
        limits=words.tied(" ".join(sure.reservations(found))),
    )


def _doubts(doubts: list[str]) -> Markup:
    if not doubts:
        return Markup("")
    lines = Markup("").join(markup("<p>{line}</p>", line=words.tied(line)) for line in doubts)
    return markup('<div class="warn"><p><strong>Not in every draw.</strong></p>{lines}</div>', lines=lines)


def _paragraphs(sentences: list[str]) -> Markup:
    return Markup("").join(markup("<p>{line}</p>", line=words.tied(line)) for line in sentences)


def _gains(found: Robustness) -> Markup:
    unit = sure.first_measure(found).unit
    title = f"Gain of {unit} within the standard over {found.bench.scenarios[0].label}"
    spans = []
    for kind, group in _KINDS:
        for style, scenario in enumerate(found.bench.scenarios[1:]):
            row = sure.headline(found, kind, scenario.name)
            own, low, most_low, middle, most_high, high = (
                _printed(found, row[f"difference{end}"])
                for end in ("", "_min", "_p5", "_p50", "_p95", "_max")
            )
            said = f"{_amount(found, row['difference_p5'])} to {_amount(found, row['difference_p95'])}"
            bar = (most_low, most_high)
            spans.append(Span(group, scenario.label, style, (low, high), bar, own, middle, said))
    key = (
        "Thick: nine of ten draws; thin: all draws; upright: the middle draw; ring: the study's own settings."
    )
    return _figure("sure-gains", title, spans, key)


def _matters(found: Robustness) -> Markup:
    label = sure.labels(found)[sure.FULLEST]
    spans = []
    for style, (count, group) in enumerate((("covered", _KINDS[0][1]), ("expected", _KINDS[1][1]))):
        for row in records(sure.matters(found, count).head(_SETTINGS)):
            low, high = (_printed(found, row[f"gain_{end}"]) for end in ("low", "high"))
            said = f"{_amount(found, row['gain_low'])} → {_amount(found, row['gain_high'])}"
            spans.append(
                Span(
                    group, sure.setting_label(row["setting"]), style, (low, low), (low, high), low, high, said
                )
            )
    key = (
        "Mean gain in the fifth of the draws with the lowest values of a setting (ring) and with the highest "
        "(upright), while all other settings move too."
    )
    return _figure("sure-matters", f"What the gain of {label} hangs on", spans, key)


def _figure(name: str, title: str, spans: list[Span], key: str) -> Markup:
    return markup(
        '<figure><figcaption>{title}</figcaption><div class="wide">{wide}</div>'
        '<div class="narrow">{narrow}</div><p class="note">{key}</p></figure>',
        title=title,
        wide=spans_chart(f"{name}-wide", title, spans),
        narrow=spans_chart(f"{name}-narrow", title, spans, narrow=True),
        key=key,
    )


def _numbers(found: Robustness) -> Markup:
    lines = []
    for kind, group in _KINDS:
        for scenario in found.bench.scenarios[1:]:
            row = sure.headline(found, kind, scenario.name)
            own, *ends = (
                _amount(found, row[f"difference{end}"]) for end in ("", "_p5", "_p95", "_min", "_max")
            )
            counts = (f"{row[name]:,}" for name in ("more", "same", "fewer"))
            spans = (f"{ends[0]} to {ends[1]}", f"{ends[2]} to {ends[3]}")
            lines.append(_line((f"{scenario.label}, {group[:1].lower()}{group[1:]}", own, *spans, *counts)))
    names = ("Study's settings", "Nine of ten draws", "All draws", "More", "The same", "Fewer")
    measure = sure.first_measure(found)
    caption = f"Gain in {measure.unit}, and in how many of {found.count:,} draws there are more or fewer"
    return fold("The numbers", table(caption, _heads("Scenario", *names), lines, kind="gains"))


def _turns(found: Robustness) -> Markup:
    turning = records(sure.turning(found))
    if not turning:
        return Markup("")
    lines = []
    for row in turning:
        about, turns = sure.turn_words(found, row)
        cells = (about, sure.setting_label(row["setting"]), turns)
        lines.append(_line(cells))
    heads = _heads("Conclusion", "Setting", "Turns at")
    caption = "One setting moved, all others as in the study: where somebody gets fewer, or a lever wins"
    return fold("Where conclusions turn", table(caption, heads, lines, kind="turns"))


def _settings(found: Robustness) -> Markup:
    lines = []
    for one in found.bench.ranges:
        low, high = words.number(one.low), words.number(one.high)
        span = f"{low} to {high} {one.unit}" if one.varies else "taken as known"
        lines.append(_line((one.label, f"{words.number(one.base)} {one.unit}", span)))
    heads = _heads("Setting", "In the study", "Drawn from")
    return fold("What was drawn", table("Settings and their ranges", heads, lines, kind="turns"))


def _heads(*heads: str) -> list[Markup]:
    return [markup("{head}", head=head) for head in heads]


def _line(cells: tuple[str, ...]) -> Markup:
    first, *rest = cells
    tail = Markup("").join(markup("<td>{cell}</td>", cell=cell) for cell in rest)
    return markup('<tr><th scope="row">{first}</th>{tail}</tr>', first=first, tail=tail)


def _printed(found: Robustness, value: float) -> float:
    return value / sure.first_measure(found).per


def _amount(found: Robustness, value: float) -> str:
    return words.amount(sure.first_measure(found), round(value))
