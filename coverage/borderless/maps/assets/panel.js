/** The panel beside the map, the legend and the pop-up: DOM nodes made from text, nothing else. */
(function (root) {
  "use strict";
  const { element, words, BANDS, RINGS, OTHER_RING, CHANGES, pattern, paintStation, paintMove } = root.Borderless;

  const ROLES = { response: "Response base", hq: "Headquarters", custody: "Custody", neighbourhood: "Neighbourhood base" };

  /** A name from a file: kept apart from the text round it, whatever its writing direction. */
  function name(value) { return element("bdi", {}, value); }

  /** The table of the headline numbers. */
  function fillNumbers(table, rows, state) {
    const [first, ...heads] = table.tHead.rows[0].cells;
    first.textContent = "Force";
    heads[0].replaceChildren(name(state.before.label));
    heads[1].replaceChildren(name(state.after.label));
    table.caption.textContent = `${state.measure.label} within ${state.target.label}`;
    table.tBodies[0].replaceChildren(...rows.map((row) => {
      const { before, after, total } = row.n;
      const net = after - before;
      const cells = [
        element("td", {}, words.percent(before, total)),
        element("td", {}, words.percent(after, total)),
        element("td", { class: net > 0 ? "up" : net < 0 ? "down" : "level" }, words.signed(net, state.measure)),
      ];
      const of = element("small", {}, `of ${words.count(total, state.measure)} ${state.measure.unit}`);
      return element("tr", { class: row.kind }, element("th", { scope: "row" }, name(row.label), of), ...cells);
    }));
  }

  /** A list of places; a click flies there. */
  function fillPlaces(list, places, state, fly) {
    const items = places.map((place) => {
      const button = element("button", { type: "button" },
        element("span", { class: "where" }, name(place.place || "Unnamed place"), element("small", {}, name(place.force))),
        element("span", { class: "what" }, `${words.whole.format(place.people)} ${state.counted.unit}`,
          element("small", {}, words.change(place.before, place.after))));
      button.addEventListener("click", () => fly(place));
      return element("li", {}, button);
    });
    list.replaceChildren(...(items.length ? items : [element("li", { class: "none" }, "None at this target.")]));
  }

  /** Who answers whom. */
  function fillAid(paragraph, list, changing, aid, state) {
    paragraph.textContent = changing
      ? `For ${words.whole.format(changing)} ${state.counted.unit} the first unit would come from another force than before.`
      : "Nobody's first unit would come from another force than before.";
    list.replaceChildren(...aid.map(([responder, force, n]) => element("li", {},
      name(responder), " would be first to ", `${words.whole.format(n)} ${state.counted.unit}`, " in ", name(force))));
  }

  /** Every station as text, for keyboards and screen readers; a click flies there. */
  function fillStations(list, theme, state, fly) {
    const { stations } = theme.atlas;
    list.replaceChildren(...stations.name.map((label, i) => {
      const force = theme.forces[stations.force[i]];
      const button = element("button", { type: "button" }, name(label),
        element("small", {}, name(force ? force.name : "no force"), `, ${roleOf(stations.role[i])}, `, unitsText(theme, state, i)));
      button.addEventListener("click", () => fly(i));
      return element("li", {}, button);
    }));
  }

  function roleOf(role) { return (ROLES[role] || role || "other").toLowerCase(); }

  /** Units before and after, and whose the guests are. */
  function unitsText(theme, state, i) {
    const before = theme.units(state.before.name, i);
    const after = theme.units(state.after.name, i);
    const guests = (theme.atlas.stations.guests[state.after.name] || []).filter(([s]) => s === i)
      .map(([, f, n]) => `${n} of ${theme.forces[f].name}`);
    const units = (n) => (n === 1 ? "1 unit" : `${n} units`);
    const text = before === after ? units(after) : `${units(before)} before, ${units(after)} after`;
    return guests.length ? `${text} (${guests.join(", ")})` : text;
  }

  /** A pop-up for a square of the map. */
  function cellPopup(theme, cell, scenarios, state) {
    const { cells, atlas, forces } = theme;
    const place = cells.placeNames[cells.place[cell]];
    const rows = scenarios.map((s) => {
      const station = cells.station[s.name][cell];
      const seconds = cells.seconds[s.name][cell];
      const late = seconds < 0 || seconds > theme.limit(state.target.name, cell);
      const from = station < 0 ? ["–"] : [name(atlas.stations.name[station]),
        element("small", {}, name((forces[atlas.stations.force[station]] || { name: "" }).name))];
      const mark = s.name === state.before.name ? "before" : s.name === state.after.name ? "after" : null;
      return element("tr", { class: mark }, element("th", { scope: "row" }, name(s.label)),
        element("td", {}, words.clock(seconds), element("small", {}, late ? "outside the target" : "within the target")),
        element("td", {}, ...from));
    });
    const kind = state.clock === "travel" ? "Driving time" : "Response time";
    return element("div", { class: "popup" },
      element("h3", {}, place ? name(place) : "Unnamed place"),
      element("p", {}, name(forces[cells.force[cell]].name), ` · ${words.whole.format(cells.people[cell])} ${state.counted.unit} in this square · `,
        cells.urban[cell] ? "town" : "country"),
      element("table", {}, element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "Scenario"),
        element("th", { scope: "col" }, kind), element("th", { scope: "col" }, "First unit from"))), element("tbody", {}, ...rows)));
  }

  /** A pop-up for a station. */
  function stationPopup(theme, i, state) {
    const { stations } = theme.atlas;
    const force = theme.forces[stations.force[i]];
    const side = force && !force.alliance ? " (not in the alliance)" : "";
    return element("div", { class: "popup" }, element("h3", {}, name(stations.name[i])),
      element("p", {}, name(force ? force.name : "no force"), side, " · ", name(roleOf(stations.role[i]))),
      element("p", {}, unitsText(theme, state, i), ` · room for ${stations.capacity[i]}`));
  }

  /** A swatch painted by the same painters as the map. */
  function swatch(paint, width = 26, height = 16) {
    const scale = 3;
    const canvas = element("canvas", { width: width * scale, height: height * scale, "aria-hidden": "true", class: "swatch" });
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    const ctx = canvas.getContext("2d");
    ctx.scale(scale, scale);
    paint(ctx, width, height);
    return canvas;
  }

  function areaSwatch(look) {
    return swatch((ctx, w, h) => {
      ctx.fillStyle = look.fill || "#d8ebe4";
      ctx.fillRect(0, 0, w, h);
      if (look.mark) {
        ctx.fillStyle = pattern(ctx, look.mark, look.ink);
        ctx.fillRect(0, 0, w, h);
      }
      ctx.strokeStyle = "#6b7680";
      ctx.lineWidth = 0.8;
      ctx.strokeRect(0.4, 0.4, w - 0.8, h - 0.8);
    });
  }

  function lineSwatch(look) {
    return swatch((ctx, w, h) => {
      ctx.strokeStyle = look.line;
      ctx.lineWidth = look.width;
      ctx.setLineDash(look.dash);
      ctx.beginPath();
      ctx.moveTo(0, h / 2);
      ctx.lineTo(w, h / 2);
      ctx.stroke();
    });
  }

  function entry(mark, ...label) { return element("li", {}, mark, element("span", {}, ...label)); }

  /** The legend of what is on the map now. */
  function legend(theme, state) {
    const parts = [];
    const group = (title, items) => parts.push(element("h2", {}, title), element("ul", {}, ...items));
    if (state.mode === "change") {
      group(`Change, target ${state.target.label}`, [
        ...Object.values(CHANGES).map((c) => entry(areaSwatch(c), c.label)),
        ...["gained", "lost"].map((kind) => entry(swatch((ctx, w, h) => paintMove(ctx, w / 2, h / 2, 6.5, kind)),
          kind === "gained" ? "Place that gains: larger for more people" : "Place that loses: larger for more people"))]);
    } else if (state.colour === "zones") {
      const zones = (theme.rings[state.before.name] || theme.rings[state.after.name] || []).map((r) => r.minutes).sort((a, b) => a - b);
      group("Driving time alone", zones.map((m) => entry(areaSwatch(BANDS.find((b) => m <= b.upTo)), `within ${m} min`)));
    } else {
      group(state.clock === "travel" ? "Driving time" : "Response time from the call", [
        ...BANDS.map((b) => entry(areaSwatch(b), b.label)),
        entry(areaSwatch({ fill: "#fdfcf8", mark: "hatch", ink: "#8a4b12" }), `outside the target (${state.target.label})`)]);
    }
    if (state.rings.size) {
      group("Driving-time rings", [...state.rings].sort((a, b) => a - b).map((m) => entry(lineSwatch(RINGS[m] || OTHER_RING), `${m} min`)));
    }
    const { stations } = theme.atlas;
    const roles = [...new Set(stations.role)];
    const used = [...new Set(stations.force)].filter((f) => f >= 0).sort((a, b) => a - b);
    const symbol = (role, units, ink) => swatch((ctx, w, h) => paintStation(ctx, w / 2, h / 2, 6.5, role, units, ink));
    group("Stations, with units", [
      ...used.filter((f) => theme.forces[f].alliance).map((f) => entry(symbol("response", 3, theme.inkOf(f)), name(theme.forces[f].name))),
      ...(used.some((f) => !theme.forces[f].alliance) ? [entry(symbol("response", 3, theme.inkOf(-1)), "not in the alliance")] : []),
      ...roles.filter((r) => r !== "response").map((r) => entry(symbol(r, 0, "#333f4a"), name(ROLES[r] || r), ", no unit starts")),
    ]);
    return parts;
  }

  root.Borderless = Object.assign(root.Borderless, {
    panel: { fillNumbers, fillPlaces, fillAid, fillStations, cellPopup, stationPopup, legend, unitsText, name },
  });
})(window);
