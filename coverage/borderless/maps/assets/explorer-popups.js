/** What the map of the what-if page says about itself: pop-ups of stations and places, and the legend. */
(function (root) {
  "use strict";
  const B = root.Borderless;
  const { element, words, panel, controls, BANDS, CHANGES } = B;
  const RANKS = ["First now", "Second", "Third"];

  /** A station in one line: whose it is, and how many units start there. */
  function stationSummary(page, s) {
    const { stations, meta } = page.model.data;
    const { own, guests, closed } = page.standing[s];
    const force = meta.forces[stations.force[s]];
    const units = closed ? "closed" : own > 0 || !stations.candidate[s] ? controls.plural(own, "unit") : "a site where a station could be added";
    return [panel.name(force ? force.name : "no force"), `, ${units}`,
      ...(closed ? [] : guests.flatMap(([f, n]) => [`, ${controls.plural(n, "unit")} of `, panel.name(meta.forces[f].name)]))];
  }

  /** The pop-up of a station, with the same controls as in the list. @returns {{node: HTMLElement, update: () => void}} */
  function station(page, s) {
    const { stations } = page.model.data;
    const summary = element("p");
    const inner = controls.stationControls(page, s, false);
    const node = element("div", { class: "popup station-popup" }, element("h3", {}, panel.name(stations.name[s])), summary, inner.node);
    return { node, update: () => { summary.replaceChildren(...stationSummary(page, s)); inner.update(); } };
  }

  /** The pop-up of a square of the map. @returns {(Node|string)[]} */
  function place(page, cell) {
    const { model, state } = page;
    const { theme } = page.map;
    const point = cell < 0 ? -1 : page.heaviest[cell];
    if (point < 0) return ["Nothing is counted here: outside the study's areas."];
    const { cells, forces } = theme;
    const { stations } = model.data;
    const label = model.data.names[model.place[point]];
    const limit = model.urban[point] ? state.urban_s : state.rural_s;
    const row = (title, entry, first) => element("tr", { class: first ? "after" : null },
      element("th", { scope: "row" }, title),
      element("td", {}, words.clock(entry.clock / 1000), element("small", {}, entry.clock > 1000 * limit ? "outside the target" : "within the target")),
      element("td", {}, panel.name(stations.name[entry.station]), element("small", {}, panel.name((forces[entry.responder] || { name: "" }).name))));
    const now = B.runList(model, state, point, RANKS.length);
    const before = page.before.station[point];
    const rows = now.map((entry, i) => row(RANKS[i], entry, i === 0));
    if (before >= 0) {
      rows.push(row(panel.name(page.baselineLabel()), { station: before, responder: page.before.responder[point], clock: page.before.clock[point] }, false));
    }
    const kind = model.data.meta.clock === "travel" ? "Driving time" : "Response time";
    const counted = model.data.meta.measures[0];
    return [
      element("h3", {}, label ? panel.name(label) : "Unnamed place"),
      element("p", {}, panel.name(forces[cells.force[cell]].name), ` · ${words.count(cells.people[cell], counted)} ${counted.unit} in this square · `, model.urban[point] ? "town" : "country"),
      rows.length ? element("table", {}, element("thead", {}, element("tr", {}, element("td"), element("th", { scope: "col" }, kind), element("th", { scope: "col" }, "From"))),
        element("tbody", {}, ...rows)) : element("p", {}, "No unit may or can come here."),
    ];
  }

  function swatch(paint, width = 26, height = 16) {
    const scale = 3;
    const canvas = element("canvas", { width: width * scale, height: height * scale, "aria-hidden": "true", class: "swatch" });
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    const ctx = /** @type {HTMLCanvasElement} */ (canvas).getContext("2d");
    ctx.scale(scale, scale);
    paint(ctx, width, height);
    return canvas;
  }

  function areaSwatch(look) {
    return swatch((ctx, w, h) => {
      ctx.fillStyle = look.fill || "#d8ebe4";
      ctx.fillRect(0, 0, w, h);
      if (look.mark) {
        ctx.fillStyle = B.pattern(ctx, look.mark, look.ink);
        ctx.fillRect(0, 0, w, h);
      }
      ctx.strokeStyle = "#6b7680";
      ctx.lineWidth = 0.8;
      ctx.strokeRect(0.4, 0.4, w - 0.8, h - 0.8);
    });
  }

  function entry(mark, ...label) { return element("li", {}, mark, element("span", {}, ...label)); }

  /** What the colours of the squares mean. */
  function legendOfSquares(page) {
    const { mode, theme } = page.map;
    const target = page.targetLabel();
    if (mode === "change") {
      return [["Change against ", panel.name(page.baselineLabel())], Object.values(CHANGES).map((c) => entry(areaSwatch(c), c.label))];
    }
    if (mode === "who") {
      const looks = page.map.whoLooks();
      const helpers = new Set(theme.cells.force.map((home, i) => (page.map.responderIn(i) !== home ? page.map.responderIn(i) : -1)));
      return [["Who answers first"], [
        ...theme.forces.map((force, f) => entry(areaSwatch(looks[`own${f}`]), panel.name(force.name), ", at home")),
        ...theme.forces.flatMap((force, f) => (helpers.has(f) ? [entry(areaSwatch(looks[`guest${f}`]), panel.name(force.name), ", across a border")] : []))]];
    }
    return [[page.model.data.meta.clock === "travel" ? "Driving time" : "Response time from the call"], [
      ...BANDS.map((b) => entry(areaSwatch(b), b.label)),
      entry(areaSwatch({ fill: "#fdfcf8", mark: "hatch", ink: "#8a4b12" }), `outside the target (${target})`)]];
  }

  /** The legend of what is on the map now. @returns {Node[]} */
  function legend(page) {
    const { theme } = page.map;
    const { stations } = page.model.data;
    const [title, items] = legendOfSquares(page);
    const used = [...new Set(stations.force)].filter((f) => f >= 0).sort((a, b) => a - b);
    const symbol = (role, units, ink, more) => swatch((ctx, w, h) => {
      if (more === "ring") B.paintRing(ctx, w / 2, h / 2, 3.2);
      if (more === "site") B.paintSite(ctx, w / 2, h / 2, 5, ink);
      else B.paintStation(ctx, w / 2, h / 2, more === "ring" ? 4 : 6.5, role, units, ink);
      if (more === "cross") B.paintCross(ctx, w / 2, h / 2, 5.5);
    });
    const dark = "#333f4a";
    const bases = [
      ...used.filter((f) => theme.forces[f].alliance).map((f) => entry(symbol("response", 3, theme.inkOf(f)), panel.name(theme.forces[f].name))),
      ...(used.some((f) => !theme.forces[f].alliance) ? [entry(symbol("response", 3, theme.inkOf(-1)), "not in the alliance")] : []),
      entry(symbol("neighbourhood", 0, dark), "no unit starts"),
      entry(symbol("response", 0, dark, "cross"), "closed"),
      entry(symbol("response", 1, dark, "ring"), "changed"),
      ...(page.map.sites ? [entry(symbol("", 0, dark, "site"), "site that could be added")] : []),
    ];
    return [element("h2", {}, ...title), element("ul", {}, ...items), element("h2", {}, "Stations, with units"), element("ul", {}, ...bases)];
  }

  root.Borderless = Object.assign(B, { popups: { stationSummary, station, place, legend } });
})(window);
