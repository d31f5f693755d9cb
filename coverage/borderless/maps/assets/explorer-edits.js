/**
 * What a planner can do to a state, as pure functions: each returns a new state and leaves the old one as it was.
 *
 * @typedef {Object} Border what one force may do in another's area
 * @property {string} rule "closed", "on_exhaustion", "if_faster" or "closest"
 * @property {number} gain_s seconds that must be gained, for "if_faster"
 * @property {number} delay_s hand-over between control rooms, seconds
 *
 * @typedef {Object} State everything a planner has chosen
 * @property {Object<string, number>} units station id → own units that start there, where it differs from the study
 * @property {string[]} closed ids of stations where nobody starts
 * @property {Object<string, Border>} borders "responder>place" (rows of forces) → rule
 * @property {boolean} sharing units start where the study's optimum puts them when stations are shared
 * @property {boolean} room one control room for all
 * @property {number} urban_s @property {number} rural_s @property {number} busy whole percent
 * @property {string} measure
 */
(function (root) {
  "use strict";

  const MOST_UNITS = 50;

  /** Whose units start at a station: its own force's, and its guests'.
   * @param {any} model @param {State} state @param {number} s row of the station
   * @returns {{own: number, guests: number[][], closed: boolean}} guests: [force, units] */
  function standing(model, state, s) {
    const { stations } = model.data;
    const id = stations.id[s];
    let own = stations.units[s];
    const guests = [];
    if (state.sharing) {
      own = 0;
      for (const [t, f, n] of stations.shared) {
        if (t !== s) continue;
        if (f === stations.force[s]) own = n;
        else guests.push([f, n]);
      }
    }
    if (Object.hasOwn(state.units, id)) own = state.units[id];
    return { own, guests, closed: state.closed.includes(id) };
  }

  /** Whether a station stands otherwise than in the study. */
  function touched(model, state, s) {
    const id = model.data.stations.id[s];
    return Object.hasOwn(state.units, id) || state.closed.includes(id);
  }

  /** Own units of a station; the study's own number is no change.
   * @param {any} model @param {State} state @param {number} s @param {number} n @returns {State} */
  function withUnits(model, state, s, n) {
    const { [model.data.stations.id[s]]: _old, ...units } = state.units;
    const plain = standing(model, { ...state, units }, s).own;
    const wanted = Math.max(0, Math.min(MOST_UNITS, Math.round(n) || 0));
    if (wanted !== plain) units[model.data.stations.id[s]] = wanted;
    return { ...state, units };
  }

  /** A station opened or closed; a candidate site that is closed is simply not built.
   * @param {any} model @param {State} state @param {number} s @param {boolean} open @returns {State} */
  function withOpen(model, state, s, open) {
    const id = model.data.stations.id[s];
    const closed = state.closed.filter((other) => other !== id);
    return { ...state, closed: open ? closed : [...closed, id].sort() };
  }

  /** A base where units start, or none. @returns {State} */
  function withRole(model, state, s, response) {
    const usual = model.data.stations.units[s];
    return withUnits(model, state, s, response ? Math.max(1, usual) : 0);
  }

  /** One border changed. @param {State} state @param {string} pair @param {Partial<Border>} change @returns {State} */
  function withBorder(state, pair, change) {
    return { ...state, borders: { ...state.borders, [pair]: { ...state.borders[pair], ...change } } };
  }

  /** Every border between partners changed. @returns {State} */
  function withAllBorders(model, state, change) {
    const { forces } = model.data.meta;
    const borders = Object.fromEntries(Object.entries(state.borders).map(([pair, border]) => {
      const both = pair.split(">").every((row) => forces[Number(row)].alliance);
      return [pair, both ? { ...border, ...change } : border];
    }));
    return { ...state, borders };
  }

  /** The arrangement of a preset, with what the planner did to stations, targets and demand; a preset that has stations of its own brings them.
   * @param {State} state @param {State} preset @returns {State} */
  function withPreset(state, preset) {
    const own = Object.keys(preset.units).length || preset.closed.length ? { units: preset.units, closed: preset.closed } : {};
    return { ...state, ...own, borders: preset.borders, sharing: preset.sharing, room: preset.room };
  }

  /** Another state judged by this one's targets, measure and busy units. @returns {State} */
  function judgedBy(other, state) {
    return { ...other, urban_s: state.urban_s, rural_s: state.rural_s, busy: state.busy, measure: state.measure };
  }

  root.Borderless = Object.assign(root.Borderless, {
    edits: { standing, touched, withUnits, withOpen, withRole, withBorder, withAllBorders, withPreset, judgedBy, MOST_UNITS },
  });
})(window);
