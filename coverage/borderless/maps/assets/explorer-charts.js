/** The results of the what-if page as tables and charts; SVG made node by node, brought up to date in place. */
(function (root) {
  "use strict";
  const B = root.Borderless;
  const { element, words, name } = B;
  const SVG = "http://www.w3.org/2000/svg";

  /** An SVG element. @param {string} tag @param {Object<string, string|number>} attributes @param {...(Node|string)} children @returns {SVGElement} */
  function svg(tag, attributes, ...children) {
    const node = document.createElementNS(SVG, tag);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
    node.append(...children);
    return node;
  }

  /** @param {Element} node @param {Record<string, string|number>} attributes */
  function set(node, attributes) { for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value)); }

  /** The chosen measure's numbers of one group. @param {ExplorerView} page @param {number} g */
  function figures(page, g) {
    const { model, now, before, contrast, m } = page;
    const at = g * model.M + m;
    return {
      total: now.total[at], before: before.covered[at], after: now.covered[at], gained: contrast.gained[at], lost: contrast.lost[at],
      expectedBefore: before.expected[at], expected: now.expected[at],
    };
  }

  /** Rows of groups in the order people read them: partners, the alliance, forces outside. @param {ExplorerView} page */
  function groupsInOrder(page) {
    const rows = page.model.groups.map((group, g) => ({ ...group, g }));
    return ["partner", "alliance", "outside"].flatMap((kind) => rows.filter((row) => row.kind === kind))
      .map((row) => ({ ...row, label: row.kind === "alliance" ? "The alliance" : row.name }));
  }

  /** @param {number} n */
  function tone(n) { return n > 0 ? "up" : n < 0 ? "down" : "level"; }

  /** The headline table: each partner, and the alliance; forces outside only in a sentence while nothing changes there. */
  class Numbers {
    /** @param {ExplorerView} page @param {HTMLTableElement} table @param {HTMLElement} beyond */
    constructor(page, table, beyond) {
      this.page = page;
      this.table = table;
      this.beyond = beyond;
      this.caption = table.createCaption();
      const heads = ["Force", "", "Now", "Change"].map((text) => element("th", { scope: "col" }, text));
      this.baseHead = heads[1];
      table.tHead?.rows[0].replaceChildren(...heads);
      this.rows = groupsInOrder(page).map((group) => {
        const cells = [1, 2, 3].map(() => element("td"));
        const of = element("small");
        const node = element("tr", { class: group.kind }, element("th", { scope: "row" }, name(group.label), of), ...cells);
        return { group, cells, of, node };
      });
      table.tBodies[0].replaceChildren(...this.rows.map((row) => row.node));
    }

    update() {
      const { page } = this;
      const { measure, state } = page;
      this.baseHead.replaceChildren(name(page.baselineLabel()));
      const busy = state.busy > 0 ? `; below it, what to expect with ${state.busy} % of units busy` : "";
      this.caption.textContent = `${measure.label} within ${page.targetLabel()}${busy}`;
      this.table.classList.toggle("busy", state.busy > 0);
      const still = [];
      for (const { group, cells, of, node } of this.rows) {
        const n = figures(page, group.g);
        const net = n.after - n.before;
        of.textContent = `of ${words.count(n.total, measure)} ${measure.unit}`;
        this.share(cells[0], n.before, n.expectedBefore, n.total);
        this.share(cells[1], n.after, n.expected, n.total);
        cells[2].textContent = words.signed(net, measure);
        cells[2].className = tone(net);
        if (state.busy > 0) cells[2].append(element("small", { class: tone(n.expected - n.expectedBefore) }, words.signed(Math.round(n.expected - n.expectedBefore), measure)));
        const quiet = group.kind === "outside" && n.gained === 0 && n.lost === 0;
        node.hidden = quiet;
        if (quiet) still.push(`${group.label} ${words.percent(n.after, n.total)}`);
      }
      this.beyond.hidden = still.length === 0;
      this.beyond.replaceChildren("Not in the alliance, no change: ", name(still.join(", ")), ".");
    }

    /** @param {HTMLElement} cell @param {number} covered @param {number} expected @param {number} total */
    share(cell, covered, expected, total) {
      cell.textContent = words.percent(covered, total);
      if (this.page.state.busy > 0) cell.append(element("small", {}, words.percent(expected, total)));
    }
  }

  /** All numbers by force, for those who want them. @param {ExplorerView} page */
  function fullTable(page) {
    const { measure, state } = page;
    const heads = ["Force", "All", "Reached before", "Reached now", "Gained", "Lost", "Half within", "Nine in ten within", ...(state.busy ? [`Expected with ${state.busy} % busy`] : [])];
    const rows = groupsInOrder(page).map((group) => {
      const n = figures(page, group.g);
      const { median, p90 } = B.typical(page.model, page.now, group.g);
      const texts = [words.count(n.total, measure), words.count(n.before, measure), words.count(n.after, measure), words.count(n.gained, measure), words.count(n.lost, measure),
        words.minutes(median), words.minutes(p90), ...(state.busy ? [words.count(n.expected, measure)] : [])];
      return element("tr", { class: group.kind }, element("th", { scope: "row" }, name(group.label)), ...texts.map((text) => element("td", {}, text)));
    });
    return element("table", { class: "full" }, element("caption", {}, measure.label.toLowerCase() === measure.unit ? measure.label : `${measure.label}, in ${measure.unit}`),
      element("thead", {}, element("tr", {}, ...heads.map((text) => element("th", { scope: "col" }, text)))), element("tbody", {}, ...rows));
  }

  /** Who is still not reached in time, by force: two bars each, before (hollow) and now (solid), from nought. */
  class Bars {
    /** @param {ExplorerView} page @param {HTMLElement} host */
    constructor(page, host) {
      this.page = page;
      const groups = groupsInOrder(page).filter((group) => group.kind !== "alliance");
      const [width, step] = [360, 44];
      this.span = width - 2;
      this.node = svg("svg", { viewBox: `0 0 ${width} ${groups.length * step}`, role: "img", class: "chart" });
      this.title = svg("title", {});
      this.node.append(this.title);
      this.rows = groups.map((group, i) => {
        const y = i * step + 14;
        const before = svg("rect", { x: 1, y: y + 5, height: 7, class: "before" });
        const now = svg("rect", { x: 1, y: y + 14, height: 10, class: "now" });
        const value = svg("text", { x: width, y, "text-anchor": "end", class: "value" });
        this.node.append(svg("text", { x: 0, y, class: "label" }, B.plain(group.label)), value, before, now);
        return { group, before, now, value };
      });
      this.key = element("p", { class: "key" });
      host.append(this.node, this.key);
    }

    update() {
      const { page } = this;
      const { measure } = page;
      const numbers = this.rows.map(({ group }) => figures(page, group.g));
      const most = Math.max(1, ...numbers.flatMap((n) => [n.total - n.before, n.total - n.after]));
      const said = this.rows.map(({ group, before, now, value }, i) => {
        const n = numbers[i];
        const missing = [n.total - n.before, n.total - n.after];
        set(before, { width: (this.span * missing[0]) / most });
        set(now, { width: (this.span * missing[1]) / most });
        const counts = [...new Set(missing.map((part) => words.count(part, measure)))].join(" → ");
        value.textContent = `${words.percent(n.after, n.total)} reached, ${counts} not`;
        return `${B.plain(group.label)}: ${value.textContent}`;
      });
      this.title.textContent = `${measure.label} (${measure.unit}) not reached in time, by force. ${said.join("; ")}.`;
      this.key.replaceChildren("Not reached in time:", element("span", { class: "sign before" }), name(page.baselineLabel()), element("span", { class: "sign now" }), "Now");
    }
  }

  /** What share of the alliance is reached within so many minutes: before (dashed) and now (solid). */
  class Curve {
    /** @param {ExplorerView} page @param {HTMLElement} host */
    constructor(page, host) {
      this.page = page;
      const [w, h] = [360, 190];
      this.box = { left: 46, right: w - 8, top: 14, bottom: h - 32 };
      this.node = svg("svg", { viewBox: `0 0 ${w} ${h}`, role: "img", class: "chart" });
      this.title = svg("title", {});
      this.grid = svg("g", { class: "grid" });
      this.before = svg("polyline", { class: "line before" });
      this.now = svg("polyline", { class: "line now" });
      this.node.append(this.title, this.grid, this.before, this.now);
      this.key = element("p", { class: "key" });
      host.append(this.node, this.key);
      this.shown = "";
    }

    update() {
      const { page } = this;
      const { state } = page;
      const most = Math.max(30, Math.ceil(Math.max(state.urban_s, state.rural_s) / 300) * 5);
      this.layOut(most, state);
      const [before, now] = [this.points(page.before, most), this.points(page.now, most)];
      set(this.before, { points: before.line });
      set(this.now, { points: now.line });
      const at = (/** @type {{shares: Float64Array}} */ curve) => [5, 10, 15, 20].map((minutes) => `${(100 * curve.shares[minutes]).toFixed(1)} % within ${minutes} min`).join(", ");
      this.title.textContent = `Share of ${page.measure.unit} in the alliance reached within so many minutes. Now: ${at(now)}. ${page.baselineLabel()}: ${at(before)}.`;
      this.key.replaceChildren(element("span", { class: "sign line before" }), name(page.baselineLabel()), element("span", { class: "sign line now" }), "Now");
    }

    /** @param {number} minutes @param {number} most */
    x(minutes, most) { return this.box.left + ((this.box.right - this.box.left) * minutes) / most; }

    /** @param {number} share */
    y(share) { return this.box.bottom - (this.box.bottom - this.box.top) * share; }

    /** Axes and target lines, only when they change. @param {number} most @param {State} state */
    layOut(most, state) {
      const { box } = this;
      const key = `${most}|${state.urban_s}|${state.rural_s}`;
      if (key === this.shown) return;
      this.shown = key;
      const parts = [];
      for (const share of [0, 0.25, 0.5, 0.75, 1]) {
        parts.push(svg("line", { x1: box.left, x2: box.right, y1: this.y(share), y2: this.y(share), class: "rule" }),
          svg("text", { x: box.left - 5, y: this.y(share) + 4, "text-anchor": "end" }, `${100 * share} %`));
      }
      for (let minutes = 0; minutes <= most; minutes += most > 40 ? 10 : 5) {
        parts.push(svg("text", { x: this.x(minutes, most), y: box.bottom + 15, "text-anchor": "middle" }, String(minutes)));
      }
      const from = this.page.model.data.meta.clock === "travel" ? "minutes of driving" : "minutes from the call";
      parts.push(svg("text", { x: (box.left + box.right) / 2, y: box.bottom + 29, "text-anchor": "middle" }, from));
      const targets = state.urban_s === state.rural_s ? [[state.urban_s, "target"]] : [[state.urban_s, "towns"], [state.rural_s, "country"]];
      for (const [seconds, label] of targets) {
        const x = this.x(Number(seconds) / 60, most);
        parts.push(svg("line", { x1: x, x2: x, y1: box.top, y2: box.bottom, class: "target" }), svg("text", { x, y: box.top - 4, "text-anchor": "middle", class: "value" }, String(label)));
      }
      this.grid.replaceChildren(...parts);
    }

    /** @param {Answer} answer @param {number} most @returns {{line: string, shares: Float64Array}} */
    points(answer, most) {
      const shares = B.reachedWithin(this.page.model, answer, this.page.alliance, most);
      const line = Array.from(shares, (share, minutes) => `${this.x(minutes, most).toFixed(1)},${this.y(share).toFixed(1)}`);
      return { line: line.join(" "), shares };
    }
  }

  /**
   * Places that gain or lose most; a click flies there.
   * @param {HTMLElement} list
   * @param {ChangedPlace[]} places
   * @param {ExplorerView} page
   * @param {"gained"|"lost"} side
   */
  function fillPlaces(list, places, page, side) {
    const { measure } = page;
    const items = places.slice(0, 8).map((place) => {
      const button = B.controls.button("", () => page.map.fly([place.at[1] / 1e5, place.at[0] / 1e5]));
      button.append(element("span", { class: "where" }, name(place.place || "Unnamed place"), element("small", {}, name(place.force))),
        element("span", { class: "what" }, `${words.count(place[side], measure)} ${measure.unit}`, element("small", {}, words.change(place.beforeMin, place.afterMin))));
      return element("li", {}, button);
    });
    list.replaceChildren(...(items.length ? items : [element("li", { class: "none" }, "None.")]));
  }

  /** Who answers for whom: a small matrix of the chosen measure, and the change against the baseline. @param {ExplorerView} page */
  function aidTable(page) {
    const { model, now, before, measure, m } = page;
    const { forces } = model.data.meta;
    const value = (/** @type {Answer} */ answer, /** @type {number} */ f, /** @type {number} */ h) => answer.aid[(f * model.F + h) * model.M + m];
    const used = (/** @type {number} */ f) => forces[f].alliance || forces.some((_, h) => value(now, f, h) || value(before, f, h) || value(now, h, f) || value(before, h, f));
    const rows = forces.map((_, f) => f).filter(used);
    const cell = (/** @type {number} */ f, /** @type {number} */ h) => {
      if (f === h) return element("td", { class: "own" }, "–");
      const [n, was] = [value(now, f, h), value(before, f, h)];
      return element("td", { class: n ? "some" : null }, words.count(n, measure), ...(n === was ? [] : [element("small", {}, words.signed(n - was, measure))]));
    };
    return element("table", { class: "aid" }, element("caption", {}, `${measure.label} whose first unit comes across a border, in ${measure.unit}; small: change against the baseline`),
      element("thead", {}, element("tr", {}, element("td", {}, element("small", {}, "units of ↓ in →")), ...rows.map((h) => element("th", { scope: "col" }, name(forces[h].name))))),
      element("tbody", {}, ...rows.map((f) => element("tr", {}, element("th", { scope: "row" }, name(forces[f].name)), ...rows.map((h) => cell(f, h))))));
  }

  root.Borderless = Object.assign(B, /** @satisfies {Partial<BorderlessParts>} */ ({ charts: { Numbers, Bars, Curve, fullTable, fillPlaces, aidTable, figures } }));
})(window);
