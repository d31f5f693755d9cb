/**
 * The answer to a what-if: who comes first to every demand point, how soon, and how much is covered.
 * It mirrors analysis/coverage.py and analysis/busy/busy.py operation by operation, so that every number is Python's.
 */
(function (root) {
  "use strict";

  /** @typedef {{cost: number, within: boolean, way: Way}} Guest a unit of another force, seen from a point */

  const FAR = Number.MAX_SAFE_INTEGER;

  /** @type {Rule} */
  const AT_HOME = { rule: "closest", gain_s: 0, delay_s: 0 };

  /** Row of a station that the model has. @param {Model} model @param {string} id */
  function rowOf(model, id) {
    const row = model.row.get(id);
    if (row === undefined) throw new Error(`There is no station ${id} in this study.`);
    return row;
  }

  /**
   * Units of each force at each station.
   * @param {Model} model @param {State} state
   * @returns {Int32Array} forces × stations
   */
  function basing(model, state) {
    const { S, F, data: { stations } } = model;
    const units = new Int32Array(F * S);
    if (state.sharing) for (const [s, f, n] of stations.shared) units[f * S + s] = n;
    else stations.units.forEach((n, s) => { units[stations.force[s] * S + s] = n; });
    for (const [id, n] of Object.entries(state.units)) {
      const s = rowOf(model, id);
      units[stations.force[s] * S + s] = n;
    }
    for (const [id, f, n] of state.guests) units[f * S + rowOf(model, id)] = n;
    for (const id of state.closed) {
      for (let f = 0; f < F; f++) units[f * S + rowOf(model, id)] = 0;
    }
    return units;
  }

  /**
   * Who may answer in a force's area, by station, the own force first.
   * @param {Model} model @param {State} state @param {Int32Array} units @param {number} place row of the force
   * @returns {Way[]}
   */
  function waysTo(model, state, units, place) {
    const { S, F, data: { meta } } = model;
    const partner = (/** @type {number} */ f) => meta.forces[f].alliance;
    const fixed = Math.round(1000 * meta.fixed_s);
    /** @type {Way[]} */
    const ways = [];
    for (let f = 0; f < F; f++) {
      const own = f === place;
      const rule = own ? AT_HOME : state.borders[`${f}>${place}`];
      if (rule.rule === "closed") continue;
      const oneRoom = own || (state.room && partner(f) && partner(place));
      const add = fixed + (oneRoom ? 0 : Math.round(1000 * rule.delay_s));
      const gain = rule.rule === "if_faster" ? 1000 * rule.gain_s : 0;
      for (let s = 0; s < S; s++) {
        const n = units[f * S + s];
        if (n > 0) ways.push({ station: s, responder: f, own, units: n, add, gain, aid: rule.rule === "on_exhaustion" });
      }
    }
    return ways.sort((a, b) => a.station - b.station || Number(b.own) - Number(a.own) || a.responder - b.responder);
  }

  /**
   * Answer a what-if.
   * @param {Model} model @param {State} state
   * @returns {Answer}
   */
  function answer(model, state) {
    const { P, F, M } = model;
    const G = model.groups.length;
    const found = {
      state,
      clock: new Int32Array(P).fill(-1),
      station: new Int16Array(P).fill(-1),
      responder: new Int8Array(P).fill(-1),
      within: new Uint8Array(P),
      chance: new Float64Array(P),
      total: new Float64Array(G * M),
      covered: new Float64Array(G * M),
      expected: new Float64Array(G * M),
      aid: new Float64Array(F * F * M),
    };
    const units = basing(model, state);
    const limits = [Math.round(1000 * state.rural_s), Math.round(1000 * state.urban_s)];
    const byForce = Array.from({ length: F }, (_, f) => waysTo(model, state, units, f));
    const busy = state.busy > 0 ? powers(state.busy / 100, units.reduce((a, b) => a + b, 0)) : null;
    for (let p = 0; p < P; p++) {
      const f = model.force[p];
      if (f >= F) continue;
      const limit = limits[model.urban[p]];
      first(model, byForce[f], p, found);
      found.within[p] = found.clock[p] >= 0 && found.clock[p] <= limit ? 1 : 0;
      found.chance[p] = busy ? chanceAt(model, byForce[f], p, limit, busy) : found.within[p];
    }
    sumUp(model, found);
    return found;
  }

  /**
   * Who comes first to a point: the smallest response, ties to the smaller station and the own force.
   * @param {Model} model @param {Way[]} ways @param {number} p @param {Answer} found filled in
   */
  function first(model, ways, p, found) {
    const { travel, S, data: { meta } } = model;
    const base = p * S;
    let ownBest = FAR;
    let conditional = false;
    for (const way of ways) {
      if (way.gain > 0) conditional = true;
      if (!way.own) continue;
      const t = travel[base + way.station];
      if (t >= 0 && t + way.add < ownBest) ownBest = t + way.add;
    }
    let best = FAR;
    /** @type {Way|null} */
    let taken = null;
    for (const way of ways) {
      const t = travel[base + way.station];
      if (t < 0 || way.aid) continue;
      const cost = t + way.add;
      if (cost >= best || (conditional && way.gain > 0 && cost + way.gain > ownBest)) continue;
      best = cost;
      taken = way;
    }
    if (!taken) return;
    found.clock[p] = meta.clock === "travel" ? travel[base + taken.station] : best;
    found.station[p] = taken.station;
    found.responder[p] = taken.responder;
  }

  /** q⁰, q¹, … made by multiplying one after the other. @param {number} q @param {number} most */
  function powers(q, most) {
    const power = new Float64Array(most + 1);
    power[0] = 1;
    for (let n = 1; n <= most; n++) power[n] = n === 1 ? q : power[n - 1] * q;
    return power;
  }

  /**
   * The chance that a point is answered within the target; see analysis/busy/busy.py.
   * @param {Model} model @param {Way[]} ways @param {number} p
   * @param {number} limit milliseconds @param {Float64Array} power
   */
  function chanceAt(model, ways, p, limit, power) {
    const { travel, S, data: { meta } } = model;
    const base = p * S;
    const driving = meta.clock === "travel";
    let busy = 0;
    let last = -1;
    const beyond = [];
    /** @type {Guest[]} */
    const guests = [];
    for (const way of ways) {
      const t = travel[base + way.station];
      if (t < 0) continue;
      const cost = t + way.add;
      const within = (driving ? t : cost) <= limit;
      if (!way.own) guests.push({ cost, within, way });
      else if (within) busy += way.units;
      else beyond.push({ cost, units: way.units });
      if (!way.own && within) last = Math.max(last, cost);
    }
    let chance = 1 - power[busy];
    if (last < 0) return chance;
    const near = guests.filter((g) => g.cost <= last).sort((a, b) => a.cost - b.cost);
    beyond.sort((a, b) => a.cost - b.cost);
    for (const own of beyond) {
      const atWork = power[busy] - power[busy + own.units];
      chance += atWork * guestChance(near, power, (g) => !g.way.aid && g.cost + g.way.gain <= own.cost);
      busy += own.units;
    }
    return chance + power[busy] * guestChance(near, power, (g) => !g.way.aid || busy > 0);
  }

  /**
   * The chance that the first free guest of those that may come is within the target.
   * @param {Guest[]} guests the quickest first @param {Float64Array} power @param {(guest: Guest) => boolean} mayCome
   */
  function guestChance(guests, power, mayCome) {
    let found = 0;
    let busy = 0;
    for (const guest of guests) {
      if (!mayCome(guest)) continue;
      const next = busy + guest.way.units;
      if (guest.within) found += power[busy] - power[next];
      busy = next;
    }
    return found;
  }

  /** Totals, covered and expected by group and measure, and who answered across. @param {Model} model @param {Answer} found filled in */
  function sumUp(model, found) {
    const { P, F, M, groups, data: { meta } } = model;
    const alliance = groups.findIndex((g) => g.kind === "alliance");
    const all = groups.length - 1;
    const gap = groups.findIndex((g) => g.kind === "none");
    for (let m = 0; m < M; m++) {
      const weight = model.weights[m];
      for (let p = 0; p < P; p++) {
        const f = model.force[p];
        const known = f < F;
        const w = weight[p];
        const inside = found.within[p] ? w : 0;
        const likely = w * found.chance[p];
        const own = known ? f : gap;
        found.total[own * M + m] += w;
        found.covered[own * M + m] += inside;
        found.expected[own * M + m] += likely;
        found.total[all * M + m] += w;
        found.covered[all * M + m] += inside;
        found.expected[all * M + m] += likely;
        if (!known) continue;
        if (meta.forces[f].alliance) {
          found.total[alliance * M + m] += w;
          found.covered[alliance * M + m] += inside;
          found.expected[alliance * M + m] += likely;
        }
        const r = found.responder[p];
        if (r >= 0 && r !== f) found.aid[(r * F + f) * M + m] += w;
      }
    }
  }

  root.Borderless = Object.assign(root.Borderless || {}, /** @satisfies {Partial<BorderlessParts>} */ ({ answer, basing, waysTo }));
})(window);
