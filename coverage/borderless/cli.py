"""The command line: parse, call, print."""

from __future__ import annotations

import json
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from borderless.analysis.isochrone.isochrone_table import View, isochrone_table
from borderless.analysis.isochrone.isochrones import BUFFER_M, check_cutoffs
from borderless.analysis.results import analyse
from borderless.analysis.worth import find_worth
from borderless.cache import cache_folder, clear_cache
from borderless.condense.condense import condense_region
from borderless.condense.write import write_condensed
from borderless.errors import ProblemLog, repairs_in_words
from borderless.fetch.deadline import Deadline
from borderless.fetch.endpoints import read_endpoints
from borderless.fetch.fetch import Plan, fetch_study
from borderless.fetch.http import Client
from borderless.maps.comparison import comparison_page
from borderless.maps.explorer import explorer_page
from borderless.region import check_study, embedded_study, load_region
from borderless.report.alliance_chapters import chapters
from borderless.report.alliance_page import alliance_page
from borderless.report.cache_list import cache_json, cache_summary
from borderless.report.checks import check_json, check_summary
from borderless.report.files import write_all
from borderless.report.isochrone_file import isochrone_file, write_isochrones
from borderless.report.page import front_page
from borderless.report.tables import results_json, terminal_summary
from borderless.store import size_text
from borderless.study.defaults import DEFAULTS
from borderless.study.read import read_study
from borderless.terminal import downloads, stages, told
from borderless.verbs.aid import who_helps
from borderless.verbs.alliance import alliance
from borderless.verbs.busy import busy_units_worth
from borderless.verbs.hours import hour_by_hour
from borderless.verbs.options import Debug, Partners, Repair, StudyFile, With, read_question
from borderless.verbs.policy import policy
from borderless.verbs.robustness import how_sure
from borderless.verbs.run_list import show_run_list

