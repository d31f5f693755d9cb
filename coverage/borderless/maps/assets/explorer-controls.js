/**
 * The levers of the what-if page: presets, stations, candidate sites, targets and demand. Every list is built once and
 * brought up to date in place, so that a click costs little however many stations there are.
 */
(function (root) {
  "use strict";
  const { element, words, name, edits } = root.Borderless;
  /** What buttons call the scenarios that every study has, while the study gives them no long label of its own. @type {Record<string, string>} */
  const SHORT = { separate: "Separate", borderless: "Borderless", shared_stations: "Shared stations", alliance: "Full alliance" };

  /** Make a control do something. @template {EventTarget} T @param {T} node @param {string} event @param {(e: any) => void} act @returns {T} */
  function on(node, event, act) {
    node.addEventListener(event, act);
    return node;
  }

  /** @param {Node|string} label @param {() => void} act @param {Record<string, string>} [attributes] */
  function button(label, act, attributes = {}) {
    return on(element("button", { type: "button", ...attributes }, label), "click", act);
  }

  /** @param {number} n @param {string} one */
  function plural(n, one) { return n === 1 ? `1 ${one}` : `${words.whole.format(n)} ${one}s`; }

  /** Rows of stations in the order of their names. @param {string[]} names */
  function byName(names) { return names.map((_, s) => s).sort((a, b) => names[a].localeCompare(names[b], "en-GB")); }

  /** Set what a control shows, unless the planner is typing in it. @param {HTMLInputElement} field @param {number} value */
  function show(field, value) {
    if (field !== document.activeElement || field.type !== "number") field.value = String(value);
  }

  /**
   * The controls of one station: open or closed, its role, its units. Used in the list and in the pop-up on the map.
   * @param {ExplorerView} page the page, asked for its model and told what to change
   * @param {number} s row of the station
   * @param {boolean} inList whether a button leads to the map
   */
  function stationControls(page, s, inList) {
    const { model } = page;
    const { stations, meta } = model.data;
    const label = stations.name[s];
    const open = on(element("input", { type: "checkbox", role: "switch", "aria-label": `${label}: open` }), "change", () => {
      page.change(edits.withOpen(model, page.state, s, open.checked), `${label} ${open.checked ? "opened" : "closed"}.`);
    });
    const units = (/** @type {number} */ n) => {
      page.change(edits.withUnits(model, page.state, s, n), `${label}: ${plural(Math.max(0, Number(n) || 0), "unit")}.`);
    };
    const standing = () => page.standing[s];
    const fewer = button("−", () => units(standing().own - 1), { "aria-label": `One unit fewer at ${label}` });
    const more = button("+", () => units(standing().own + 1), { "aria-label": `One unit more at ${label}` });
    const count = on(element("input", { type: "number", min: 0, max: edits.MOST_UNITS, step: 1, inputmode: "numeric", "aria-label": `Units at ${label}` }),
      "change", () => { units(Number(count.value)); count.value = String(standing().own); });
    const idle = `${root.Borderless.roleName(["response", "candidate"].includes(stations.role[s]) ? "neighbourhood" : stations.role[s])}, no units`;
    const role = on(element("select", { "aria-label": `Role of ${label}` },
      element("option", { value: "response" }, "Response base"), element("option", { value: "none" }, idle)), "change", () => {
      const response = role.value === "response";
      page.change(edits.withRole(model, page.state, s, response), `${label} is ${response ? "a response base" : "no response base"} now.`);
    });
    const note = element("small", { class: "note" });
    const mark = element("span", { class: "mark" });
    const title = inList ? button(name(label), () => page.map.flyToStation(s), { class: "name", title: "Show on the map" }) : element("span", { class: "name" }, "Open");
    const node = element(inList ? "li" : "div", { class: "station" },
      element("div", { class: "row" }, open, title, mark, element("span", { class: "stepper", role: "group", "aria-label": `Units at ${label}` }, fewer, count, more)),
      element("div", { class: "row" }, role, note));
    let shown = "";
    const update = () => {
      const { own, guests, closed } = standing();
      const key = `${own}|${closed}|${guests.join(";")}|${edits.touched(model, page.state, s)}`;
      if (key === shown) return;
      shown = key;
      open.checked = !closed;
      node.classList.toggle("closed", closed);
      show(count, own);
      role.value = own > 0 ? "response" : "none";
      for (const control of [fewer, count, more, role]) control.disabled = closed;
      fewer.disabled = closed || own === 0;
      mark.textContent = closed ? "closed" : edits.touched(model, page.state, s) ? "changed" : "";
      const room = own + guests.reduce((sum, [, n]) => sum + n, 0) - stations.capacity[s];
      note.replaceChildren(room > 0 && edits.touched(model, page.state, s) ? `more than its room for ${stations.capacity[s]}` : `room for ${stations.capacity[s]}`,
        ...guests.flatMap(([f, n]) => [`, with ${plural(n, "unit")} of `, name(meta.forces[f].name)]));
    };
    return { node, update };
  }

  /** Every station, by force, with a search box. */
  class StationList {
    /** @param {ExplorerView} page @param {HTMLElement} host */
    constructor(page, host) {
      this.page = page;
      const { stations, meta } = page.model.data;
      const search = on(element("input", { type: "search", "aria-label": "Find a station", placeholder: "Find a station", autocomplete: "off", spellcheck: "false" }), "input",
        () => this.search(search.value));
      this.empty = element("p", { class: "detail", hidden: true }, "No station has that name.");
      this.groups = meta.forces.map((force, f) => {
        const rows = byName(stations.name).filter((s) => stations.force[s] === f && !stations.candidate[s])
          .map((s) => ({ s, ...stationControls(page, s, true) }));
        const count = element("small");
        const node = element("details", { class: "group", hidden: rows.length === 0 }, element("summary", {}, name(force.name), count),
          element("ul", { class: "bases" }, ...rows.map((row) => row.node)));
        return { node, rows, count, text: "" };
      });
      host.append(element("p", { class: "detail" }, "Close a station, change its units, or choose whether units start there at all. You can also click it on the map."),
        search, this.empty, ...this.groups.map((group) => group.node));
    }

    /** @param {string} text */
    search(text) {
      const wanted = text.trim().toLowerCase();
      const { name: names } = this.page.model.data.stations;
      let found = 0;
      for (const { node, rows } of this.groups) {
        let here = 0;
        for (const row of rows) {
          row.node.hidden = wanted !== "" && !names[row.s].toLowerCase().includes(wanted);
          if (!row.node.hidden) here++;
        }
        node.hidden = here === 0;
        node.open = wanted !== "" && here > 0;
        found += here;
      }
      this.empty.hidden = found > 0;
    }

    update() {
      const { model, state } = this.page;
      let changed = 0;
      for (const group of this.groups) {
        let units = 0;
        for (const row of group.rows) {
          row.update();
          const { own, closed } = this.page.standing[row.s];
          if (!closed) units += own;
          if (edits.touched(model, state, row.s)) changed++;
        }
        const text = `${plural(group.rows.length, "station")}, ${plural(units, "unit")}`;
        if (text !== group.text) group.count.textContent = group.text = text;
      }
      return changed ? `${changed} changed` : "as they are";
    }
  }

  /** Sites where a station could be added. */
  class CandidateList {
    /** @param {ExplorerView} page @param {HTMLElement} host */
    constructor(page, host) {
      this.page = page;
      const { stations, meta } = page.model.data;
      const search = on(element("input", { type: "search", "aria-label": "Find a site", placeholder: "Find a site", autocomplete: "off", spellcheck: "false" }), "input", () => {
        const wanted = search.value.trim().toLowerCase();
        for (const row of this.rows) row.node.hidden = wanted !== "" && !stations.name[row.s].toLowerCase().includes(wanted);
      });
      this.rows = byName(stations.name).filter((s) => stations.candidate[s]).map((s) => {
        const add = button("Add", () => {
          const built = page.standing[s].own > 0;
          page.change(edits.withUnits(page.model, edits.withOpen(page.model, page.state, s, true), s, built ? 0 : 1), `${stations.name[s]} ${built ? "removed" : "added with 1 unit"}.`);
        });
        const title = button(name(stations.name[s]), () => page.map.flyToStation(s), { class: "name", title: "Show on the map" });
        const force = meta.forces[stations.force[s]];
        const node = element("li", { class: "site" }, title, element("small", {}, name(force ? force.name : "no force")), add);
        return { s, node, add, built: /** @type {boolean|null} */ (null) };
      });
      host.append(element("p", { class: "detail" }, this.rows.length
        ? "Sites carried in this file. One click adds a station with one unit of the force it lies in; hollow diamonds on the map show them while this list is open."
        : "This file carries no candidate sites."), ...(this.rows.length ? [search] : []), element("ul", { class: "sites" }, ...this.rows.map((row) => row.node)));
    }

    update() {
      let added = 0;
      for (const row of this.rows) {
        const { own, closed } = this.page.standing[row.s];
        const built = own > 0 && !closed;
        if (built) added++;
        if (built === row.built) continue;
        row.built = built;
        row.add.textContent = built ? "Remove" : "Add";
        row.add.setAttribute("aria-label", `${built ? "Remove" : "Add"} ${this.page.model.data.stations.name[row.s]}`);
        row.node.classList.toggle("built", built);
      }
      return added ? `${added} added` : `${plural(this.rows.length, "site")}`;
    }
  }

  /** The arrangements to start from. */
  class Presets {
    /** @param {ExplorerView} page @param {HTMLElement} host @param {HTMLElement} explanation */
    constructor(page, host, explanation) {
      this.page = page;
      this.explanation = explanation;
      this.buttons = page.model.data.meta.presets.map((preset) => {
        const act = () => page.change(edits.withPreset(page.state, root.Borderless.states.preset(page.model, preset.name)), `${preset.label}.`);
        const node = button(name(preset.label.length < 20 ? SHORT[preset.name] || preset.label : preset.label), act, { "aria-pressed": "false", title: preset.label });
        return { preset, node };
      });
      host.append(...this.buttons.map((b) => b.node));
    }

    update() {
      const { model, state } = this.page;
      const { equal, preset: load } = root.Borderless.states;
      let said = "An arrangement of your own.";
      for (const { preset, node } of this.buttons) {
        const chosen = equal(edits.withPreset(state, load(model, preset.name)), state);
        node.setAttribute("aria-pressed", String(chosen));
        if (chosen) said = preset.explanation;
      }
      this.explanation.replaceChildren(name(said));
      return said;
    }
  }

  /** Targets, how busy units are, and what is counted. */
  class Sliders {
    /** @param {ExplorerView} page @param {HTMLElement} host */
    constructor(page, host) {
      this.page = page;
      const minutes = { min: 1, max: 60, step: 0.5, unit: "min" };
      const from = page.model.data.meta.clock === "travel" ? "of driving" : "from the call";
      this.fields = [
        this.slider("urban_s", `Target in towns, minutes ${from}`, minutes, 60),
        this.slider("rural_s", `Target in the country, minutes ${from}`, minutes, 60),
        this.slider("busy", "Units that are busy at any time", { min: 0, max: 95, step: 1, unit: "%" }, 1),
      ];
      this.measure = on(element("select", {}, ...page.model.data.meta.measures.map((m) =>
        element("option", { value: m.name }, m.label.toLowerCase() === m.unit ? m.label : `${m.label} (${m.unit})`))), "change",
      () => page.change({ ...page.state, measure: this.measure.value }, `Counting ${this.measure.selectedOptions[0].label.toLowerCase()}.`));
      host.append(element("label", { class: "wide-label" }, "Count ", this.measure), ...this.fields.map((f) => f.node),
        element("p", { class: "detail" }, "With busy units, the table also shows the coverage to be expected when the nearest unit may be out on another call and the next one comes."));
    }

    /**
     * @param {"urban_s"|"rural_s"|"busy"} key
     * @param {string} label
     * @param {{min: number, max: number, step: number, unit: string}} scale
     * @param {number} per of the state's unit in one of the slider's
     */
    slider(key, label, { min, max, step, unit }, per) {
      const { page } = this;
      const range = element("input", { type: "range", min, max, step, "aria-label": label });
      const number = element("input", { type: "number", min, max, step, inputmode: "decimal", "aria-label": `${label}, as a number` });
      const set = (/** @type {string} */ value, /** @type {boolean} */ done) => {
        const kept = Math.min(max, Math.max(min, Math.round(Number(value) / step) * step || min));
        page.change({ ...page.state, [key]: kept * per }, `${label}: ${kept}${unit === "%" ? " %" : ""}.`, done ? "" : key);
        return kept;
      };
      on(range, "input", () => set(range.value, false));
      on(range, "change", () => page.settle());
      on(number, "change", () => { number.value = String(set(number.value, true)); });
      const node = element("div", { class: "slider" }, element("span", { class: "slider-label", "aria-hidden": "true" }, label),
        range, element("span", { class: "amount" }, number, ` ${unit}`));
      let shown = NaN;
      const update = (/** @type {State} */ state) => {
        if (state[key] === shown) return;
        shown = state[key];
        range.value = String(shown / per);
        range.setAttribute("aria-valuetext", `${shown / per} ${unit === "%" ? "percent" : "minutes"}`);
        show(number, shown / per);
      };
      return { node, update };
    }

    update() {
      const { state } = this.page;
      for (const field of this.fields) field.update(state);
      this.measure.value = state.measure;
      return `${state.urban_s / 60} / ${state.rural_s / 60} min${state.busy ? `, ${state.busy} % busy` : ""}`;
    }
  }

  root.Borderless = Object.assign(root.Borderless, /** @satisfies {Partial<BorderlessParts>} */ ({ controls: { StationList, CandidateList, Presets, Sliders, stationControls, on, button, plural } }));
})(window);
