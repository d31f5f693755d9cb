/**
 * What the map is about: squares coloured by response time, driving-time rings, differences, stations.
 * Every class of colour also differs in lightness or pattern, so that a photocopy still reads.
 */
(function (root) {
  "use strict";
  const { Atlas, decode, world, pathOf, ramp, FAMILY } = root.Borderless;

  /** Response-time bands in minutes; the last is open. Darker is nearer. */
  const BANDS = [
    { upTo: 5, fill: "#12708c", label: "up to 5 min" },
    { upTo: 10, fill: "#58a7b9", label: "5 to 10 min" },
    { upTo: 15, fill: "#9fd0d4", label: "10 to 15 min" },
    { upTo: 20, fill: "#d8ebe4", label: "15 to 20 min" },
    { upTo: Infinity, fill: "#f6d9a8", label: "over 20 min" },
  ];
  const RINGS = {
    5: { line: "#3b0f6f", width: 2.2, dash: [] },
    10: { line: "#7a3fa0", width: 2, dash: [9, 3] },
    15: { line: "#a3519a", width: 1.8, dash: [4, 3] },
    20: { line: "#b8608a", width: 1.7, dash: [1.5, 3] },
  };
  const OTHER_RING = { line: "#7a5c8c", width: 1.6, dash: [6, 2, 1, 2] };
  /** Kinds of change, by code. */
  const CHANGES = {
    gained: { fill: "#1f62b3", mark: "plus", ink: "#ffffff", label: "Gained: now within the target" },
    lost: { fill: "#d5651f", mark: "minus", ink: "#3a1500", label: "Lost: no longer within the target" },
    nearer: { fill: "#a9cbec", mark: "", ink: "", label: "Nearer, same side of the target" },
    slower: { fill: "#f4c79c", mark: "dots", ink: "#8a3d08", label: "Farther, same side of the target" },
    outside: { fill: "#dcd8d0", mark: "hatch", ink: "#8d857a", label: "Outside the target both times" },
    same: { fill: "#eeece6", mark: "", ink: "", label: "Unchanged, within the target" },
  };
  const FORCE_INKS = ["#22409a", "#8c1d58", "#0d5c4b", "#74460a", "#5b2d8f", "#7a2318"];
  const OUTSIDE_INK = "#5f666d";
  const FILL_ALPHA = { alliance: 0.86, outside: 0.32 };
  const MARK_ALPHA = { alliance: 1, outside: 0.22 };

  /** A small repeating pattern. @returns {CanvasPattern} */
  function pattern(ctx, mark, ink) {
    const size = mark === "hatch" ? 7 : 9;
    const scale = 3;
    const tile = document.createElement("canvas");
    tile.width = tile.height = size * scale;
    const t = tile.getContext("2d");
    t.scale(scale, scale);
    t.strokeStyle = t.fillStyle = ink;
    const c = size / 2;
    t.lineWidth = mark === "hatch" ? 1.1 : 1.6;
    t.beginPath();
    if (mark === "plus" || mark === "minus") { t.moveTo(c - 2.6, c); t.lineTo(c + 2.6, c); }
    if (mark === "plus") { t.moveTo(c, c - 2.6); t.lineTo(c, c + 2.6); }
    if (mark === "hatch") {
      for (const d of [-size, 0, size]) { t.moveTo(d - 1, size + 1); t.lineTo(d + size + 1, -1); }
    }
    t.stroke();
    if (mark === "dots") { t.arc(c, c, 1.2, 0, 7); t.fill(); }
    const made = ctx.createPattern(tile, "repeat");
    made.setTransform(new DOMMatrix().scale(1 / scale));
    return made;
  }

  /** Squares, rings and stations, unpacked once. */
  class Theme {
    /** @param {any} data what layers.py made @param {Atlas} atlas */
    constructor(data, atlas) {
      this.atlas = atlas;
      this.forces = data.meta.forces;
      this.targets = new Map(data.meta.targets.map((t) => [t.name, t]));
      this.cells = unfold(data.cells);
      this.lookup = new Map();
      this.cells.east.forEach((e, i) => {
        const key = `${e} ${this.cells.north[i]}`;
        this.lookup.set(key, [...(this.lookup.get(key) || []), i]);
      });
      this.rings = Object.fromEntries(Object.entries(data.isochrones).map(([name, list]) => [
        name, list.map((ring) => ({ minutes: ring.minutes, lines: ring.rings.map(decode) })),
      ]));
    }

    /** The limit of a target in a square, seconds. */
    limit(target, cell) {
      const t = this.targets.get(target);
      return this.cells.urban[cell] ? t.urban : t.rural;
    }

    /** How a square changes between two scenarios. @returns {keyof CHANGES} */
    change(cell, before, after, target) {
      const far = (s) => (s < 0 ? Infinity : s);
      const a = far(this.cells.seconds[before][cell]);
      const b = far(this.cells.seconds[after][cell]);
      const limit = this.limit(target, cell);
      if (a > limit && b <= limit) return "gained";
      if (a <= limit && b > limit) return "lost";
      if (b < a - 0.5) return "nearer";
      if (b > a + 0.5) return "slower";
      return a <= limit ? "same" : "outside";
    }

    /** Paint squares by class: classOf gives a class name or nothing; looks gives fill, mark, ink. */
    paintSquares(view, classOf, looks) {
      const { ctx } = view;
      const paths = new Map();
      for (let i = 0; i < this.cells.count; i++) {
        const q = this.cells.corners.subarray(8 * i, 8 * i + 8);
        const x = q[0] * view.k - view.left;
        const y = q[1] * view.k - view.top;
        if (x < -200 || y < -200 || x > view.width + 200 || y > view.height + 200) continue;
        const name = classOf(i);
        if (!name) continue;
        const key = `${name}|${this.forces[this.cells.force[i]].alliance ? "alliance" : "outside"}`;
        if (!paths.has(key)) paths.set(key, new Path2D());
        const path = paths.get(key);
        path.moveTo(x, y);
        for (let c = 2; c < 8; c += 2) path.lineTo(q[c] * view.k - view.left, q[c + 1] * view.k - view.top);
        path.closePath();
      }
      for (const [key, path] of paths) {
        const [name, side] = key.split("|");
        const look = looks[name];
        ctx.globalAlpha = FILL_ALPHA[side];
        if (look.fill) { ctx.fillStyle = look.fill; ctx.fill(path); }
        if (look.mark) {
          ctx.globalAlpha = MARK_ALPHA[side];
          ctx.fillStyle = pattern(ctx, look.mark, look.ink);
          ctx.fill(path);
        }
        ctx.globalAlpha = 1;
      }
    }

    /** Response times in bands; squares outside the target are hatched. */
    paintTimes(view, scenario, target) {
      const seconds = this.cells.seconds[scenario];
      const looks = Object.fromEntries(BANDS.map((b, i) => [`band${i}`, b]));
      this.paintSquares(view, (i) => {
        const s = seconds[i];
        return `band${s < 0 ? BANDS.length - 1 : BANDS.findIndex((b) => s <= 60 * b.upTo)}`;
      }, looks);
      this.paintSquares(view, (i) => (seconds[i] < 0 || seconds[i] > this.limit(target, i) ? "beyond" : ""),
        { beyond: { mark: "hatch", ink: "#8a4b12" } });
    }

    /** What changes between two scenarios. */
    paintChange(view, before, after, target) {
      this.paintSquares(view, (i) => this.change(i, before, after, target), CHANGES);
    }

    /** The listed places that gain (round, +) or lose (square, −), sized by people. */
    paintMoves(view, lists) {
      for (const [kind, list] of [["lost", lists.lost], ["gained", lists.gained]]) {
        for (const place of [...list].reverse()) {
          const [x, y] = world(place.at[0] / 1e5, place.at[1] / 1e5);
          paintMove(view.ctx, x * view.k - view.left, y * view.k - view.top, moveRadius(place.people), kind);
        }
      }
    }

    /** Driving-time areas as rings: each polygon is filled only where no nearer one lies. */
    paintZones(view, scenario) {
      const { ctx } = view;
      const zones = [...(this.rings[scenario] || [])].sort((a, b) => a.minutes - b.minutes);
      zones.forEach((zone, i) => {
        const inner = i ? zones[i - 1].lines : [];
        const band = BANDS.find((b) => zone.minutes <= b.upTo) || BANDS[BANDS.length - 1];
        ctx.fillStyle = band.fill;
        ctx.globalAlpha = 0.82;
        ctx.fill(pathOf(view, [...zone.lines, ...inner], true), "evenodd");
        ctx.globalAlpha = 1;
      });
    }

    /** Outlines of the driving-time areas that are asked for. @param {Set<number>} minutes */
    paintRings(view, scenario, minutes) {
      const { ctx } = view;
      for (const ring of this.rings[scenario] || []) {
        if (!minutes.has(ring.minutes)) continue;
        const look = RINGS[ring.minutes] || OTHER_RING;
        const path = pathOf(view, ring.lines, true);
        ctx.lineJoin = "round";
        ctx.setLineDash([]);
        ctx.strokeStyle = "rgba(255, 255, 255, 0.75)";
        ctx.lineWidth = look.width + 2;
        ctx.stroke(path);
        ctx.setLineDash(look.dash);
        ctx.strokeStyle = look.line;
        ctx.lineWidth = look.width;
        ctx.stroke(path);
        ctx.setLineDash([]);
      }
    }

    /** Units at a station in a scenario. */
    units(scenario, i) {
      const { stations } = this.atlas;
      return (stations.unitsIn[scenario] || stations.units)[i];
    }

    /** Colour of a force's stations. */
    inkOf(force) {
      return this.forces[force] && this.forces[force].alliance ? FORCE_INKS[force % FORCE_INKS.length] : OUTSIDE_INK;
    }

    /** Boxes of the stations in a view, for lettering to avoid. */
    stationBoxes(view) {
      const r = radius(view.zoom) + 1;
      return this.atlas.stations.name.map((_, i) => {
        const [x, y] = Atlas.at(view, this.atlas.stations.xy, i);
        return [x - r, y - r, x + r, y + r];
      });
    }

    /** Stations of a scenario: shape by role, number of units inside, hollow where no unit starts. */
    paintStations(view, scenario) {
      const { stations } = this.atlas;
      const order = stations.name.map((_, i) => i).sort((a, b) => this.units(scenario, a) - this.units(scenario, b));
      for (const i of order) {
        const [x, y] = Atlas.at(view, stations.xy, i);
        if (x < -20 || y < -20 || x > view.width + 20 || y > view.height + 20) continue;
        paintStation(view.ctx, x, y, radius(view.zoom), stations.role[i], this.units(scenario, i), this.inkOf(stations.force[i]));
      }
    }

    /** The station within reach of a pixel, or -1. */
    stationAt(view, px, py) {
      let best = -1;
      let nearest = radius(view.zoom) + 4;
      for (let i = 0; i < this.atlas.stations.name.length; i++) {
        const [x, y] = Atlas.at(view, this.atlas.stations.xy, i);
        const d = Math.hypot(x - px, y - py);
        if (d < nearest) { nearest = d; best = i; }
      }
      return best;
    }

    /** The square (or strip of one) at a world point, or -1. */
    cellAt(x, y) {
      const [e, n] = this.cells.toGrid(x, y);
      const found = this.lookup.get(`${Math.floor(e)} ${Math.floor(n)}`);
      if (!found) return -1;
      return found[Math.min(found.length - 1, Math.floor((e - Math.floor(e)) * found.length))];
    }
  }

  /** Radius of a place that gains or loses, pixels: its area stands for people. */
  function moveRadius(people) { return Math.min(20, 5.5 + Math.sqrt(people) / 4); }

  /** A place that gains or loses: shape and sign tell which, without colour. */
  function paintMove(ctx, x, y, r, kind) {
    ctx.beginPath();
    if (kind === "gained") ctx.arc(x, y, r, 0, 7);
    else ctx.rect(x - 0.9 * r, y - 0.9 * r, 1.8 * r, 1.8 * r);
    ctx.fillStyle = CHANGES[kind].fill;
    ctx.fill();
    ctx.lineWidth = 2;
    ctx.strokeStyle = "#ffffff";
    ctx.stroke();
    const arm = Math.min(6, 0.55 * r);
    ctx.beginPath();
    ctx.moveTo(x - arm, y);
    ctx.lineTo(x + arm, y);
    if (kind === "gained") { ctx.moveTo(x, y - arm); ctx.lineTo(x, y + arm); }
    ctx.lineWidth = 2.4;
    ctx.strokeStyle = kind === "gained" ? "#ffffff" : "#2a0f00";
    ctx.stroke();
  }

  /** Radius of a station's symbol, pixels. */
  function radius(zoom) { return ramp(zoom, [8, 5.6], [11, 10]); }

  /** One station's symbol. */
  function paintStation(ctx, x, y, r, role, units, ink) {
    const size = units > 0 ? r : r * 0.62;
    ctx.beginPath();
    if (role === "hq") ctx.rect(x - size, y - size, 2 * size, 2 * size);
    else if (role === "custody") {
      ctx.moveTo(x, y - 1.3 * size); ctx.lineTo(x + 1.3 * size, y); ctx.lineTo(x, y + 1.3 * size); ctx.lineTo(x - 1.3 * size, y); ctx.closePath();
    } else if (role === "response") ctx.arc(x, y, size, 0, 7);
    else { ctx.moveTo(x, y - 1.2 * size); ctx.lineTo(x + 1.15 * size, y + 0.85 * size); ctx.lineTo(x - 1.15 * size, y + 0.85 * size); ctx.closePath(); }
    ctx.lineWidth = 3.2;
    ctx.strokeStyle = "#ffffff";
    ctx.stroke();
    ctx.fillStyle = units > 0 ? ink : "#ffffff";
    ctx.fill();
    ctx.lineWidth = units > 0 ? 0.8 : 1.6;
    ctx.strokeStyle = ink;
    ctx.stroke();
    if (units > 0 && r >= 5) {
      ctx.fillStyle = "#ffffff";
      ctx.font = `700 ${Math.round(r * 1.35)}px ${FAMILY}`;
      ctx.textAlign = "center";
      ctx.textBaseline = "middle";
      ctx.fillText(String(units), x, y + 0.5);
    }
  }

  /** Squares' columns undone, with their corners in world coordinates. */
  function unfold(cells) {
    const sum = (list) => { let s = 0; return list.map((d) => (s += d)); };
    const east = sum(cells.east);
    const north = sum(cells.north);
    const { origin, scale, lon, lat } = cells.grid;
    const poly = (c, e, n) => c[0] + c[1] * e + c[2] * n + c[3] * e * e + c[4] * e * n + c[5] * n * n +
      c[6] * e ** 3 + c[7] * e * e * n + c[8] * e * n * n + c[9] * n ** 3;
    const toWorld = (e, n) => {
      const u = (e - origin[0]) / scale;
      const v = (n - origin[1]) / scale;
      return world(poly(lon, u, v), poly(lat, u, v));
    };
    const corners = new Float64Array(8 * east.length);
    east.forEach((e, i) => {
      const w = e + cells.part[i] / cells.parts[i];
      const x = e + (cells.part[i] + 1) / cells.parts[i];
      const n = north[i];
      corners.set([...toWorld(w, n), ...toWorld(x, n), ...toWorld(x, n + 1), ...toWorld(w, n + 1)], 8 * i);
    });
    /** Newton's method on the fitted grid: a few steps are exact to the metre. */
    const toGrid = (x, y) => {
      let [e, n] = origin;
      for (let step = 0; step < 6; step++) {
        const [x0, y0] = toWorld(e, n);
        const [xe, ye] = toWorld(e + 1, n);
        const [xn, yn] = toWorld(e, n + 1);
        const det = (xe - x0) * (yn - y0) - (xn - x0) * (ye - y0);
        e += ((x - x0) * (yn - y0) - (xn - x0) * (y - y0)) / det;
        n += ((xe - x0) * (y - y0) - (x - x0) * (ye - y0)) / det;
      }
      return [e, n];
    };
    return { ...cells, east, north, corners, toGrid, count: east.length };
  }

  root.Borderless = Object.assign(root.Borderless, { Theme, BANDS, RINGS, OTHER_RING, CHANGES, pattern, paintStation, paintMove });
})(window);
