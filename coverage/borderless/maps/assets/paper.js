/** The comparison on a sheet of paper, A4 or A3 landscape: maps, legend, numbers, date and every setting. */
(function (root) {
  "use strict";
  const B = root.Borderless;
  const { element, name, words } = B;

  /**
   * A scale bar in km and a north arrow.
   * @param {View} view
   * @param {number} y world coordinate of the middle
   */
  function paintScale(view, y) {
    const { ctx } = view;
    const ink = B.palette.colour("ink");
    const [lat] = B.degrees(0, y);
    const perKm = (256 * view.k) / (40075.017 * Math.cos((lat * Math.PI) / 180));
    const km = [50, 20, 10, 5, 2, 1].find((n) => n * perKm < view.width / 3) || 1;
    const [x0, y0, w] = [12, view.height - 14, km * perKm];
    ctx.lineWidth = 1.5;
    ctx.strokeStyle = ink;
    ctx.beginPath();
    ctx.moveTo(x0, y0 - 5); ctx.lineTo(x0, y0); ctx.lineTo(x0 + w, y0); ctx.lineTo(x0 + w, y0 - 5);
    ctx.stroke();
    ctx.font = `600 10px ${B.FAMILY}`;
    ctx.textAlign = "center";
    ctx.textBaseline = "bottom";
    B.halo(ctx, `${km} km`, x0 + w / 2, y0 - 3, ink, 3);
    B.halo(ctx, "N ↑", view.width - 22, 22, ink, 3);
  }

  /**
   * A map fitted to the alliance, as a canvas for paper.
   * @param {Atlas} atlas
   * @param {number} width in CSS pixels
   * @param {number} height in CSS pixels
   * @param {(view: View) => void} paint
   */
  function paperMap(atlas, width, height, paint) {
    // Painted out of sight and handed over as a bitmap: a canvas painted while printing begins is replayed at a wrong scale.
    const sharp = 3;
    const hidden = new OffscreenCanvas(sharp * width, sharp * height);
    const ctx = /** @type {OffscreenCanvasRenderingContext2D} */ (hidden.getContext("2d"));
    const [x0, y0, x1, y1] = atlas.bounds;
    const k = 0.97 * Math.min(width / (x1 - x0), height / (y1 - y0));
    const view = { ctx, width, height, k, zoom: Math.log2(k), sharp, left: (k * (x0 + x1) - width) / 2, top: (k * (y0 + y1) - height) / 2 };
    ctx.scale(sharp, sharp);
    paint(view);
    paintScale(view, (y0 + y1) / 2);
    const canvas = element("canvas", { width: sharp * width, height: sharp * height });
    const shown = /** @type {ImageBitmapRenderingContext} */ (canvas.getContext("bitmaprenderer"));
    shown.transferFromImageBitmap(hidden.transferToImageBitmap());
    return canvas;
  }

  /**
   * The whole sheet: before and after side by side, or the change by itself.
   * @param {ComparisonView} page
   * @returns {HTMLElement[]}
   */
  function sheetOfPaper(page) {
    const { state, atlas, theme, data } = page;
    const swiping = state.mode === "swipe";
    const figure = (/** @type {ScenarioInfo} */ scenario, /** @type {string} */ title, /** @type {string} */ share) =>
      element("figure", { style: `width:${share}` }, element("figcaption", {}, name(title)),
        paperMap(atlas, swiping ? 480 : 980, 735, (view) => page.paintAll(view, scenario.name)));
    const maps = swiping
      ? [figure(state.before, `Before: ${state.before.label}`, "49.5%"), figure(state.after, `After: ${state.after.label}`, "49.5%")]
      : [figure(state.after, `What changes: ${state.before.label} → ${state.after.label}`, "100%")];
    const date = new Intl.DateTimeFormat("en-GB", { dateStyle: "long" }).format(new Date());
    const settings = data.meta.settings.map(({ label, value }) => `${label}: ${value}`).join(" · ");
    const copies = ["numbers", ...(state.rings.size ? ["rings-table"] : [])].map((id) => copyOf(B.find(id)));
    return [
      element("header", {}, element("h1", {}, name(data.meta.study)), element("p", {}, words.headline(page.alliance(), state.measure, state.target.label, state.before.label, state.after.label))),
      element("div", { class: "maps" }, ...maps),
      element("div", { class: "margin" }, element("div", { class: "legend" }, ...B.legend(theme, state)), ...copies,
        element("p", {}, page.typical()),
        element("ul", {}, ...data.meta.notes.map((note) => element("li", {}, note)))),
      element("footer", {},
        element("p", {}, element("strong", {}, `Target: ${state.target.label}. Counted: ${state.measure.label.toLowerCase()}. Printed ${date}.`)),
        element("p", {}, element("strong", {}, "Settings "), settings),
        element("p", {}, data.meta.attribution.join(" · "))),
    ];
  }

  /**
   * A copy of a table for paper: no ids twice in a page, and no boxes to tick.
   * @param {HTMLElement} table
   */
  function copyOf(table) {
    const copy = /** @type {HTMLElement} */ (table.cloneNode(true));
    copy.removeAttribute("id");
    for (const node of copy.querySelectorAll("[id]")) node.removeAttribute("id");
    for (const node of copy.querySelectorAll("input, canvas")) node.remove(); // a cloned canvas is empty
    return copy;
  }

  root.Borderless = Object.assign(root.Borderless, /** @satisfies {Partial<BorderlessParts>} */ ({ sheetOfPaper, paperMap, copyOf }));
})(window);
