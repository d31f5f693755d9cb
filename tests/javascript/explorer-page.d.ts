/** Types of the what-if page's interface: what its parts ask of the page, and of each other. */

declare global {
  /** Whose units start at a station; of a closed one, who would if it were open. */
  interface Standing {
    own: number;
    /** Force, units. */
    guests: Point[];
    closed: boolean;
  }
  interface Edits {
    standings(model: Model, state: State): Standing[];
    touched(model: Model, state: State, s: number): boolean;
    withUnits(model: Model, state: State, s: number, n: number): State;
    withOpen(model: Model, state: State, s: number, open: boolean): State;
    withRole(model: Model, state: State, s: number, response: boolean): State;
    withBorder(state: State, pair: string, change: Partial<Rule>): State;
    withAllBorders(model: Model, state: State, change: Partial<Rule>): State;
    withPreset(state: State, preset: State): State;
    judgedBy(other: State, state: State): State;
    MOST_UNITS: number;
  }

  /** A part of the page that is brought up to date after every change; what it returns sums it up. */
  interface Lever { update(): string }
  /** What the parts of the page ask of it. */
  interface ExplorerView {
    model: Model;
    state: State;
    now: Answer;
    before: Answer;
    contrast: Contrast;
    standing: Standing[];
    /** Heaviest point of each square. */
    heaviest: Int32Array;
    measure: Measure;
    /** Row of the measure, and of the alliance among the groups. */
    m: number;
    alliance: number;
    map: ExplorerMap;
    /** Takes a new state; `said` tells what was done; changes with the same key that follow each other are one step. */
    change(state: State, said: string, key?: string): void;
    settle(): void;
    targetLabel(): string;
    baselineLabel(): string;
    switched(): string[];
  }

  /** A rule in a cell of the matrix, and in full. */
  interface RuleWords { name: BorderRule; short: string; long: string }
  /** Squares of forces outside the alliance are paler. */
  type Side = "alliance" | "outside";
  type MapMode = "times" | "change" | "who";
  type Looks = Record<string, Partial<AreaLook>>;
  /** Which pixels of the sheet each square covers, and what they look like; see explorer-squares.js. */
  interface Pixels {
    /** What it was worked out for. */
    key: string;
    /** In canvas pixels, as is the side of a tile. */
    width: number;
    side: number;
    /** First pixel, end, square; and so on. */
    runs: Int32Array;
    /** 1 for squares with any pixel. */
    seen: Uint8Array;
    pixels: ImageData;
    /** Number of the tile that each square is to have, and has; -1 none. */
    wanted: Int16Array;
    painted: Int16Array;
  }
  interface QuickTheme extends Theme {
    screen: CanvasRenderingContext2D | null;
    limits: { urban: number; rural: number };
  }
  interface ExplorerMap {
    atlas: Atlas;
    theme: QuickTheme;
    mode: MapMode;
    /** Whether candidate sites are shown. */
    sites: boolean;
    update(): void;
    repaint(): void;
    show(mode: MapMode): void;
    responderIn(cell: number): number;
    whoLooks(): Record<string, AreaLook>;
    fly(at: Point, zoom?: number): void;
    flyToStation(s: number): void;
    paintAll(view: View): void;
  }

  interface Controls {
    StationList: new (page: ExplorerView, host: HTMLElement) => Lever;
    CandidateList: new (page: ExplorerView, host: HTMLElement) => Lever;
    Presets: new (page: ExplorerView, host: HTMLElement, explanation: HTMLElement) => Lever;
    Sliders: new (page: ExplorerView, host: HTMLElement) => Lever;
    stationControls(page: ExplorerView, s: number, inList: boolean): { node: HTMLElement; update(): void };
    on<T extends EventTarget>(node: T, event: string, act: (event: Event) => void): T;
    button(label: Node | string, act: () => void, attributes?: Record<string, string>): HTMLButtonElement;
    plural(n: number, one: string): string;
  }
  interface Popups {
    stationSummary(page: ExplorerView, s: number): (Node | string)[];
    station(page: ExplorerView, s: number): { node: HTMLElement; update(): void };
    place(page: ExplorerView, cell: number): (Node | string)[];
    legend(page: ExplorerView): HTMLElement[];
  }
  /** The chosen measure's numbers of one group. */
  interface Figures extends Headline { expectedBefore: number; expected: number }
  interface Charts {
    Numbers: new (page: ExplorerView, table: HTMLTableElement, beyond: HTMLElement) => { update(): void };
    Bars: new (page: ExplorerView, host: HTMLElement) => { update(): void };
    Curve: new (page: ExplorerView, host: HTMLElement) => { update(): void };
    fullTable(page: ExplorerView): HTMLElement;
    fillPlaces(list: HTMLElement, places: ChangedPlace[], page: ExplorerView, side: "gained" | "lost"): void;
    aidTable(page: ExplorerView): HTMLElement;
    figures(page: ExplorerView, g: number): Figures;
  }

  interface BorderlessParts {
    edits: Edits;
    controls: Controls;
    Borders: new (page: ExplorerView, host: HTMLElement) => Lever;
    QuickTheme: new (data: ExplorerData, atlas: Atlas) => QuickTheme;
    ExplorerMap: new (page: ExplorerView, map: L.Map) => ExplorerMap;
    paintSite(ctx: Context, x: number, y: number, r: number, ink: string): void;
    paintRing(ctx: Context, x: number, y: number, r: number): void;
    paintCross(ctx: Context, x: number, y: number, r: number): void;
    popups: Popups;
    charts: Charts;
    paper(page: ExplorerView): HTMLElement[];
    paperMap(atlas: Atlas, width: number, height: number, paint: (view: View) => void): HTMLCanvasElement;
    copyOf(table: HTMLElement): HTMLElement;
  }
  interface Window { explorerPage: unknown }
}

export {};
