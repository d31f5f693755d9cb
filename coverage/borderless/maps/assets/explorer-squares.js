/**
 * Squares repainted at once. While the map stands still, which square lies under a pixel does not change: that is worked
 * out once a view, and a click only looks up a colour for each pixel. On paper the theme's own painters are used.
 */
(function (root) {
  "use strict";
  const { Theme, pattern } = root.Borderless;

  const FILL_ALPHA = { alliance: 0.86, outside: 0.32 };
  const MARK_ALPHA = { alliance: 1, outside: 0.22 };
  /** CSS pixels after which every pattern (7 or 9 wide) repeats. */
  const TILE = 63;

  class QuickTheme extends Theme {
    /** @param {any} data @param {any} atlas */
    constructor(data, atlas) {
      super(data, atlas);
      this.cells.seconds = {};
      this.cells.station = {};
      /** @type {CanvasRenderingContext2D|null} the sheet on the screen; other contexts are painted the plain way */
      this.screen = null;
      /** Seconds within which a place should be reached, in towns and in the country. */
      this.limits = { urban: 0, rural: 0 };
      /** @type {Map<string, Uint32Array>} */
      this.tiles = new Map();
      this.raster = { key: "", width: 0, height: 0, side: TILE, ids: new Int32Array(0) };
    }

    limit(_target, cell) {
      return this.cells.urban[cell] ? this.limits.urban : this.limits.rural;
    }

    /** @param {any} view @param {(cell: number) => string} classOf @param {Object<string, any>} looks */
    paintSquares(view, classOf, looks) {
      if (view.ctx !== this.screen) super.paintSquares(view, classOf, looks);
      else this.paintPixels(view, classOf, looks);
    }

    paintPixels(view, classOf, looks) {
      const { width, height, ids, side } = this.rasterOf(view);
      const { force, count } = this.cells;
      /** @type {Map<string, number>} */
      const rows = new Map();
      const tiles = [];
      const first = new Int32Array(count).fill(-1);
      for (let i = 0; i < count; i++) {
        if (!this.seen[i]) continue;
        const name = classOf(i);
        if (!name) continue;
        const where = this.forces[force[i]].alliance ? "alliance" : "outside";
        const key = `${name}|${where}`;
        let row = rows.get(key);
        if (row === undefined) {
          row = tiles.push(this.tile(view, looks[name], where, side)) - 1;
          rows.set(key, row);
        }
        first[i] = row * side * side;
      }
      const colours = new Uint32Array(tiles.length * side * side);
      tiles.forEach((tile, row) => colours.set(tile, row * side * side));
      const { pixels, out, ctx } = this.buffer;
      for (let y = 0, p = 0; y < height; y++) {
        const line = (y % side) * side;
        for (let x = 0, t = 0; x < width; x++, p++) {
          const cell = ids[p];
          const at = cell < 0 ? -1 : first[cell];
          out[p] = at < 0 ? 0 : colours[at + line + t];
          if (++t === side) t = 0;
        }
      }
      ctx.putImageData(pixels, 0, 0);
      view.ctx.save();
      view.ctx.setTransform(1, 0, 0, 1, 0, 0);
      view.ctx.drawImage(ctx.canvas, 0, 0);
      view.ctx.restore();
    }

    /** One look as pixels, painted by the same pattern as the legend's. @returns {Uint32Array} */
    tile(view, look, where, side) {
      const key = [look.fill, look.mark, look.ink, where, view.sharp].join("|");
      let tile = this.tiles.get(key);
      if (tile) return tile;
      const canvas = new OffscreenCanvas(side, side);
      const ctx = /** @type {any} */ (canvas.getContext("2d"));
      ctx.scale(view.sharp, view.sharp);
      if (look.fill) {
        ctx.globalAlpha = FILL_ALPHA[where];
        ctx.fillStyle = look.fill;
        ctx.fillRect(0, 0, TILE + 1, TILE + 1);
      }
      if (look.mark) {
        ctx.globalAlpha = MARK_ALPHA[where];
        ctx.fillStyle = pattern(ctx, look.mark, look.ink);
        ctx.fillRect(0, 0, TILE + 1, TILE + 1);
      }
      tile = new Uint32Array(ctx.getImageData(0, 0, side, side).data.buffer);
      this.tiles.set(key, tile);
      return tile;
    }

    /** Which square lies under each pixel of the sheet, worked out anew when the view has moved. */
    rasterOf(view) {
      const { canvas } = view.ctx;
      const key = [canvas.width, canvas.height, view.left, view.top, view.k].join("|");
      if (this.raster.key === key) return this.raster;
      const { width, height } = canvas;
      if (width !== this.raster.width || height !== this.raster.height) {
        this.raster.ids = new Int32Array(width * height);
        const ctx = /** @type {any} */ (new OffscreenCanvas(width, height).getContext("2d"));
        const pixels = ctx.createImageData(width, height);
        this.buffer = { ctx, pixels, out: new Uint32Array(pixels.data.buffer) };
      }
      const { ids } = this.raster;
      ids.fill(-1);
      this.seen = new Uint8Array(this.cells.count);
      const { corners } = this.cells;
      const quad = new Float64Array(8);
      const k = view.k * view.sharp;
      for (let i = 0; i < this.cells.count; i++) {
        for (let c = 0; c < 8; c += 2) {
          quad[c] = corners[8 * i + c] * k - view.left * view.sharp;
          quad[c + 1] = corners[8 * i + c + 1] * k - view.top * view.sharp;
        }
        if (fillQuad(ids, width, height, quad, i)) this.seen[i] = 1;
      }
      this.raster = { key, width, height, side: Math.round(TILE * view.sharp), ids };
      return this.raster;
    }
  }

  /** Write a number into every pixel whose middle lies in a convex quadrilateral. @returns {boolean} whether any does */
  function fillQuad(ids, width, height, q, value) {
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

  root.Borderless = Object.assign(root.Borderless, { QuickTheme });
})(window);
