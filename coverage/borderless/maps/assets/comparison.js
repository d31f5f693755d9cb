/** The comparison page: what is chosen, and what follows from it on the map, in the numbers and on paper. */
(function (root) {
  "use strict";
  const B = root.Borderless;
  const { element, words, panel } = B;
  const find = (id) => document.getElementById(id);

  class ComparisonPage {
    /** @param {any} data @param {L.Map} map */
    constructor(data, map) {
      this.data = data;
      this.map = map;
      this.atlas = new B.Atlas(data);
      this.theme = new B.Theme(data, this.atlas);
      const { meta } = data;
      const minutes = [...new Set(Object.values(this.theme.rings).flat().map((r) => r.minutes))].sort((a, b) => a - b);
      this.ringMinutes = minutes;
      this.state = {
        before: meta.scenarios[0], after: meta.scenarios[Math.min(1, meta.scenarios.length - 1)],
        target: meta.targets[0], measure: meta.measures[0], counted: meta.measures[0],
        mode: "swipe", colour: "times", rings: new Set(), clock: meta.clock,
      };
      this.layOut();
      this.wire();
      this.refresh();
    }

    /** Panes from the paper up; two of each that the line divides. */
    layOut() {
      const { map, atlas, theme } = this;
      map.getContainer().setAttribute("role", "region");
      map.getContainer().setAttribute("aria-label", "Map. Arrow keys move it, plus and minus zoom, Enter tells what holds in the middle.");
      const order = ["land", "theme-before", "theme-after", "lines", "rings-before", "rings-after", "letters", "stations-before", "stations-after"];
      order.forEach((name, i) => {
        const pane = map.createPane(name);
        pane.style.zIndex = 250 + 10 * i;
        pane.style.pointerEvents = "none";
      });
      const sheet = (pane, paint) => new B.Sheet({ pane, paint }).addTo(map);
      const side = (which) => () => (this.state.mode === "change" ? this.state.after : this.state[which]).name;
      const [before, after] = [side("before"), side("after")];
      const swiping = () => this.state.mode === "swipe";
      this.sheets = {
        land: sheet("land", (v) => atlas.paintLand(v)),
        themeBefore: sheet("theme-before", (v) => this.paintTheme(v, before())),
        themeAfter: sheet("theme-after", (v) => swiping() && this.paintTheme(v, after())),
        lines: sheet("lines", (v) => { atlas.paintRoads(v); atlas.paintVeil(v); atlas.paintBorders(v); }),
        ringsBefore: sheet("rings-before", (v) => { theme.paintRings(v, before(), this.state.rings); this.paintMoves(v); }),
        ringsAfter: sheet("rings-after", (v) => swiping() && theme.paintRings(v, after(), this.state.rings)),
        letters: sheet("letters", (v) => B.paintLettering(v, atlas, theme.stationBoxes(v))),
        stationsBefore: sheet("stations-before", (v) => theme.paintStations(v, before())),
        stationsAfter: sheet("stations-after", (v) => swiping() && theme.paintStations(v, after())),
      };
      this.swipe = new B.Swipe(map, {
        before: ["theme-before", "rings-before", "stations-before"], after: ["theme-after", "rings-after", "stations-after"],
      });
      this.sides = ["left", "right"].map((where) => map.getContainer().appendChild(element("p", { class: `side ${where}`, "aria-hidden": "true" })));
      map.getContainer().append(element("div", { class: "north", "aria-label": "North is up", role: "img" }, "N"));
      L.control.scale({ metric: true, imperial: true, maxWidth: 140 }).addTo(map);
      map.getContainer().append(element("p", { class: "credit" }, this.data.meta.attribution.join(" · ")));
      this.home();
    }

    /** The alliance's area, as large as it fits. */
    home() {
      const [x0, y0, x1, y1] = this.atlas.bounds;
      this.map.fitBounds([B.degrees(x0, y1), B.degrees(x1, y0)], { animate: false, padding: [8, 8] });
    }

    paintTheme(view, scenario) {
      const { mode, colour, before, after, target } = this.state;
      if (mode === "change") this.theme.paintChange(view, before.name, after.name, target.name);
      else if (colour === "zones") this.theme.paintZones(view, scenario);
      else this.theme.paintTimes(view, scenario, target.name);
    }

    /** Mark the listed places on the map of what changes. */
    paintMoves(view) {
      if (this.state.mode === "change") this.theme.paintMoves(view, this.lists());
    }

    /** Connect the controls. */
    wire() {
      const { meta } = this.data;
      const byName = (list, value) => list.find((item) => item.name === value);
      const choose = (id, key, list) => find(id).addEventListener("change", (e) => {
        this.state[key] = byName(list, e.target.value);
        this.refresh();
      });
      choose("before", "before", meta.scenarios);
      choose("after", "after", meta.scenarios);
      choose("target", "target", meta.targets);
      choose("measure", "measure", meta.measures);
      find("swap").addEventListener("click", () => {
        [this.state.before, this.state.after] = [this.state.after, this.state.before];
        this.refresh();
      });
      document.querySelectorAll("input[name=mode]").forEach((radio) => radio.addEventListener("change", () => {
        this.state.mode = document.querySelector("input[name=mode]:checked").value;
        this.refresh();
      }));
      find("colour").addEventListener("change", (e) => { this.state.colour = e.target.value; this.refresh(); });
      for (const minutes of this.ringMinutes) {
        const box = element("input", { type: "checkbox", value: minutes });
        box.addEventListener("change", () => {
          if (box.checked) this.state.rings.add(minutes);
          else this.state.rings.delete(minutes);
          this.refresh();
        });
        find("rings").append(element("label", {}, box, ` ${minutes} min`));
      }
      find("rings").hidden = find("colour-row").hidden = this.ringMinutes.length === 0;
      this.wireFinder();
      this.wireMap();
      find("tiles").addEventListener("change", (e) => this.toggleTiles(e.target.checked));
      root.addEventListener("beforeprint", () => this.print());
      root.addEventListener("afterprint", () => find("sheet-for-print").replaceChildren());
      for (const id of ["controls", "lists", "legend", "tiles-row"]) find(id).hidden = false;
    }

    /** Find a place by name: fly there and say what holds. */
    wireFinder() {
      const { places } = this.atlas;
      const named = new Map();
      places.name.forEach((label, i) => { if (!named.has(label.toLowerCase())) named.set(label.toLowerCase(), i); });
      find("place-names").append(...[...new Set(places.name)].map((label) => element("option", { value: label })));
      const go = () => {
        const i = named.get(find("find").value.trim().toLowerCase());
        if (i !== undefined) this.fly(B.degrees(places.xy[2 * i], places.xy[2 * i + 1]));
      };
      find("find").addEventListener("change", go);
      find("controls").addEventListener("submit", (e) => { e.preventDefault(); go(); });
    }

    wireMap() {
      const { map } = this;
      map.on("click", (e) => this.explain(e.latlng, e.containerPoint));
      map.getContainer().addEventListener("keydown", (e) => {
        if (e.key === "Enter" && e.target === map.getContainer()) this.explain(map.getCenter(), map.getSize().divideBy(2));
      });
      this.tip = map.getContainer().appendChild(element("div", { class: "tip", role: "status" }));
      this.tip.hidden = true;
      map.on("mousemove", (e) => {
        const i = this.stationUnder(e.containerPoint);
        this.tip.hidden = i < 0;
        map.getContainer().style.cursor = i < 0 ? "" : "pointer";
        if (i < 0) return;
        const { stations } = this.atlas;
        const force = this.theme.forces[stations.force[i]];
        this.tip.replaceChildren(element("strong", {}, panel.name(stations.name[i])), element("br"),
          panel.name(force ? force.name : "no force"), `, ${panel.unitsText(this.theme, this.state, i)}`);
        this.tip.style.left = `${e.containerPoint.x + 14}px`;
        this.tip.style.top = `${e.containerPoint.y + 10}px`;
      });
      map.on("mouseout", () => { this.tip.hidden = true; });
    }

    /** The station at a point of the map's frame, or -1. */
    stationUnder(point) {
      const sheet = this.sheets.stationsBefore;
      const inside = this.map.containerPointToLayerPoint(point).subtract(sheet._bounds.min);
      return this.theme.stationAt(sheet.view(), inside.x, inside.y);
    }

    /** Open what is known about a place: the station under the pointer, or else the square. */
    explain(latlng, point) {
      const station = point ? this.stationUnder(point) : -1;
      const [x, y] = B.world(latlng.lng, latlng.lat);
      const cell = this.theme.cellAt(x, y);
      let content;
      if (station >= 0) content = panel.stationPopup(this.theme, station, this.state);
      else if (cell >= 0) content = panel.cellPopup(this.theme, cell, this.data.meta.scenarios, this.state);
      else content = element("p", { class: "popup" }, "Nothing is counted here: outside the study's areas.");
      L.popup({ maxWidth: 380, minWidth: 240, autoPanPadding: [20, 60] }).setLatLng(latlng).setContent(content).openOn(this.map);
    }

    /** @param {[number, number]} at latitude, longitude */
    fly(at, zoom = 12) {
      const still = root.matchMedia("(prefers-reduced-motion: reduce)").matches;
      this.map.once("moveend", () => this.explain(L.latLng(at), null));
      if (still) this.map.setView(at, zoom, { animate: false });
      else this.map.flyTo(at, zoom, { duration: 0.8 });
      if (root.innerWidth < 760) find("map_main").scrollIntoView({ block: "start" });
    }

    flyToStation(i) {
      const { xy } = this.atlas.stations;
      const at = B.degrees(xy[2 * i], xy[2 * i + 1]);
      this.map.setView(at, 13, { animate: false });
      this.explain(L.latLng(at), this.map.latLngToContainerPoint(at));
    }

    /** The comparison of the chosen pair, turned round if it was counted the other way. */
    pair() {
      const { before, after } = this.state;
      const { pairs } = this.data;
      const straight = pairs.find((p) => p.before === before.name && p.after === after.name);
      if (straight) return straight;
      const back = pairs.find((p) => p.before === after.name && p.after === before.name);
      return back ? reversed(back) : unchanged(pairs, before.name);
    }

    /** The places that gain and lose most at the chosen target. */
    lists() {
      return this.pair().places[this.state.target.name] || { gained: [], lost: [] };
    }

    /** One row of numbers. */
    counts(pair, force) {
      const row = ((pair.rows[force] || {})[this.state.measure.name] || {})[this.state.target.name];
      if (!row) return null;
      const [before, after, total, gained, lost] = row;
      return { before, after, total, gained, lost };
    }

    /** Everything that follows from the state. */
    refresh() {
      const { state, theme } = this;
      const pair = this.pair();
      find("before").value = state.before.name;
      find("after").value = state.after.name;
      this.map.closePopup();
      const forces = this.data.meta.forces;
      const row = (force, label, kind) => ({ label, kind, n: this.counts(pair, force) });
      const rows = [
        ...forces.filter((f) => f.alliance).map((f) => row(f.name, f.name, "partner")),
        row("alliance", "The alliance", "sum"),
        ...forces.filter((f) => !f.alliance).map((f) => row(f.name, f.name, "outside")),
      ].filter((r) => r.n);
      panel.fillNumbers(find("numbers"), rows, state);
      const all = this.counts(pair, "alliance") || this.counts(pair, "all");
      find("headline").textContent = words.headline(all, state.measure, state.target.label, state.before.label, state.after.label);
      find("detail").textContent = this.typical();
      const lists = this.lists();
      const fly = (place) => this.fly([place.at[1] / 1e5, place.at[0] / 1e5]);
      panel.fillPlaces(find("gained"), lists.gained, state, fly);
      panel.fillPlaces(find("lost"), lists.lost, state, fly);
      panel.fillAid(find("changing"), find("aid"), pair.changing, this.data.aid[state.after.name] || [], state);
      panel.fillStations(find("station-list"), theme, state, (i) => this.flyToStation(i));
      find("legend-body").replaceChildren(...panel.legend(theme, state));
      find("colour").disabled = state.mode === "change";
      this.nameSides();
      for (const kind of ["theme", "rings", "stations"]) {
        this.sheets[`${kind}Before`].repaint();
        this.sheets[`${kind}After`].repaint();
      }
    }

    nameSides() {
      const { state } = this;
      const swiping = state.mode === "swipe";
      this.swipe.toggle(swiping);
      this.swipe.name(state.before.label, state.after.label);
      const chip = (small, label) => [element("small", {}, small), panel.name(label)];
      this.sides[0].replaceChildren(...(swiping ? chip("Before", state.before.label) : chip("What changes", `${state.before.label} → ${state.after.label}`)));
      this.sides[1].replaceChildren(...chip("After", state.after.label));
      this.sides[1].hidden = !swiping;
    }

    /** Typical times of the whole alliance's people, before and after. */
    typical() {
      const { typical } = this.data.meta;
      const of = (scenario) => (typical[scenario.name] || {}).all;
      const [a, b] = [of(this.state.before), of(this.state.after)];
      if (!a || !b) return "";
      return `All forces of the study together: half of the ${this.state.counted.unit} are reached within ${words.change(a[0], b[0])}, nine in ten within ${words.change(a[1], b[1])}.`;
    }

    /** The street map from a network, only while the reader wants it. */
    toggleTiles(on) {
      const note = find("tiles-note");
      note.textContent = "";
      if (on) {
        this.tileLayer = L.tileLayer("https://tile.openstreetmap.org/{z}/{x}/{y}.png", { maxZoom: 19, pane: "tilePane" });
        this.tileLayer.on("tileerror", () => { note.textContent = "The street map could not be loaded: no network, or the server refuses pages opened from a file."; });
        this.tileLayer.addTo(this.map);
      } else if (this.tileLayer) this.tileLayer.remove();
      this.sheets.land.hide(on);
      this.sheets.letters.hide(on);
      this.sheets.lines.hide(on);
      ["theme-before", "theme-after"].forEach((p) => { this.map.getPane(p).style.opacity = on ? 0.6 : 1; });
    }

    /** Paint the sheet of paper: before and after side by side, or the change by itself. */
    print() {
      const { state } = this;
      const swiping = state.mode === "swipe";
      const map = (scenario, title, share) => {
        const width = swiping ? 480 : 980;
        const height = 735;
        // Painted out of sight and handed over as a bitmap: a canvas painted while printing begins is replayed at a wrong scale.
        const hidden = new OffscreenCanvas(3 * width, 3 * height);
        this.paintAll(hidden.getContext("2d"), width, height, scenario.name);
        const canvas = element("canvas", { width: 3 * width, height: 3 * height });
        canvas.getContext("bitmaprenderer").transferFromImageBitmap(hidden.transferToImageBitmap());
        return element("figure", { style: `width:${share}` }, element("figcaption", {}, panel.name(title)), canvas);
      };
      const maps = swiping
        ? [map(state.before, `Before: ${state.before.label}`, "49.5%"), map(state.after, `After: ${state.after.label}`, "49.5%")]
        : [map(state.after, `What changes: ${state.before.label} → ${state.after.label}`, "100%")];
      const date = new Intl.DateTimeFormat("en-GB", { dateStyle: "long" }).format(new Date());
      find("sheet-for-print").replaceChildren(
        element("header", {}, element("h1", {}, panel.name(this.data.meta.study)), element("p", {}, find("headline").textContent)),
        element("div", { class: "maps" }, ...maps),
        element("div", { class: "margin" }, element("div", { class: "legend" }, ...panel.legend(this.theme, state)),
          find("numbers").cloneNode(true), element("p", {}, find("detail").textContent),
          element("ul", {}, ...this.data.meta.notes.map((note) => element("li", {}, note)))),
        element("footer", {}, `Target: ${state.target.label}. Counted: ${state.measure.label.toLowerCase()}. Printed ${date}. `, this.data.meta.attribution.join(" · ")));
    }

    /** The whole map on one canvas, fitted to the alliance. */
    paintAll(ctx, width, height, scenario) {
      const [x0, y0, x1, y1] = this.atlas.bounds;
      const k = 0.97 * Math.min(width / (x1 - x0), height / (y1 - y0));
      const view = {
        ctx, width, height, k, zoom: Math.log2(k), sharp: ctx.canvas.width / width,
        left: (k * (x0 + x1) - width) / 2, top: (k * (y0 + y1) - height) / 2,
      };
      ctx.scale(view.sharp, view.sharp);
      this.atlas.paintLand(view);
      this.paintTheme(view, scenario);
      this.atlas.paintRoads(view);
      this.atlas.paintVeil(view);
      this.atlas.paintBorders(view);
      this.theme.paintRings(view, scenario, this.state.rings);
      this.paintMoves(view);
      B.paintLettering(view, this.atlas, this.theme.stationBoxes(view));
      this.theme.paintStations(view, scenario);
      paintScale(ctx, view, y0 + (y1 - y0) / 2);
    }
  }

  /** A scale bar in km and a north arrow, for paper. */
  function paintScale(ctx, view, y) {
    const [lat] = B.degrees(0, y);
    const perKm = (256 * view.k) / (40075.017 * Math.cos((lat * Math.PI) / 180));
    const km = [50, 20, 10, 5, 2, 1].find((n) => n * perKm < view.width / 3) || 1;
    const [x0, y0, w] = [12, view.height - 14, km * perKm];
    ctx.lineWidth = 1.5;
    ctx.strokeStyle = "#1c2733";
    ctx.beginPath();
    ctx.moveTo(x0, y0 - 5); ctx.lineTo(x0, y0); ctx.lineTo(x0 + w, y0); ctx.lineTo(x0 + w, y0 - 5);
    ctx.stroke();
    ctx.font = `600 10px ${B.FAMILY}`;
    ctx.textAlign = "center";
    ctx.textBaseline = "bottom";
    B.halo(ctx, `${km} km`, x0 + w / 2, y0 - 3, "#1c2733", 3);
    B.halo(ctx, "N ↑", view.width - 22, 22, "#1c2733", 3);
  }

  /** The comparison the other way round: gains become losses. */
  function reversed(pair) {
    const rows = {};
    for (const [force, measures] of Object.entries(pair.rows)) {
      rows[force] = {};
      for (const [measure, targets] of Object.entries(measures)) {
        rows[force][measure] = Object.fromEntries(Object.entries(targets).map(([t, [a, b, n, gained, lost]]) => [t, [b, a, n, lost, gained]]));
      }
    }
    const turn = (list) => list.map((p) => ({ ...p, before: p.after, after: p.before }));
    const places = Object.fromEntries(Object.entries(pair.places).map(([t, l]) => [t, { gained: turn(l.lost), lost: turn(l.gained) }]));
    return { rows, places, changing: pair.changingBack };
  }

  /** A scenario against itself: its own numbers on both sides. */
  function unchanged(pairs, name) {
    const pair = pairs.find((p) => p.before === name) || reversed(pairs.find((p) => p.after === name));
    const rows = {};
    for (const [force, measures] of Object.entries(pair.rows)) {
      rows[force] = {};
      for (const [measure, targets] of Object.entries(measures)) {
        rows[force][measure] = Object.fromEntries(Object.entries(targets).map(([t, [a, , n]]) => [t, [a, a, n, 0, 0]]));
      }
    }
    return { rows, places: {}, changing: 0 };
  }

  document.addEventListener("DOMContentLoaded", async () => {
    try {
      root.comparisonPage = new ComparisonPage(await B.unpack("comparison"), root.map_main);
      document.documentElement.dataset.ready = "yes";
    } catch (error) {
      document.getElementById("headline").textContent = `The map could not be drawn: ${error.message}`;
      throw error;
    }
  });
})(window);
