/** The what-if page on paper: map, table, what is switched, legend, parameters and date on one A4 or A3 sheet. */
(function (root) {
  "use strict";
  const B = root.Borderless;
  const { element, name, popups } = B;
  const TITLES = { times: "Response time", change: "What changes", who: "Who answers first" };

  /** @param {ExplorerView} page @returns {HTMLElement[]} */
  function paper(page) {
    const { meta } = page.model.data;
    const map = B.paperMap(page.map.atlas, 980, 735, (view) => page.map.paintAll(view));
    const date = new Intl.DateTimeFormat("en-GB", { dateStyle: "long" }).format(new Date());
    const title = page.map.mode === "change" ? [TITLES.change, " against ", name(page.baselineLabel())] : [TITLES[page.map.mode]];
    const headline = B.find("headline").textContent || "";
    return [
      element("header", {}, element("h1", {}, name(meta.study)), element("p", {}, headline)),
      element("div", { class: "maps" }, element("figure", { style: "width:100%" }, element("figcaption", {}, ...title), map)),
      element("div", { class: "margin" }, B.copyOf(B.find("numbers")), element("h2", {}, "What is switched"),
        element("ul", {}, ...page.switched().map((line) => element("li", {}, name(line)))),
        element("div", { class: "legend" }, ...popups.legend(page))),
      element("footer", {},
        element("p", {}, element("strong", {}, `Target: ${page.targetLabel()}. Counted: ${page.measure.label.toLowerCase()}. Units busy: ${page.state.busy} %. Compared with: `,
          name(page.baselineLabel()), `. Printed ${date}.`)),
        element("p", {}, name(meta.attribution.join(" · ")))),
    ];
  }

  root.Borderless = Object.assign(B, /** @satisfies {Partial<BorderlessParts>} */ ({ paper }));
})(window);
