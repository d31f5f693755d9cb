/**
 * The marks of a map: patterns, stations, places that gain or lose, swatches for legends.
 * Whatever a colour says, a shape, a sign or a pattern says too, so that a photocopy still reads.
 */
(function (root) {
  "use strict";
  const { element, palette, FAMILY } = root.Borderless;
  const { colour, CHANGES } = palette;

  const TILE_SCALE = 3;
  /** Each pattern's tile is drawn once. @type {Map<string, HTMLCanvasElement>} */
  const tiles = new Map();

  /**
   * The 2D context of a canvas.
   * @param {HTMLCanvasElement} canvas
   */
  function contextOf(canvas) {
    return /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  }

  /**
   * One tile of a pattern.
   * @param {string} mark
   * @param {string} ink
   */
  function tileOf(mark, ink) {
    const size = mark === "hatch" ? 7 : 9;
    const tile = element("canvas", { width: size * TILE_SCALE, height: size * TILE_SCALE });
    const t = contextOf(tile);
    t.scale(TILE_SCALE, TILE_SCALE);
    t.strokeStyle = t.fillStyle = ink;
    const c = size / 2;
    t.lineWidth = mark === "hatch" ? 1.1 : 1.6;
    t.beginPath();
    if (mark === "plus" || mark === "minus") { t.moveTo(c - 2.6, c); t.lineTo(c + 2.6, c); }
    if (mark === "plus") { t.moveTo(c, c - 2.6); t.lineTo(c, c + 2.6); }
    if (mark === "hatch") {
      for (const d of [-size, 0, size]) { t.moveTo(d - 1, size + 1); t.lineTo(d + size + 1, -1); }
    }
    t.stroke();
    if (mark === "dots") { t.arc(c, c, 1.2, 0, 7); t.fill(); }
    return tile;
  }

  /**
   * A small repeating pattern.
   * @param {Context} ctx
   * @param {string} mark "plus", "minus", "dots" or "hatch"
   * @param {string} ink
   */
  function pattern(ctx, mark, ink) {
    const key = `${mark} ${ink}`;
    const tile = tiles.get(key) || tileOf(mark, ink);
    tiles.set(key, tile);
    const made = /** @type {CanvasPattern} */ (ctx.createPattern(tile, "repeat"));
    made.setTransform(new DOMMatrix().scale(1 / TILE_SCALE));
    return made;
  }

  /**
   * A place that gains (round, +) or loses (square, −): shape and sign tell which.
   * @param {Context} ctx
   * @param {number} x
   * @param {number} y
   * @param {number} r
   * @param {"gained" | "lost"} kind
   */
  function paintMove(ctx, x, y, r, kind) {
    ctx.beginPath();
    if (kind === "gained") ctx.arc(x, y, r, 0, 7);
    else ctx.rect(x - 0.9 * r, y - 0.9 * r, 1.8 * r, 1.8 * r);
    ctx.fillStyle = CHANGES[kind].fill;
    ctx.fill();
    ctx.lineWidth = 2;
    ctx.strokeStyle = colour("halo");
    ctx.stroke();
    const arm = Math.min(6, 0.55 * r);
    ctx.beginPath();
    ctx.moveTo(x - arm, y);
    ctx.lineTo(x + arm, y);
    if (kind === "gained") { ctx.moveTo(x, y - arm); ctx.lineTo(x, y + arm); }
    ctx.lineWidth = 2.4;
    ctx.strokeStyle = CHANGES[kind].ink;
    ctx.stroke();
  }

  /**
   * The outline of a station's role: square headquarters, diamond custody, round response base, else a triangle.
   * @param {Context} ctx
   * @param {number} x
   * @param {number} y
   * @param {number} size
   * @param {string} role
   */
  function outline(ctx, x, y, size, role) {
    ctx.beginPath();
    if (role === "hq") ctx.rect(x - size, y - size, 2 * size, 2 * size);
    else if (role === "response") ctx.arc(x, y, size, 0, 7);
    else {
      const corners = role === "custody" ? [[0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]] : [[0, -1.2], [1.15, 0.85], [-1.15, 0.85]];
      corners.forEach(([dx, dy], i) => (i ? ctx.lineTo(x + dx * size, y + dy * size) : ctx.moveTo(x + dx * size, y + dy * size)));
      ctx.closePath();
    }
  }

  /**
   * One station's symbol: shape by role, colour by force, the number of units inside; hollow where none starts.
   * @param {Context} ctx
   * @param {number} x
   * @param {number} y
   * @param {number} r
   * @param {string} role
   * @param {number} units
   * @param {string} ink
   */
  function paintStation(ctx, x, y, r, role, units, ink) {
    outline(ctx, x, y, units > 0 ? r : r * 0.62, role);
    ctx.lineWidth = 3.2;
    ctx.strokeStyle = colour("halo");
    ctx.stroke();
    ctx.fillStyle = units > 0 ? ink : colour("halo");
    ctx.fill();
    ctx.lineWidth = units > 0 ? 0.8 : 1.6;
    ctx.strokeStyle = ink;
    ctx.stroke();
    if (units > 0 && r >= 5) {
      ctx.fillStyle = colour("halo");
      ctx.font = `700 ${Math.round(r * 1.35)}px ${FAMILY}`;
      ctx.textAlign = "center";
      ctx.textBaseline = "middle";
      ctx.fillText(String(units), x, y + 0.5);
    }
  }

  /**
   * A swatch for a legend, painted by the same painters as the map.
   * @param {(ctx: CanvasRenderingContext2D, width: number, height: number) => void} paint
   * @param {number} width in pixels
   * @param {number} height in pixels
   */
  function swatch(paint, width = 26, height = 16) {
    const scale = 3;
    const canvas = element("canvas", { width: width * scale, height: height * scale, "aria-hidden": "true", class: "swatch" });
    canvas.style.width = `${width / 16}rem`; // grows with the text beside it
    canvas.style.height = `${height / 16}rem`;
    const ctx = contextOf(canvas);
    ctx.scale(scale, scale);
    paint(ctx, width, height);
    return canvas;
  }

  /**
   * A swatch of a filled area.
   * @param {AreaLook} look
   */
  function areaSwatch(look) {
    return swatch((ctx, w, h) => {
      ctx.fillStyle = look.fill;
      ctx.fillRect(0, 0, w, h);
      if (look.mark) {
        ctx.fillStyle = pattern(ctx, look.mark, look.ink);
        ctx.fillRect(0, 0, w, h);
      }
      ctx.strokeStyle = colour("frame");
      ctx.lineWidth = 0.8;
      ctx.strokeRect(0.4, 0.4, w - 0.8, h - 0.8);
    });
  }

  /**
   * A swatch of a driving-time ring.
   * @param {RingLook} look
   */
  function ringSwatch(look) {
    return swatch((ctx, w, h) => {
      ctx.fillStyle = colour("land");
      ctx.fillRect(0, 0, w, h);
      ctx.strokeStyle = look.line;
      ctx.lineWidth = look.width;
      ctx.setLineDash(look.dash);
      ctx.beginPath();
      ctx.moveTo(0, h / 2);
      ctx.lineTo(w, h / 2);
      ctx.stroke();
    });
  }

  /**
   * A swatch of a station.
   * @param {string} role
   * @param {number} units
   * @param {string} ink
   */
  function stationSwatch(role, units, ink) {
    return swatch((ctx, w, h) => {
      ctx.fillStyle = colour("land");
      ctx.beginPath();
      ctx.roundRect(0, 0, w, h, 3);
      ctx.fill();
      paintStation(ctx, w / 2, h / 2, 6.5, role, units, ink);
    });
  }

  root.Borderless = Object.assign(root.Borderless, /** @satisfies {Partial<BorderlessParts>} */ ({
    pattern, paintMove, paintStation, swatch, areaSwatch, ringSwatch, stationSwatch,
  }));
})(window);
