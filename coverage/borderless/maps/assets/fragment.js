/** What is chosen, in the part of the address after "#": a copied link or a bookmark opens the same view. */
(function (root) {
  "use strict";

  /**
   * The choices in the address; whoever reads one checks it against what the page offers.
   * @returns {URLSearchParams}
   */
  function readFragment() {
    return new URLSearchParams(root.location.hash.slice(1));
  }

  const PAUSE_MS = 200;
  let waiting = 0;

  /**
   * Put the choices into the address, without a step in the browser's history and not before a pause in choosing:
   * browsers refuse an address that changes too often.
   * @param {Record<string, string>} choices
   */
  function writeFragment(choices) {
    root.clearTimeout(waiting);
    waiting = root.setTimeout(() => {
      const fragment = new URLSearchParams(choices).toString();
      if (fragment === readFragment().toString()) return;
      try {
        root.history.replaceState(null, "", `#${fragment}`);
      } catch {
        // A page inside a frame may have no address to write to; nothing else depends on it.
      }
    }, PAUSE_MS);
  }

  root.Borderless = Object.assign(root.Borderless, /** @satisfies {Partial<BorderlessParts>} */ ({ readFragment, writeFragment }));
})(window);
