/** The comparison page: what is chosen, and what follows from it on the map, in the numbers and on paper. */
(function (root) {
  "use strict";
  const B = root.Borderless;
  const { element, find, name, words, panel } = B;

  const SIDES = ["theme", "rings", "stations"];
  const TILES = "https://tile.openstreetmap.org/{z}/{x}/{y}.png";

  class ComparisonPage {
    /**
     * @param {ComparisonData} data
     * @param {L.Map} map
     */
    constructor(data, map) {
      this.data = data;
      this.map = map;
      this.atlas = new B.Atlas(data);
      this.theme = new B.Theme(data, this.atlas);
      const { scenarios, targets, measures, clock } = data.meta;
      /** @type {ComparisonState} */
      this.state = {
        before: scenarios[0], after: scenarios[Math.min(1, scenarios.length - 1)],
        target: targets[0], measure: measures[0], counted: measures[0],
        mode: "swipe", colour: "times", rings: new Set(), clock,
      };
      /** Where the keyboard was when a pop-up opened. @type {HTMLElement | null} */
      this.opener = null;
      this.sheets = this.layOut();
      const halves = (/** @type {string} */ side) => SIDES.map((kind) => `${kind}-${side}`);
      this.swipe = new B.Swipe(map, { before: halves("before"), after: halves("after") });
      this.sides = ["left", "right"].map((where) => map.getContainer().appendChild(element("p", { class: `side ${where}`, "aria-hidden": "true" })));
      this.tip = map.getContainer().appendChild(element("div", { class: "tip", "aria-hidden": "true" }));
      this.furnish();
      this.wire();
      this.wireMap();
      this.recall();
      this.refresh();
      map.on("moveend", () => this.remember());
    }

    /** Panes from the paper up; two of each that the line divides. */
    layOut() {
      const { map, atlas, theme } = this;
      const order = ["land", "theme-before", "theme-after", "lines", "rings-before", "rings-after", "letters", "stations-before", "stations-after"];
      order.forEach((pane, i) => Object.assign(map.createPane(pane).style, { zIndex: String(250 + 10 * i), pointerEvents: "none" }));
      const sheet = (/** @type {string} */ pane, /** @type {(view: View) => unknown} */ paint) => new B.Sheet({ pane, paint }).addTo(map);
      const swiping = () => this.state.mode === "swipe";
      const before = () => (swiping() ? this.state.before : this.state.after).name;
      const after = () => this.state.after.name;
      return {
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
    }

    /** What lies on the map beside the map, and where it looks first. */
    furnish() {
      const frame = this.map.getContainer();
      frame.setAttribute("role", "region");
      frame.setAttribute("aria-label", "Map. Arrow keys move it, plus and minus zoom, Enter tells what holds in the middle.");
      frame.append(element("div", { class: "north", "aria-label": "North is up", role: "img" }, "N"),
        element("p", { class: "credit" }, this.data.meta.attribution.join(" · ")));
      L.control.scale({ metric: true, imperial: true, maxWidth: 140 }).addTo(this.map);
      const [x0, y0, x1, y1] = this.atlas.bounds;
      this.map.fitBounds([B.degrees(x0, y1), B.degrees(x1, y0)], { animate: false, paddingTopLeft: [8, 8], paddingBottomRight: [this.map.getSize().x > 900 ? 80 : 8, 8] });
    }

    /**
     * Squares or areas of one side.
     * @param {View} view
     * @param {string} scenario
     */
    paintTheme(view, scenario) {
      const { mode, colour, before, after, target } = this.state;
      if (mode === "change") this.theme.paintChange(view, before.name, after.name, target.name);
      else if (colour === "zones") this.theme.paintZones(view, scenario);
      else this.theme.paintTimes(view, scenario, target.name);
    }

    /**
     * Mark the listed places on the map of what changes.
     * @param {View} view
     */
    paintMoves(view) {
      if (this.state.mode === "change") this.theme.paintMoves(view, this.lists());
    }

    /**
     * Everything on one canvas, for paper.
     * @param {View} view
     * @param {string} scenario
     */
    paintAll(view, scenario) {
      this.atlas.paintLand(view);
      this.paintTheme(view, scenario);
      this.atlas.paintRoads(view);
      this.atlas.paintVeil(view);
      this.atlas.paintBorders(view);
      this.theme.paintRings(view, scenario, this.state.rings);
      this.paintMoves(view);
      B.paintLettering(view, this.atlas, this.theme.stationBoxes(view));
      this.theme.paintStations(view, scenario);
    }

    /** What each control may be set to, by the name it has in the address. */
    choices() {
      const { scenarios, targets, measures } = this.data.meta;
      return /** @type {const} */ ([["before", scenarios], ["after", scenarios], ["target", targets], ["measure", measures]]);
    }

    /** Connect the controls. */
    wire() {
      for (const [key, list] of this.choices()) {
        const select = find(key, HTMLSelectElement);
        select.addEventListener("change", () => this.set({ [key]: list.find((item) => item.name === select.value) }));
      }
      find("swap").addEventListener("click", () => this.set({ before: this.state.after, after: this.state.before }));
      for (const radio of this.modes()) radio.addEventListener("change", () => this.set({ mode: radio.value }));
      const colour = find("colour", HTMLSelectElement);
      colour.addEventListener("change", () => this.set({ colour: colour.value }));
      const { minutes } = this.theme;
      panel.makeRings(find("rings-table", HTMLTableElement), minutes, (m, on) =>
        this.set({ rings: new Set(minutes.filter((n) => (n === m ? on : this.state.rings.has(n)))) }));
      find("rings").hidden = find("colour-row").hidden = minutes.length === 0;
      B.wireFinder(this.atlas.places, (at) => this.fly(at));
      const tiles = find("tiles", HTMLInputElement);
      tiles.addEventListener("change", () => this.toggleTiles(tiles.checked));
      root.addEventListener("beforeprint", () => find("sheet-for-print").replaceChildren(...B.sheetOfPaper(this)));
      root.addEventListener("afterprint", () => find("sheet-for-print").replaceChildren());
      root.addEventListener("hashchange", () => { this.recall(); this.refresh(); });
      for (const id of ["controls", "more", "lists", "legend", "tiles-row"]) find(id).hidden = false;
    }

    modes() { return /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("input[name=mode]")); }

    /**
     * Choose something.
     * @param {Partial<ComparisonState>} choice
     */
    set(choice) {
      Object.assign(this.state, choice);
      this.refresh();
    }

    /** Take over what the address says, as far as this page offers it. */
    recall() {
      const said = B.readFragment();
      const { state, theme } = this;
      for (const [key, list] of this.choices()) {
        const found = list.find((item) => item.name === said.get(key));
        if (found) Object.assign(state, { [key]: found });
      }
      if (["swipe", "change"].includes(said.get("mode") || "")) state.mode = said.get("mode") || "";
      if (["times", "zones"].includes(said.get("colour") || "") && theme.minutes.length) state.colour = said.get("colour") || "";
      const rings = (said.get("rings") || "").split(" ").map(Number);
      if (said.has("rings")) state.rings = new Set(theme.minutes.filter((m) => rings.includes(m)));
      const line = Number(said.get("line") || NaN);
      if (line >= 0 && line <= 100) this.swipe.moveTo(line / 100);
      const [lat, lon, zoom] = (said.get("at") || "").split(" ").map(Number);
      if (Math.abs(lat) <= 85 && Math.abs(lon) <= 180 && zoom >= 0) this.map.setView([lat, lon], zoom, { animate: false });
    }

    /** Keep what is chosen in the address. */
    remember() {
      const { before, after, target, measure, mode, colour, rings } = this.state;
      const { lat, lng } = this.map.getCenter();
      B.writeFragment({
        before: before.name, after: after.name, target: target.name, measure: measure.name, mode, colour,
        rings: [...rings].join(" "), line: String(Math.round(100 * this.swipe.share)),
        at: `${lat.toFixed(4)} ${lng.toFixed(4)} ${this.map.getZoom()}`,
      });
    }

    wireMap() {
      const { map, tip } = this;
      map.on("click", (e) => this.explain(e.latlng, e.containerPoint));
      map.on("popupclose", () => {
        // unless the reader has gone on to something else, such as a control
        const { activeElement } = document;
        if (activeElement === document.body || activeElement?.closest(".leaflet-popup")) this.opener?.focus({ preventScroll: true });
        this.opener = null;
      });
      map.getContainer().addEventListener("keydown", (e) => {
        if (e.key === "Enter" && e.target === map.getContainer()) this.explain(map.getCenter(), map.getSize().divideBy(2));
      });
      document.addEventListener("keydown", (e) => { if (e.key === "Escape") map.closePopup(); });
      tip.hidden = true;
      map.on("mousemove", (e) => {
        const i = this.stationUnder(e.containerPoint);
        tip.hidden = i < 0;
        map.getContainer().style.cursor = i < 0 ? "" : "pointer";
        if (i < 0) return;
        const { stations } = this.atlas;
        tip.replaceChildren(element("strong", {}, name(stations.name[i])), element("br"),
          name(this.theme.forceName(stations.force[i])), `, ${panel.unitsText(this.theme, this.state, i)}`);
        tip.style.left = `${e.containerPoint.x + 14}px`;
        tip.style.top = `${e.containerPoint.y + 10}px`;
      });
      map.on("mouseout", () => { tip.hidden = true; });
      this.swipe.handle.addEventListener("pointerup", () => this.remember());
      this.swipe.handle.addEventListener("keyup", () => this.remember());
    }

    /**
     * The station at a point of the map's frame, or -1.
     * @param {L.Point} point
     */
    stationUnder(point) {
      const sheet = this.sheets.stationsBefore;
      const inside = this.map.containerPointToLayerPoint(point).subtract(sheet._bounds.min);
      return this.theme.stationAt(sheet.view(), inside.x, inside.y);
    }

    /**
     * Open what is known about a place: the station under the pointer, or else the square.
     * @param {L.LatLng} latlng
     * @param {L.Point | null} point
     */
    explain(latlng, point) {
      const station = point ? this.stationUnder(point) : -1;
      const cell = this.theme.cellAt(...B.world(latlng.lng, latlng.lat));
      const content = station >= 0 ? panel.stationPopup(this.theme, station, this.state)
        : cell >= 0 ? panel.cellPopup(this.theme, cell, this.data.meta.scenarios, this.state)
          : element("div", { class: "popup" }, element("p", {}, "Nothing is counted here: outside the study's areas."));
      const close = content.appendChild(element("button", { type: "button", class: "close", "aria-label": "Close" }, "×"));
      close.addEventListener("click", () => this.map.closePopup());
      const { activeElement } = document;
      this.map.closePopup();
      const { x: width, y: height } = this.map.getSize();
      const popup = L.popup({ closeButton: false, maxWidth: Math.min(420, width - 60), minWidth: 200, maxHeight: 0.8 * height, autoPanPadding: [8, 8] });
      popup.setLatLng(latlng).setContent(content).openOn(this.map);
      // Who works by keyboard lands in the pop-up, and goes back to where they were when it closes.
      Object.entries({ role: "dialog", "aria-label": "What holds here", tabindex: "-1" }).forEach(([key, value]) => content.setAttribute(key, value));
      this.opener = activeElement instanceof HTMLElement ? activeElement : null;
      content.focus({ preventScroll: true });
    }

    /**
     * @param {[number, number]} at latitude, longitude
     * @param {number} zoom
     */
    fly(at, zoom = 12) {
      const still = root.matchMedia("(prefers-reduced-motion: reduce)").matches;
      if (this.arrive) this.map.off("moveend", this.arrive); // another place was chosen on the way
      this.arrive = () => this.explain(L.latLng(at), null);
      this.map.once("moveend", this.arrive);
      if (still) this.map.setView(at, zoom, { animate: false });
      else this.map.flyTo(at, zoom, { duration: 0.8 });
      this.showMap();
    }

    /** On a narrow screen the map is above the lists. */
    showMap() {
      if (getComputedStyle(document.body).display === "flex") find("map_main").scrollIntoView({ block: "start" });
    }

    /** @param {number} i row of the station */
    flyToStation(i) {
      const at = B.degrees(this.atlas.stations.xy[2 * i], this.atlas.stations.xy[2 * i + 1]);
      this.map.setView(at, 13, { animate: false });
      this.explain(L.latLng(at), this.map.latLngToContainerPoint(at));
      this.showMap();
    }

    /** The comparison of the chosen pair. */
    pair() { return B.pairOf(this.data.pairs, this.state.before.name, this.state.after.name); }

    /** The places that gain and lose most at the chosen target. */
    lists() { return this.pair().places[this.state.target.name] || { gained: [], lost: [] }; }

    /**
     * One row of numbers.
     * @param {string} force
     * @returns {Headline | null}
     */
    counts(force) {
      const row = this.pair().rows[force]?.[this.state.measure.name]?.[this.state.target.name];
      if (!row) return null;
      const [before, after, total, gained, lost] = row;
      return { before, after, total, gained, lost };
    }

    /** The alliance as a whole, or everything where a study has none. */
    alliance() { return /** @type {Headline} */ (this.counts("alliance") || this.counts("all")); }

    /** Everything that follows from the state. */
    refresh() {
      const { state } = this;
      this.map.closePopup();
      for (const [key] of this.choices()) find(key, HTMLSelectElement).value = state[key].name;
      find("colour", HTMLSelectElement).value = state.colour;
      find("colour", HTMLSelectElement).disabled = state.mode === "change";
      for (const radio of this.modes()) radio.checked = radio.value === state.mode;
      this.fill();
      this.nameSides();
      const { themeBefore, themeAfter, ringsBefore, ringsAfter, stationsBefore, stationsAfter } = this.sheets;
      for (const sheet of [themeBefore, themeAfter, ringsBefore, ringsAfter, stationsBefore, stationsAfter]) sheet.repaint();
      this.remember();
    }

    /** The numbers, lists and legend. */
    fill() {
      const { state, theme, data } = this;
      const { forces } = data.meta;
      const row = (/** @type {string} */ force, /** @type {string} */ label, /** @type {string} */ kind) => {
        const n = this.counts(force);
        return n ? [{ label, kind, n }] : [];
      };
      panel.fillNumbers(find("numbers", HTMLTableElement), [
        ...forces.filter((f) => f.alliance).flatMap((f) => row(f.name, f.name, "partner")),
        ...row("alliance", "The alliance", "sum"),
        ...forces.filter((f) => !f.alliance).flatMap((f) => row(f.name, f.name, "outside")),
      ], state);
      const all = this.alliance();
      find("headline").textContent = words.headline(all, state.measure, state.target.label, state.before.label, state.after.label);
      find("detail").textContent = this.typical();
      if (theme.minutes.length) {
        const inside = (/** @type {ScenarioInfo} */ scenario) => data.inside[scenario.name][state.measure.name];
        panel.fillRings(find("rings-table", HTMLTableElement), [inside(state.before), inside(state.after)], all.total, state);
      }
      const lists = this.lists();
      const fly = (/** @type {ListedPlace} */ place) => this.fly([place.at[1] / 1e5, place.at[0] / 1e5]);
      panel.fillPlaces(find("gained"), lists.gained, state, fly);
      panel.fillPlaces(find("lost"), lists.lost, state, fly);
      panel.fillAid(find("changing"), find("aid"), this.pair().changing, data.aid[state.after.name] || [], state);
      panel.fillStations(find("station-list"), theme, state, (i) => this.flyToStation(i));
      find("legend-body").replaceChildren(...B.legend(theme, state));
    }

    nameSides() {
      const { state } = this;
      const swiping = state.mode === "swipe";
      this.swipe.toggle(swiping);
      this.swipe.name(state.before.label, state.after.label);
      const chip = (/** @type {string} */ small, /** @type {string} */ label) => [element("small", {}, small), name(label)];
      this.sides[0].replaceChildren(...(swiping ? chip("Before", state.before.label) : chip("What changes", `${state.before.label} → ${state.after.label}`)));
      this.sides[1].replaceChildren(...chip("After", state.after.label));
      this.sides[1].hidden = !swiping;
    }

    /** Typical times of everybody in the study, before and after. */
    typical() {
      const of = (/** @type {ScenarioInfo} */ scenario) => (this.data.meta.typical[scenario.name] || {}).all;
      const [a, b] = [of(this.state.before), of(this.state.after)];
      if (!a || !b) return "";
      return `All forces of the study together: half of the ${this.state.counted.unit} are reached within ${words.change(a[0], b[0])}, nine in ten within ${words.change(a[1], b[1])}.`;
    }

    /**
     * The street map from a network, only while the reader wants it.
     * @param {boolean} on
     */
    toggleTiles(on) {
      const note = find("tiles-note");
      note.textContent = "";
      if (on) {
        this.tileLayer = L.tileLayer(TILES, { maxZoom: 19, pane: "tilePane" });
        this.tileLayer.on("tileerror", () => { note.textContent = "The street map could not be loaded: no network, or the server refuses pages opened from a file."; });
        this.tileLayer.addTo(this.map);
      } else if (this.tileLayer) this.tileLayer.remove();
      for (const sheet of [this.sheets.land, this.sheets.letters, this.sheets.lines]) sheet.hide(on);
      for (const side of ["before", "after"]) /** @type {HTMLElement} */ (this.map.getPane(`theme-${side}`)).style.opacity = on ? "0.6" : "1";
    }
  }

  document.addEventListener("DOMContentLoaded", async () => {
    try {
      root.comparisonPage = new ComparisonPage(await B.unpack("comparison"), root.map_main);
      document.documentElement.dataset.ready = "yes";
    } catch (error) {
      find("headline").textContent = `The map could not be drawn: ${error instanceof Error ? error.message : error}`;
      throw error;
    }
  });
})(window);
