"""`borderless policy`: the rules of every pair of forces, and what they change."""

from __future__ import annotations

from borderless.analysis.policy import border_policy
from borderless.analysis.times import response_times
from borderless.region import load_region
from borderless.report.answers.policy import policy_answer
from borderless.study.asked import capability_named, scenario_named, scenario_with
from borderless.study.policy import BORDERLESS
from borderless.terminal import stages, told
from borderless.verbs.options import (
    AsJson,
    CapabilityName,
    CsvFolder,
    Debug,
    OneScenario,
    Partners,
    Preset,
    Repair,
    Rules,
    StudyFile,
    With,
    read_question,
    save_tables,
    tell,
)

_STAGES = 6


def policy(
    study: StudyFile = None,
    scenario: OneScenario = "",
    preset: Preset = "",
    rule: Rules = None,
    capability: CapabilityName = "response",
    partners: Partners = "",
    extra: With = None,
    csv: CsvFolder = None,
    repair: Repair = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show who may respond across which border, and what that changes against the study's first scenario.

    Without a scenario, a preset or rules it shows the borderless scenario; a preset or rules alone change the
    study's first scenario.
    """
    with told(debug), stages(_STAGES) as progress:
        question = read_question(study, partners, csv, extra or (), repair=repair)
        units = capability_named(capability)
        changed = bool(preset or rule)
        base = scenario_named(
            question, scenario or (question.scenarios[0].name if changed else BORDERLESS.name)
        )
        asked = scenario_with(question, base, preset=preset, rules=rule or (), capability=units)
        region = load_region(question, repair=repair, on_stage=progress.begin).serving(units)
        progress.begin("Travel times")
        times = response_times(region)
        progress.begin("Coverage of each policy")
        answer = policy_answer(border_policy(times, asked, units))
        save_tables(answer, csv)
        progress.finish()
    tell(answer, csv, as_json=as_json)
