/**
 * How the atlas meets Leaflet: a Sheet is a canvas the size of the view that is painted anew when the
 * map has moved; a Swipe clips two groups of sheets at a line that mouse, finger and keyboard can move.
 */
(function (root) {
  "use strict";

  /** How much larger the page's text is than a browser's usual 16 pixels, within reason for a map. */
  function textScale() {
    return Math.min(2, Math.max(1, parseFloat(getComputedStyle(document.documentElement).fontSize) / 16));
  }

  /** A painted layer. */
  class Sheet extends L.Renderer {
    /** @param {SheetOptions} options */
    constructor(options) {
      super({ padding: 0.08, ...options });
      this.paint = options.paint;
      this.hidden = Boolean(options.hidden);
      this._sharp = 1;
    }

    _initContainer() {
      this._container = document.createElement("canvas");
      this._container.setAttribute("aria-hidden", "true");
      this._container.style.pointerEvents = "none";
      this._ctx = /** @type {CanvasRenderingContext2D} */ (this._container.getContext("2d"));
    }

    _destroyContainer() {
      this._container.remove();
    }

    /** Leaflet calls this when the view has settled. */
    _update() {
      if (this._map._animatingZoom && this._bounds) return;
      super._update();
      const size = this._bounds.getSize();
      const sharp = Math.min(3, window.devicePixelRatio || 1);
      this._sharp = sharp;
      const canvas = this._container;
      L.DomUtil.setPosition(canvas, this._bounds.min);
      canvas.width = sharp * size.x;
      canvas.height = sharp * size.y;
      canvas.style.width = `${size.x}px`;
      canvas.style.height = `${size.y}px`;
      this.repaint();
    }

    /** Paint again where the map stands. */
    repaint() {
      if (!this._map || !this._bounds) return;
      const view = this.view();
      view.ctx.setTransform(this._sharp, 0, 0, this._sharp, 0, 0);
      view.ctx.clearRect(0, 0, view.width, view.height);
      if (!this.hidden) this.paint(view);
    }

    /** @returns {View & { ctx: CanvasRenderingContext2D }} */
    view() {
      const corner = this._bounds.min.add(this._map.getPixelOrigin());
      const zoom = this._map.getZoom();
      const size = this._bounds.getSize();
      return {
        ctx: /** @type {CanvasRenderingContext2D} */ (this._ctx), width: size.x, height: size.y, sharp: this._sharp,
        text: textScale(), zoom, k: 2 ** zoom, left: corner.x, top: corner.y,
      };
    }

    /** @param {boolean} hidden */
    hide(hidden) {
      this.hidden = hidden;
      this.repaint();
    }
  }

  /** The line between before and after. */
  class Swipe {
    /**
     * @param {L.Map} map
     * @param {{before: string[], after: string[]}} panes names of the panes to clip
     */
    constructor(map, panes) {
      this.map = map;
      this.panes = panes;
      this.share = 0.5;
      this.on = true;
      this.handle = root.Borderless.element("div", {
        class: "divider", role: "slider", tabindex: 0, "aria-orientation": "horizontal",
        "aria-valuemin": 0, "aria-valuemax": 100, "aria-label": "Line between before and after",
      });
      this.handle.append(root.Borderless.element("span", { class: "grip", "aria-hidden": "true" }, "◂ ▸"));
      // in the map's own stack, so that pop-ups lie above the line
      this.pane("mapPane").append(this.handle);
      L.DomEvent.disableClickPropagation(this.handle);
      this.handle.addEventListener("pointerdown", (e) => this.hold(e));
      this.handle.addEventListener("keydown", (e) => this.key(e));
      map.on("move zoom viewreset resize zoomend moveend", () => this.clip());
      this.clip();
    }

    /** @param {string} name */
    pane(name) {
      return /** @type {HTMLElement} */ (this.map.getPane(name));
    }

    /** @param {PointerEvent} event */
    hold(event) {
      event.preventDefault();
      this.handle.focus();
      this.handle.setPointerCapture(event.pointerId);
      /** @param {PointerEvent} e */
      const drag = (e) => {
        const box = this.map.getContainer().getBoundingClientRect();
        this.moveTo((e.clientX - box.left) / box.width);
      };
      const release = () => {
        this.handle.removeEventListener("pointermove", drag);
        this.handle.removeEventListener("pointerup", release);
        this.handle.removeEventListener("pointercancel", release);
      };
      this.handle.addEventListener("pointermove", drag);
      this.handle.addEventListener("pointerup", release);
      this.handle.addEventListener("pointercancel", release);
    }

    /** @param {KeyboardEvent} event */
    key(event) {
      /** @type {Record<string, number>} */
      const steps = { ArrowLeft: -0.02, ArrowDown: -0.02, ArrowRight: 0.02, ArrowUp: 0.02, PageDown: -0.1, PageUp: 0.1 };
      const step = steps[event.key];
      if (step !== undefined) this.moveTo(this.share + step);
      else if (event.key === "Home") this.moveTo(0);
      else if (event.key === "End") this.moveTo(1);
      else return;
      event.preventDefault();
      event.stopPropagation();
    }

    /** @param {number} share of the map's width that shows "before" */
    moveTo(share) {
      this.share = Math.min(1, Math.max(0, share));
      this.clip();
    }

    /**
     * Name both sides for those who cannot see them.
     * @param {string} before
     * @param {string} after
     */
    name(before, after) {
      this.handle.setAttribute("aria-label", `Line between ${before} (left) and ${after} (right)`);
    }

    /**
     * Show both sides, or (off) only what lies in the "before" panes, unclipped.
     * @param {boolean} on
     */
    toggle(on) {
      this.on = on;
      this.handle.hidden = !on;
      this.clip();
    }

    clip() {
      const size = this.map.getSize();
      const x = size.x * this.share;
      /** @type {(from: number, to: number) => string} */
      const shape = (from, to) => {
        const a = this.map.containerPointToLayerPoint([from, -size.y]);
        const b = this.map.containerPointToLayerPoint([to, 2 * size.y]);
        return `polygon(${a.x}px ${a.y}px, ${b.x}px ${a.y}px, ${b.x}px ${b.y}px, ${a.x}px ${b.y}px)`;
      };
      for (const name of this.panes.before) this.pane(name).style.clipPath = this.on ? shape(-size.x, x) : "";
      for (const name of this.panes.after) {
        this.pane(name).style.clipPath = this.on ? shape(x, 2 * size.x) : "";
        this.pane(name).style.display = this.on ? "" : "none";
      }
      const top = this.map.containerPointToLayerPoint([x, 0]);
      Object.assign(this.handle.style, { left: `${top.x}px`, top: `${top.y}px`, height: `${size.y}px` });
      const percent = Math.round(100 * this.share);
      this.handle.setAttribute("aria-valuenow", String(percent));
      this.handle.setAttribute("aria-valuetext", `${percent} % of the map shows before`);
    }
  }

  root.Borderless = Object.assign(root.Borderless, /** @satisfies {Partial<BorderlessParts>} */ ({ Sheet, Swipe }));
})(window);
