/** Who may answer in whose area: a matrix of rules, the details of one border, and the control room. */
(function (root) {
  "use strict";
  const { element, name, edits, controls } = root.Borderless;
  const { on, button } = controls;

  /** The rules in the order of how open they are: what a cell of the matrix says, and what it means. */
  const RULES = [
    { name: "closed", short: "Closed", long: "Closed: never" },
    { name: "on_exhaustion", short: "If busy", long: "Only when own units are all busy" },
    { name: "if_faster", short: "If faster", long: "If faster by at least so many seconds" },
    { name: "closest", short: "Closest", long: "Closest unit, whoever it belongs to" },
  ];
  const SHORT = new Map(RULES.map((rule) => [rule.name, rule]));

  function options(text) { return RULES.map((rule) => element("option", { value: rule.name }, text(rule))); }

  class Borders {
    /** @param {any} page @param {HTMLElement} host */
    constructor(page, host) {
      this.page = page;
      const { forces } = page.model.data.meta;
      this.forces = forces;
      /** @type {{pair: string, select: HTMLSelectElement}[]} */
      this.cells = [];
      const rows = forces.map((_, f) => f);
      const partners = rows.filter((f) => forces[f].alliance);
      const outside = rows.filter((f) => !forces[f].alliance);
      this.chosen = partners.length > 1 ? `${partners[0]}>${partners[1]}` : Object.keys(page.state.borders)[0] || "";
      this.room = on(element("input", { type: "checkbox", role: "switch" }), "change", () => page.change({ ...page.state, room: this.room.checked },
        this.room.checked ? "One control room: no hand-over." : "Separate control rooms."));
      this.sharing = on(element("input", { type: "checkbox", role: "switch" }), "change", () => page.change({ ...page.state, sharing: this.sharing.checked },
        this.sharing.checked ? "Stations are shared." : "Units start at their own stations."));
      this.all = on(element("select", {}, element("option", { value: "" }, "as in the table"), ...options((r) => r.long)), "change", () => {
        if (!this.all.value) return;
        page.change(edits.withAllBorders(page.model, page.state, { rule: this.all.value }), `All borders between partners: ${SHORT.get(this.all.value).long}.`);
      });
      host.append(
        element("label", { class: "tick" }, this.room, " One control room, so that no call has to be handed over"),
        element("label", { class: "tick" }, this.sharing, " Shared stations: units may also start at partners' stations that have room"),
        element("label", { class: "wide-label" }, "All borders between partners ", this.all),
        this.matrix("Who may answer calls in whose area", partners, partners),
        this.details());
      if (outside.length) {
        host.append(element("details", { class: "group" }, element("summary", {}, "Forces outside the alliance"),
          this.matrix("Units of forces outside", outside, rows), this.matrix("Units of partners in areas outside", partners, outside)));
      }
    }

    /** Rules by responding force (rows) and force of the place (columns). */
    matrix(caption, responders, places) {
      const { forces } = this;
      const cell = (f, h) => {
        if (f === h) return element("td", { class: "own" }, "own");
        const pair = `${f}>${h}`;
        const select = on(element("select", { "aria-label": `Units of ${forces[f].name} in ${forces[h].name}` }, ...options((r) => r.short)), "change",
          () => this.rule(pair, select.value));
        on(select, "focus", () => this.choose(pair));
        this.cells.push({ pair, select, shown: "" });
        return element("td", {}, select);
      };
      return element("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption }, element("table", { class: "matrix" },
        element("caption", {}, caption),
        element("thead", {}, element("tr", {}, element("td", {}, element("small", {}, "units of ↓ in →")), ...places.map((h) => element("th", { scope: "col" }, element("span", {}, name(forces[h].name)))))),
        element("tbody", {}, ...responders.map((f) => element("tr", {}, element("th", { scope: "row" }, name(forces[f].name)), ...places.map((h) => cell(f, h)))))));
    }

    /** One border in full words. */
    details() {
      const number = (key, label) => {
        const field = on(element("input", { type: "number", min: 0, max: 3600, step: 10, inputmode: "numeric" }), "change", () => {
          const value = Math.max(0, Math.min(3600, Math.round(Number(field.value)) || 0));
          field.value = String(value);
          this.page.change(edits.withBorder(this.page.state, this.chosen, { [key]: value }), `${label}: ${value} seconds.`);
        });
        return field;
      };
      this.who = element("legend");
      this.full = on(element("select", { "aria-label": "Rule" }, ...options((r) => r.long)), "change", () => this.rule(this.chosen, this.full.value));
      this.gain = number("gain_s", "Gain");
      this.delay = number("delay_s", "Hand-over");
      this.gainRow = element("label", {}, "Faster by at least ", element("span", { class: "amount" }, this.gain, " s"));
      this.both = button("Same the other way round", () => {
        const [f, h] = this.chosen.split(">");
        this.page.change(edits.withBorder(this.page.state, `${h}>${f}`, this.page.state.borders[this.chosen]), "Same rule the other way round.");
      });
      return element("fieldset", { class: "border", hidden: this.chosen === "" }, this.who, this.full, element("div", { class: "amounts" }, this.gainRow,
        element("label", {}, "Hand-over between control rooms ", element("span", { class: "amount" }, this.delay, " s"))), this.both);
    }

    rule(pair, rule) {
      const [f, h] = pair.split(">").map((row) => this.forces[Number(row)].name);
      this.page.change(edits.withBorder(this.page.state, pair, { rule }), `${f} in ${h}: ${SHORT.get(rule).long}.`);
    }

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
        cell.select.options[2].textContent = rule === "if_faster" && gain ? `If −${gain} s` : SHORT.get("if_faster").short;
      }
      this.room.checked = state.room;
      this.sharing.checked = state.sharing;
      const between = Object.keys(state.borders).filter((pair) => pair.split(">").every((row) => this.forces[Number(row)].alliance));
      const rules = new Set(between.map((pair) => state.borders[pair].rule));
      this.all.value = rules.size === 1 ? [...rules][0] : "";
      if (this.chosen) this.describe(state.borders[this.chosen], state.room);
      const open = between.filter((pair) => !["closed", "on_exhaustion"].includes(state.borders[pair].rule)).length;
      const borders = open === 0 ? "closed" : open === between.length ? "open" : `${open} of ${between.length} open`;
      return `${borders}${state.room ? ", one room" : ""}${state.sharing ? ", shared stations" : ""}`;
    }

    describe(border, room) {
      const [f, h] = this.chosen.split(">").map((row) => this.forces[Number(row)].name);
      this.who.replaceChildren("Units of ", name(f), " in ", name(h));
      this.full.value = border.rule;
      this.gainRow.hidden = border.rule !== "if_faster";
      if (this.gain !== document.activeElement) this.gain.value = String(border.gain_s);
      this.delay.disabled = room;
      if (this.delay !== document.activeElement) this.delay.value = room ? "0" : String(border.delay_s);
    }
  }

  root.Borderless = Object.assign(root.Borderless, { Borders });
})(window);
