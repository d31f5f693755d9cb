/** JavaScript's answers as Python gives them (what_if_cases.answer_of), and arrays as the page unpacks them. */
globalThis.asPython = (model, found) => {
  const { F, M, groups } = model;
  const table = (sums) => Object.fromEntries(groups.map((g, i) => [g.name, [...sums.slice(i * M, i * M + M)]]));
  return {
    clock: [...found.clock],
    station: [...found.station],
    responder: [...found.responder],
    within: [...found.within],
    total: table(found.total),
    covered: table(found.covered),
    expected: table(found.expected),
    aid: Array.from({ length: F * F }, (_, i) => [...found.aid.slice(i * M, i * M + M)]),
  };
};

globalThis.typed = (arrays) => Object.fromEntries(Object.entries(arrays).map(([name, values]) => {
  if (name.startsWith("row_")) return [name, Uint32Array.from(values)];
  return [name, name === "force" || name === "urban" ? Uint8Array.from(values) : Float64Array.from(values)];
}));
