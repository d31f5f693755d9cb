/** The legend of a comparison's map: what is on it now, painted by the map's own painters. */
(function (root) {
  "use strict";
  const { element, palette, areaSwatch, ringSwatch, stationSwatch, swatch, paintMove } = root.Borderless;
  const { BANDS, CHANGES } = palette;

  /** @type {Record<string, string>} */
  const ROLES = { response: "Response base", hq: "Headquarters", custody: "Custody", neighbourhood: "Neighbourhood base" };

  /**
   * What a station's role is called; a role of the study's own is shown as it is.
   * @param {string} role
   */
  function roleName(role) { return ROLES[role] || role || "Other"; }

  /**
   * A name from a file: kept apart from the text round it, whatever its writing direction.
   * @param {string} value
   */
  function name(value) { return element("bdi", {}, value); }

  /**
   * One line of the legend.
   * @param {Node} mark
   * @param {...(Node | string)} label
   */
  function entry(mark, ...label) { return element("li", {}, mark, element("span", {}, ...label)); }

  /**
   * Lines under a heading.
   * @param {string} title
   * @param {HTMLElement[]} lines
   */
  function group(title, lines) { return element("div", { class: "group" }, element("h3", {}, title), element("ul", {}, ...lines)); }

  /**
   * @param {ComparisonState} state
   * @returns {HTMLElement}
   */
  function changes(state) {
    const move = (/** @type {"gained" | "lost"} */ kind) => swatch((ctx, w, h) => paintMove(ctx, w / 2, h / 2, 6.5, kind));
    return group(`Change, target ${state.target.label}`, [
      ...Object.values(CHANGES).map((look) => entry(areaSwatch(look), look.label)),
      entry(move("gained"), "Place that gains (larger: more people)"),
      entry(move("lost"), "Place that loses (larger: more people)"),
    ]);
  }

  /**
   * @param {ComparisonState} state
   * @returns {HTMLElement}
   */
  function times(state) {
    const late = { fill: palette.colour("land"), mark: "hatch", ink: palette.colour("late") };
    return group(state.clock === "travel" ? "Driving time" : "Response time from the call", [
      ...BANDS.map((band) => entry(areaSwatch({ ...band, mark: "", ink: "" }), band.label)),
      entry(areaSwatch(late), `outside the target (${state.target.label})`),
    ]);
  }

  /**
   * @param {Theme} theme
   * @returns {HTMLElement}
   */
  function zones(theme) {
    return group("Driving time alone", theme.minutes.map((minutes) =>
      entry(areaSwatch({ ...palette.bandOf(minutes), mark: "", ink: "" }), `within ${minutes} min`)));
  }

  /**
   * @param {Theme} theme
   * @returns {HTMLElement}
   */
  function stations(theme) {
    const { stations: all } = theme.atlas;
    const ink = palette.colour("ink");
    const used = [...new Set(all.force)].filter((f) => f >= 0).sort((a, b) => a - b);
    const lines = used.filter((f) => theme.forces[f].alliance).map((f) => entry(stationSwatch("response", 3, theme.inkOf(f)), name(theme.forces[f].name)));
    if (used.some((f) => !theme.forces[f].alliance)) lines.push(entry(stationSwatch("response", 3, theme.inkOf(-1)), "not in the alliance"));
    lines.push(...[...new Set(all.role)].map((role) => entry(stationSwatch(role, 0, ink), name(roleName(role)))));
    const drawn = group("Stations: colour is force, shape is role", lines);
    drawn.classList.add("stations");
    drawn.style.setProperty("--rows", String(Math.ceil(lines.length / 2)));
    drawn.append(element("p", { class: "said" }, "The figure is the number of units; a small hollow mark has none."));
    return drawn;
  }

  /**
   * The legend of what is on the map now.
   * @param {Theme} theme
   * @param {ComparisonState} state
   * @returns {HTMLElement[]}
   */
  function legend(theme, state) {
    const parts = [state.mode === "change" ? changes(state) : state.colour === "zones" ? zones(theme) : times(state)];
    if (state.rings.size) {
      const minutes = theme.minutes.filter((m) => state.rings.has(m));
      parts.push(group("Driving-time rings", minutes.map((m) => entry(ringSwatch(palette.ringOf(m)), `${m} min`))));
    }
    parts.push(stations(theme));
    return parts;
  }

  root.Borderless = Object.assign(root.Borderless, /** @satisfies {Partial<BorderlessParts>} */ ({ legend, name, roleName }));
})(window);
