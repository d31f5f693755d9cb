/** Types of comparison.html: what comparison.py packs for it, and its own scripts. */
import * as L from "leaflet";

declare global {
  /** What layers.cells made: one entry a square. */
  interface CellData {
    east: number[];
    north: number[];
    force: number[];
    part: number[];
    parts: number[];
    people: number[];
    urban: number[];
    place: number[];
    placeNames: string[];
    seconds: Record<string, ArrayLike<number>>;
    station: Record<string, ArrayLike<number>>;
    responder: Record<string, ArrayLike<number>>;
    grid: { origin: Point; scale: number; lon: number[]; lat: number[] };
  }
  interface Cells extends CellData {
    /** World coordinates of the four corners of each square. */
    corners: Float64Array;
    toGrid: (x: number, y: number) => Point;
    count: number;
  }
  interface ScenarioInfo { name: string; label: string; explanation: string; handover: number }
  interface ListedPlace {
    place: string;
    force: string;
    people: number;
    before: number | null;
    after: number | null;
    at: Point;
  }
  interface PlaceLists { gained: ListedPlace[]; lost: ListedPlace[] }
  /** force → measure → target → [covered before, covered, total, gained, lost] */
  type Rows = Record<string, Record<string, Record<string, [number, number, number, number, number]>>>;
  interface Pair { rows: Rows; places: Record<string, PlaceLists>; changing: number }
  interface PairData extends Pair { before: string; after: string; changingBack: number }
  interface ComparisonData extends AtlasData {
    meta: {
      study: string;
      forces: Force[];
      scenarios: ScenarioInfo[];
      targets: Target[];
      measures: Measure[];
      typical: Record<string, Record<string, [number | null, number | null]>>;
      clock: string;
      notes: string[];
      settings: { label: string; value: string }[];
      attribution: string[];
    };
    cells: CellData;
    isochrones: Record<string, { minutes: number; rings: number[][] }[]>;
    aid: Record<string, [string, string, number][]>;
    pairs: PairData[];
    /** scenario → measure → how much of the alliance is inside each ring, the nearest first. */
    inside: Record<string, Record<string, number[]>>;
  }
  interface ComparisonState {
    before: ScenarioInfo;
    after: ScenarioInfo;
    target: Target;
    measure: Measure;
    counted: Measure;
    mode: string;
    colour: string;
    rings: Set<number>;
    clock: string;
  }

  /** What a theme needs of a page's data. */
  interface ThemeData {
    meta: { forces: Force[]; targets: Target[] };
    cells: CellData;
    isochrones: ComparisonData["isochrones"];
  }
  /** Squares, rings and stations, unpacked once; see theme.js. */
  interface Theme {
    atlas: Atlas;
    forces: Force[];
    minutes: number[];
    cells: Cells;
    rings: Record<string, { minutes: number; lines: Line[] }[]>;
    forceName(force: number): string;
    limit(target: string, cell: number): number;
    change(cell: number, before: string, after: string, target: string): ChangeKind;
    paintTimes(view: View, scenario: string, target: string): void;
    paintChange(view: View, before: string, after: string, target: string): void;
    paintMoves(view: View, lists: Record<"gained" | "lost", { at: number[]; people: number }[]>): void;
    paintSquares(view: View, classOf: (cell: number) => string, looks: Record<string, Partial<AreaLook>>): void;
    paintZones(view: View, scenario: string): void;
    paintRings(view: View, scenario: string, minutes: Set<number>): void;
    units(scenario: string, i: number): number;
    inkOf(force: number): string;
    stationBoxes(view: View): Box[];
    paintStations(view: View, scenario: string): void;
    stationAt(view: View, px: number, py: number): number;
    cellAt(x: number, y: number): number;
  }
  interface TableRow { label: string; kind: string; n: Headline }
  interface Panel {
    fillNumbers(table: HTMLTableElement, rows: TableRow[], state: ComparisonState): void;
    fillPlaces(list: HTMLElement, places: ListedPlace[], state: ComparisonState, fly: (place: ListedPlace) => void): void;
    fillAid(paragraph: HTMLElement, list: HTMLElement, changing: number, aid: [string, string, number][], state: ComparisonState): void;
    makeRings(table: HTMLTableElement, minutes: number[], toggle: (minutes: number, on: boolean) => void): void;
    fillRings(table: HTMLTableElement, inside: [number[], number[]], total: number, state: ComparisonState): void;
    fillStations(list: HTMLElement, theme: Theme, state: ComparisonState, fly: (i: number) => void): void;
    cellPopup(theme: Theme, cell: number, scenarios: ScenarioInfo[], state: ComparisonState): HTMLElement;
    stationPopup(theme: Theme, i: number, state: ComparisonState): HTMLElement;
    unitsText(theme: Theme, state: ComparisonState, i: number): string;
  }

  /** What paper.js asks of the page. */
  interface ComparisonView {
    state: ComparisonState;
    data: ComparisonData;
    atlas: Atlas;
    theme: Theme;
    paintAll(view: View, scenario: string): void;
    alliance(): Headline;
    typical(): string;
  }

  interface BorderlessParts {
    Theme: new (data: ThemeData, atlas: Atlas) => Theme;
    name(value: string): HTMLElement;
    roleName(role: string): string;
    legend(theme: Theme, state: ComparisonState): HTMLElement[];
    pairOf(pairs: PairData[], before: string, after: string): Pair;
    wireFinder(places: Places, go: (at: Point) => void): void;
    sheetOfPaper(page: ComparisonView): HTMLElement[];
    panel: Panel;
  }
  interface Window { comparisonPage: unknown }
}
