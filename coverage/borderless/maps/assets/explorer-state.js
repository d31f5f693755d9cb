/** What is chosen on the what-if page: made, changed in no place, put into a link, a study file and a table. */
(function (root) {
  "use strict";

  /** @type {BorderRule[]} */
  const RULES = ["closed", "on_exhaustion", "if_faster", "closest"];
  const DAY_S = 86_400;

  /** The study's baseline. @param {Model} model @returns {State} */
  function initial(model) { return model.data.meta.presets[0].state; }

  /**
   * A named scenario of the study; targets, busy fraction and measure stay as they are in `now`.
   * @param {Model} model @param {string} name @param {State} [now] @returns {State}
   */
  function preset(model, name, now = initial(model)) {
    const found = model.data.meta.presets.find((p) => p.name === name);
    if (!found) return now;
    const { urban_s, rural_s, busy, measure } = now;
    return { ...found.state, urban_s, rural_s, busy, measure };
  }

  /** The same thing whatever the order of its keys. @param {any} value @returns {any} */
  function canonical(value) {
    if (Array.isArray(value)) return value.map(canonical);
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.keys(value).sort().map((key) => [key, canonical(value[key])]));
  }

  /** Whether two states, or parts of them, ask the same. @param {unknown} a @param {unknown} b */
  function equal(a, b) { return JSON.stringify(canonical(a)) === JSON.stringify(canonical(b)); }

  /** A state as a short piece of a link: only what differs from the baseline. @param {Model} model @param {State} state */
  function toFragment(model, state) {
    const base = initial(model);
    /** @type {any} */
    const short = {};
    if (Object.keys(state.units).length) short.u = canonical(state.units);
    if (state.guests.length) short.g = state.guests;
    if (state.closed.length) short.c = [...state.closed].sort();
    const borders = Object.entries(state.borders).filter(([key, rule]) => !equal(rule, base.borders[key]));
    if (borders.length) short.b = Object.fromEntries(borders.map(([key, r]) => [key, [RULES.indexOf(r.rule), r.gain_s, r.delay_s]]));
    if (state.sharing !== base.sharing) short.s = Number(state.sharing);
    if (state.room !== base.room) short.r = Number(state.room);
    if (state.urban_s !== base.urban_s || state.rural_s !== base.rural_s) short.t = [state.urban_s, state.rural_s];
    if (state.busy !== base.busy) short.q = state.busy;
    if (state.measure !== base.measure) short.m = state.measure;
    if (!Object.keys(short).length) return "";
    const bytes = new TextEncoder().encode(JSON.stringify(short));
    return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  /**
   * The state in a piece of a link; what it does not know or cannot read is the baseline's.
   * @param {Model} model @param {string} text @returns {State}
   */
  function fromFragment(model, text) {
    const base = initial(model);
    /** @type {any} */
    let short;
    try {
      const plain = atob(text.replace(/^#/, "").replace(/-/g, "+").replace(/_/g, "/"));
      short = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(plain, (c) => c.charCodeAt(0))));
    } catch {
      return base;
    }
    if (short === null || typeof short !== "object" || Array.isArray(short)) return base;
    /** @param {any} value @param {number} low @param {number} high @param {number} other */
    const number = (value, low, high, other) => (typeof value === "number" && value >= low && value <= high ? value : other);
    /** @param {any} value @param {number} low @param {number} high @param {number} other */
    const whole = (value, low, high, other) => (Number.isInteger(value) ? number(value, low, high, other) : other);
    const known = (/** @type {unknown} */ id) => typeof id === "string" && model.row.has(id);
    const object = (/** @type {any} */ value) => (value !== null && typeof value === "object" && !Array.isArray(value) ? value : {});
    const borders = Object.fromEntries(Object.entries(base.borders).map(([key, rule]) => {
      const given = object(short.b)[key];
      if (!Array.isArray(given)) return [key, rule];
      return [key, {
        rule: RULES[given[0]] || rule.rule, gain_s: whole(given[1], 0, DAY_S, rule.gain_s), delay_s: number(given[2], 0, 3600, rule.delay_s),
      }];
    }));
    const [urban, rural] = Array.isArray(short.t) ? short.t : [];
    return {
      units: Object.fromEntries(Object.entries(object(short.u)).filter(([id, n]) => known(id) && whole(n, 0, 1000, -1) >= 0)),
      guests: (Array.isArray(short.g) ? short.g : []).filter((/** @type {any} */ guest) => Array.isArray(guest) && guest.length === 3 &&
        known(guest[0]) && whole(guest[1], 0, model.F - 1, -1) >= 0 && whole(guest[2], 0, 1000, -1) >= 0),
      closed: (Array.isArray(short.c) ? short.c : []).filter(known),
      borders,
      sharing: short.s === undefined ? base.sharing : Boolean(short.s),
      room: short.r === undefined ? base.room : Boolean(short.r),
      urban_s: number(urban, 6, 14_400, base.urban_s),
      rural_s: number(rural, 6, 14_400, base.rural_s),
      busy: number(short.q, 0, 95, base.busy),
      measure: model.data.meta.measures.some((m) => m.name === short.m) ? short.m : base.measure,
    };
  }

  /** Text as a TOML string. @param {string} text */
  function quoted(text) {
    const clean = String(text).replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd");
    return JSON.stringify(clean).replace(/\x7f/g, "\\u007f");
  }

  /** Text that may stand in a comment. @param {string} text */
  function comment(text) { return String(text).replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/gu, " "); }

  /**
   * Units at stations, spelt out: where sharing moves units, the study would place them anew for other targets.
   * @param {Model} model @param {State} state @param {(id: string) => boolean} used
   * @returns {{units: [string, number][], guests: [string, number, number][]}}
   */
  function placed(model, state, used) {
    const { stations } = model.data;
    const own = stations.units.map(() => 0);
    /** @type {[string, number, number][]} */
    const guests = [];
    if (state.sharing) {
      for (const [s, f, n] of stations.shared) {
        if (f === stations.force[s]) own[s] = n;
        else guests.push([stations.id[s], f, n]);
      }
    }
    const moved = state.sharing ? stations.id.flatMap((id, s) => (own[s] !== stations.units[s] ? [[id, own[s]]] : [])) : [];
    const units = { ...Object.fromEntries(moved), ...state.units };
    const named = (/** @type {string} */ id, /** @type {number} */ f) => state.guests.some((guest) => guest[0] === id && guest[1] === f);
    return { units: Object.entries(units).filter(([id]) => used(id)), guests: [...guests.filter(([id, f]) => !named(id, f)), ...state.guests].filter(([id]) => used(id)) };
  }

  /** The scenario as a file that `borderless run --with` adds to the study. @param {Model} model @param {State} state */
  function toToml(model, state) {
    const { meta, stations } = model.data;
    const base = initial(model);
    const taken = new Set(meta.presets.map((p) => p.name));
    let name = "what_if";
    for (let n = 2; taken.has(name); n++) name = `what_if_${n}`;
    const partners = meta.joined.length ? ` --partners ${comment(JSON.stringify(meta.joined.join(",")))}` : "";
    const lines = [
      `# A scenario of "${comment(meta.study)}", made on its what-if page.`,
      `# Run it with: borderless run what-if.toml${partners}${meta.file === "embedded" ? "" : "  (put this file beside the study)"}`,
      `study = ${quoted(meta.file)}`,
    ];
    const response = { ...meta.response };
    if (state.urban_s !== base.urban_s) response.target_urban_min = state.urban_s / 60;
    if (state.rural_s !== base.rural_s) response.target_rural_min = state.rural_s / 60;
    if (state.busy !== base.busy) response.busy_fraction = state.busy / 100;
    const settings = Object.entries(response).map(([key, value]) => `${key} = ${typeof value === "string" ? quoted(value) : value}`);
    if (settings.length) lines.push("", "[response]", ...settings);
    lines.push("", `[scenarios.${name}]`, 'label = "What if"', `explanation = ${quoted(describe(model, state).join(" "))}`,
      'borders = "closed"', 'stations = "own"', `control_room = "${state.room ? "shared" : "separate"}"`);
    const proposed = new Map(meta.sites.map((site) => [site.id, site]));
    const used = (/** @type {string} */ id) => !proposed.has(id) || (state.units[id] || 0) > 0 || state.guests.some((guest) => guest[0] === id && guest[2] > 0);
    const closed = state.closed.filter(used);
    if (closed.length) lines.push(`closed = [${closed.map(quoted).join(", ")}]`);
    const { units, guests } = placed(model, state, used);
    if (units.length) {
      lines.push("", `[scenarios.${name}.units]`);
      for (const [id, n] of units) lines.push(`${quoted(id)} = ${n}  # ${comment(stations.name[model.row.get(id) ?? -1])}`);
    }
    for (const [id, f, n] of guests) {
      lines.push("", `[[scenarios.${name}.guests]]`, `station = ${quoted(id)}`, `force = ${quoted(meta.forces[f].name)}`, `units = ${n}`);
    }
    for (const [key, rule] of Object.entries(state.borders)) {
      if (rule.rule === "closed") continue;
      const [responder, place] = key.split(">").map((f) => meta.forces[Number(f)].name);
      lines.push("", `[[scenarios.${name}.pairs]]`, `responder = ${quoted(responder)}`, `place = ${quoted(place)}`, `borders = "${rule.rule}"`);
      if (rule.rule === "if_faster") lines.push(`min_gain_s = ${rule.gain_s}`);
      if (rule.delay_s !== meta.delay_s) lines.push(`delay_s = ${Math.round(rule.delay_s)}`);
    }
    for (const [id, site] of proposed) {
      if (!used(id)) continue;
      lines.push("", "[[candidates]]", `id = ${quoted(id)}`, `name = ${quoted(site.name)}`, `force = ${quoted(site.force)}`, `x = ${site.x}`, `y = ${site.y}`);
    }
    return `${lines.join("\n")}\n`;
  }

  /** A cell of a CSV file; what a spreadsheet would take for a formula gets an apostrophe. @param {string|number} value */
  function cell(value) {
    if (typeof value === "number") return Number.isFinite(value) ? String(value) : "";
    let text = String(value).replace(/[\r\0]/g, " ");
    if (/^'*[=+\-@\t\r]/.test(text)) text = `'${text}`;
    return /[",\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
  }

  /**
   * Coverage as a table with the columns of coverage.csv; expected coverage where units are sometimes busy.
   * @param {Model} model @param {Answer} answer @param {Answer|null} baseline
   */
  function toCsv(model, answer, baseline) {
    const { meta } = model.data;
    /** @type {(string|number)[][]} */
    const rows = [["scenario", "force", "measure", "target", "covered", "total", "share", "expected"]];
    const add = (/** @type {string} */ name, /** @type {Answer} */ found) => {
      const minutes = (/** @type {number} */ s) => `${Math.round(s / 0.6) / 100}`;
      const target = `${minutes(found.state.urban_s)} min urban, ${minutes(found.state.rural_s)} min rural`;
      model.groups.forEach((group, g) => meta.measures.forEach((measure, m) => {
        const i = g * model.M + m;
        const [covered, total] = [found.covered[i], found.total[i]];
        rows.push([name, group.name, measure.name, target, covered / measure.per, total / measure.per,
          total ? covered / total : "", found.state.busy ? found.expected[i] / measure.per : ""]);
      }));
    };
    if (baseline) add("baseline", baseline);
    add("what_if", answer);
    return `${rows.map((row) => row.map(cell).join(",")).join("\n")}\n`;
  }

  /** @type {Record<BorderRule, string>} */
  const SAID = {
    closed: "stays out of", on_exhaustion: "helps only when all own units are busy in",
    if_faster: "answers if faster in", closest: "answers when closest in",
  };

  /** What differs from separate forces, in plain sentences; none where nothing does. @param {Model} model @param {State} state */
  function describe(model, state) {
    const { meta, stations } = model.data;
    const said = [];
    const row = (/** @type {string} */ id) => model.row.get(id) ?? -1;
    const nameOf = (/** @type {string} */ id) => stations.name[row(id)];
    const list = (/** @type {string[]} */ names) => names.join(", ");
    const partners = meta.forces.map((_, f) => f).filter((f) => meta.forces[f].alliance);
    const among = partners.flatMap((r) => partners.filter((p) => p !== r).map((p) => `${r}>${p}`));
    const open = Object.entries(state.borders).filter(([, rule]) => rule.rule !== "closed");
    const uniform = among.length > 0 && open.length === among.length && among.every((key) => equal(state.borders[key], state.borders[among[0]]));
    if (uniform && state.borders[among[0]].rule === "closest") said.push("The closest unit of any partner answers.");
    else {
      for (const [key, rule] of open) {
        const [r, p] = key.split(">").map((f) => meta.forces[Number(f)].name);
        const gain = rule.rule === "if_faster" ? ` (by at least ${rule.gain_s} s)` : "";
        const delay = rule.delay_s !== meta.delay_s ? `, hand-over ${rule.delay_s} s` : "";
        said.push(`${r} ${SAID[rule.rule]} ${p}${gain}${delay}.`);
      }
    }
    if (state.sharing) said.push("Units may start at partners' stations that have room.");
    if (state.room) said.push("One control room serves the partners: no hand-over between them.");
    const opened = Object.entries(state.units).filter(([id, n]) => stations.candidate[row(id)] && n > 0 && !state.closed.includes(id));
    if (opened.length) said.push(`New stations: ${list(opened.map(([id, n]) => `${nameOf(id)} (${n})`))}.`);
    const closed = state.closed.filter((id) => !stations.candidate[row(id)]);
    if (closed.length) said.push(`Closed: ${list(closed.map(nameOf))}.`);
    const moved = Object.entries(state.units).filter(([id, n]) => {
      const s = row(id);
      return !stations.candidate[s] && n !== stations.units[s] && !state.closed.includes(id);
    });
    if (moved.length) said.push(`Units changed: ${list(moved.map(([id, n]) => `${nameOf(id)} ${stations.units[row(id)]} → ${n}`))}.`);
    const guests = state.guests.filter(([id, , n]) => n > 0 && !state.closed.includes(id));
    if (guests.length) said.push(`Guests: ${list(guests.map(([id, f, n]) => `${nameOf(id)} (${n} of ${meta.forces[f].name})`))}.`);
    if (state.busy) said.push(`Units are busy ${state.busy} % of the time.`);
    return said;
  }

  root.Borderless = Object.assign(root.Borderless || {}, /** @satisfies {Partial<BorderlessParts>} */ ({
    states: { initial, preset, equal, toFragment, fromFragment, toToml, toCsv, describe, RULES },
  }));
})(window);
