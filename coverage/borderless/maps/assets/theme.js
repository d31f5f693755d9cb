/** What the map of a comparison is about: squares coloured by response time, driving-time rings, differences, stations. */
(function (root) {
  "use strict";
  const { Atlas, decode, world, pathOf, ramp, palette, pattern, paintMove, paintStation } = root.Borderless;

  const { BANDS, CHANGES } = palette;

  const FILL_ALPHA = { alliance: 0.86, outside: 0.32 };
  const MARK_ALPHA = { alliance: 1, outside: 0.22 };

  /** Squares, rings and stations, unpacked once. */
  class Theme {
    /**
     * @param {ThemeData} data what layers.py made
     * @param {Atlas} atlas
     */
    constructor(data, atlas) {
      this.atlas = atlas;
      this.forces = data.meta.forces;
      /** Of the driving-time areas, ascending. */
      this.minutes = [...new Set(Object.values(data.isochrones).flat().map((ring) => ring.minutes))].sort((a, b) => a - b);
      this.targets = new Map(data.meta.targets.map((t) => [t.name, t]));
      this.cells = unfold(data.cells);
      /** Squares by "east north", several where forces share one. @type {Map<string, number[]>} */
      this.lookup = new Map();
      this.cells.east.forEach((e, i) => {
        const key = `${e} ${this.cells.north[i]}`;
        this.lookup.set(key, [...(this.lookup.get(key) || []), i]);
      });
      this.rings = Object.fromEntries(Object.entries(data.isochrones).map(([name, list]) => [
        name, list.map((ring) => ({ minutes: ring.minutes, lines: ring.rings.map(decode) })),
      ]));
    }

    /**
     * The name of a force.
     * @param {number} force row of the force, or -1
     */
    forceName(force) {
      return this.forces[force]?.name || "no force";
    }

    /**
     * The limit of a target in a square, seconds.
     * @param {string} target
     * @param {number} cell
     */
    limit(target, cell) {
      const t = /** @type {Target} */ (this.targets.get(target));
      return this.cells.urban[cell] ? t.urban : t.rural;
    }

    /**
     * How a square changes between two scenarios.
     * @param {number} cell
     * @param {string} before
     * @param {string} after
     * @param {string} target
     * @returns {ChangeKind}
     */
    change(cell, before, after, target) {
      /** @type {(s: number) => number} */
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

    /**
     * Paint squares by class.
     * @param {View} view
     * @param {(cell: number) => string} classOf a name in looks, or nothing
     * @param {Record<string, Partial<AreaLook>>} looks
     */
    paintSquares(view, classOf, looks) {
      const { ctx } = view;
      /** @type {Map<string, { path: Path2D, look: Partial<AreaLook>, side: "alliance" | "outside" }>} */
      const paths = new Map();
      for (let i = 0; i < this.cells.count; i++) {
        const q = this.cells.corners.subarray(8 * i, 8 * i + 8);
        const x = q[0] * view.k - view.left;
        const y = q[1] * view.k - view.top;
        if (x < -200 || y < -200 || x > view.width + 200 || y > view.height + 200) continue;
        const name = classOf(i);
        if (!name) continue;
        const side = this.forces[this.cells.force[i]].alliance ? "alliance" : "outside";
        const key = `${name} ${side}`;
        const { path } = paths.get(key) || { path: new Path2D() };
        paths.set(key, { path, look: looks[name], side });
        path.moveTo(x, y);
        // filling closes each square; closePath would walk the whole path so far, again for every square
        for (let c = 2; c < 8; c += 2) path.lineTo(q[c] * view.k - view.left, q[c + 1] * view.k - view.top);
      }
      for (const { path, look, side } of paths.values()) {
        ctx.globalAlpha = FILL_ALPHA[side];
        if (look.fill) { ctx.fillStyle = look.fill; ctx.fill(path); }
        if (look.mark && look.ink) {
          ctx.globalAlpha = MARK_ALPHA[side];
          ctx.fillStyle = pattern(ctx, look.mark, look.ink);
          ctx.fill(path);
        }
        ctx.globalAlpha = 1;
      }
    }

    /**
     * Response times in bands; squares outside the target are hatched.
     * @param {View} view
     * @param {string} scenario
     * @param {string} target
     */
    paintTimes(view, scenario, target) {
      const seconds = this.cells.seconds[scenario];
      const looks = Object.fromEntries(BANDS.map((b, i) => [`band${i}`, b]));
      this.paintSquares(view, (i) => {
        const s = seconds[i];
        return `band${s < 0 ? BANDS.length - 1 : BANDS.findIndex((b) => s <= 60 * b.upTo)}`;
      }, looks);
      this.paintSquares(view, (i) => (seconds[i] < 0 || seconds[i] > this.limit(target, i) ? "beyond" : ""),
        { beyond: { mark: "hatch", ink: palette.colour("late") } });
    }

    /**
     * What changes between two scenarios.
     * @param {View} view
     * @param {string} before
     * @param {string} after
     * @param {string} target
     */
    paintChange(view, before, after, target) {
      this.paintSquares(view, (i) => this.change(i, before, after, target), CHANGES);
    }

    /**
     * The listed places that gain or lose, sized by people.
     * @param {View} view
     * @param {PlaceLists} lists
     */
    paintMoves(view, lists) {
      for (const kind of /** @type {("lost" | "gained")[]} */ (["lost", "gained"])) {
        for (const place of [...lists[kind]].reverse()) {
          const [x, y] = world(place.at[0] / 1e5, place.at[1] / 1e5);
          paintMove(view.ctx, x * view.k - view.left, y * view.k - view.top, (view.text || 1) * moveRadius(place.people), kind);
        }
      }
    }

    /**
     * Driving-time areas as rings: each polygon is filled only where no nearer one lies.
     * @param {View} view
     * @param {string} scenario
     */
    paintZones(view, scenario) {
      const { ctx } = view;
      const zones = [...(this.rings[scenario] || [])].sort((a, b) => a.minutes - b.minutes);
      zones.forEach((zone, i) => {
        const inner = i ? zones[i - 1].lines : [];
        ctx.fillStyle = palette.bandOf(zone.minutes).fill;
        ctx.globalAlpha = 0.82;
        ctx.fill(pathOf(view, [...zone.lines, ...inner], true), "evenodd");
        ctx.globalAlpha = 1;
      });
    }

    /**
     * Outlines of the driving-time areas that are asked for.
     * @param {View} view
     * @param {string} scenario
     * @param {Set<number>} minutes
     */
    paintRings(view, scenario, minutes) {
      const { ctx } = view;
      for (const ring of this.rings[scenario] || []) {
        if (!minutes.has(ring.minutes)) continue;
        const look = palette.ringOf(ring.minutes);
        const path = pathOf(view, ring.lines, true);
        ctx.lineJoin = "round";
        ctx.setLineDash([]);
        ctx.strokeStyle = palette.veiled("halo", 0.75);
        ctx.lineWidth = look.width + 2;
        ctx.stroke(path);
        ctx.setLineDash(look.dash);
        ctx.strokeStyle = look.line;
        ctx.lineWidth = look.width;
        ctx.stroke(path);
        ctx.setLineDash([]);
      }
    }

    /**
     * Units at a station in a scenario.
     * @param {string} scenario
     * @param {number} i
     */
    units(scenario, i) {
      const { stations } = this.atlas;
      return (stations.unitsIn[scenario] || stations.units)[i];
    }

    /**
     * Colour of a force's stations.
     * @param {number} force row of the force, or -1
     */
    inkOf(force) {
      const { FORCES, colour } = palette;
      return this.forces[force]?.alliance ? FORCES[force % FORCES.length] : colour("force-outside");
    }

    /**
     * Boxes of the stations in a view, for lettering to avoid.
     * @param {View} view
     * @returns {Box[]}
     */
    stationBoxes(view) {
      const r = radius(view) + 1;
      return this.atlas.stations.name.map((_, i) => {
        const [x, y] = Atlas.at(view, this.atlas.stations.xy, i);
        return /** @type {Box} */ ([x - r, y - r, x + r, y + r]);
      });
    }

    /**
     * Stations of a scenario, those with most units on top.
     * @param {View} view
     * @param {string} scenario
     */
    paintStations(view, scenario) {
      const { stations } = this.atlas;
      const order = stations.name.map((_, i) => i).sort((a, b) => this.units(scenario, a) - this.units(scenario, b));
      for (const i of order) {
        const [x, y] = Atlas.at(view, stations.xy, i);
        if (x < -20 || y < -20 || x > view.width + 20 || y > view.height + 20) continue;
        paintStation(view.ctx, x, y, radius(view), stations.role[i], this.units(scenario, i), this.inkOf(stations.force[i]));
      }
    }

    /**
     * The station within reach of a pixel, or -1.
     * @param {View} view
     * @param {number} px
     * @param {number} py
     */
    stationAt(view, px, py) {
      let best = -1;
      let nearest = radius(view) + 4;
      for (let i = 0; i < this.atlas.stations.name.length; i++) {
        const [x, y] = Atlas.at(view, this.atlas.stations.xy, i);
        const d = Math.hypot(x - px, y - py);
        if (d < nearest) { nearest = d; best = i; }
      }
      return best;
    }

    /**
     * The square (or strip of one) at a world point, or -1.
     * @param {number} x
     * @param {number} y
     */
    cellAt(x, y) {
      const [e, n] = this.cells.toGrid(x, y);
      const found = this.lookup.get(`${Math.floor(e)} ${Math.floor(n)}`);
      if (!found) return -1;
      return found[Math.min(found.length - 1, Math.floor((e - Math.floor(e)) * found.length))];
    }
  }

  /**
   * Radius of a place that gains or loses, pixels: its area stands for people.
   * @param {number} people
   */
  function moveRadius(people) { return Math.min(20, 5.5 + Math.sqrt(people) / 4); }

  /**
   * Radius of a station's symbol, pixels.
   * @param {View} view
   */
  function radius(view) { return (view.text || 1) * ramp(view.zoom, [8, 5.6], [11, 10]); }

  /**
   * Squares' columns undone, with their corners in world coordinates.
   * @param {CellData} cells
   * @returns {Cells}
   */
  function unfold(cells) {
    /** @type {(list: number[]) => number[]} */
    const sum = (list) => { let s = 0; return list.map((d) => (s += d)); };
    const east = sum(cells.east);
    const north = sum(cells.north);
    const { origin, scale, lon, lat } = cells.grid;
    /** @type {(c: number[], e: number, n: number) => number} */
    const poly = (c, e, n) => c[0] + c[1] * e + c[2] * n + c[3] * e * e + c[4] * e * n + c[5] * n * n +
      c[6] * e ** 3 + c[7] * e * e * n + c[8] * e * n * n + c[9] * n ** 3;
    /** @type {(e: number, n: number) => Point} */
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
    /** Newton's method on the fitted grid: a few steps are exact to the metre. @type {(x: number, y: number) => Point} */
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

  root.Borderless = Object.assign(root.Borderless, /** @satisfies {Partial<BorderlessParts>} */ ({ Theme }));
})(window);
