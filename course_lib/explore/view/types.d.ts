// What Python sends to the view (explorer.py, controls.py, panels.py), and what the view's modules hand each other.

export type Limits = [low: number, high: number];
export type Point = [x: number, y: number];
export type Theme = "light" | "dark";

/** Numbers between limits in two bytes; `MISSING` where there is none. */
export type Codes = Uint16Array<ArrayBuffer>;

// Controls and layout

interface ControlOf<Values, At> {
  name: string;
  values: Values;
  /** The place of the value where it starts; of a text, the words. */
  at: At;
}

export interface Controls {
  Slider: ControlOf<number[], number>;
  Stops: ControlOf<number[] | string[], number>;
  Toggle: ControlOf<boolean[], number>;
  Choice: ControlOf<string[], number>;
  Text: ControlOf<null, string>;
}

export type Control<Kind extends keyof Controls = keyof Controls> = {
  [K in Kind]: Controls[K] & { kind: K };
}[Kind];

/** What stays the same while an explorer is used: controls, layout and colours. */
export interface Shape {
  name: string;
  controls: Control[];
  widths: number[];
  /** Names of the axes that have a slider. */
  scrub: string[];
  live: boolean;
  maps: Record<"signed" | "unsigned", Record<Theme, string[]>>;
  lines: Record<Theme, string[]>;
  dashes: number[][];
  mark: Record<Theme, string>;
}

// Panels, as they are described in panels.py

interface Described {
  title: string;
  limits: Limits;
  /** Of its numbers, the last axis changing fastest. */
  shape: number[];
}

interface Stack extends Described {
  among: string;
  among_names: string[];
  place: number;
}

export interface Heat extends Stack {
  x: string;
  y: string;
  x_names: string[];
  y_names: string[];
  x_start: number;
  y_start: number;
  picture: boolean;
  stretched: boolean;
  colours: Limits;
}

export interface Lines extends Stack {
  x: string;
  y: string;
  x_names: string[];
  names: string[];
  start: number;
  step: number;
  dots: boolean;
  log: boolean;
}

export interface Bars extends Stack {
  x: string;
  y: string;
  x_names: string[];
  names: string[];
}

export interface Links extends Described {
  x: string;
  y: string;
  x_names: string[];
  y_names: string[];
  names: string[];
}

export interface Path extends Described {
  x: string;
  y: string;
  along: string;
  names: string[];
  connected: boolean;
  unit_circle: boolean;
}

export interface Arrows extends Described {
  places: Point[];
  names: string[];
  along: string;
}

export interface Diagram extends Described {
  nodes: DiagramNode[];
  wires: Wire[];
  along: string;
}

export interface DiagramNode {
  name: string;
  label: string;
  place: Point;
  symbol: string;
  box: boolean;
}

export interface Wire {
  origin: number;
  target: number;
  bends: Point[];
}

export interface Panels {
  Arrows: Arrows;
  Bars: Bars;
  Diagram: Diagram;
  Heat: Heat;
  Lines: Lines;
  Links: Links;
  Path: Path;
}

export type Panel<Kind extends keyof Panels = keyof Panels> = {
  [K in Kind]: Panels[K] & { kind: K };
}[Kind];

/** Words on a picture, and how far they stand from its left and its top; without that they mark all its height. */
export type Label = [text: string, x: number, y: number | null];

/** The panels, and at every setting of the controls a caption for each. */
export interface Frames {
  panels: Panel[];
  captions: string[][];
  /** At every setting the labels of each panel; empty if there never are any. */
  labels: Label[][][];
  /** At every setting how many values fit the others, by the control's place; empty if all always do. */
  fits: Record<number, number>[];
}

/** What a live view asks for: where its controls stand. */
export interface Request {
  number?: number;
  at?: (number | string)[];
}

// What anywidget hands a widget, and `sweep` the same view

export interface State {
  shape: Shape;
  frames: Frames;
  numbers: Uint8Array<ArrayBuffer>;
  complaint: string;
  request: Request;
  answered: number;
}

/** What every widget in a seat has. */
export interface Seated {
  seat: string;
  /** What to do when the kernel is gone. */
  wake: string;
  /** The name of the model of its code. */
  code: string;
  request: { number?: number };
  answered: number;
  kept: number;
}

