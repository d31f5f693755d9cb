/** Types that the pages' scripts share; what a script adds to window.Borderless must satisfy BorderlessParts. */
import * as L from "leaflet";

declare global {
  /** What is being painted: a canvas, and where on the world it lies. */
  interface View {
    ctx: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;
    /** In CSS pixels. */
    width: number;
    height: number;
    /** Web Mercator zoom level, may be fractional. */
    zoom: number;
    /** Pixels per world unit: 2 ** zoom. */
    k: number;
    /** World pixels at the left and top edge. */
    left: number;
    top: number;
    /** Canvas pixels per CSS pixel. */
    sharp: number;
    /** How much larger than usual letters and symbols are, for wall screens and readers who ask for it; 1 if missing. */
    text?: number;
  }
  type Context = View["ctx"];
  /** Left, top, right, bottom; or west, north, east, south in world coordinates (256 units round the globe). */
  type Box = [number, number, number, number];
  type Point = [number, number];

  interface Line {
    /** World coordinates, x and y in turn. */
    xy: Float64Array;
    box: Box;
  }

  /** How an area is filled: a colour, and a mark ("plus", "minus", "dots", "hatch" or none) in an ink. */
  interface AreaLook { fill: string; mark: string; ink: string }
  interface RingLook { line: string; width: number; dash: number[] }
  interface Band { upTo: number; fill: string; label: string }
  type ChangeKind = "gained" | "lost" | "nearer" | "slower" | "outside" | "same";

  interface Force { name: string; alliance: boolean }
  interface Measure { name: string; label: string; unit: string; per: number }
  /** Limits in seconds. */
  interface Target { name: string; label: string; urban: number; rural: number }

  interface Road { class: string; ref: string; lines: Line[] }
  interface Area { force: number; name: string; alliance: boolean; rings: Line[]; label: Float64Array }
  /** What layers.places made, with `xy` in world coordinates. */
  interface Places { name: string[]; kind: number[]; people: number[]; at: number[]; xy: Float64Array }
  /** What layers.stations made, with `xy` in world coordinates. */
  interface Stations {
    id: string[];
    name: string[];
    force: number[];
    role: string[];
    units: number[];
    capacity: number[];
    at: number[];
    unitsIn: Record<string, number[]>;
    guests: Record<string, [number, number, number][]>;
    xy: Float64Array;
  }
  /** What layers.py packs for the quiet parts of every map. */
  interface AtlasData {
    bounds: [number, number, number, number];
    roads: { class: string; ref: string; lines: number[][] }[];
    areas: { force: number; name: string; alliance: boolean; rings: number[][]; label: number[] }[];
    places: Omit<Places, "xy">;
    stations: Omit<Stations, "xy">;
  }

  /** Lines, areas, places and stations, unpacked once; see atlas.js. */
  interface Atlas {
    roads: Road[];
    areas: Area[];
    places: Places;
    stations: Stations;
    bounds: number[];
    paintLand(view: View): void;
    paintRoads(view: View): void;
    paintVeil(view: View): void;
    paintBorders(view: View): void;
    land(view: View): Path2D;
  }
  interface AtlasConstructor {
    new (data: AtlasData): Atlas;
    at(view: View, xy: ArrayLike<number>, i: number): Point;
  }

  interface SheetOptions extends L.RendererOptions { hidden?: boolean; paint: (view: View) => unknown }
  interface Sheet extends L.Renderer {
    _ctx?: CanvasRenderingContext2D;
    repaint(): void;
    view(): View;
    hide(hidden: boolean): void;
  }
  interface Swipe {
    share: number;
    on: boolean;
    handle: HTMLElement;
    moveTo(share: number): void;
    name(before: string, after: string): void;
    toggle(on: boolean): void;
  }

  interface Headline { before: number; after: number; total: number; gained: number; lost: number }
  interface Words {
    count(value: number, measure: Measure): string;
    signed(value: number, measure: Measure): string;
    percent(part: number, total: number): string;
    clock(seconds: number): string;
    span(seconds: number): string;
    minutes(value: number | null): string;
    change(before: number | null, after: number | null): string;
    headline(n: Headline, measure: Measure, target: string, before: string, after: string): string;
    whole: Intl.NumberFormat;
  }

  interface Palette {
    colour(name: string): string;
    veiled(name: string, alpha: number): string;
    BANDS: Band[];
    CHANGES: Record<ChangeKind, AreaLook & { label: string }>;
    FORCES: string[];
    bandOf(minutes: number): Band;
    ringOf(minutes: number): RingLook;
  }

  interface BorderlessParts {
    unpack(id: string): Promise<any>;
    element<K extends keyof HTMLElementTagNameMap>(
      tag: K,
      attributes?: Record<string, string | number | boolean | null>,
      ...children: (Node | string | number)[]
    ): HTMLElementTagNameMap[K];
    find<T extends HTMLElement = HTMLElement>(id: string, kind?: new () => T): T;

    palette: Palette;

    Atlas: AtlasConstructor;
    world(lon: number, lat: number): Point;
    degrees(x: number, y: number): Point;
    decode(flat: number[]): Line;
    points(flat: number[]): Float64Array;
    visible(view: View, box: Box, margin?: number): boolean;
    trace(view: View, path: Path2D, line: Line, close: boolean): void;
    pathOf(view: View, lines: Line[], close: boolean): Path2D;
    ramp(zoom: number, low: Point, high: Point): number;

    paintLettering(view: View, atlas: Atlas, obstacles: Box[]): void;
    halo(ctx: Context, string: string, x: number, y: number, ink: string, width: number): void;
    plain(string: string): string;
    FAMILY: string;

    pattern(ctx: Context, mark: string, ink: string): CanvasPattern;
    paintMove(ctx: Context, x: number, y: number, r: number, kind: "gained" | "lost"): void;
    paintStation(ctx: Context, x: number, y: number, r: number, role: string, units: number, ink: string): void;
    swatch(paint: (ctx: CanvasRenderingContext2D, width: number, height: number) => void, width?: number, height?: number): HTMLCanvasElement;
    areaSwatch(look: AreaLook): HTMLCanvasElement;
    ringSwatch(look: RingLook): HTMLCanvasElement;
    stationSwatch(role: string, units: number, ink: string): HTMLCanvasElement;

    readFragment(): URLSearchParams;
    writeFragment(choices: Record<string, string>): void;

    Sheet: new (options: SheetOptions) => Sheet;
    Swipe: new (map: L.Map, panes: { before: string[]; after: string[] }) => Swipe;

    words: Words;
  }

  interface Window {
    Borderless: BorderlessParts;
    map_main: L.Map;
  }
}

declare module "leaflet" {
  // Leaflet's own inner workings, as far as sheet.js builds on them.
  interface Renderer {
    _map: L.Map & { _animatingZoom?: boolean };
    _bounds: L.Bounds & { min: L.Point };
    _container: HTMLCanvasElement;
    _update(): void;
  }
}
