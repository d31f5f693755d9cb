/**
 * Squares repainted at once. While the map stands still, which square lies under a pixel does not change: that is worked
 * out once a view, and a click only looks up a colour for each pixel. On paper the theme's own painters are used.
 */
(function (root) {
  "use strict";
  const { Theme, palette, pattern } = root.Borderless;

  const FILL_ALPHA = { alliance: 0.86, outside: 0.32 };
  const MARK_ALPHA = { alliance: 1, outside: 0.22 };
  /** CSS pixels after which every pattern (7 or 9 wide) repeats. */
  const TILE = 63;

  class QuickTheme extends Theme {
    /** @param {ExplorerData} data @param {Atlas} atlas */
    constructor(data, atlas) {
      super(data, atlas);
      this.cells.seconds = {};
      this.cells.station = {};
      /** The sheet on the screen; other contexts are painted the plain way. @type {CanvasRenderingContext2D|null} */
      this.screen = null;
      /** Seconds within which a place should be reached, in towns and in the country. */
      this.limits = { urban: 0, rural: 0 };
      /** @type {Map<string, Uint32Array>} */
      this.tiles = new Map();
      /** @type {Pixels|null} */
      this.raster = null;
    }

    /** @param {string} _target @param {number} cell */
    limit(_target, cell) {
      return this.cells.urban[cell] ? this.limits.urban : this.limits.rural;
    }

    /**
     * As the theme paints them, but band and hatching at once: on the screen, what is painted replaces what was there.
     * @param {View} view
     * @param {string} scenario
     * @param {string} target
     */
    paintTimes(view, scenario, target) {
      if (view.ctx !== this.screen) {
        super.paintTimes(view, scenario, target);
        return;
      }
      const { BANDS } = palette;
      const late = { mark: "hatch", ink: palette.colour("late") };
      /** @type {Looks} */
      const looks = {};
      BANDS.forEach(({ fill }, i) => {
        looks[`band${i}`] = { fill };
        looks[`band${i} late`] = { fill, ...late };
      });
      const names = BANDS.map((_, i) => [`band${i}`, `band${i} late`]);
      const seconds = this.cells.seconds[scenario];
      this.paintPixels(view, (i) => {
        const s = seconds[i];
        const band = s < 0 ? BANDS.length - 1 : BANDS.findIndex((b) => s <= 60 * b.upTo);
        return names[band][s < 0 || s > this.limit(target, i) ? 1 : 0];
      }, looks);
    }

    /** @param {View} view @param {(cell: number) => string} classOf @param {Looks} looks */
    paintSquares(view, classOf, looks) {
      if (view.ctx !== this.screen) super.paintSquares(view, classOf, looks);
      else this.paintPixels(view, classOf, looks);
    }

    /** @param {View} view @param {(cell: number) => string} classOf @param {Looks} looks */
    paintPixels(view, classOf, looks) {
      const raster = this.rasterOf(view);
      const { side } = raster;
      const { force, count } = this.cells;
      /** Row of each look's tile. @type {Map<string, number>} */
      const rows = new Map();
      const tiles = [];
      const first = new Int32Array(count).fill(-1);
      for (let i = 0; i < count; i++) {
        const look = raster.seen[i] ? classOf(i) : "";
        if (!look) continue;
        const where = this.forces[force[i]].alliance ? "alliance" : "outside";
        const key = `${look}|${where}`;
        let row = rows.get(key);
        if (row === undefined) {
          row = tiles.push(this.tile(view, looks[look], where, side)) - 1;
          rows.set(key, row);
        }
        first[i] = row * side * side;
      }
      const colours = new Uint32Array(tiles.length * side * side);
      tiles.forEach((tile, row) => colours.set(tile, row * side * side));
      lookUp(raster, first, colours);
      view.ctx.putImageData(raster.pixels, 0, 0);
    }

    /**
     * One look as pixels, painted by the same pattern as the legend's.
     * @param {View} view
     * @param {Partial<AreaLook>} look
     * @param {Side} where
     * @param {number} side
     * @returns {Uint32Array}
     */
    tile(view, look, where, side) {
      const key = [look.fill, look.mark, look.ink, where, view.sharp].join("|");
      const known = this.tiles.get(key);
      if (known) return known;
      const ctx = contextOf(side, side);
      ctx.scale(view.sharp, view.sharp);
      if (look.fill) {
        ctx.globalAlpha = FILL_ALPHA[where];
        ctx.fillStyle = look.fill;
        ctx.fillRect(0, 0, TILE + 1, TILE + 1);
      }
      if (look.mark && look.ink) {
        ctx.globalAlpha = MARK_ALPHA[where];
        ctx.fillStyle = pattern(ctx, look.mark, look.ink);
        ctx.fillRect(0, 0, TILE + 1, TILE + 1);
      }
      const tile = new Uint32Array(ctx.getImageData(0, 0, side, side).data.buffer);
      this.tiles.set(key, tile);
      return tile;
    }

    /** Which square lies under each pixel of the sheet, worked out anew when the view has moved. @param {View} view @returns {Pixels} */
    rasterOf(view) {
      const { width, height } = view.ctx.canvas;
      const key = [width, height, view.left, view.top, view.k].join("|");
      if (this.raster && this.raster.key === key) return this.raster;
      const same = this.raster && this.raster.width === width && this.raster.height === height;
      const raster = same && this.raster ? this.raster : blank(width, height, Math.round(TILE * view.sharp));
      raster.key = key;
      raster.ids.fill(-1);
      raster.seen = new Uint8Array(this.cells.count);
      const { corners } = this.cells;
      const quad = new Float64Array(8);
      const k = view.k * view.sharp;
      for (let i = 0; i < this.cells.count; i++) {
        for (let c = 0; c < 8; c += 2) {
          quad[c] = corners[8 * i + c] * k - view.left * view.sharp;
          quad[c + 1] = corners[8 * i + c + 1] * k - view.top * view.sharp;
        }
        if (fillQuad(raster, quad, i)) raster.seen[i] = 1;
      }
      this.raster = raster;
      return raster;
    }
  }

  /** @param {number} width @param {number} height */
  function contextOf(width, height) {
    return /** @type {OffscreenCanvasRenderingContext2D} */ (new OffscreenCanvas(width, height).getContext("2d"));
  }

  /** @param {number} width @param {number} height @param {number} side @returns {Pixels} */
  function blank(width, height, side) {
    const pixels = new ImageData(width, height);
    const out = new Uint32Array(pixels.data.buffer);
    return { key: "", width, height, side, ids: new Int32Array(width * height), seen: new Uint8Array(0), pixels, out };
  }

  /**
   * Colour every pixel.
   * @param {Pixels} raster
   * @param {Int32Array} first where each square's tile begins among the colours, -1 for none
   * @param {Uint32Array} colours tiles, one after the other
   */
  function lookUp({ width, height, side, ids, out }, first, colours) {
    for (let y = 0, p = 0; y < height; y++) {
      const line = (y % side) * side;
      for (let x = 0, t = 0; x < width; x++, p++) {
        const at = ids[p] < 0 ? -1 : first[ids[p]];
        out[p] = at < 0 ? 0 : colours[at + line + t];
        if (++t === side) t = 0;
      }
    }
  }

  /**
   * Write a number into every pixel whose middle lies in a convex quadrilateral.
   * @param {Pixels} raster
   * @param {Float64Array} q four corners, canvas pixels
   * @param {number} value
   * @returns {boolean} whether any does
   */
  function fillQuad({ ids, width, height }, q, value) {
    const top = Math.max(0, Math.ceil(Math.min(q[1], q[3], q[5], q[7]) - 0.5));
    const bottom = Math.min(height - 1, Math.floor(Math.max(q[1], q[3], q[5], q[7]) - 0.5));
    let any = false;
    for (let y = top; y <= bottom; y++) {
      const middle = y + 0.5;
      let left = Infinity;
      let right = -Infinity;
      for (let a = 0, b = 6; a < 8; b = a, a += 2) {
        const [ya, yb] = [q[a + 1], q[b + 1]];
        if ((ya <= middle) === (yb <= middle)) continue;
        const x = q[a] + ((middle - ya) / (yb - ya)) * (q[b] - q[a]);
        if (x < left) left = x;
        if (x > right) right = x;
      }
      const from = Math.max(0, Math.ceil(left - 0.5));
      const to = Math.min(width - 1, Math.ceil(right - 0.5) - 1);
      if (from > to) continue;
      ids.fill(value, y * width + from, y * width + to + 1);
      any = true;
    }
    return any;
  }

  root.Borderless = Object.assign(root.Borderless, /** @satisfies {Partial<BorderlessParts>} */ ({ QuickTheme }));
})(window);
