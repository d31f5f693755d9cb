/** Two answers side by side, and an answer by square, by station and by share of people. */
(function (root) {
  "use strict";

  /** Kinds of change at a point. */
  const KINDS = /** @type {const} */ ({ SAME: 0, NEARER: 1, GAINED: 2, SLOWER: 3, LOST: 4 });
  const { SAME, NEARER, GAINED, SLOWER, LOST } = KINDS;

  /**
   * What changes from one answer to another, for the chosen measure's places and every measure's sums.
   * @param {Model} model @param {Answer} before @param {Answer} after
   * @returns {Contrast}
   */
  function contrast(model, before, after) {
    const { P, F, M, groups, data: { meta } } = model;
    const gained = new Float64Array(groups.length * M);
    const lost = new Float64Array(groups.length * M);
    const changed = new Uint8Array(P);
    const alliance = groups.findIndex((g) => g.kind === "alliance");
    const gap = groups.findIndex((g) => g.kind === "none");
    const all = groups.length - 1;
    const far = (/** @type {number} */ ms) => (ms < 0 ? Infinity : ms);
    for (let p = 0; p < P; p++) {
      const a = far(before.clock[p]);
      const b = far(after.clock[p]);
      changed[p] = b < a ? NEARER : b > a ? SLOWER : SAME;
      if (before.within[p] === after.within[p]) continue;
      changed[p] = after.within[p] ? GAINED : LOST;
      const sums = after.within[p] ? gained : lost;
      const f = model.force[p];
      for (let m = 0; m < M; m++) {
        const w = model.weights[m][p];
        sums[(f < F ? f : gap) * M + m] += w;
        sums[all * M + m] += w;
        if (f < F && meta.forces[f].alliance) sums[alliance * M + m] += w;
      }
    }
    return { gained, lost, changed, places: places(model, before, after, changed) };
  }

  /**
   * The places that gain or lose cover, most of the chosen measure first.
   * @param {Model} model @param {Answer} before @param {Answer} after @param {Uint8Array} changed
   * @returns {ChangedPlace[]}
   */
  function places(model, before, after, changed) {
    const { P, F, data } = model;
    const weight = model.weights[measureRow(model, after.state)];
    const found = new Map();
    for (let p = 0; p < P; p++) {
      if ((changed[p] !== GAINED && changed[p] !== LOST) || !weight[p]) continue;
      const key = model.place[p] * 256 + model.force[p];
      if (!found.has(key)) {
        found.set(key, {
          place: model.place[p] < 0 ? "" : data.names[model.place[p]],
          force: model.force[p] < F ? data.meta.forces[model.force[p]].name : "",
          gained: 0, lost: 0, weight: 0, x: 0, y: 0, before: 0, after: 0,
        });
      }
      const row = found.get(key);
      const w = weight[p];
      row[changed[p] === GAINED ? "gained" : "lost"] += w;
      row.weight += w;
      row.x += w * model.x[p];
      row.y += w * model.y[p];
      row.before += w * (before.clock[p] < 0 ? NaN : before.clock[p]);
      row.after += w * (after.clock[p] < 0 ? NaN : after.clock[p]);
    }
    const minutes = (/** @type {number} */ sum, /** @type {number} */ w) => (Number.isNaN(sum) ? null : Math.round(sum / w / 6000) / 10);
    return [...found.values()].map((row) => ({
      place: row.place,
      force: row.force,
      gained: row.gained,
      lost: row.lost,
      at: gridToDegrees(data.meta.grid, row.x / row.weight / 1000, row.y / row.weight / 1000),
      beforeMin: minutes(row.before, row.weight),
      afterMin: minutes(row.after, row.weight),
    })).sort((a, b) => b.gained + b.lost - a.gained - a.lost || (a.place < b.place ? -1 : 1));
  }

  /**
   * Kilometres of the British grid to whole 0.00001 degrees, by the polynomials Python fitted.
   * @param {Grid} grid @param {number} east @param {number} north @returns {Point}
   */
  function gridToDegrees({ origin, scale, lon, lat }, east, north) {
    const e = (east - origin[0]) / scale;
    const n = (north - origin[1]) / scale;
    const of = (/** @type {number[]} */ c) => c[0] + c[1] * e + c[2] * n + c[3] * e * e + c[4] * e * n + c[5] * n * n +
      c[6] * e ** 3 + c[7] * e * e * n + c[8] * e * n * n + c[9] * n ** 3;
    return [Math.round(1e5 * of(lon)), Math.round(1e5 * of(lat))];
  }

  /** Row of the chosen measure. @param {Model} model @param {State} state */
  function measureRow(model, state) {
    return Math.max(0, model.data.meta.measures.findIndex((m) => m.name === state.measure));
  }

  /** Mean seconds of each square, weighted by the first measure; -1 where nobody comes. @param {Model} model @param {Answer} found */
  function cellSeconds(model, found) {
    const cells = model.data.cells.people.length;
    const sum = new Float64Array(cells);
    const known = new Float64Array(cells);
    const people = model.data.cells.people;
    for (let p = 0; p < model.P; p++) {
      const c = model.cell[p];
      if (c < 0 || found.clock[p] < 0) continue;
      const w = people[c] > 0 ? model.weights[0][p] : 1;
      sum[c] += w * found.clock[p];
      known[c] += w;
    }
    return Int32Array.from(sum, (s, c) => (known[c] > 0 ? Math.round(s / known[c] / 1000) : -1));
  }

  /** The heaviest point of each square (first measure; the first of equals). @param {Model} model */
  function heaviest(model) {
    const cells = model.data.cells.people.length;
    const point = new Int32Array(cells).fill(-1);
    for (let p = 0; p < model.P; p++) {
      const c = model.cell[p];
      if (c < 0) continue;
      const best = point[c];
      if (best < 0 || model.weights[0][p] > model.weights[0][best]) point[c] = p;
    }
    return point;
  }

  /** The station that answers most of each square first; -1 none. @param {Model} model @param {Answer} found */
  function cellStation(model, found, points = heaviest(model)) {
    return Int16Array.from(points, (p) => (p < 0 ? -1 : found.station[p]));
  }

  /**
   * The first stations that may come to a point, by response time.
   * @param {Model} model @param {State} state @param {number} p point
   * @returns {Run[]}
   */
  function runList(model, state, p, count = 3) {
    if (model.force[p] >= model.F) return [];
    const ways = root.Borderless.waysTo(model, state, root.Borderless.basing(model, state), model.force[p]);
    const reached = ways.map((way) => ({ way, travel: model.travel[p * model.S + way.station] }))
      .filter((w) => w.travel >= 0).map((w) => ({ ...w, response: w.travel + w.way.add }));
    const own = Math.min(Infinity, ...reached.filter((w) => w.way.own).map((w) => w.response));
    const list = reached.filter((w) => !w.way.aid && (w.way.gain === 0 || w.response + w.way.gain <= own))
      .sort((a, b) => a.response - b.response || a.way.station - b.way.station || Number(b.way.own) - Number(a.way.own));
    return list.filter((w, i) => list.findIndex((other) => other.way.station === w.way.station) === i).slice(0, count)
      .map((w) => ({ station: w.way.station, responder: w.way.responder, clock: model.data.meta.clock === "travel" ? w.travel : w.response }));
  }

  /** Whether a group holds a point. @param {Model} model @param {number} group @param {number} p */
  function inGroup(model, group, p) {
    const { kind } = model.groups[group];
    const f = model.force[p];
    if (kind === "all") return true;
    if (kind === "none") return f >= model.F;
    if (kind === "alliance") return f < model.F && model.data.meta.forces[f].alliance;
    return f === group;
  }

  /**
   * Minutes within which half and nine in ten of the chosen measure are reached; null out of reach.
   * @param {Model} model @param {Answer} found @param {number} group
   */
  function typical(model, found, group) {
    const weight = model.weights[measureRow(model, found.state)];
    /** @type {number[]} */
    const points = [];
    let total = 0;
    for (let p = 0; p < model.P; p++) {
      if (!inGroup(model, group, p) || !weight[p]) continue;
      points.push(p);
      total += weight[p];
    }
    const clock = (/** @type {number} */ p) => (found.clock[p] < 0 ? Infinity : found.clock[p]);
    points.sort((a, b) => clock(a) - clock(b));
    const at = (/** @type {number} */ percent) => {
      let reached = 0;
      for (const p of points) {
        reached += weight[p];
        if (100 * reached >= percent * total) return Number.isFinite(clock(p)) ? clock(p) / 60_000 : null;
      }
      return null;
    };
    return { median: at(50), p90: at(90) };
  }

  /**
   * Share of the chosen measure reached within 0, 1, … minutes.
   * @param {Model} model @param {Answer} found @param {number} group @param {number} [most] minutes
   * @returns {Float64Array} of length most + 1
   */
  function reachedWithin(model, found, group, most = 40) {
    const weight = model.weights[measureRow(model, found.state)];
    const sums = new Float64Array(most + 1);
    let total = 0;
    for (let p = 0; p < model.P; p++) {
      if (!inGroup(model, group, p)) continue;
      total += weight[p];
      const minute = Math.ceil(found.clock[p] / 60_000);
      if (found.clock[p] >= 0 && minute <= most) sums[minute] += weight[p];
    }
    let sum = 0;
    return sums.map((n) => (sum += n) / (total || 1));
  }

  root.Borderless = Object.assign(root.Borderless || {}, /** @satisfies {Partial<BorderlessParts>} */ ({
    contrast, measureRow, cellSeconds, cellStation, heaviest, runList, typical, reachedWithin, KINDS,
  }));
})(window);
