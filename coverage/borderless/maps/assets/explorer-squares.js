/**
 * Squares repainted at once. While the map stands still, which pixels a square covers does not change: that is worked out
 * once a view, and a click colours only the squares that change. On paper the theme's own painters are used.
 */
(function (root) {
  "use strict";
  const { Theme, palette, pattern } = root.Borderless;

  const FILL_ALPHA = { alliance: 0.86, outside: 0.32 };
  const MARK_ALPHA = { alliance: 1, outside: 0.22 };
  /** CSS pixels after which every pattern (7 or 9 wide) repeats. */
  const TILE = 63;
  const NOTHING = -1;

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
      /** Looks as pixels, and their numbers by what they look like. @type {Uint32Array[]} */
      this.tiles = [];
      /** @type {Map<string, number>} */
      this.rows = new Map();
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
      const { force, count } = this.cells;
      /** @type {Record<Side, Map<string, number>>} */
      const known = { alliance: new Map(), outside: new Map() };
      for (let i = 0; i < count; i++) {
        if (!raster.seen[i]) continue;
        const look = classOf(i);
        const where = this.forces[force[i]].alliance ? "alliance" : "outside";
        let tile = known[where].get(look);
        if (tile === undefined) {
          tile = look ? this.tileOf(view, looks[look], where, raster.side) : NOTHING;
          known[where].set(look, tile);
        }
        raster.wanted[i] = tile;
      }
      lookUp(raster, this.tiles);
      raster.painted.set(raster.wanted);
      view.ctx.putImageData(raster.pixels, 0, 0);
    }

    /**
     * Number of a look's tile, which is painted by the same pattern as the legend's when it is first asked for.
     * @param {View} view
     * @param {Partial<AreaLook>} look
     * @param {Side} where
     * @param {number} side
     */
    tileOf(view, look, where, side) {
      const key = [look.fill, look.mark, look.ink, where, side].join("|");
      let row = this.rows.get(key);
      if (row === undefined) {
        row = this.tiles.push(paintTile(view.sharp, look, where, side)) - 1;
        this.rows.set(key, row);
      }
      return row;
    }

    /** Which pixels of the sheet each square covers, worked out anew when the view has moved. @param {View} view @returns {Pixels} */
    rasterOf(view) {
      const { width, height } = view.ctx.canvas;
      const key = [width, height, view.left, view.top, view.k].join("|");
      if (this.raster && this.raster.key === key) return this.raster;
      const { corners, count } = this.cells;
      /** @type {number[]} */
      const runs = [];
      const seen = new Uint8Array(count);
      const quad = new Float64Array(8);
      const k = view.k * view.sharp;
      for (let i = 0; i < count; i++) {
        for (let c = 0; c < 8; c += 2) {
          quad[c] = corners[8 * i + c] * k - view.left * view.sharp;
          quad[c + 1] = corners[8 * i + c + 1] * k - view.top * view.sharp;
        }
        const before = runs.length;
        cover(runs, width, height, quad, i);
        seen[i] = runs.length > before ? 1 : 0;
      }
      const pixels = new ImageData(width, height);
      this.raster = {
        key, width, side: Math.round(TILE * view.sharp), runs: Int32Array.from(runs), seen, pixels,
        wanted: new Int16Array(count).fill(NOTHING), painted: new Int16Array(count).fill(NOTHING),
      };
      return this.raster;
    }
  }

  /** @param {number} sharp @param {Partial<AreaLook>} look @param {Side} where @param {number} side @returns {Uint32Array} */
  function paintTile(sharp, look, where, side) {
    const ctx = /** @type {OffscreenCanvasRenderingContext2D} */ (new OffscreenCanvas(side, side).getContext("2d"));
    ctx.scale(sharp, sharp);
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
    return new Uint32Array(ctx.getImageData(0, 0, side, side).data.buffer);
  }

  /** Colour the pixels of every square that is to look otherwise than it does. @param {Pixels} raster @param {Uint32Array[]} tiles */
  function lookUp({ width, side, runs, wanted, painted, pixels }, tiles) {
    const out = new Uint32Array(pixels.data.buffer);
    for (let r = 0; r < runs.length; r += 3) {
      const [p, end, cell] = [runs[r], runs[r + 1], runs[r + 2]];
      if (wanted[cell] === painted[cell]) continue;
      if (wanted[cell] === NOTHING) out.fill(0, p, end);
      else {
        const tile = tiles[wanted[cell]];
        const line = (Math.floor(p / width) % side) * side;
        for (let at = p, t = (p % width) % side; at < end; at++) {
          out[at] = tile[line + t];
          if (++t === side) t = 0;
        }
      }
    }
  }

  /**
   * Add the runs of pixels whose middles lie in a convex quadrilateral: first pixel, end, square.
   * @param {number[]} runs
   * @param {number} width in canvas pixels
   * @param {number} height in canvas pixels
   * @param {Float64Array} q four corners, canvas pixels
   * @param {number} cell
   */
  function cover(runs, width, height, q, cell) {
    const top = Math.max(0, Math.ceil(Math.min(q[1], q[3], q[5], q[7]) - 0.5));
    const bottom = Math.min(height - 1, Math.floor(Math.max(q[1], q[3], q[5], q[7]) - 0.5));
    for (let y = top; y <= bottom; y++) {
      const middle = y + 0.5;
      let left = Infinity;
      let right = -Infinity;
      for (let a = 0, b = 6; a < 8; b = a, a += 2) {
        const ya = q[a + 1];
        const yb = q[b + 1];
        if ((ya <= middle) === (yb <= middle)) continue;
        const x = q[a] + ((middle - ya) / (yb - ya)) * (q[b] - q[a]);
        if (x < left) left = x;
        if (x > right) right = x;
      }
      const from = Math.max(0, Math.ceil(left - 0.5));
      const to = Math.min(width, Math.ceil(right - 0.5));
      if (from < to) runs.push(y * width + from, y * width + to, cell);
    }
  }

  root.Borderless = Object.assign(root.Borderless, /** @satisfies {Partial<BorderlessParts>} */ ({ QuickTheme }));
})(window);
