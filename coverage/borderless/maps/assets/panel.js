/** The panel beside the map and the pop-ups on it: DOM nodes made from text, nothing else. */
(function (root) {
  "use strict";
  const { element, words, palette, ringSwatch, name, roleName } = root.Borderless;

  /**
   * The table of the headline numbers.
   * @param {HTMLTableElement} table
   * @param {TableRow[]} rows
   * @param {ComparisonState} state
   */
  function fillNumbers(table, rows, state) {
    const [, before, after] = table.tHead ? table.tHead.rows[0].cells : [];
    before.replaceChildren(name(state.before.label));
    after.replaceChildren(name(state.after.label));
    if (table.caption) table.caption.textContent = `${state.measure.label} within ${state.target.label}`;
    table.tBodies[0].replaceChildren(...rows.map(({ label, kind, n }) => {
      const net = n.after - n.before;
      const of = element("small", {}, `of ${words.count(n.total, state.measure)} ${state.measure.unit}`);
      return element("tr", { class: kind }, element("th", { scope: "row" }, name(label), of),
        element("td", {}, words.percent(n.before, n.total)),
        element("td", {}, words.percent(n.after, n.total)),
        element("td", { class: net > 0 ? "up" : net < 0 ? "down" : "level" }, words.signed(net, state.measure)));
    }));
  }

  /**
   * A list of places; a click flies there.
   * @param {HTMLElement} list
   * @param {ListedPlace[]} places
   * @param {ComparisonState} state
   * @param {(place: ListedPlace) => void} fly
   */
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

  /**
   * Who answers whom.
   * @param {HTMLElement} paragraph
   * @param {HTMLElement} list
   * @param {number} changing people whose first unit comes from another force than before
   * @param {[string, string, number][]} aid responder, force, people
   * @param {ComparisonState} state
   */
  function fillAid(paragraph, list, changing, aid, state) {
    paragraph.textContent = changing
      ? `For ${words.whole.format(changing)} ${state.counted.unit} the first unit would come from another force than before.`
      : "Nobody's first unit would come from another force than before.";
    list.replaceChildren(...aid.map(([responder, force, n]) => element("li", {},
      name(responder), " would be first to ", `${words.whole.format(n)} ${state.counted.unit}`, " in ", name(force))));
  }

  /**
   * Rows of the rings: a tick for the map, and how much is inside in both scenarios. Made once.
   * @param {HTMLTableElement} table
   * @param {number[]} minutes
   * @param {(minutes: number, on: boolean) => void} toggle
   */
  function makeRings(table, minutes, toggle) {
    table.tBodies[0].replaceChildren(...minutes.map((m) => {
      const box = element("input", { type: "checkbox", value: m });
      box.addEventListener("change", () => toggle(m, box.checked));
      const label = element("label", {}, box, ringSwatch(palette.ringOf(m)), `${m} min`);
      return element("tr", {}, element("th", { scope: "row" }, label), element("td", {}), element("td", {}));
    }));
  }

  /**
   * How much is inside each ring before and after.
   * @param {HTMLTableElement} table
   * @param {[number[], number[]]} inside before and after, one figure a ring
   * @param {number} total
   * @param {ComparisonState} state
   */
  function fillRings(table, inside, total, state) {
    const { measure } = state;
    const heads = table.tHead ? table.tHead.rows[0].cells : [];
    heads[1].replaceChildren(name(state.before.label));
    heads[2].replaceChildren(name(state.after.label));
    if (table.caption) table.caption.textContent = `${measure.label} inside each ring, of the alliance’s ${words.count(total, measure)} ${measure.unit}`;
    [...table.tBodies[0].rows].forEach((row, i) => {
      const box = /** @type {HTMLInputElement} */ (row.querySelector("input"));
      box.checked = state.rings.has(Number(box.value));
      inside.forEach((counts, side) => row.cells[1 + side].replaceChildren(
        words.count(counts[i], measure), element("small", {}, words.percent(counts[i], total))));
    });
  }

  /**
   * Every station as text, for keyboards and screen readers; a click flies there.
   * @param {HTMLElement} list
   * @param {Theme} theme
   * @param {ComparisonState} state
   * @param {(i: number) => void} fly
   */
  function fillStations(list, theme, state, fly) {
    const { stations } = theme.atlas;
    list.replaceChildren(...stations.name.map((label, i) => {
      const button = element("button", { type: "button" }, name(label),
        element("small", {}, name(theme.forceName(stations.force[i])), `, ${roleName(stations.role[i]).toLowerCase()}, `, unitsText(theme, state, i)));
      button.addEventListener("click", () => fly(i));
      return element("li", {}, button);
    }));
  }

  /**
   * Units before and after, and whose the guests are.
   * @param {Theme} theme
   * @param {ComparisonState} state
   * @param {number} i row of the station
   */
  function unitsText(theme, state, i) {
    const before = theme.units(state.before.name, i);
    const after = theme.units(state.after.name, i);
    const guests = (theme.atlas.stations.guests[state.after.name] || []).filter(([s]) => s === i)
      .map(([, f, n]) => `${n} of ${theme.forces[f].name}`);
    const units = (/** @type {number} */ n) => (n === 1 ? "1 unit" : `${n} units`);
    const text = before === after ? units(after) : `${units(before)} before, ${units(after)} after`;
    return guests.length ? `${text} (${guests.join(", ")})` : text;
  }

  /**
   * Whose unit answers a square, from where, and whether the call is handed over.
   * @param {Theme} theme
   * @param {number} cell
   * @param {ScenarioInfo} scenario
   * @param {string} clock
   * @returns {(Node | string)[]}
   */
  function firstUnit(theme, cell, scenario, clock) {
    const station = theme.cells.station[scenario.name][cell];
    const responder = theme.cells.responder[scenario.name][cell];
    if (station < 0) return ["–"];
    const own = responder === theme.cells.force[cell];
    const host = theme.atlas.stations.force[station];
    const who = [name(theme.forceName(responder)), own ? ", own force" : ", another force"];
    if (host !== responder) who.push(", at a station of ", name(theme.forceName(host)));
    const said = [name(theme.atlas.stations.name[station]), element("small", {}, ...who)];
    if (!own && scenario.handover) {
      const how = clock === "travel" ? "not counted: " : "includes ";
      said.push(element("small", { class: "handover" }, `${how}${words.span(scenario.handover)} hand-over`));
    }
    return said;
  }

  /**
   * A pop-up for a square of the map.
   * @param {Theme} theme
   * @param {number} cell
   * @param {ScenarioInfo[]} scenarios
   * @param {ComparisonState} state
   */
  function cellPopup(theme, cell, scenarios, state) {
    const { cells } = theme;
    const place = cells.placeNames[cells.place[cell]];
    const rows = scenarios.map((s) => {
      const seconds = cells.seconds[s.name][cell];
      const late = seconds < 0 || seconds > theme.limit(state.target.name, cell);
      const mark = s.name === state.before.name ? "before" : s.name === state.after.name ? "after" : null;
      return element("tr", { class: mark }, element("th", { scope: "row" }, name(s.label)),
        element("td", {}, words.clock(seconds), element("small", {}, late ? "outside target" : "within target")),
        element("td", {}, ...firstUnit(theme, cell, s, state.clock)));
    });
    const kind = state.clock === "travel" ? "Driving time" : "Response time";
    const heads = ["Scenario", kind, "First unit from"].map((head) => element("th", { scope: "col" }, head));
    return element("div", { class: "popup" },
      element("h2", {}, place ? name(place) : "Unnamed place"),
      element("p", {}, name(theme.forceName(cells.force[cell])), ` · ${words.whole.format(cells.people[cell])} ${state.counted.unit} in this square · `,
        cells.urban[cell] ? "town" : "country"),
      element("table", {}, element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, ...rows)));
  }

  /**
   * A pop-up for a station.
   * @param {Theme} theme
   * @param {number} i
   * @param {ComparisonState} state
   */
  function stationPopup(theme, i, state) {
    const { stations } = theme.atlas;
    const force = theme.forces[stations.force[i]];
    const side = force && !force.alliance ? " (not in the alliance)" : "";
    return element("div", { class: "popup" }, element("h2", {}, name(stations.name[i])),
      element("p", {}, name(theme.forceName(stations.force[i])), side, " · ", name(roleName(stations.role[i]).toLowerCase())),
      element("p", {}, unitsText(theme, state, i), ` · room for ${stations.capacity[i]}`));
  }

  root.Borderless = Object.assign(root.Borderless, /** @satisfies {Partial<BorderlessParts>} */ ({
    panel: { fillNumbers, fillPlaces, fillAid, makeRings, fillRings, fillStations, cellPopup, stationPopup, unitsText },
  }));
})(window);
