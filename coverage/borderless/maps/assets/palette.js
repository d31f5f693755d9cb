/** The map's colours for painters, read from palette.css: the one place where a colour is written. */
(function (root) {
  "use strict";

  const style = getComputedStyle(document.documentElement);

  /**
   * One colour of the map.
   * @param {string} name without its "--map-"
   * @returns {string}
   */
  function colour(name) {
    const value = style.getPropertyValue(`--map-${name}`).trim();
    if (!value) throw new Error(`palette.css has no colour --map-${name}`);
    return value;
  }

  /**
   * The same colour, partly transparent.
   * @param {string} name
   * @param {number} alpha 0 to 1
   */
  function veiled(name, alpha) {
    const hex = colour(name);
    return `${hex}${Math.round(255 * alpha).toString(16).padStart(2, "0")}`;
  }

  /** Response and driving times in minutes, the last without end. Darker is nearer, on a photocopy too. */
  const BANDS = [
    { upTo: 5, fill: colour("band-5"), label: "up to 5 min" },
    { upTo: 10, fill: colour("band-10"), label: "5 to 10 min" },
    { upTo: 15, fill: colour("band-15"), label: "10 to 15 min" },
    { upTo: 20, fill: colour("band-20"), label: "15 to 20 min" },
    { upTo: Infinity, fill: colour("band-more"), label: "over 20 min" },
  ];

  /** Outlines of driving-time areas by minutes: colour, lightness and dashes all tell them apart. */
  /** @type {Record<number, RingLook>} */
  const RINGS = {
    5: { line: colour("ring-5"), width: 2.2, dash: [] },
    10: { line: colour("ring-10"), width: 2, dash: [9, 3] },
    15: { line: colour("ring-15"), width: 1.8, dash: [4, 3] },
    20: { line: colour("ring-20"), width: 1.7, dash: [1.5, 3] },
  };
  const OTHER_RING = { line: colour("ring-other"), width: 1.6, dash: [6, 2, 1, 2] };

  /** Kinds of change: what is gained and lost differs in lightness and sign, not in colour alone. */
  const CHANGES = {
    gained: { fill: colour("gained"), mark: "plus", ink: colour("gained-ink"), label: "Gained: now within the target" },
    lost: { fill: colour("lost"), mark: "minus", ink: colour("lost-ink"), label: "Lost: no longer within the target" },
    nearer: { fill: colour("nearer"), mark: "", ink: "", label: "Nearer, same side of the target" },
    slower: { fill: colour("slower"), mark: "dots", ink: colour("slower-ink"), label: "Farther, same side of the target" },
    outside: { fill: colour("outside"), mark: "hatch", ink: colour("outside-ink"), label: "Outside the target both times" },
    same: { fill: colour("same"), mark: "", ink: "", label: "Unchanged, within the target" },
  };

  const FORCES = [0, 1, 2, 3, 4, 5].map((i) => colour(`force-${i}`));

  /**
   * The band of a number of minutes.
   * @param {number} minutes
   */
  function bandOf(minutes) {
    return BANDS[BANDS.findIndex((band) => minutes <= band.upTo)];
  }

  /**
   * How a ring of so many minutes is drawn.
   * @param {number} minutes
   * @returns {RingLook}
   */
  function ringOf(minutes) {
    return RINGS[minutes] || OTHER_RING;
  }

  root.Borderless = Object.assign(root.Borderless || {}, /** @satisfies {Partial<BorderlessParts>} */ ({
    palette: { colour, veiled, BANDS, CHANGES, FORCES, bandOf, ringOf },
  }));
})(window);