app = typer.Typer(
    help="Borderless coverage analysis: what changes when units respond across force borders.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
_RUN_STAGES = 14
_CHECK_STAGES = 4
_CONDENSE_STAGES = 9
_ISOCHRONE_STAGES = 7


@app.callback(invoke_without_command=True)
def about(show: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    """Answer how much coverage improves when forces work together."""
    if show:
        typer.echo(f"borderless {version('borderless-coverage')}")
        raise typer.Exit


@app.command()
def run(
    study: StudyFile = None,
    out: Annotated[Path, typer.Option(help="Folder for pages and tables.")] = Path("maps"),
    partners: Partners = "",
    extra: With = None,
    repair: Repair = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print results.json instead of the table.")] = False,
    debug: Debug = False,
) -> None:
    """Run a study: from files to maps, tables and a front page."""
    with told(debug), stages(_RUN_STAGES) as progress:
        region = load_region(
            read_question(study, partners, out, extra or (), repair=repair),
            repair=repair,
            on_stage=progress.begin,
        )
        results = analyse(region, on_stage=progress.begin)
        worth = find_worth(results, on_stage=progress.begin, on_draws=progress.parts)
        progress.begin("Drawing pages")
        asked = chapters(worth)
        pages = {
            "index.html": front_page(results, date.today(), asked),
            "alliance.html": alliance_page(region.study, asked, date.today()),
            "comparison.html": comparison_page(results),
            "explorer.html": explorer_page(results),
        }
        progress.begin("Writing files")
        write_all(results, out, pages, progress.seconds)
        progress.finish()
    if as_json:
        typer.echo(json.dumps(results_json(results), ensure_ascii=False))
        return
    console = Console()
    console.print(terminal_summary(results))
    mended = repairs_in_words(region.problems)
    if mended:
        console.print(escape(mended), soft_wrap=True)
    console.print(f"Open [bold]{escape(str(out / 'index.html'))}[/bold] in a browser.", soft_wrap=True)


@app.command()
def condense(
    study: StudyFile = None,
    out: Annotated[Path, typer.Option(help="Folder for the small study.")] = Path("condensed"),
    name: Annotated[str, typer.Option(help="Its title; the full study's when left out.")] = "",
    source: Annotated[
        list[str] | None, typer.Option(help="An attribution line for every page; may be given again.")
    ] = None,
    repair: Repair = False,
    debug: Debug = False,
) -> None:
    """Turn a full study into a small one of the same format that gives the same answers."""
    with told(debug), stages(_CONDENSE_STAGES) as progress:
        region = load_region(
            read_question(study, "", out, (), repair=repair), repair=repair, on_stage=progress.begin
        )
        small = condense_region(region, on_stage=progress.begin)
        progress.begin("Writing files")
        written = write_condensed(small, out, name=name, sources=tuple(source or ()))
        progress.finish()
    size = sum(file.stat().st_size for file in out.iterdir() if file.is_file())
    kept = f"{len(small.cells):,} squares, {len(small.nodes):,} nodes, {len(small.links):,} links"
    typer.echo(f"{kept}; {size / 1e6:.2f} MB in {out}")
    typer.echo(f"Run it with: borderless run {written}")


@app.command("isochrones")
def draw_isochrones(
    study: StudyFile = None,
    out: Annotated[
        Path, typer.Option(help="A file that ends in .gpkg, .geojson or .fgb, or a folder for one.")
    ] = Path("isochrones.gpkg"),
    minutes: Annotated[str, typer.Option(help="Minutes of driving, separated by commas.")] = "5,10,15,20",
    by: Annotated[
        str, typer.Option(help="Which stations belong together: all (station), each force, each scenario.")
    ] = "station",
    only: Annotated[
        list[str] | None, typer.Option(help="Only this station, force or scenario; may be given again.")
    ] = None,
    mode: Annotated[
        str, typer.Option(help="overlap (each station's area), dissolve (joined), split (by who is first).")
    ] = "",
    shape: Annotated[str, typer.Option(help="disc, or ring: without the fewer minutes.")] = "disc",
    lines: Annotated[bool, typer.Option("--lines", help="The pieces of road instead of areas.")] = False,
    direction: Annotated[str, typer.Option(help="Driving from the stations, or to them.")] = "from",
    buffer_m: Annotated[
        float, typer.Option(help="How far from its nearest street land counts, metres.")
    ] = BUFFER_M[0],
    file_format: Annotated[str, typer.Option("--format", help="gpkg, geojson or fgb.")] = "",
    repair: Repair = False,
    debug: Debug = False,
) -> None:
    """Draw the areas within so many minutes of driving, for a map program."""
    with told(debug), stages(_ISOCHRONE_STAGES) as progress:
        view = View(by, mode, shape, "line" if lines else "polygon")
        cutoffs = check_cutoffs(minutes.split(","))
        question = read_study(study or embedded_study())
        file = isochrone_file(out, file_format, question)
        region = load_region(question, repair=repair, on_stage=progress.begin)
        table = isochrone_table(
            region,
            view,
            minutes=cutoffs,
            only=only or (),
            direction=direction,
            buffer_m=buffer_m,
            on_stage=progress.begin,
        )
        progress.begin("Writing files")
        write_isochrones(table, file)
        progress.finish()
    typer.echo(f"{len(table):,} {'lines' if lines else 'areas'} in {file}")


@app.command()
def check(
    study: StudyFile = None,
    extra: With = None,
    repair: Repair = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print every problem as JSON.")] = False,
    debug: Debug = False,
) -> None:
    """Read everything a study names, and tell all that is wrong, was mended, or is worth knowing."""
    with told(debug), stages(_CHECK_STAGES) as progress:
        found = check_study(
            study or embedded_study(), extras=extra or (), repair=repair, on_stage=progress.begin
        )
        progress.finish()
    if as_json:
        typer.echo(json.dumps(check_json(found.problems), ensure_ascii=False))
    else:
        Console().print(check_summary(found.problems), soft_wrap=True)
    if found.region is None:
        raise typer.Exit(2)


@app.command()
def fetch(
    place: Annotated[list[str], typer.Argument(help="Forces of the alliance, e.g. Nottinghamshire.")],
    out: Annotated[Path, typer.Option(help="Folder for the study.")],
    outside: Annotated[
        list[str] | None, typer.Option(help="A neighbouring force outside the alliance; may be given again.")
    ] = None,
    guard_band_km: Annotated[
        float, typer.Option(min=0, max=500, help="Roads are kept this far beyond the forces.")
    ] = DEFAULTS["roads", "guard_band_km"].value,
    overpass: Annotated[
        bool, typer.Option("--overpass", help="Roads from Overpass instead of extracts.")
    ] = False,
    crime_month: Annotated[
        list[str] | None, typer.Option(help="Incidents of a month, YYYY-MM; an archive of over 1 GB.")
    ] = None,
    study: Annotated[
        Path | None, typer.Option(help="A study whose endpoints table names other servers.")
    ] = None,
    deadline_min: Annotated[float, typer.Option(min=0, help="When all must be done, in minutes.")] = 30,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Ask again for what is kept from earlier runs.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite files of an earlier study.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the record of sources.")] = False,
    debug: Debug = False,
) -> None:
    """Make a study folder from open data: roads, force areas, a draft of stations, population."""
    plan = Plan(
        tuple(place), tuple(outside or ()), out, guard_band_km, overpass, tuple(crime_month or ()), force
    )
    log = ProblemLog()
    with told(debug), downloads() as bars:
        deadline = Deadline.after(deadline_min * 60)
        client = Client(deadline, log, progress=bars.progress, refresh=refresh)
        made = fetch_study(plan, client, read_endpoints(study), bars.begin)
    for problem in log:
        typer.echo(str(problem), err=True)
    if as_json:
        typer.echo((out / "sources.json").read_text(encoding="utf-8"))
        return
    typer.echo(
        f"{made.streets:,} street pieces, {made.people:,} people, {made.stations:,} police sites; in {out}"
    )
    typer.echo(f"{out / 'stations.csv'} is a draft: each site has 1 unit. README.md says what to fill in.")
    typer.echo(f"Then run it with: borderless run {made.study}")


@app.command("cache")
def show_cache(
    clear: Annotated[bool, typer.Option("--clear", help="Remove all of it.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    debug: Debug = False,
) -> None:
    """List what is kept to make the next run quicker, or clear it."""
    with told(debug):
        folder = str(cache_folder())
        freed = clear_cache() if clear else 0
        found = {"folder": folder} | ({"freed_bytes": freed} if clear else cache_json())
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
    elif clear:
        typer.echo(f"{size_text(freed)} freed in {folder}")
    else:
        Console().print(cache_summary(found, folder), soft_wrap=True)


app.command("aid")(who_helps)
app.command("alliance")(alliance)
app.command("busy")(busy_units_worth)
app.command("hours")(hour_by_hour)
app.command("policy")(policy)
app.command("robustness")(how_sure)
app.command("run-list")(show_run_list)


def main() -> None:
    """Run the command line."""
    app()
