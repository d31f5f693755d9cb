"""A Valhalla service on this machine, from the plain programs inside the wheel of pyvalhalla."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Valhalla", "valhalla"]


@dataclass(frozen=True)
class Valhalla:
    """A Valhalla service on this machine, which knows the streets of one file and its own speeds.

    Parameters
    ----------
    release
        Its version.
    build_s
        How long it took to make its tiles, one thread.
    url
        Where it listens.
    """

    release: str
    build_s: float
    url: str

    def isochrone(self, place: dict[str, float], limit_s: float, **options: Any) -> Any:
        """Return the area within so many seconds of a place, ``lon`` and ``lat``, as polygons.

        Options go into the question as they are: ``denoise``, ``generalize``, ``costing_options``.
        """
        question = {"contours": [{"time": limit_s / 60}], "polygons": True, "costing": "auto"}
        return self._ask("isochrone", {"locations": [place], **question, **options})

    def matrix(self, place: dict[str, float], targets: list[dict[str, float]]) -> Any:
        """Return the times from a place to targets."""
        return self._ask("sources_to_targets", {"sources": [place], "targets": targets, "costing": "auto"})

    def _ask(self, action: str, question: dict[str, Any]) -> Any:
        request = urllib.request.Request(f"{self.url}/{action}", data=json.dumps(question).encode())
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)


@contextmanager
def valhalla(folder: Path, pbf: Path) -> Iterator[Valhalla]:
    """Run a Valhalla service on 127.0.0.1, one thread, on tiles made from a file; stop it in the end.

    Parameters
    ----------
    folder
        An unpacked wheel of pyvalhalla.
    pbf
        OpenStreetMap extract.
    """
    programs = folder / "valhalla" / "bin"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as name:
        config = Path(name, "valhalla.json")
        config.write_text(json.dumps(_valhalla_config(folder, Path(name), port)), encoding="utf-8")
        begin = time.perf_counter()
        build = [programs / "valhalla_build_tiles", "-c", config, "-j", "1", pbf]
        subprocess.run(build, check=True, capture_output=True)
        build_s = time.perf_counter() - begin
        release = subprocess.check_output([programs / "valhalla_service", "--version"], text=True).strip()
        service = subprocess.Popen(
            [programs / "valhalla_service", config, "1"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(f"{url}/status", service)
            yield Valhalla(release.split()[-1], build_s, url)
        finally:
            service.terminate()
            service.wait()


def _valhalla_config(folder: Path, room: Path, port: int) -> dict[str, Any]:
    script = folder / "valhalla" / "valhalla_build_config.py"
    config: dict[str, Any] = json.loads(subprocess.check_output([sys.executable, "-P", script], text=True))
    config["mjolnir"] |= {"tile_dir": str(room / "tiles"), "tile_extract": "", "concurrency": 1}
    config["httpd"]["service"] |= {
        "listen": f"tcp://127.0.0.1:{port}",
        "loopback": f"ipc://{room}/loopback",
        "interrupt": f"ipc://{room}/interrupt",
    }
    # one search for all targets; what Valhalla picks by itself searches from each: fifty times as long
    config["thor"]["source_to_target_algorithm"] = "timedistancematrix"
    for part in ("loki", "thor", "odin"):
        config[part]["service"]["proxy"] = f"ipc://{room}/{part}"
    config["service_limits"]["auto"] |= {"max_locations": 2000, "max_matrix_location_pairs": 10_000}
    return config


def _wait_for(url: str, service: subprocess.Popen[bytes]) -> None:
    for _ in range(100):
        if service.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    msg = "the Valhalla service does not answer"
    raise RuntimeError(msg)
