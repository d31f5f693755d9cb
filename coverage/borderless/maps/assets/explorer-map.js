/** The map of the what-if page: response times, changes or who answers, with stations that can be clicked. */
(function (root) {
  "use strict";
  const B = root.Borderless;
  const { element, name, edits, palette } = B;

  /** Places marked on the map of changes, at most. */
  const MARKED = 8;
  /** Marks that tell responding forces apart where colour cannot. */
  const MARKS = ["hatch", "dots", "plus", "minus"];

  class ExplorerMap {
    /** @param {ExplorerView} page @param {any} map Leaflet's */
    constructor(page, map) {
      this.page = page;
      this.map = map;
      const { data } = page.model;
      this.candidate = data.stations.candidate;
      this.atlas = new B.Atlas(data);
      this.theme = new B.QuickTheme(data, this.atlas);
      Object.assign(this.atlas.stations, { unitsIn: {}, guests: {} });
      /** @type {MapMode} */
      this.mode = "times";
      /** Whose squares the theme holds as the baseline. @type {Answer|null} */
      this.shownBefore = null;
      this.sites = false;
      /** Brings the open pop-up up to date. @type {(() => void)|null} */
      this.opened = null;
      /** What had the focus before a pop-up opened. @type {HTMLElement|null} */
      this.opener = null;
      this.tip = map.getContainer().appendChild(element("div", { class: "tip", "aria-hidden": "true" }));
      this.sheets = this.layOut(data);
      this.theme.screen = this.sheets.squares._ctx || null;
      this.wire();
    }

    /** Panes from the paper up. Only squares and stations are painted again after a click. @param {ExplorerData} data */
    layOut(data) {
      const { map, atlas } = this;
      map.getContainer().setAttribute("role", "region");
      map.getContainer().setAttribute("aria-label", "Map. Arrow keys move it, plus and minus zoom, Enter tells what holds in the middle.");
      ["land", "squares", "lines", "letters", "stations"].forEach((layer, i) => {
        const pane = map.createPane(layer);
        pane.style.zIndex = String(250 + 10 * i);
        pane.style.pointerEvents = "none";
      });
      this.home();
      map.getContainer().append(element("div", { class: "north", "aria-label": "North is up", role: "img" }, "N"), element("p", { class: "credit" }, data.meta.attribution.join(" · ")));
      L.control.scale({ metric: true, imperial: true, maxWidth: 140 }).addTo(map);
      const sheet = (/** @type {string} */ pane, /** @type {(view: View) => void} */ paint) => new B.Sheet({ pane, paint }).addTo(map);
      return {
        land: sheet("land", (v) => atlas.paintLand(v)),
        squares: sheet("squares", (v) => this.paintSquares(v)),
        lines: sheet("lines", (v) => { atlas.paintRoads(v); atlas.paintVeil(v); atlas.paintBorders(v); }),
        letters: sheet("letters", (v) => B.paintLettering(v, atlas, this.stationBoxes(v))),
        stations: sheet("stations", (v) => this.paintStations(v)),
      };
    }

    /** The alliance's area, as large as it fits. */
    home() {
      const [x0, y0, x1, y1] = this.atlas.bounds;
      this.map.fitBounds([B.degrees(x0, y1), B.degrees(x1, y0)], { animate: false, padding: [8, 8] });
    }

    wire() {
      const { map } = this;
      map.on("click", (/** @type {L.LeafletMouseEvent} */ e) => this.explain(e.latlng, e.containerPoint));
      map.on("popupclose", () => {
        this.opened = null;
        // unless the reader has gone on to something else, such as a control
        const { activeElement } = document;
        if (activeElement === document.body || activeElement?.closest(".leaflet-popup")) this.opener?.focus({ preventScroll: true });
        this.opener = null;
      });
      document.addEventListener("keydown", (e) => { if (e.key === "Escape") map.closePopup(); });
      map.getContainer().addEventListener("keydown", (/** @type {KeyboardEvent} */ e) => {
        if (e.key === "Enter" && e.target === map.getContainer()) this.explain(map.getCenter(), null);
      });
      this.tip.hidden = true;
      map.on("mousemove", (/** @type {L.LeafletMouseEvent} */ e) => this.hover(e.containerPoint));
      map.on("mouseout", () => { this.tip.hidden = true; });
    }

    /** Name the station under the mouse. @param {L.Point} point */
    hover(point) {
      const s = this.stationUnder(point);
      this.tip.hidden = s < 0;
      this.map.getContainer().style.cursor = s < 0 ? "" : "pointer";
      if (s < 0) return;
      this.tip.replaceChildren(element("strong", {}, name(this.atlas.stations.name[s])), element("br"), ...B.popups.stationSummary(this.page, s));
      this.tip.style.left = `${point.x + 14}px`;
      this.tip.style.top = `${point.y + 10}px`;
    }

    /** Take over what the page has worked out, and paint what follows from it. */
    update() {
      const { page, theme } = this;
      const { model, now, before, state } = page;
      theme.cells.seconds.now = B.cellSeconds(model, now);
      theme.cells.station.now = B.cellStation(model, now, page.heaviest);
      if (this.shownBefore !== before) {
        this.shownBefore = before;
        theme.cells.seconds.baseline = B.cellSeconds(model, before);
        theme.cells.station.baseline = B.cellStation(model, before, page.heaviest);
      }
      theme.limits = { urban: state.urban_s, rural: state.rural_s };
      this.repaint();
      if (this.opened) this.opened();
    }

    repaint() {
      this.sheets.squares.repaint();
      this.sheets.stations.repaint();
    }

    /** @param {MapMode} mode */
    show(mode) {
      this.mode = mode;
      this.repaint();
    }

    /** @param {View} view */
    paintSquares(view) {
      const { theme } = this;
      if (!theme.cells.seconds.now) return;
      if (this.mode === "change") theme.paintChange(view, "baseline", "now", "");
      else if (this.mode === "who") this.paintWho(view);
      else theme.paintTimes(view, "now", "");
    }

    /** Who answers: the force's colour; marked where it comes across a border, plain grey where nobody may come. @param {View} view */
    paintWho(view) {
      const { theme } = this;
      this.theme.paintSquares(view, (i) => {
        const f = this.responderIn(i);
        if (f < 0) return "nobody";
        return f === theme.cells.force[i] ? `own${f}` : `guest${f}`;
      }, this.whoLooks());
    }

    /** Row of the force that answers in a square, or -1. @param {number} cell */
    responderIn(cell) {
      const point = this.page.heaviest[cell];
      return point < 0 ? -1 : this.page.now.responder[point];
    }

    whoLooks() {
      const halo = palette.colour("halo");
      /** @type {Record<string, AreaLook>} */
      const looks = { nobody: palette.CHANGES.outside };
      this.theme.forces.forEach((_, f) => {
        const ink = this.theme.inkOf(f);
        looks[`own${f}`] = { fill: mix(ink, halo, 0.62), mark: "", ink: "" };
        looks[`guest${f}`] = { fill: mix(ink, halo, 0.25), mark: MARKS[f % MARKS.length], ink: halo };
      });
      return looks;
    }

    /** @param {number} zoom */
    radius(zoom) { return B.ramp(zoom, [8, 5.6], [11, 10]); }

    /** Whether a station is on the map now: candidate sites are only while they matter. @param {number} s */
    visible(s) {
      if (!this.candidate[s]) return true;
      return this.sites || (this.page.standing && this.page.standing[s].own > 0);
    }

    /** Boxes of stations for lettering to avoid; candidate sites come and go and are left out. @param {View} view */
    stationBoxes(view) {
      return this.theme.stationBoxes(view).filter((_, s) => !this.candidate[s]);
    }

    /** @param {View} view */
    paintStations(view) {
      const { standing } = this.page;
      if (!standing) return;
      const { stations } = this.atlas;
      const { ctx } = view;
      if (this.mode === "change") this.paintMoves(view);
      const r = this.radius(view.zoom);
      const units = (/** @type {number} */ s) => (standing[s].closed ? 0 : standing[s].own + standing[s].guests.reduce((sum, [, n]) => sum + n, 0));
      const order = stations.name.map((_, s) => s).filter((s) => this.visible(s)).sort((a, b) => units(a) - units(b));
      for (const s of order) {
        const [x, y] = B.Atlas.at(view, stations.xy, s);
        if (x < -20 || y < -20 || x > view.width + 20 || y > view.height + 20) continue;
        const ink = this.theme.inkOf(stations.force[s]);
        if (this.candidate[s] && units(s) === 0) paintSite(ctx, x, y, 0.75 * r, ink);
        else {
          if (edits.touched(this.page.model, this.page.state, s)) paintRing(ctx, x, y, r);
          const role = standing[s].own > 0 ? "response" : stations.role[s] === "response" || this.candidate[s] ? "neighbourhood" : stations.role[s];
          B.paintStation(ctx, x, y, r, role, units(s), ink);
          if (standing[s].closed) paintCross(ctx, x, y, r);
        }
      }
    }

    /** The places that gain or lose most, marked and sized by what they gain or lose. @param {View} view */
    paintMoves(view) {
      const { places } = this.page.contrast;
      const { per } = this.page.measure;
      const most = (/** @type {"gained"|"lost"} */ side) => places.filter((p) => p[side] > 0).sort((a, b) => b[side] - a[side]).slice(0, MARKED).map((p) => ({ at: p.at, people: p[side] / per }));
      this.theme.paintMoves(view, { gained: most("gained"), lost: most("lost") });
    }

    /** The station at a point of the map's frame, or -1. @param {L.Point} point */
    stationUnder(point) {
      const sheet = this.sheets.stations;
      const inside = this.map.containerPointToLayerPoint(point).subtract(sheet._bounds.min);
      const view = sheet.view();
      let best = -1;
      let nearest = this.radius(view.zoom) + 4;
      for (let s = 0; s < this.atlas.stations.name.length; s++) {
        if (!this.visible(s)) continue;
        const [x, y] = B.Atlas.at(view, this.atlas.stations.xy, s);
        const d = Math.hypot(x - inside.x, y - inside.y);
        if (d < nearest) { nearest = d; best = s; }
      }
      return best;
    }

    /**
     * Open what is known about a place: the station under the pointer, or else the square.
     * @param {L.LatLng} latlng
     * @param {L.Point|null} point
     */
    explain(latlng, point) {
      const s = point ? this.stationUnder(point) : -1;
      if (s >= 0) {
        this.openStation(s);
        return;
      }
      const cell = this.theme.cellAt(...B.world(latlng.lng, latlng.lat));
      const content = element("div", { class: "popup" });
      const refresh = () => content.replaceChildren(...B.popups.place(this.page, cell));
      refresh();
      this.open(latlng, content, () => later(refresh));
    }

    /** The pop-up of a station, with its controls. @param {number} s */
    openStation(s) {
      const { xy } = this.atlas.stations;
      const { node, update } = B.popups.station(this.page, s);
      update();
      this.open(L.latLng(B.degrees(xy[2 * s], xy[2 * s + 1])), node, update);
    }

    /** @param {L.LatLng} latlng @param {HTMLElement} content @param {() => void} opened */
    open(latlng, content, opened) {
      const { activeElement } = document;
      this.map.closePopup();
      const { x, y } = this.map.getSize();
      L.popup({ maxWidth: Math.min(360, x - 60), minWidth: Math.min(250, x - 60), maxHeight: 0.8 * y, autoPanPadding: [20, 60] })
        .setLatLng(latlng).setContent(content).openOn(this.map);
      this.opened = opened;
      // Who works by keyboard lands in the pop-up, and goes back to where they were when it closes.
      for (const [key, value] of Object.entries({ role: "dialog", "aria-label": "What holds here", tabindex: "-1" })) content.setAttribute(key, value);
      this.opener = activeElement instanceof HTMLElement ? activeElement : null;
      content.focus({ preventScroll: true });
    }

    /** Go to a place and say what holds there. @param {number} [zoom] @param {[number, number]} at latitude, longitude */
    fly(at, zoom = 12) {
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
      this.map.once("moveend", () => this.explain(L.latLng(at), null));
      if (still) this.map.setView(at, zoom, { animate: false });
      else this.map.flyTo(at, zoom, { duration: 0.8 });
      this.comeIntoSight();
    }

    /** @param {number} s */
    flyToStation(s) {
      const { xy } = this.atlas.stations;
      this.map.setView(B.degrees(xy[2 * s], xy[2 * s + 1]), Math.max(11, this.map.getZoom()), { animate: false });
      this.openStation(s);
      this.comeIntoSight();
    }

    comeIntoSight() {
      if (root.innerWidth < 760) this.map.getContainer().scrollIntoView({ block: "start" });
    }

    /** Everything on one canvas, for paper. @param {View} view */
    paintAll(view) {
      this.atlas.paintLand(view);
      this.paintSquares(view);
      this.atlas.paintRoads(view);
      this.atlas.paintVeil(view);
      this.atlas.paintBorders(view);
      B.paintLettering(view, this.atlas, this.stationBoxes(view));
      this.paintStations(view);
    }
  }

  /** At the end of what is being done now, once. */
  let waiting = 0;
  /** @param {() => void} act */
  function later(act) {
    clearTimeout(waiting);
    waiting = setTimeout(act, 60);
  }

  /** Two colours, given as #rrggbb, mixed. @param {string} a @param {string} b @param {number} share of b */
  function mix(a, b, share) {
    const part = (/** @type {string} */ colour, /** @type {number} */ i) => parseInt(colour.slice(1 + 2 * i, 3 + 2 * i), 16);
    return `#${[0, 1, 2].map((i) => Math.round(part(a, i) * (1 - share) + part(b, i) * share).toString(16).padStart(2, "0")).join("")}`;
  }

  /**
   * A site where a station could be added: a hollow, dashed diamond.
   * @param {Context} ctx
   * @param {number} x
   * @param {number} y
   * @param {number} r
   * @param {string} ink
   */
  function paintSite(ctx, x, y, r, ink) {
    ctx.beginPath();
    ctx.moveTo(x, y - 1.35 * r); ctx.lineTo(x + 1.35 * r, y); ctx.lineTo(x, y + 1.35 * r); ctx.lineTo(x - 1.35 * r, y);
    ctx.closePath();
    ctx.fillStyle = palette.veiled("halo", 0.85);
    ctx.fill();
    ctx.setLineDash([2.5, 2]);
    ctx.lineWidth = 1.6;
    ctx.strokeStyle = ink;
    ctx.stroke();
    ctx.setLineDash([]);
  }

  /** A changed station: a ring round it. @param {Context} ctx @param {number} x @param {number} y @param {number} r */
  function paintRing(ctx, x, y, r) {
    ctx.beginPath();
    ctx.arc(x, y, r + 4, 0, 7);
    ctx.fillStyle = palette.colour("halo");
    ctx.fill();
    ctx.lineWidth = 1.8;
    ctx.strokeStyle = palette.colour("ink");
    ctx.stroke();
  }

  /** A closed station: crossed out. @param {Context} ctx @param {number} x @param {number} y @param {number} r */
  function paintCross(ctx, x, y, r) {
    for (const [width, ink] of [[4.6, palette.colour("halo")], [2.4, palette.colour("ink")]]) {
      ctx.beginPath();
      ctx.moveTo(x - r, y - r); ctx.lineTo(x + r, y + r);
      ctx.moveTo(x + r, y - r); ctx.lineTo(x - r, y + r);
      ctx.lineWidth = Number(width);
      ctx.strokeStyle = String(ink);
      ctx.stroke();
    }
  }

  root.Borderless = Object.assign(B, /** @satisfies {Partial<BorderlessParts>} */ ({ ExplorerMap, paintSite, paintRing, paintCross }));
})(window);
