/** The what-if page on paper: map, table, what is switched, legend, parameters and date on one A4 or A3 sheet. */
(function (root) {
  "use strict";
  const B = root.Borderless;
  const { element, panel, popups } = B;
  const TITLES = { times: "Response time", change: "What changes", who: "Who answers first" };

  /** @param {any} page @returns {Node[]} */
  function paper(page) {
    const [width, height] = [980, 735];
    // Painted out of sight and handed over as a bitmap: a canvas painted while printing begins is replayed at a wrong scale.
    const hidden = new OffscreenCanvas(3 * width, 3 * height);
    const ctx = hidden.getContext("2d");
    page.map.paintAll(ctx, width, height);
    paintScale(ctx, page.map.atlas.bounds, width, height);
    const canvas = /** @type {HTMLCanvasElement} */ (element("canvas", { width: 3 * width, height: 3 * height }));
    canvas.getContext("bitmaprenderer").transferFromImageBitmap(hidden.transferToImageBitmap());
    const { meta } = page.model.data;
    const { state } = page;
    const table = /** @type {HTMLElement} */ (document.getElementById("numbers").cloneNode(true));
    const date = new Intl.DateTimeFormat("en-GB", { dateStyle: "long" }).format(new Date());
    const title = page.map.mode === "change" ? [TITLES.change, " against ", panel.name(page.baselineLabel())] : [TITLES[page.map.mode]];
    return [
      element("header", {}, element("h1", {}, panel.name(meta.study)), element("p", {}, document.getElementById("headline").textContent)),
      element("div", { class: "maps" }, element("figure", { style: "width:100%" }, element("figcaption", {}, ...title), canvas)),
      element("div", { class: "margin" }, table, element("h2", {}, "What is switched"),
        element("ul", {}, ...page.switched().map((line) => element("li", {}, panel.name(line)))),
        element("div", { class: "legend" }, ...popups.legend(page))),
      element("footer", {}, `Target: ${page.targetLabel()}. Counted: ${page.measure.label.toLowerCase()}. Units busy: ${state.busy} %. Compared with: `,
        panel.name(page.baselineLabel()), `. Printed ${date}. `, panel.name(meta.attribution.join(" · "))),
    ];
  }

  /** A scale bar in km and a north arrow. */
  function paintScale(ctx, [x0, y0, x1, y1], width, height) {
    const k = 0.97 * Math.min(width / (x1 - x0), height / (y1 - y0));
    const [lat] = B.degrees(0, (y0 + y1) / 2);
    const perKm = (256 * k) / (40075.017 * Math.cos((lat * Math.PI) / 180));
    const km = [50, 20, 10, 5, 2, 1].find((n) => n * perKm < width / 3) || 1;
    const [x, y, w] = [12, height - 14, km * perKm];
    ctx.lineWidth = 1.5;
    ctx.strokeStyle = "#1c2733";
    ctx.beginPath();
    ctx.moveTo(x, y - 5); ctx.lineTo(x, y); ctx.lineTo(x + w, y); ctx.lineTo(x + w, y - 5);
    ctx.stroke();
    ctx.font = `600 10px ${B.FAMILY}`;
    ctx.textAlign = "center";
    ctx.textBaseline = "bottom";
    B.halo(ctx, `${km} km`, x + w / 2, y - 3, "#1c2733", 3);
    B.halo(ctx, "N ↑", width - 22, 22, "#1c2733", 3);
  }

  root.Borderless = Object.assign(B, { paper });
})(window);
