/** What a planner can do to a state, as pure functions: each returns a new state and leaves the old one as it was. */
(function (root) {
  "use strict";

  const MOST_UNITS = 1000;

  /**
   * Whose units start at each station: its own force's, and its guests'; of a closed one, who would if it were open.
   * @param {Model} model @param {State} state
   * @returns {Standing[]} by station
   */
  function standings(model, state) {
    const { S, F, data: { stations } } = model;
    const units = root.Borderless.basing(model, { ...state, closed: [] });
    const closed = new Set(state.closed);
    return stations.id.map((id, s) => {
      /** @type {Point[]} */
      const guests = [];
      for (let f = 0; f < F; f++) if (f !== stations.force[s] && units[f * S + s] > 0) guests.push([f, units[f * S + s]]);
      return { own: units[stations.force[s] * S + s], guests, closed: closed.has(id) };
    });
  }

  /** Whether a station stands otherwise than in the study. @param {Model} model @param {State} state @param {number} s */
  function touched(model, state, s) {
    const id = model.data.stations.id[s];
    return Object.hasOwn(state.units, id) || state.closed.includes(id);
  }

  /** Own units of a station; the study's own number is no change.
   * @param {Model} model @param {State} state @param {number} s @param {number} n @returns {State} */
  function withUnits(model, state, s, n) {
    const units = { ...state.units };
    delete units[model.data.stations.id[s]];
    const plain = standings(model, { ...state, units })[s].own;
    const wanted = Math.max(0, Math.min(MOST_UNITS, Math.round(n) || 0));
    if (wanted === plain) return { ...state, units };
    // not units[id] = wanted, which a station called __proto__ would swallow
    return { ...state, units: { ...units, ...Object.fromEntries([[model.data.stations.id[s], wanted]]) } };
  }

  /** A station opened or closed; a candidate site that is closed is simply not built.
   * @param {Model} model @param {State} state @param {number} s @param {boolean} open @returns {State} */
  function withOpen(model, state, s, open) {
    const id = model.data.stations.id[s];
    const closed = state.closed.filter((other) => other !== id);
    return { ...state, closed: open ? closed : [...closed, id].sort() };
  }

  /**
   * A base where units start, or none.
   * @param {Model} model
   * @param {State} state
   * @param {number} s
   * @param {boolean} response
   * @returns {State}
   */
  function withRole(model, state, s, response) {
    const usual = model.data.stations.units[s];
    return withUnits(model, state, s, response ? Math.max(1, usual) : 0);
  }

  /** One border changed. @param {State} state @param {string} pair @param {Partial<Rule>} change @returns {State} */
  function withBorder(state, pair, change) {
    return { ...state, borders: { ...state.borders, [pair]: { ...state.borders[pair], ...change } } };
  }

  /** Every border between partners changed. @param {Model} model @param {State} state @param {Partial<Rule>} change @returns {State} */
  function withAllBorders(model, state, change) {
    const { forces } = model.data.meta;
    const borders = Object.fromEntries(Object.entries(state.borders).map(([pair, border]) => {
      const both = pair.split(">").every((row) => forces[Number(row)].alliance);
      return [pair, both ? { ...border, ...change } : border];
    }));
    return { ...state, borders };
  }

  /** The arrangement of a preset, with what the planner did to stations, targets and demand; a preset that has stations of its own brings them. Guests belong to the arrangement.
   * @param {State} state @param {State} preset @returns {State} */
  function withPreset(state, preset) {
    const own = Object.keys(preset.units).length || preset.closed.length ? { units: preset.units, closed: preset.closed } : {};
    return { ...state, ...own, guests: preset.guests, borders: preset.borders, sharing: preset.sharing, room: preset.room };
  }

  /** Another state judged by this one's targets, measure and busy units. @param {State} other @param {State} state @returns {State} */
  function judgedBy(other, state) {
    return { ...other, urban_s: state.urban_s, rural_s: state.rural_s, busy: state.busy, measure: state.measure };
  }

  root.Borderless = Object.assign(root.Borderless, /** @satisfies {Partial<BorderlessParts>} */ ({
    edits: { standings, touched, withUnits, withOpen, withRole, withBorder, withAllBorders, withPreset, judgedBy, MOST_UNITS },
  }));
})(window);
