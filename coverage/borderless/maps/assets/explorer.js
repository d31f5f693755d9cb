/** The what-if page: the state with its history, its baseline and its link, and everything that follows from it. */
(function (root) {
  "use strict";
  const B = root.Borderless;
  const { element, words, name, edits, controls, charts } = B;
  const find = (/** @type {string} */ id) => /** @type {any} */ (B.find(id));
  const LONGEST_HISTORY = 200;
  const PINNED = "";
  /** Stands in a link between the state and the baseline. */
  const APART = "!";
  /** Begins a baseline that is one of the study's scenarios; what was pinned has no such mark. */
  const NAMED = "@";
  /** A pinned baseline that is just as in the study. */
  const AS_IS = "-";

  class ExplorerPage {
    /** @param {Model} model @param {any} map Leaflet's */
    constructor(model, map) {
      this.model = model;
      this.basis = model.data.meta.presets[0].name;
      const { now, pinned, against } = this.fromLink();
      /** @type {State[]} */
      this.history = [now];
      this.step = 0;
      this.key = "";
      this.pinned = pinned;
      this.heaviest = B.heaviest(model);
      this.alliance = model.groups.findIndex((group) => group.kind === "alliance");
      this.against = against;
      this.lastUpdateMs = 0;
      this.linkTimer = 0;
      /** Typical times of the alliance, by answer: the baseline's are asked for again and again. */
      this.typicals = new WeakMap();
      this.legendKey = "";
      this.written = "";
      this.now = this.before = B.answer(model, now);
      this.contrast = B.contrast(model, this.before, this.now);
      this.standing = edits.standings(model, now);
      this.compute();
      /** @type {ExplorerMap} */
      this.map = new B.ExplorerMap(this, map);
      this.numbers = new charts.Numbers(this, find("numbers"), find("beyond"));
      this.curve = new charts.Curve(this, find("curve"));
      this.bars = new charts.Bars(this, find("bars"));
      /** The levers, each with where its sum is told. @type {[Lever, string][]} */
      this.levers = [
        [new controls.Presets(this, find("presets"), find("explanation")), ""],
        [new B.Borders(this, find("borders")), "together-state"],
        [new controls.StationList(this, find("stations")), "bases-state"],
        [new controls.CandidateList(this, find("candidates")), "sites-state"],
        [new controls.Sliders(this, find("sliders")), "yardstick-state"],
      ];
      this.offerBaselines();
      this.wire();
      for (const id of ["levers", "results", "compare", "history", "bar", "legend"]) find(id).hidden = false;
      this.refresh("");
    }

    /** @returns {any} the state as it stands */
    get state() { return this.history[this.step]; }

    /** Row of the chosen measure. */
    get m() { return this.model.data.meta.measures.findIndex((m) => m.name === this.state.measure); }

    get measure() { return this.model.data.meta.measures[this.m]; }

    targetLabel() {
      const [urban, rural] = [this.state.urban_s / 60, this.state.rural_s / 60];
      return urban === rural ? `${urban} minutes` : `${urban} minutes in towns, ${rural} in the country`;
    }

    baselineLabel() {
      if (this.against === PINNED) return "Pinned baseline";
      return this.model.data.meta.presets.find((p) => p.name === this.against)?.label || "";
    }

    /**
     * The state and the baseline of the page's link.
     * @returns {{now: State, pinned: State|null, against: string}}
     */
    fromLink() {
      const [first, second] = root.location.hash.slice(1).replace(/%21/g, APART).split(APART);
      const now = B.states.fromFragment(this.model, first || "");
      if (!second) return { now, pinned: null, against: this.basis };
      if (!second.startsWith(NAMED)) return { now, pinned: B.states.fromFragment(this.model, second), against: PINNED };
      const known = this.model.data.meta.presets.find((p) => NAMED + encodeURIComponent(p.name) === second);
      return { now, pinned: null, against: known ? known.name : this.basis };
    }

    /**
     * Take a new state. Changes with the same key that follow each other, as while a slider is drawn, are one step back.
     * @param {State} state @param {string} said what was done, for those who cannot see it @param {string} [key]
     */
    change(state, said, key = "") {
      if (B.states.equal(state, this.state)) return;
      const merged = key !== "" && key === this.key;
      this.history.length = this.step + (merged ? 0 : 1);
      this.history.push(state);
      if (this.history.length > LONGEST_HISTORY) this.history.shift();
      this.step = this.history.length - 1;
      this.key = key;
      this.refresh(said);
    }

    /** A slider was let go: the next change is a step of its own. */
    settle() { this.key = ""; }

    /** @param {number} step @param {string} said */
    go(step, said) {
      if (step < 0 || step >= this.history.length) return;
      this.step = step;
      this.key = "";
      this.refresh(said);
    }

    /** Work out the answers; the baseline only when it, or what it is judged by, has changed. */
    compute() {
      const { model, state } = this;
      this.now = B.answer(model, state);
      this.standing = edits.standings(model, state);
      const other = this.against === PINNED && this.pinned ? this.pinned : B.states.preset(model, this.against);
      const baseline = edits.judgedBy(other, state);
      if (!B.states.equal(baseline, this.before.state)) {
        this.before = B.states.equal(baseline, state) ? this.now : B.answer(model, baseline);
      }
      this.contrast = B.contrast(model, this.before, this.now);
    }

    /** Everything that follows from the state. @param {string} said */
    refresh(said) {
      const begun = performance.now();
      this.compute();
      for (const [part, id] of this.levers) {
        const text = part.update();
        if (id) find(id).textContent = text;
      }
      this.numbers.update();
      const sentence = this.headline();
      find("headline").textContent = sentence;
      find("brief").textContent = this.brief();
      if (said) find("told").textContent = `${said} ${sentence}`;
      this.map.update();
      this.fillResults();
      find("undo").disabled = this.step === 0;
      find("redo").disabled = this.step === this.history.length - 1;
      find("reset").disabled = B.states.equal(this.state, B.states.initial(this.model));
      this.fillLegend();
      this.lastUpdateMs = performance.now() - begun;
      clearTimeout(this.linkTimer);
      this.linkTimer = setTimeout(() => this.writeLink(), 250);
    }

    /** One honest sentence about the alliance. */
    headline() {
      const n = charts.figures(this, this.alliance);
      const [measure, target] = [this.measure, this.targetLabel()];
      if (B.states.equal(this.state, this.before.state)) {
        return `${words.percent(n.after, n.total)} of ${words.count(n.total, measure)} ${measure.unit} in the alliance are within ${target}. Switch something below to see what it brings.`;
      }
      return words.headline(n, measure, target, this.baselineLabel(), "now").trim();
    }

    /** The same in a few characters, for a telephone where the sentence scrolls away. */
    brief() {
      const n = charts.figures(this, this.alliance);
      return `${words.percent(n.after, n.total)} reached, ${words.signed(n.after - n.before, this.measure)} ${this.measure.unit}`;
    }

    /** The results that are in sight; the others when they are opened. */
    fillResults() {
      const open = (/** @type {HTMLElement} */ node) => Boolean(node.closest("details")?.open);
      find("switched").replaceChildren(...this.switched().map((line) => element("li", {}, name(line))));
      if (open(find("curve"))) this.curve.update();
      const { median, p90 } = this.typical();
      find("typical").textContent = `Half of the alliance's ${this.measure.unit} are reached within ${words.change(median[0], median[1])}, nine in ten within ${words.change(p90[0], p90[1])}.`;
      if (open(find("bars"))) this.bars.update();
      if (open(find("full"))) find("full").replaceChildren(charts.fullTable(this));
      if (open(find("gained"))) {
        const { places } = this.contrast;
        charts.fillPlaces(find("gained"), places.filter((p) => p.gained > 0).sort((a, b) => b.gained - a.gained), this, "gained");
        charts.fillPlaces(find("lost"), places.filter((p) => p.lost > 0).sort((a, b) => b.lost - a.lost), this, "lost");
      }
      if (open(find("aid"))) find("aid").replaceChildren(charts.aidTable(this));
    }

    typical() {
      const [before, now] = [this.before, this.now].map((answer) => {
        const known = this.typicals.get(answer) || B.typical(this.model, answer, this.alliance);
        this.typicals.set(answer, known);
        return known;
      });
      return { median: [before.median, now.median], p90: [before.p90, now.p90] };
    }

    /** What differs from separate forces, in sentences. @returns {string[]} */
    switched() {
      const lines = B.states.describe(this.model, this.state);
      return lines.length ? lines : ["Nothing: each force answers its own calls from its own stations."];
    }

    fillLegend() {
      const key = [this.map.mode, this.map.sites, this.against, this.state.urban_s, this.state.rural_s, this.map.mode === "who" ? this.step : ""].join("|");
      if (key === this.legendKey) return;
      this.legendKey = key;
      find("legend-body").replaceChildren(...B.popups.legend(this));
    }

    offerBaselines() {
      find("baseline").append(...this.model.data.meta.presets.map((p) => element("option", { value: `preset ${p.name}` }, p.label)),
        element("option", { value: "pinned", id: "pinned-option" }, "What was pinned"));
      this.nameBaseline();
    }

    /** Show what is compared with; what was pinned can be chosen once there is such a thing. */
    nameBaseline() {
      find("baseline").value = this.against === PINNED ? "pinned" : `preset ${this.against}`;
      find("pinned-option").hidden = find("pinned-option").disabled = !this.pinned;
    }

    wire() {
      const click = (/** @type {string} */ id, /** @type {() => void} */ act) => find(id).addEventListener("click", act);
      click("undo", () => this.go(this.step - 1, "Undone."));
      click("redo", () => this.go(this.step + 1, "Done again."));
      click("reset", () => this.change(B.states.initial(this.model), "Everything is as in the study."));
      click("pin", () => this.pin());
      click("copy", () => this.copyLink());
      click("save-csv", () => save("what-if.csv", "text/csv", B.states.toCsv(this.model, this.now, this.before)));
      click("save-toml", () => save("what-if.toml", "application/toml", B.states.toToml(this.model, this.state)));
      click("print", () => root.print());
      find("baseline").addEventListener("change", () => {
        const { value } = find("baseline");
        this.against = value === "pinned" ? PINNED : value.slice("preset ".length);
        this.refresh(`Compared with ${this.baselineLabel()}.`);
      });
      document.addEventListener("keydown", (e) => this.shortcut(e));
      for (const radio of document.querySelectorAll("input[name=mode]")) {
        radio.addEventListener("change", () => { this.map.show(/** @type {MapMode} */ (/** @type {HTMLInputElement} */ (radio).value)); this.fillLegend(); });
      }
      find("sites").addEventListener("toggle", () => { this.map.sites = find("sites").open; this.map.repaint(); this.fillLegend(); });
      for (const section of find("results").querySelectorAll("details")) section.addEventListener("toggle", () => section.open && this.fillResults());
      find("levers").addEventListener("submit", (/** @type {Event} */ e) => e.preventDefault());
      this.wireFinder();
      root.addEventListener("hashchange", () => this.readLink());
      root.addEventListener("beforeprint", () => find("sheet-for-print").replaceChildren(...B.paper(this)));
      root.addEventListener("afterprint", () => find("sheet-for-print").replaceChildren());
      const wide = matchMedia("(min-width: 1750px)");
      const place = () => (wide.matches ? find("wide").append(find("results")) : find("levers").after(find("results")));
      wide.addEventListener("change", place);
      place();
    }

    /** Ctrl+Z and Ctrl+Shift+Z, but not while somebody types: there they belong to the field. @param {KeyboardEvent} event */
    shortcut(event) {
      const typing = event.target instanceof HTMLInputElement && !["checkbox", "radio", "range"].includes(event.target.type);
      if (!(event.ctrlKey || event.metaKey) || typing) return;
      const letter = event.key.toLowerCase();
      if (letter === "z" && !event.shiftKey) this.go(this.step - 1, "Undone.");
      else if (letter === "y" || (letter === "z" && event.shiftKey)) this.go(this.step + 1, "Done again.");
      else return;
      event.preventDefault();
    }

    /** Find a place by name: fly there and say what holds. */
    wireFinder() {
      const { places } = this.map.atlas;
      const named = new Map();
      places.name.forEach((label, i) => { if (!named.has(label.toLowerCase())) named.set(label.toLowerCase(), i); });
      find("place-names").append(...[...new Set(places.name)].map((label) => element("option", { value: label })));
      const go = () => {
        const i = named.get(find("find").value.trim().toLowerCase());
        if (i !== undefined) this.map.fly(B.degrees(places.xy[2 * i], places.xy[2 * i + 1]));
      };
      find("find").addEventListener("change", go);
      find("finder").addEventListener("submit", (/** @type {Event} */ e) => { e.preventDefault(); go(); });
    }

    pin() {
      this.pinned = this.state;
      this.against = PINNED;
      this.nameBaseline();
      this.refresh("Pinned: what you switch from here is compared with this.");
    }

    /** The page's address with everything that was chosen in it. */
    link() {
      const { states } = B;
      const now = states.equal(this.state, states.initial(this.model)) ? "" : states.toFragment(this.model, this.state);
      let baseline = "";
      if (this.against === PINNED && this.pinned) baseline = APART + (states.toFragment(this.model, this.pinned) || AS_IS);
      else if (this.against !== this.basis) baseline = APART + NAMED + encodeURIComponent(this.against);
      return `${root.location.href.split("#")[0]}${now || baseline ? "#" : ""}${now}${baseline}`;
    }

    /** Browsers refuse, or slow down, pages that change their address too often: not more than a few times a second. */
    writeLink() {
      this.written = this.link();
      root.history.replaceState(null, "", this.written);
    }

    /** Somebody put another link into this window. */
    readLink() {
      if (root.location.href === this.written) return;
      const { now, pinned, against } = this.fromLink();
      this.pinned = pinned || this.pinned;
      this.against = against;
      this.nameBaseline();
      if (B.states.equal(now, this.state)) this.refresh("As in the link.");
      else this.change(now, "As in the link.");
    }

    async copyLink() {
      clearTimeout(this.linkTimer);
      this.writeLink();
      try {
        await root.navigator.clipboard.writeText(this.link());
        find("told").textContent = "The link is copied: it holds everything you have chosen. It opens where this file is.";
      } catch {
        find("share").open = true;
        find("link-row").hidden = false;
        find("link").value = this.link();
        find("link").select();
        find("told").textContent = "This browser does not let the page copy. The link is selected: press Ctrl+C.";
      }
    }
  }

  /** Hand a file to the reader, as a download. @param {string} file @param {string} type @param {string} text */
  function save(file, type, text) {
    const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
    const link = element("a", { href: url, download: file });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }

  document.addEventListener("DOMContentLoaded", async () => {
    try {
      const model = await B.loadModel("explorer", "explorer-times");
      root.explorerPage = new ExplorerPage(model, root.map_main);
      document.documentElement.dataset.ready = "yes";
    } catch (error) {
      find("headline").textContent = `The map could not be drawn: ${error instanceof Error ? error.message : error}`;
      throw error;
    }
  });
})(window);
