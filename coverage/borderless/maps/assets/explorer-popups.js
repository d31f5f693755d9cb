/** What the map of the what-if page says about itself: pop-ups of stations and places, and the legend. */
(function (root) {
  "use strict";
  const B = root.Borderless;
  const { element, words, name, controls, palette, swatch, areaSwatch, stationSwatch } = B;
  const { BANDS, CHANGES } = palette;
  const RANKS = ["First now", "Second", "Third"];

  /** A station in one line: whose it is, and how many units start there. @param {ExplorerView} page @param {number} s */
  function stationSummary(page, s) {
    const { stations, meta } = page.model.data;
    const { own, guests, closed } = page.standing[s];
    const force = meta.forces[stations.force[s]];
    const units = closed ? "closed" : own > 0 || !stations.candidate[s] ? controls.plural(own, "unit") : "a site where a station could be added";
    return [name(force ? force.name : "no force"), `, ${units}`,
      ...(closed ? [] : guests.flatMap(([f, n]) => [`, ${controls.plural(n, "unit")} of `, name(meta.forces[f].name)]))];
  }

  /**
   * The pop-up of a station, with the same controls as in the list.
   * @param {ExplorerView} page
   * @param {number} s
   * @returns {{node: HTMLElement, update: () => void}}
   */
  function station(page, s) {
    const { stations } = page.model.data;
    const summary = element("p");
    const inner = controls.stationControls(page, s, false);
    const node = element("div", { class: "popup station-popup" }, element("h2", {}, name(stations.name[s])), summary, inner.node);
    return { node, update: () => { summary.replaceChildren(...stationSummary(page, s)); inner.update(); } };
  }

  /** The pop-up of a square of the map. @param {ExplorerView} page @param {number} cell @returns {(Node|string)[]} */
  function place(page, cell) {
    const { model, state } = page;
    const { theme } = page.map;
    const point = cell < 0 ? -1 : page.heaviest[cell];
    if (point < 0) return ["Nothing is counted here: outside the study's areas."];
    const { cells, forces } = theme;
    const { stations } = model.data;
    const label = model.data.names[model.place[point]];
    const limit = model.urban[point] ? state.urban_s : state.rural_s;
    const row = (/** @type {Node|string} */ title, /** @type {Run} */ found, /** @type {boolean} */ first) => element("tr", { class: first ? "after" : null },
      element("th", { scope: "row" }, title),
      element("td", {}, words.clock(found.clock / 1000), element("small", {}, found.clock > 1000 * limit ? "outside the target" : "within the target")),
      element("td", {}, name(stations.name[found.station]), element("small", {}, name((forces[found.responder] || { name: "" }).name))));
    const now = B.runList(model, state, point, RANKS.length);
    const before = page.before.station[point];
    const rows = now.map((found, i) => row(RANKS[i], found, i === 0));
    if (before >= 0) {
      rows.push(row(name(page.baselineLabel()), { station: before, responder: page.before.responder[point], clock: page.before.clock[point] }, false));
    }
    const kind = model.data.meta.clock === "travel" ? "Driving time" : "Response time";
    const counted = model.data.meta.measures[0];
    return [
      element("h2", {}, label ? name(label) : "Unnamed place"),
      element("p", {}, name(forces[cells.force[cell]].name), ` · ${words.count(cells.people[cell], counted)} ${counted.unit} in this square · `, model.urban[point] ? "town" : "country"),
      rows.length ? element("table", {}, element("thead", {}, element("tr", {}, element("td"), element("th", { scope: "col" }, kind), element("th", { scope: "col" }, "From"))),
        element("tbody", {}, ...rows)) : element("p", {}, "No unit may or can come here."),
    ];
  }

  /** @param {Node} mark @param {...(Node|string)} label */
  function entry(mark, ...label) { return element("li", {}, mark, element("span", {}, ...label)); }

  /** A swatch of a mark on the map's own ground. @param {(ctx: Context, x: number, y: number) => void} paint */
  function spot(paint) {
    return swatch((ctx, w, h) => {
      ctx.fillStyle = palette.colour("land");
      ctx.beginPath();
      ctx.roundRect(0, 0, w, h, 3);
      ctx.fill();
      paint(ctx, w / 2, h / 2);
    });
  }

  /** What the colours of the squares mean. @param {ExplorerView} page */
  function legendOfSquares(page) {
    const { mode, theme } = page.map;
    const target = page.targetLabel();
    if (mode === "change") {
      return [["Change against ", name(page.baselineLabel())], Object.values(CHANGES).map((c) => entry(areaSwatch(c), c.label))];
    }
    if (mode === "who") {
      const looks = page.map.whoLooks();
      const helpers = new Set(theme.cells.force.map((home, i) => (page.map.responderIn(i) !== home ? page.map.responderIn(i) : -1)));
      const outside = theme.forces.findIndex((force) => !force.alliance);
      return [["Who answers first"], [
        ...theme.forces.flatMap((force, f) => (force.alliance ? [entry(areaSwatch(looks[`own${f}`]), name(force.name), ", at home")] : [])),
        ...(outside < 0 ? [] : [entry(areaSwatch(looks[`own${outside}`]), "not in the alliance, at home")]),
        ...theme.forces.flatMap((force, f) => (helpers.has(f) ? [entry(areaSwatch(looks[`guest${f}`]), name(force.name), ", across a border")] : []))]];
    }
    return [[page.model.data.meta.clock === "travel" ? "Driving time" : "Response time from the call"], [
      ...BANDS.map((b) => entry(areaSwatch({ ...b, mark: "", ink: "" }), b.label)),
      entry(areaSwatch({ fill: palette.colour("land"), mark: "hatch", ink: palette.colour("late") }), `outside the target (${target})`)]];
  }

  /** The legend of what is on the map now. @param {ExplorerView} page @returns {HTMLElement[]} */
  function legend(page) {
    const { theme } = page.map;
    const { stations } = page.model.data;
    const [title, items] = legendOfSquares(page);
    const used = [...new Set(stations.force)].filter((f) => f >= 0).sort((a, b) => a - b);
    const dark = palette.colour("ink");
    const bases = [
      ...used.filter((f) => theme.forces[f].alliance).map((f) => entry(stationSwatch("response", 3, theme.inkOf(f)), name(theme.forces[f].name))),
      ...(used.some((f) => !theme.forces[f].alliance) ? [entry(stationSwatch("response", 3, theme.inkOf(-1)), "not in the alliance")] : []),
      entry(stationSwatch("neighbourhood", 0, dark), "no unit starts"),
      entry(spot((ctx, x, y) => { B.paintStation(ctx, x, y, 5.5, "response", 0, dark); B.paintCross(ctx, x, y, 5); }), "closed"),
      entry(spot((ctx, x, y) => { B.paintRing(ctx, x, y, 3.2); B.paintStation(ctx, x, y, 4.4, "response", 1, dark); }), "changed"),
      ...(page.map.sites ? [entry(spot((ctx, x, y) => B.paintSite(ctx, x, y, 5, dark)), "possible site")] : []),
    ];
    return [
      element("div", { class: "group" }, element("h3", {}, ...title), element("ul", {}, ...items)),
      element("div", { class: "group stations", style: `--rows:${Math.ceil(bases.length / 2)}` }, element("h3", {}, "Stations, with units"), element("ul", {}, ...bases)),
    ];
  }

  root.Borderless = Object.assign(B, /** @satisfies {Partial<BorderlessParts>} */ ({ popups: { stationSummary, station, place, legend } }));
})(window);
