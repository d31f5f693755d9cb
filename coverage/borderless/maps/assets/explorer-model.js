/**
 * What the what-if page knows: the travel times and what stands at each demand point, unpacked once.
 *
 * @typedef {Object} Model
 * @property {any} data           names, levers, lines and squares, as maps/explorer.py made them
 * @property {number} P           demand points
 * @property {number} S           stations, candidate sites among them
 * @property {number} F           forces
 * @property {number} M           measures
 * @property {Int32Array} travel  milliseconds from station s to point p at p * S + s; -1 out of reach
 * @property {Uint8Array} force   row of the force whose area a point lies in; 255 none
 * @property {Uint8Array} urban
 * @property {Float64Array[]} weights  whole units of each measure
 * @property {Int32Array} cell    square that draws a point; -1 none
 * @property {Int32Array} place   row of a point's place in data.names; -1 none
 * @property {Int32Array} x       easting, metres
 * @property {Int32Array} y       northing, metres
 * @property {Map<string, number>} row  station id → row
 * @property {Group[]} groups     the forces, gaps, the alliance, all
 *
 * @typedef {Object} Group rows of the table of coverage
 * @property {string} name
 * @property {"partner"|"outside"|"none"|"alliance"|"all"} kind
 */
(function (root) {
  "use strict";

  const NO_FORCE = 255;

  /**
   * Undo times_code.encode_times.
   * @param {{row_point: Uint32Array, row_parent: Uint32Array, row_step: Uint32Array}} coded
   * @returns {Int32Array} times by point, then station
   */
  function decodeTimes({ row_point: point, row_parent: parent, row_step: step }) {
    const count = point.length;
    const S = count ? step.length / count : 0;
    const travel = new Int32Array(step.length);
    for (let row = 0; row < count; row++) {
      const to = point[row] * S;
      const from = parent[row] ? point[parent[row] - 1] * S : -1;
      for (let s = 0; s < S; s++) {
        const z = step[row * S + s];
        const difference = (z >>> 1) ^ -(z & 1);
        travel[to + s] = difference + (from < 0 ? 0 : travel[from + s]);
      }
    }
    return travel;
  }

  /**
   * Put a model together from its two blocks.
   * @param {any} data @param {Object<string, any>} arrays
   * @returns {Model}
   */
  function makeModel(data, arrays) {
    const forces = data.meta.forces;
    const gaps = arrays.force.includes(NO_FORCE);
    /** @type {Group[]} */
    const groups = forces.map((f) => ({ name: f.name, kind: f.alliance ? "partner" : "outside" }));
    if (gaps) groups.push({ name: "none", kind: "none" });
    groups.push({ name: "alliance", kind: "alliance" }, { name: "all", kind: "all" });
    return {
      data,
      P: arrays.force.length,
      S: data.stations.id.length,
      F: forces.length,
      M: data.meta.measures.length,
      travel: decodeTimes(/** @type {any} */ (arrays)),
      force: arrays.force,
      urban: arrays.urban,
      weights: data.meta.measures.map((_, i) => Float64Array.from(arrays[`weight${i}`])),
      cell: Int32Array.from(arrays.cell, (c) => c - 1),
      place: Int32Array.from(arrays.place, (n) => n - 1),
      x: arrays.x,
      y: arrays.y,
      row: new Map(data.stations.id.map((id, i) => [id, i])),
      groups,
    };
  }

  /**
   * Unpack a model from the page.
   * @param {string} dataId @param {string} arraysId
   * @returns {Promise<Model>}
   */
  async function loadModel(dataId, arraysId) {
    const [data, arrays] = await Promise.all([root.Borderless.unpack(dataId), root.Borderless.unpackArrays(arraysId)]);
    return makeModel(data, arrays);
  }

  root.Borderless = Object.assign(root.Borderless || {}, { loadModel, makeModel, decodeTimes, NO_FORCE });
})(globalThis);
