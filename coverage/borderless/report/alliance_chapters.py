"""The chapters of `alliance.html` in their order: what each asks, and its answer in short."""

from __future__ import annotations

from borderless.analysis.worth import Worth
from borderless.report import alliance_words
from borderless.report.answers import aid_words, robustness_words
from borderless.report.answers.busy import busy_short
from borderless.report.answers.hours import hours_said
from borderless.report.chapter import Chapter
from borderless.report.chapters import aid, busy, coalitions, fairness, hours, levers, policy, sure
from borderless.study.policy import ALLIANCE


def chapters(worth: Worth) -> list[Chapter]:
    """Return the chapters of a study's report."""
    results = worth.results
    study = results.region.study
    measure, target = study.measures[0], study.response.targets[0]
    fullest = next(
        found for found in worth.losers if found.comparison.scenario.scenario.name == ALLIANCE.name
    )
    in_short = busy_short(worth.busy, ALLIANCE.name)
    return [
        Chapter(
            "levers",
            "What is each lever worth?",
            alliance_words.levers_said(worth.alliance, measure, target),
            levers.chapter(worth.alliance),
            "levers.css",
        ),
        Chapter(
            "coalitions",
            "Who should be in it?",
            alliance_words.coalitions_said(worth.alliance, measure, target),
            coalitions.chapter(worth.alliance),
            "levers.css",
        ),
        Chapter(
            "policy",
            "Which rule at which border?",
            policy.sweep_words(worth.policies),
            policy.chapter(worth.policies),
            "policy.css",
        ),
        Chapter(
            "aid",
            "Who helps whom, and who loses?",
            " ".join([*aid_words.help_said(fullest)[:1], *aid_words.losses_said(fullest)[1:-1]]),
            aid.chapter(worth.losers),
            "aid.css",
        ),
        Chapter(
            "fairness",
            "Is it fair?",
            fairness.short(fullest.comparison),
            fairness.chapter(tuple(results.coverages.values())),
            "aid.css",
        ),
        Chapter("busy", "And when units are busy?", in_short, busy.chapter(worth.busy, worth.sweep)),
        Chapter(
            "sure",
            "How sure is that?",
            " ".join(
                [*robustness_words.certainties(worth.sure)[:1], *robustness_words.doubts(worth.sure)[:1]]
            ),
            sure.chapter(worth.sure),
            "sure.css",
        ),
        Chapter("hours", "Does the hour matter?", hours_said(worth.day)[0], hours.chapter(worth.day)),
    ]
