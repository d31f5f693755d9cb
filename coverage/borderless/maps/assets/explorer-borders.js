/** Who may answer in whose area: a matrix of rules, the details of one border, and the control room. */
(function (root) {
  "use strict";
  const { element, name, edits, controls } = root.Borderless;
  const { on, button } = controls;
  const MOST_SECONDS = 3600;

  /** The rules in the order of how open they are: what a cell of the matrix says, and what it means. @type {RuleWords[]} */
  const RULES = [
    { name: "closed", short: "Closed", long: "Closed: never" },
    { name: "on_exhaustion", short: "If busy", long: "Only when own units are all busy" },
    { name: "if_faster", short: "If faster", long: "If faster by at least so many seconds" },
    { name: "closest", short: "Closest", long: "Closest unit, whoever it belongs to" },
  ];

  /** @param {BorderRule} rule */
  function long(rule) { return /** @type {RuleWords} */ (RULES.find((words) => words.name === rule)).long; }

  /** @param {(rule: RuleWords) => string} text */
  function options(text) { return RULES.map((rule) => element("option", { value: rule.name }, text(rule))); }

  /** One border in full words. */
  class Details {
    /** @param {ExplorerView} page @param {(pair: string, rule: BorderRule) => void} setRule */
    constructor(page, setRule) {
      this.page = page;
      this.pair = "";
      this.who = element("legend");
      this.rule = on(element("select", { "aria-label": "Rule" }, ...options((r) => r.long)), "change", () => setRule(this.pair, /** @type {BorderRule} */ (this.rule.value)));
      this.gain = this.number("gain_s", "Gain");
      this.delay = this.number("delay_s", "Hand-over");
      this.gainRow = element("label", {}, "Faster by at least ", element("span", { class: "amount" }, this.gain, " s"));
      const both = button("Same the other way round", () => {
        const [f, h] = this.pair.split(">");
        page.change(edits.withBorder(page.state, `${h}>${f}`, page.state.borders[this.pair]), "Same rule the other way round.");
      });
      this.node = element("fieldset", { class: "border" }, this.who, this.rule, element("div", { class: "amounts" }, this.gainRow,
        element("label", {}, "Hand-over between control rooms ", element("span", { class: "amount" }, this.delay, " s"))), both);
    }

    /** @param {"gain_s"|"delay_s"} key @param {string} label */
    number(key, label) {
      const field = on(element("input", { type: "number", min: 0, max: MOST_SECONDS, step: 10, inputmode: "numeric" }), "change", () => {
        const value = Math.max(0, Math.min(MOST_SECONDS, Math.round(Number(field.value)) || 0));
        field.value = String(value);
        this.page.change(edits.withBorder(this.page.state, this.pair, { [key]: value }), `${label}: ${value} seconds.`);
      });
      return field;
    }

    /** @param {string} pair "responder>place", or nothing where there is no border */
    update(pair) {
      this.pair = pair;
      this.node.hidden = pair === "";
      if (!pair) return;
      const { forces } = this.page.model.data.meta;
      const { borders, room } = this.page.state;
      const [responder, place] = pair.split(">").map((row) => forces[Number(row)]);
      this.who.replaceChildren("Units of ", name(responder.name), " in ", name(place.name));
      this.rule.value = borders[pair].rule;
      this.gainRow.hidden = borders[pair].rule !== "if_faster";
      if (this.gain !== document.activeElement) this.gain.value = String(borders[pair].gain_s);
      // One control room serves the partners only.
      const oneRoom = room && responder.alliance && place.alliance;
      this.delay.disabled = oneRoom;
      if (this.delay !== document.activeElement) this.delay.value = oneRoom ? "0" : String(borders[pair].delay_s);
    }
  }

  /** The whole section. */
  class Borders {
    /** @param {ExplorerView} page @param {HTMLElement} host */
    constructor(page, host) {
      this.page = page;
      const { forces } = page.model.data.meta;
      this.forces = forces;
      /** @type {{pair: string, select: HTMLSelectElement, shown: string}[]} */
      this.cells = [];
      const rows = forces.map((_, f) => f);
      const partners = rows.filter((f) => forces[f].alliance);
      const outside = rows.filter((f) => !forces[f].alliance);
      this.chosen = partners.length > 1 ? `${partners[0]}>${partners[1]}` : Object.keys(page.state.borders)[0] || "";
      this.details = new Details(page, (pair, rule) => this.rule(pair, rule));
      this.room = on(element("input", { type: "checkbox", role: "switch" }), "change", () => page.change({ ...page.state, room: this.room.checked },
        this.room.checked ? "One control room: no hand-over." : "Separate control rooms."));
      this.sharing = on(element("input", { type: "checkbox", role: "switch" }), "change", () => page.change({ ...page.state, sharing: this.sharing.checked },
        this.sharing.checked ? "Stations are shared." : "Units start at their own stations."));
      this.all = on(element("select", {}, element("option", { value: "" }, "as in the table"), ...options((r) => r.long)), "change", () => {
        if (!this.all.value) return;
        const rule = /** @type {BorderRule} */ (this.all.value);
        page.change(edits.withAllBorders(page.model, page.state, { rule }), `All borders between partners: ${long(rule)}.`);
      });
      host.append(
        element("label", { class: "tick" }, this.room, " One control room, so that no call has to be handed over"),
        element("label", { class: "tick" }, this.sharing, " Shared stations: units may also start at partners' stations that have room"),
        element("label", { class: "wide-label" }, "All borders between partners ", this.all),
        this.matrix("Who may answer calls in whose area", partners, partners),
        this.details.node);
      if (outside.length) {
        host.append(element("details", { class: "group" }, element("summary", {}, "Forces outside the alliance"),
          this.matrix("Units of forces outside", outside, rows), this.matrix("Units of partners in areas outside", partners, outside)));
      }
    }

    /**
     * Rules by responding force (rows) and force of the place (columns).
     * @param {string} caption
     * @param {number[]} responders
     * @param {number[]} places
     */
    matrix(caption, responders, places) {
      const { forces } = this;
      const cell = (/** @type {number} */ f, /** @type {number} */ h) => {
        if (f === h) return element("td", { class: "own" }, "own");
        const pair = `${f}>${h}`;
        const select = on(element("select", { "aria-label": `Units of ${forces[f].name} in ${forces[h].name}` }, ...options((r) => r.short)), "change",
          () => this.rule(pair, /** @type {BorderRule} */ (select.value)));
        on(select, "focus", () => this.choose(pair));
        this.cells.push({ pair, select, shown: "" });
        return element("td", {}, select);
      };
      return element("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption }, element("table", { class: "matrix" },
        element("caption", {}, caption),
        element("thead", {}, element("tr", {}, element("td", {}, element("small", {}, "units of ↓ in →")), ...places.map((h) => element("th", { scope: "col" }, element("span", {}, name(forces[h].name)))))),
        element("tbody", {}, ...responders.map((f) => element("tr", {}, element("th", { scope: "row" }, name(forces[f].name)), ...places.map((h) => cell(f, h)))))));
    }

    /** @param {string} pair @param {BorderRule} rule */
    rule(pair, rule) {
      this.chosen = pair;
      const [f, h] = pair.split(">").map((row) => this.forces[Number(row)].name);
      this.page.change(edits.withBorder(this.page.state, pair, { rule }), `${f} in ${h}: ${long(rule)}.`);
    }

    /** @param {string} pair */
    choose(pair) {
      this.chosen = pair;
      this.update();
    }

    update() {
      const { state } = this.page;
      for (const cell of this.cells) {
        const { rule, gain_s: gain } = state.borders[cell.pair];
        const key = `${rule}|${gain}|${cell.pair === this.chosen}`;
        if (key === cell.shown) continue;
        cell.shown = key;
        cell.select.value = rule;
        cell.select.className = `${rule}${cell.pair === this.chosen ? " chosen" : ""}`;
        cell.select.options[2].textContent = rule === "if_faster" && gain ? `If −${gain} s` : "If faster";
      }
      this.room.checked = state.room;
      this.sharing.checked = state.sharing;
      const between = Object.keys(state.borders).filter((pair) => pair.split(">").every((row) => this.forces[Number(row)].alliance));
      const rules = new Set(between.map((pair) => state.borders[pair].rule));
      this.all.value = rules.size === 1 ? [...rules][0] : "";
      this.details.update(this.chosen);
      const open = between.filter((pair) => !["closed", "on_exhaustion"].includes(state.borders[pair].rule)).length;
      const borders = open === 0 ? "closed" : open === between.length ? "open" : `${open} of ${between.length} open`;
      return `${borders}${state.room ? ", one room" : ""}${state.sharing ? ", shared stations" : ""}`;
    }
  }

  root.Borderless = Object.assign(root.Borderless, /** @satisfies {Partial<BorderlessParts>} */ ({ Borders }));
})(window);
