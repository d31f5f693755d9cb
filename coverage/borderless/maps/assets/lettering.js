/**
 * Lettering: place names with halos, force names, road numbers as shields.
 * Names never overlap; more important ones are placed first, and each tries several positions.
 */
(function (root) {
  "use strict";
  const { Atlas, visible, pathOf, ramp } = root.Borderless;

  const { colour, veiled } = root.Borderless.palette;

  const OUTSIDE = colour("outside-name");
  const FAMILY = '"Segoe UI", "Helvetica Neue", Arial, "Liberation Sans", sans-serif';
  /** By kind of place. @type {{ from: number, size: [Point, Point], style: string, ink: string, dot: number }[]} */
  const KINDS = [
    { from: 0, size: [[8, 14.5], [12, 19]], style: "700", ink: colour("ink"), dot: 0 }, // city
    { from: 8.2, size: [[8, 11], [12, 15]], style: "600", ink: colour("ink-town"), dot: 2.3 }, // town
    { from: 11.4, size: [[11, 11], [13, 12.5]], style: "italic 500", ink: colour("ink-suburb"), dot: 0 }, // suburb
    { from: 10.3, size: [[10, 10.5], [13, 12.5]], style: "400", ink: colour("ink-village"), dot: 1.6 }, // village
  ];
  /** @type {Record<string, { fill: string, ink: string, edge: string }>} */
  const SHIELD = {
    motorway: { fill: colour("motorway-sign"), ink: colour("motorway-sign-ink"), edge: colour("motorway-sign-edge") },
    trunk: { fill: colour("trunk-sign"), ink: colour("trunk-sign-ink"), edge: colour("trunk-sign-edge") },
    primary: { fill: colour("primary-sign"), ink: colour("primary-sign-ink"), edge: colour("primary-sign-edge") },
  };

  /**
   * A size of letters, larger where the page's text is.
   * @param {View} view
   * @param {number} size in pixels
   */
  function scaled(view, size) { return size * (view.text || 1); }

  /**
   * Whether two boxes overlap.
   * @param {Box} a
   * @param {Box} b
   */
  function meet(a, b) { return a[0] < b[2] && a[2] > b[0] && a[1] < b[3] && a[3] > b[1]; }

  /** Boxes already taken. */
  class Taken {
    constructor() {
      /** @type {Box[]} */
      this.boxes = [];
    }

    /**
     * Whether nothing is there yet.
     * @param {Box} box
     */
    free(box) {
      return !this.boxes.some((b) => meet(box, b));
    }

    /** @param {Box} box */
    add(box) { this.boxes.push(box); }
  }

  /**
   * Text with a pale halo.
   * @param {Context} ctx
   * @param {string} string
   * @param {number} x
   * @param {number} y
   * @param {string} ink
   * @param {number} width of the halo, in pixels
   */
  function halo(ctx, string, x, y, ink, width) {
    ctx.lineJoin = "round";
    ctx.strokeStyle = veiled("halo", 0.92);
    ctx.lineWidth = width;
    ctx.strokeText(string, x, y);
    ctx.fillStyle = ink;
    ctx.fillText(string, x, y);
  }

  /**
   * Text that is safe to draw: no direction overrides that would turn its neighbours round.
   * @param {string} string
   */
  function plain(string) {
    return string.replace(/[\u202a-\u202e\u2066-\u2069]/g, "\ufffd");
  }

  /**
   * Positions to try, as [left, top] of a w × h box around (x, y).
   * @param {number} kind of place
   * @param {number} x
   * @param {number} y
   * @param {number} w
   * @param {number} h
   * @param {number} gap
   * @returns {Point[]}
   */
  function positions(kind, x, y, w, h, gap) {
    /** @type {Point[]} */
    const beside = [[x + gap, y - h / 2], [x - gap - w, y - h / 2]];
    /** @type {Point[]} */
    const above = [[x - w / 2, y - h - gap], [x - w / 2, y + gap]];
    /** @type {Point[]} */
    const corners = [[x + gap * 0.7, y - h - gap * 0.5], [x - w - gap * 0.7, y - h - gap * 0.5],
      [x + gap * 0.7, y + gap * 0.5], [x - w - gap * 0.7, y + gap * 0.5]];
    /** @type {Point[]} */
    const wide = [[x - w / 2, y - h - 3 * gap], [x - w / 2, y + 3 * gap], [x + 3 * gap, y - h / 2], [x - 3 * gap - w, y - h / 2]];
    if (kind === 0) {
      const ring = [26, 38, 50].flatMap((r) => [0, 1, 2, 3, 4, 5, 6, 7].map((turn) => {
        const [c, s] = [Math.cos((turn * Math.PI) / 4), Math.sin((turn * Math.PI) / 4)];
        return /** @type {Point} */ ([x + c * (r + w / 2) - w / 2, y + s * r - h / 2]);
      }));
      return [[x - w / 2, y - h / 2], ...above, ...beside, ...wide, ...ring];
    }
    return [...beside, ...above, ...corners, ...(kind === 1 ? wide : [])];
  }

  /**
   * Where a force's name disturbs least: inside its area, clear of other names, stations and cities.
   * @param {View} view
   * @param {Area} area
   * @param {number} width
   * @param {number} size
   * @param {Box[]} obstacles
   * @param {Taken} taken
   */
  function forceSpot(view, area, width, size, obstacles, taken) {
    const { ctx } = view;
    const path = pathOf(view, area.rings, true);
    /** @type {(x: number, y: number) => boolean} */
    const inside = (x, y) => ctx.isPointInPath(path, x * view.sharp, y * view.sharp, "evenodd");
    const [x0, y0] = Atlas.at(view, area.label, 0);
    const drop = size * (area.alliance ? 0.6 : 1.7);
    /** @type {{ cost: number, x: number, y: number, box: Box }} */
    let best = { cost: Infinity, x: x0, y: y0, box: [x0, y0, x0, y0] };
    for (let dy = -132; dy <= 132; dy += 16.5) {
      for (let dx = -75; dx <= 75; dx += 25) {
        const [x, y] = [x0 + dx, y0 + dy];
        /** @type {Box} */
        const box = [x - width / 2, y - size * 0.6, x + width / 2, y + drop];
        const hits = obstacles.filter((b) => meet(box, b)).length;
        const beyond = Math.max(0, -box[0], box[2] - view.width, -box[1], box[3] - view.height);
        let cost = 1.5 * hits + Math.hypot(dx, dy) / 100 + (taken.free(box) ? 0 : 8) + Math.min(beyond, 60) / 12;
        if (cost >= best.cost) continue; // before the slow question whether its corners are inside
        const corners = [[box[0], box[1] - 4], [box[2], box[1] - 4], [box[0], box[3] + 4], [box[2], box[3] + 4]];
        cost += 1.5 * corners.filter(([a, b]) => !inside(a, b)).length;
        if (cost < best.cost) best = { cost, x, y, box };
      }
    }
    return best;
  }

  /**
   * Letter-spaced names of the forces; close up the place itself says where one is.
   * @param {View} view
   * @param {Atlas} atlas
   * @param {Taken} taken
   * @param {Box[]} stations
   */
  function forceNames(view, atlas, taken, stations) {
    if (view.zoom > 11) return;
    const { ctx } = view;
    /** @type {Box[]} */
    const cities = atlas.places.name.flatMap((_, i) => {
      const [x, y] = Atlas.at(view, atlas.places.xy, i);
      return atlas.places.kind[i] === 0 ? [/** @type {Box} */ ([x - 36, y - 11, x + 36, y + 11])] : [];
    });
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    for (const area of atlas.areas) {
      const size = scaled(view, ramp(view.zoom, [7.5, 10.5], [10, 18]));
      ctx.font = `600 ${size}px ${FAMILY}`;
      if ("letterSpacing" in ctx) ctx.letterSpacing = `${size * 0.26}px`;
      const name = plain(area.name).toUpperCase();
      const { x, y, box } = forceSpot(view, area, ctx.measureText(name).width, size, [...stations, ...cities], taken);
      taken.add(box);
      ctx.globalAlpha = area.alliance ? 0.9 : 0.75;
      halo(ctx, name, x, y, area.alliance ? colour("border") : OUTSIDE, 3.5);
      if ("letterSpacing" in ctx) ctx.letterSpacing = "0px";
      if (!area.alliance) {
        ctx.font = `italic 400 ${Math.max(10, size * 0.62)}px ${FAMILY}`;
        halo(ctx, "not in the alliance", x, y + size * 1.05, OUTSIDE, 3);
      }
      ctx.globalAlpha = 1;
    }
  }

  /**
   * Names of cities, towns, suburbs and villages.
   * @param {View} view
   * @param {Atlas} atlas
   * @param {Taken} taken
   * @param {Taken} soft boxes better left free (stations)
   */
  function placeNames(view, atlas, taken, soft) {
    const { ctx } = view;
    const { places } = atlas;
    ctx.textAlign = "left";
    ctx.textBaseline = "top";
    for (let i = 0; i < places.name.length; i++) {
      const look = KINDS[places.kind[i]];
      if (view.zoom < look.from) continue;
      if (places.kind[i] === 1 && view.zoom < 9 && places.people[i] < 6000) continue;
      const [x, y] = Atlas.at(view, places.xy, i);
      if (x < -60 || y < -20 || x > view.width + 60 || y > view.height + 20) continue;
      /** @type {Box} */
      const dot = [x - 3, y - 3, x + 3, y + 3];
      if (look.dot && !taken.free(dot)) continue;
      const size = scaled(view, ramp(view.zoom, ...look.size));
      ctx.font = `${look.style} ${size}px ${FAMILY}`;
      const name = plain(places.name[i]);
      const w = ctx.measureText(name).width;
      const spots = positions(places.kind[i], x, y, w, size, look.dot + 4);
      /** @type {(spot: Point) => Box} */
      const box = ([l, t]) => [l - 2, t - 1, l + w + 2, t + size + 1];
      const spot = spots.find((s) => taken.free(box(s)) && soft.free(box(s))) ||
        (places.kind[i] === 0 ? spots.find((s) => taken.free(box(s))) : undefined);
      if (!spot) continue;
      taken.add(box(spot));
      if (look.dot) {
        ctx.beginPath();
        ctx.arc(x, y, look.dot, 0, 7);
        ctx.fillStyle = colour("halo");
        ctx.strokeStyle = look.ink;
        ctx.lineWidth = 1.1;
        ctx.fill();
        ctx.stroke();
        taken.add(dot);
      }
      halo(ctx, name, spot[0], spot[1], look.ink, places.kind[i] < 2 ? 3.6 : 3);
    }
  }

  /**
   * Road numbers on their roads, one every 200 pixels or so.
   * @param {View} view
   * @param {Atlas} atlas
   * @param {Taken} taken
   * @param {Taken} soft
   */
  function shields(view, atlas, taken, soft) {
    const { ctx } = view;
    /** @type {Record<string, number>} */
    const order = { motorway: 0, trunk: 1, primary: 2 };
    const roads = atlas.roads.filter((r) => r.ref && r.class in order && (r.class !== "primary" || view.zoom >= 9.9))
      .sort((a, b) => order[a.class] - order[b.class]);
    const land = atlas.land(view);
    /** @type {Record<string, number>} */
    const apart = { motorway: 190, trunk: 170, primary: 210 };
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    for (const road of roads) {
      const look = SHIELD[road.class];
      const ref = plain(road.ref).split(";")[0].slice(0, 9);
      const size = scaled(view, ramp(view.zoom, [8, 8.5], [12, 10.5]));
      ctx.font = `700 ${size}px ${FAMILY}`;
      const w = ctx.measureText(ref).width / 2 + 3.5;
      const h = size / 2 + 2.5;
      /** @type {Point[]} */
      const put = [];
      const lines = road.lines.filter((l) => visible(view, l.box, 0))
        .sort((a, b) => b.xy.length - a.xy.length);
      for (const line of lines) {
        for (const share of [0.5, 0.25, 0.75, 0.1, 0.9]) {
          const n = Math.floor((line.xy.length / 2 - 1) * share);
          const [x, y] = Atlas.at(view, line.xy, n);
          if (x < w || y < h || x > view.width - w || y > view.height - h) continue;
          if (put.some(([a, b]) => Math.hypot(a - x, b - y) < apart[road.class])) continue;
          /** @type {Box} */
          const box = [x - w - 3, y - h - 3, x + w + 3, y + h + 3];
          if (!ctx.isPointInPath(land, x * view.sharp, y * view.sharp)) continue;
          if (!taken.free(box) || !soft.free(box)) continue;
          taken.add(box);
          put.push([x, y]);
          ctx.beginPath();
          ctx.roundRect(x - w, y - h, 2 * w, 2 * h, 2.5);
          ctx.fillStyle = look.fill;
          ctx.strokeStyle = look.edge;
          ctx.lineWidth = 1;
          ctx.fill();
          ctx.stroke();
          ctx.fillStyle = look.ink;
          ctx.fillText(ref, x, y + 0.5);
        }
      }
    }
  }

  /**
   * All lettering of a view.
   * @param {View} view
   * @param {Atlas} atlas
   * @param {Box[]} obstacles boxes of stations, to be left free where possible
   */
  function paintLettering(view, atlas, obstacles) {
    const taken = new Taken();
    const soft = new Taken();
    soft.boxes = obstacles;
    forceNames(view, atlas, taken, obstacles);
    placeNames(view, atlas, taken, soft);
    shields(view, atlas, taken, soft);
  }

  root.Borderless = Object.assign(root.Borderless, /** @satisfies {Partial<BorderlessParts>} */ ({ paintLettering, halo, plain, FAMILY }));
})(window);
