/** Numbers and sentences, in plain British English. Counts come from the comparison's tables as they are. */
(function (root) {
  "use strict";

  const whole = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 0 });
  const tenth = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 1 });

  /**
   * A count in the measure's printed unit.
   * @param {number} value
   * @param {Measure} measure
   */
  function count(value, measure) {
    const printed = value / measure.per;
    return measure.per > 1 && Math.abs(printed) < 100 ? tenth.format(printed) : whole.format(printed);
  }

  /**
   * The same with its sign, a true minus, and 0 without one.
   * @param {number} value
   * @param {Measure} measure
   */
  function signed(value, measure) {
    if (value === 0) return "0";
    return (value > 0 ? "+" : "−") + count(Math.abs(value), measure);
  }

  /**
   * A share of a whole as a percentage.
   * @param {number} part
   * @param {number} total
   */
  function percent(part, total) {
    return total ? `${((100 * part) / total).toFixed(2)} %` : "–";
  }

  /**
   * Seconds as minutes and seconds.
   * @param {number} seconds negative where nothing reaches
   */
  function clock(seconds) {
    if (seconds < 0) return "out of reach";
    const s = Math.round(seconds);
    return `${Math.floor(s / 60)} min ${String(s % 60).padStart(2, "0")} s`;
  }

  /**
   * A stretch of time as people say it: "1 min", "45 s".
   * @param {number} seconds
   */
  function span(seconds) {
    return seconds && seconds % 30 === 0 ? `${tenth.format(seconds / 60)} min` : `${tenth.format(seconds)} s`;
  }

  /**
   * Minutes with one decimal; nothing is out of reach.
   * @param {number | null} value
   */
  function minutes(value) {
    return value === null ? "out of reach" : `${tenth.format(value)} min`;
  }

  /**
   * Minutes of two scenarios; two figures where they differ.
   * @param {number | null} before
   * @param {number | null} after
   */
  function change(before, after) {
    return before === after ? minutes(before) : `${minutes(before)} → ${minutes(after)}`;
  }

  /**
   * One honest sentence or two about the whole alliance.
   * @param {Headline} n
   * @param {Measure} measure
   * @param {string} target
   * @param {string} before
   * @param {string} after
   */
  function headline(n, measure, target, before, after) {
    const of = `of ${count(n.total, measure)} ${measure.unit} in the alliance`;
    if (before === after) return "Both sides show the same scenario: choose another to compare.";
    if (n.gained === 0 && n.lost === 0) {
      return `Nothing changes: ${percent(n.before, n.total)} ${of} are within ${target} under both.`;
    }
    const net = n.after - n.before;
    const points = (100 * net) / n.total;
    const small = Math.abs(points) < 0.1 ? " Little changes:" : "";
    const direction = net >= 0 ? "more" : "fewer";
    const both = n.gained && n.lost ? ` (${count(n.gained, measure)} gain, ${count(n.lost, measure)} lose)` : "";
    const shares = `from ${percent(n.before, n.total)} to ${percent(n.after, n.total)}`;
    return `${small} ${count(Math.abs(net), measure)} ${direction} ${measure.unit}${both} would be within ${target}: ${shares} ${of}.`.trim();
  }

  root.Borderless = Object.assign(root.Borderless, /** @satisfies {Partial<BorderlessParts>} */ ({
    words: { count, signed, percent, clock, span, minutes, change, headline, whole },
  }));
})(window);
