/**
 * The atlas: geometry unpacked into world coordinates, and the quiet parts of the map
 * (land, roads, borders). Everything is painted on a canvas through a View, so the same
 * painters serve the screen and the printer.
 */
(function (root) {
  "use strict";

  const { colour, veiled } = root.Borderless.palette;

  const DEGREE = 1e5;

  /**
   * Longitude and latitude to world coordinates, 256 units wide.
   * @param {number} lon
   * @param {number} lat
   * @returns {Point}
   */
  function world(lon, lat) {
    const s = Math.sin((lat * Math.PI) / 180);
    return [256 * (lon / 360 + 0.5), 256 * (0.5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI))];
  }

  /**
   * World coordinates back to [latitude, longitude].
   * @param {number} x
   * @param {number} y
   * @returns {Point}
   */
  function degrees(x, y) {
    const n = Math.PI * (1 - y / 128);
    return [(180 / Math.PI) * Math.atan(Math.sinh(n)), (x / 256 - 0.5) * 360];
  }

  /**
   * Undo the whole-number differences of layers.encode.
   * @param {number[]} flat
   * @returns {Line}
   */
  function decode(flat) {
    const xy = new Float64Array(flat.length);
    /** @type {Box} */
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    let lon = 0;
    let lat = 0;
    for (let i = 0; i < flat.length; i += 2) {
      lon += flat[i];
      lat += flat[i + 1];
      const [x, y] = world(lon / DEGREE, lat / DEGREE);
      xy[i] = x;
      xy[i + 1] = y;
      box[0] = Math.min(box[0], x);
      box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x);
      box[3] = Math.max(box[3], y);
    }
    return { xy, box };
  }

  /**
   * Points given one by one, each by itself.
   * @param {number[]} flat
   * @returns {Float64Array} world coordinates in turn
   */
  function points(flat) {
    const xy = new Float64Array(flat.length);
    for (let i = 0; i < flat.length; i += 2) xy.set(world(flat[i] / DEGREE, flat[i + 1] / DEGREE), i);
    return xy;
  }

  /**
   * Whether a box, widened by `margin` pixels, meets the view.
   * @param {View} view
   * @param {Box} box
   * @param {number} margin
   */
  function visible(view, box, margin = 20) {
    return (
      box[2] * view.k - view.left > -margin && box[0] * view.k - view.left < view.width + margin &&
      box[3] * view.k - view.top > -margin && box[1] * view.k - view.top < view.height + margin
    );
  }

  /**
   * Add a line to a path, leaving out points that would fall on the same pixel.
   * @param {View} view
   * @param {Path2D} path
   * @param {Line} line
   * @param {boolean} close
   */
  function trace(view, path, line, close) {
    const { xy } = line;
    let px = 0;
    let py = 0;
    for (let i = 0; i < xy.length; i += 2) {
      const x = xy[i] * view.k - view.left;
      const y = xy[i + 1] * view.k - view.top;
      if (i === 0) path.moveTo(x, y);
      else if (i === xy.length - 2 || Math.abs(x - px) + Math.abs(y - py) > 0.8) path.lineTo(x, y);
      else continue;
      px = x;
      py = y;
    }
    if (close) path.closePath();
  }

  /**
   * One path from many lines, those out of view left out.
   * @param {View} view
   * @param {Line[]} lines
   * @param {boolean} close
   */
  function pathOf(view, lines, close) {
    const path = new Path2D();
    for (const line of lines) if (visible(view, line.box)) trace(view, path, line, close);
    return path;
  }

  /**
   * A value between stops of zoom: ramp(9.5, [8, 1], [12, 3]).
   * @param {number} zoom
   * @param {Point} low
   * @param {Point} high
   */
  function ramp(zoom, [z0, v0], [z1, v1]) {
    const t = Math.min(1, Math.max(0, (zoom - z0) / (z1 - z0)));
    return v0 + t * (v1 - v0);
  }

  /** @type {Record<string, { from: number, core: string, casing: string, width: [Point, Point], edge: number }>} */
  const ROAD = {
    motorway: { from: 0, core: colour("motorway"), casing: colour("motorway-edge"), width: [[8.5, 1.9], [13, 7]], edge: 1.4 },
    trunk: { from: 0, core: colour("trunk"), casing: colour("trunk-edge"), width: [[8.5, 1.1], [13, 6]], edge: 1 },
    primary: { from: 8.5, core: colour("primary"), casing: colour("primary-edge"), width: [[8, 0.8], [13, 4.5]], edge: 1.0 },
    secondary: { from: 9.4, core: colour("secondary"), casing: colour("secondary-edge"), width: [[9, 0.4], [13, 3.2]], edge: 0.8 },
  };

  /** Lines, areas, places and stations, unpacked once. */
  class Atlas {
    /** @param {AtlasData} data what layers.py made */
    constructor(data) {
      this.roads = data.roads.map((r) => ({ ...r, lines: r.lines.map(decode) }));
      this.areas = data.areas.map((a) => ({
        ...a, rings: a.rings.map(decode), label: points(a.label),
      }));
      this.places = { ...data.places, xy: points(data.places.at) };
      this.stations = { ...data.stations, xy: points(data.stations.at) };
      const [west, south, east, north] = data.bounds;
      this.bounds = [...world(west, north), ...world(east, south)];
    }

    /**
     * Paper, neighbours' land and the alliance's land.
     * @param {View} view
     */
    paintLand(view) {
      const { ctx } = view;
      ctx.fillStyle = colour("sea");
      ctx.fillRect(0, 0, view.width, view.height);
      for (const area of [...this.areas].reverse()) {
        ctx.fillStyle = colour(area.alliance ? "land" : "neighbour");
        ctx.fill(pathOf(view, area.rings, true), "evenodd");
      }
    }

    /**
     * Roads, each class cased, the quietest first; all casings of a class lie under its cores.
     * @param {View} view
     */
    paintRoads(view) {
      const { ctx } = view;
      ctx.lineCap = "round";
      ctx.lineJoin = "round";
      for (const kind of ["secondary", "primary", "trunk", "motorway"]) {
        const look = ROAD[kind];
        if (view.zoom < look.from) continue;
        const lines = this.roads.filter((r) => r.class === kind).flatMap((r) => r.lines);
        const path = pathOf(view, lines, false);
        const width = ramp(view.zoom, ...look.width);
        ctx.strokeStyle = look.casing;
        ctx.globalAlpha = view.zoom < 9.5 && kind !== "motorway" && kind !== "trunk" ? 0.75 : 1;
        ctx.lineWidth = width + look.edge;
        ctx.stroke(path);
        ctx.globalAlpha = 1;
        if (width < 1) continue;
        ctx.strokeStyle = look.core;
        ctx.lineWidth = width;
        ctx.stroke(path);
      }
    }

    /**
     * The study's areas as one path.
     * @param {View} view
     */
    land(view) {
      return pathOf(view, this.areas.flatMap((a) => a.rings), true);
    }

    /**
     * A veil over what lies beyond the study, so that the eye stays inside.
     * @param {View} view
     */
    paintVeil(view) {
      const veil = new Path2D();
      veil.rect(0, 0, view.width, view.height);
      veil.addPath(this.land(view));
      view.ctx.fillStyle = veiled("sea", 0.62);
      view.ctx.fill(veil, "evenodd");
    }

    /**
     * Force borders as on a printed county map: a soft band with a dashed line in it.
     * @param {View} view
     */
    paintBorders(view) {
      const { ctx } = view;
      for (const alliance of [false, true]) {
        const rings = this.areas.filter((a) => a.alliance === alliance).flatMap((a) => a.rings);
        const path = pathOf(view, rings, true);
        ctx.lineJoin = "round";
        ctx.setLineDash([]);
        ctx.strokeStyle = alliance ? veiled("border", 0.2) : veiled("border-outside", 0.14);
        ctx.lineWidth = alliance ? 7 : 5;
        ctx.stroke(path);
        ctx.strokeStyle = colour(alliance ? "border" : "border-outside");
        ctx.lineWidth = alliance ? 1.5 : 1;
        ctx.setLineDash(alliance ? [9, 3, 2, 3] : [4, 3]);
        ctx.stroke(path);
        ctx.setLineDash([]);
      }
    }

    /**
     * Where a world point falls in the view.
     * @param {View} view
     * @param {ArrayLike<number>} xy
     * @param {number} i
     * @returns {Point}
     */
    static at(view, xy, i) {
      return [xy[2 * i] * view.k - view.left, xy[2 * i + 1] * view.k - view.top];
    }
  }

  root.Borderless = Object.assign(root.Borderless, /** @satisfies {Partial<BorderlessParts>} */ ({
    Atlas, world, degrees, decode, points, visible, trace, pathOf, ramp,
  }));
})(window);
