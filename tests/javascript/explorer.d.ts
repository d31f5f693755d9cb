/** Types of explorer.html: what explorer.py packs for it, and what its scripts give each other. */

declare global {
  type BorderRule = "closed" | "on_exhaustion" | "if_faster" | "closest";
  interface Rule {
    rule: BorderRule;
    /** Seconds that must be gained, for if_faster. */
    gain_s: number;
    /** Hand-over across this border, seconds. */
    delay_s: number;
  }
  /** What is chosen; see state_of in maps/explorer.py. */
  interface State {
    /** Station id → own units that start there, where not the study's. */
    units: Record<string, number>;
    /** Station id, row of another force, units of it that start there. */
    guests: [string, number, number][];
    /** Ids of stations where nobody starts. */
    closed: string[];
    /** "responder>place" by rows of the forces. */
    borders: Record<string, Rule>;
    /** Units stand where the study's optimum puts them when stations are shared. */
    sharing: boolean;
    /** One control room for the partners. */
    room: boolean;
    urban_s: number;
    rural_s: number;
    /** Percent of the time that a unit is busy. */
    busy: number;
    measure: string;
  }
  interface Grid { origin: Point; scale: number; lon: number[]; lat: number[] }
  interface ExplorerStations {
    id: string[];
    name: string[];
    force: number[];
    role: string[];
    units: number[];
    capacity: number[];
    at: number[];
    /** 1 for a candidate site. */
    candidate: number[];
    /** Station, force, units where stations are shared. */
    shared: [number, number, number][];
    unitsIn: Record<string, number[]>;
    guests: Record<string, [number, number, number][]>;
  }
  interface Site { id: string; name: string; force: string; x: number; y: number }
  interface Preset { name: string; label: string; explanation: string; state: State }
  interface ExplorerMeta {
    study: string;
    /** Name of the study's file, or "embedded". */
    file: string;
    forces: Force[];
    measures: Measure[];
    targets: Target[];
    clock: "response" | "travel";
    fixed_s: number;
    delay_s: number;
    presets: Preset[];
    /** The whole [response] table where the study's file alone does not say it. */
    response: Record<string, number | string>;
    /** Forces that joined the alliance on the command line. */
    joined: string[];
    /** Sites that the study's file does not know: the page proposes them, or another file added them. */
    sites: Site[];
    grid: Grid;
    notes: string[];
    attribution: string[];
  }
  interface ExplorerData extends AtlasData {
    meta: ExplorerMeta;
    stations: ExplorerStations;
    cells: CellData;
    names: string[];
    isochrones: Record<string, never>;
  }

  /** Rows of the table of coverage. */
  interface Group { name: string; kind: "partner" | "outside" | "none" | "alliance" | "all" }
  /** What the page knows, unpacked once. */
  interface Model {
    data: ExplorerData;
    /** Demand points, stations (candidate sites among them), forces, measures. */
    P: number;
    S: number;
    F: number;
    M: number;
    /** Milliseconds from station s to point p at p * S + s; -1 out of reach. */
    travel: Int32Array;
    /** Row of the force whose area a point lies in; 255 none. */
    force: Uint8Array;
    urban: Uint8Array;
    /** Whole units of each measure. */
    weights: Float64Array[];
    /** Square that draws a point; -1 none. */
    cell: Int32Array;
    /** Row of a point's place in data.names; -1 none. */
    place: Int32Array;
    /** Easting and northing, metres. */
    x: Int32Array;
    y: Int32Array;
    /** Station id → row. */
    row: Map<string, number>;
    groups: Group[];
  }
  /** A station and force that may answer in one force's area. */
  interface Way {
    station: number;
    responder: number;
    own: boolean;
    units: number;
    /** Milliseconds added to the drive. */
    add: number;
    /** Milliseconds that must be gained. */
    gain: number;
    /** Only when every own unit is busy. */
    aid: boolean;
  }
  interface Answer {
    state: State;
    /** Judged milliseconds of the first unit, its station and force; -1 none. */
    clock: Int32Array;
    station: Int16Array;
    responder: Int8Array;
    /** 1 where the clock is within the target. */
    within: Uint8Array;
    /** Chance that a free unit is within the target. */
    chance: Float64Array;
    /** By group and measure. */
    total: Float64Array;
    covered: Float64Array;
    expected: Float64Array;
    /** By responder, force of the place and measure: answered across. */
    aid: Float64Array;
  }
  interface ChangedPlace {
    place: string;
    force: string;
    gained: number;
    lost: number;
    at: Point;
    beforeMin: number | null;
    afterMin: number | null;
  }
  interface Contrast {
    /** By group and measure. */
    gained: Float64Array;
    lost: Float64Array;
    /** KINDS at each point. */
    changed: Uint8Array;
    places: ChangedPlace[];
  }
  interface Run { station: number; responder: number; clock: number }
  interface States {
    initial(model: Model): State;
    preset(model: Model, name: string, now?: State): State;
    equal(a: unknown, b: unknown): boolean;
    toFragment(model: Model, state: State): string;
    fromFragment(model: Model, text: string): State;
    toToml(model: Model, state: State): string;
    toCsv(model: Model, answer: Answer, baseline: Answer | null): string;
    describe(model: Model, state: State): string[];
    RULES: BorderRule[];
  }

  interface BorderlessParts {
    unpackArrays(id: string): Promise<Record<string, any>>;
    loadModel(dataId: string, arraysId: string): Promise<Model>;
    makeModel(data: ExplorerData, arrays: Record<string, any>): Model;
    decodeTimes(coded: { row_point: Uint32Array; row_parent: Uint32Array; row_step: Uint32Array }): Int32Array;
    answer(model: Model, state: State): Answer;
    basing(model: Model, state: State): Int32Array;
    waysTo(model: Model, state: State, units: Int32Array, place: number): Way[];
    contrast(model: Model, before: Answer, after: Answer): Contrast;
    measureRow(model: Model, state: State): number;
    cellSeconds(model: Model, found: Answer): Int32Array;
    cellStation(model: Model, found: Answer, points?: Int32Array): Int16Array;
    heaviest(model: Model): Int32Array;
    runList(model: Model, state: State, p: number, count?: number): Run[];
    typical(model: Model, found: Answer, group: number): { median: number | null; p90: number | null };
    reachedWithin(model: Model, found: Answer, group: number, most?: number): Float64Array;
    KINDS: { SAME: 0; NEARER: 1; GAINED: 2; SLOWER: 3; LOST: 4 };
    states: States;
  }
}

export {};
