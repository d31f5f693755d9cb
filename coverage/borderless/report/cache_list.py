"""What the cache holds, for people in a terminal and for programs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from borderless.cache import cache_entries, cached_downloads, limit_bytes
from borderless.store import size_text


def cache_json() -> dict[str, Any]:
    """Return what the cache holds as plain values: the limit, all bytes, each entry, and downloads."""
    entries, downloads = cache_entries(), cached_downloads()
    rows = [
        {
            "kind": entry.kind,
            "file": entry.path.name,
            "bytes": entry.size_bytes,
            "made": _moment(entry.made_s),
            "used": _moment(entry.used_s),
        }
        for entry in entries
    ]
    size_bytes = sum(path.lstat().st_size for path in downloads)
    return {
        "limit_bytes": limit_bytes(),
        "bytes": size_bytes + sum(entry.size_bytes for entry in entries),
        "entries": rows,
        "downloads": {"files": len(downloads), "bytes": size_bytes},
    }


def cache_summary(kept: Mapping[str, Any], folder: str) -> Group:
    """Return what :func:`cache_json` found as a table, with its sum and the folder below."""
    table = Table("What", "Size", "Made", "Last used", "File", box=None, pad_edge=False)
    table.columns[1].justify = "right"
    for entry in kept["entries"]:
        moments = (entry[key][:16].replace("T", " ") for key in ("made", "used"))
        # the kind and eight characters are enough to know a file by
        name = entry["file"].removeprefix(f"{entry['kind']}-")[:8] + "…"
        table.add_row(entry["kind"], size_text(entry["bytes"]), *moments, name)
    downloads = kept["downloads"]
    if count := downloads["files"]:
        files = f"{count} file{'s' if count != 1 else ''}"
        table.add_row("downloads", size_text(downloads["bytes"]), "", "", files)
    limit = f"at most {size_text(kept['limit_bytes'])} are kept besides downloads"
    total = Text(f"{size_text(kept['bytes'])} in {folder}; {limit}. Times are UTC.")
    return Group(table, total) if table.row_count else Group(total)


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
