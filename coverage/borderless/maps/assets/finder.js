/** Find a place on the map by its name. */
(function (root) {
  "use strict";
  const { element, find, degrees } = root.Borderless;

  /**
   * Connect the form "more" with its field "find": what is typed there, in any case, leads to the place.
   * @param {Places} places
   * @param {(at: Point) => void} go called with latitude and longitude
   */
  function wireFinder(places, go) {
    /** The first of each name is the most important. @type {Map<string, number>} */
    const named = new Map();
    places.name.forEach((label, i) => { if (!named.has(label.toLowerCase())) named.set(label.toLowerCase(), i); });
    find("place-names").append(...[...new Set(places.name)].map((label) => element("option", { value: label })));
    const box = find("find", HTMLInputElement);
    const look = () => {
      const wanted = box.value.trim().toLowerCase();
      const i = named.get(wanted);
      find("find-note").textContent = wanted && i === undefined ? "No such place on this map." : "";
      if (i !== undefined) go(degrees(places.xy[2 * i], places.xy[2 * i + 1]));
    };
    box.addEventListener("change", look);
    find("more").addEventListener("submit", (e) => { e.preventDefault(); look(); });
  }

  root.Borderless = Object.assign(root.Borderless, /** @satisfies {Partial<BorderlessParts>} */ ({ wireFinder }));
})(window);
