/** What the what-if page knows: the travel times and what stands at each demand point, unpacked once. */
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
   * @param {ExplorerData} data @param {Record<string, any>} arrays
   * @returns {Model}
   */
  function makeModel(data, arrays) {
    const forces = data.meta.forces;
    const gaps = arrays.force.includes(NO_FORCE);
    /** @type {Group[]} */
    const groups = forces.map((f) => /** @type {Group} */ ({ name: f.name, kind: f.alliance ? "partner" : "outside" }));
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
      cell: Int32Array.from(arrays.cell, (/** @type {number} */ c) => c - 1),
      place: Int32Array.from(arrays.place, (/** @type {number} */ n) => n - 1),
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

  root.Borderless = Object.assign(root.Borderless || {}, /** @satisfies {Partial<BorderlessParts>} */ ({ loadModel, makeModel, decodeTimes }));
})(window);
