/** Any two scenarios from the pairs that were counted: as counted, turned round, or one against itself. */
(function (root) {
  "use strict";

  /** @typedef {[number, number, number, number, number]} Counts covered before, covered, total, gained, lost */

  /**
   * The same table with every entry's counts replaced.
   * @param {Rows} rows
   * @param {(counts: Counts) => Counts} how
   * @returns {Rows}
   */
  function mapped(rows, how) {
    const each = (/** @type {Record<string, any>} */ table, /** @type {(value: any) => any} */ f) =>
      Object.fromEntries(Object.entries(table).map(([key, value]) => [key, f(value)]));
    return each(rows, (measures) => each(measures, (targets) => each(targets, how)));
  }

  /**
   * The comparison the other way round: gains become losses.
   * @param {PairData} pair
   * @returns {Pair}
   */
  function reversed(pair) {
    const turn = (/** @type {ListedPlace[]} */ list) => list.map((p) => ({ ...p, before: p.after, after: p.before }));
    const places = Object.entries(pair.places).map(([target, lists]) => [target, { gained: turn(lists.lost), lost: turn(lists.gained) }]);
    return {
      rows: mapped(pair.rows, ([before, after, total, gained, lost]) => [after, before, total, lost, gained]),
      places: Object.fromEntries(places),
      changing: pair.changingBack,
    };
  }

  /**
   * The comparison of two scenarios.
   * @param {PairData[]} pairs every two scenarios once
   * @param {string} before
   * @param {string} after
   * @returns {Pair}
   */
  function pairOf(pairs, before, after) {
    const straight = pairs.find((p) => p.before === before && p.after === after);
    if (straight) return straight;
    const back = pairs.find((p) => p.before === after && p.after === before);
    if (back) return reversed(back);
    const [some] = pairs.filter((p) => p.before === before || p.after === before);
    const own = some.before === before ? some : reversed(some);
    return { rows: mapped(own.rows, ([covered, , total]) => [covered, covered, total, 0, 0]), places: {}, changing: 0 };
  }

  root.Borderless = Object.assign(root.Borderless, /** @satisfies {Partial<BorderlessParts>} */ ({ pairOf }));
})(window);