/** The model of a module's text, and the module as soon as one widget asked for it. */
export interface Code {
  get(name: "text"): string;
  loaded?: Promise<{ default: { initialize(widget: { model: unknown }): () => Promise<void> } }>;
}

/** What an output shows, by media type. */
export interface Bundle {
  data: Record<string, string>;
  metadata: Record<string, unknown>;
}

/** The outputs of a cell of JupyterLab. */
interface Outputs {
  length: number;
  get(place: number): { toJSON(): Partial<Bundle> };
  set(place: number, output: Partial<Bundle>): void;
}

/** What ends a view. */
export type View = Promise<() => void> | (() => void);

/** A signal of JupyterLab. */
interface Signal {
  connect(heard: (sender: unknown, news: string) => void): void;
  disconnect(heard: (sender: unknown, news: string) => void): void;
}

/** What JupyterLab tells of a notebook's kernel. */
export interface Kernel {
  statusChanged: Signal;
  kernelChanged: Signal;
  connectionStatusChanged: Signal;
}

export interface Model<Traits> {
  get<Name extends keyof Traits>(name: Name): Traits[Name];
  set<Name extends keyof Traits>(name: Name, value: Traits[Name]): void;
  save_changes(): void;
  on(event: `change:${keyof Traits & string}` | "comm_live_update", heard: () => void): void;
  on(event: "msg:custom", heard: (bundle: Bundle) => void): void;
  /** Of null: hear nothing any more. */
  off(event: null): void;
  off(event: `change:${keyof Traits & string}`, heard: () => void): void;
  widget_manager?: {
    get_model(name: string): Promise<unknown>;
    /** Of JupyterLab; others have other ones. */
    context?: { sessionContext?: Kernel; model?: { cells: Iterable<{ outputs: Outputs | undefined }> } };
  };
}

export interface Widget<Traits> {
  model: Model<Traits>;
  el: HTMLElement;
}

// Cursors and what is drawn

/** Places by the names of their axes. An axis on which the cursor stands nowhere is left out. */
export type Cursor = Record<string, number>;

/** Places to go to; null leaves an axis. */
export type Change = Record<string, number | null>;

/** The places that a cursor can have on an axis. */
export interface Axis {
  count: number;
  name(place: number): string;
  /** Where a cursor starts, if not in the middle. */
  start?: number;
}

/** How far along an axis, from 0 to 1, and what is written there. */
export interface Tick {
  at: number;
  text: string;
}

export interface Scale {
  label: string;
  ticks: Tick[];
}

/** Colours of codes in the theme of the page. */
export interface Look {
  theme: Theme;
  stops(limits: Limits): string[];
  pixel(code: number, limits: Limits): number;
  colour(code: number, limits: Limits): string;
  ink(code: number, limits: Limits): string;
}

/** What a kind of panel makes: what is drawn in the frame, and how it behaves. */
export interface Drawing {
  /** Elements of the frame. */
  nodes: Element[];
  axes: Record<string, Axis>;
  draw(codes: Codes, look: Look): void;
  /** Marks the cursor in what is drawn. */
  mark(cursor: Cursor, codes: Codes): void;
  /** Hears how many pixels the frame has. */
  fit?(width: number, height: number): void;
  /** Says in words what stands at the cursor. */
  read(cursor: Cursor, codes: Codes): string;
  /** The places at shares of the frame's width and height. */
  at(x: number, y: number): Change;
  /** By key, the axis and the step along it. */
  keys?: Record<string, [axis: string, step: number]>;
  /** Instead of `keys`, the whole change. */
  move?(key: string, cursor: Cursor): Change | null;
  /** What stands beside the frame. */
  x?: Scale;
  y?: Scale;
  /** Names of lines or boxes. */
  legend?: string[];
  /** Names of heads, and a reading for each. */
  heads?: string[];
  readHeads?(cursor: Cursor, codes: Codes): string[];
  /** Width by height; null where it fills its room. */
  aspect?: number | null;
  height?: string;
  widest?: string | null;
  /** No axes stand beside it. */
  bare?: boolean;
  /** The number of codes, where it isn't that of the data. */
  size?: number;
}

// Elements

/** Properties of an element; a number is as good as its text. */
export type Properties<Of> = { [P in keyof Of]?: Of[P] extends string ? string | number : Of[P] };
export type Attributes = Record<string, string | number>;
