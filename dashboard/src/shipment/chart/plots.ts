import uPlot from 'uplot';

import { formatNumber, formatTemp } from '../../format/number';
import { rootScale, type Colours } from '../../styles/colours';
import type { Channel } from '../gaps';
import {
  dotLast,
  drawLimits,
  drawMarks,
  hatchGaps,
  nameSpans,
  shadeBands,
  tintForbidden,
  type Band,
  type Limit,
  type Mark,
} from './paint';
import { extent, type ChartData } from './prepare';

export interface Scene {
  data: ChartData;
  limits: Limit[];
  bands: Band[];
  marks: Mark[];
  range: [number, number];
}

export interface PlotSpec {
  name: string;
  height: number;
  channel: Channel;
  /** Draws the limits, the bands' names and the spans' names. */
  main: boolean;
  /** Carries the time axis and the names of the marks. */
  last: boolean;
  range: [number, number];
}

const LEFT = 58;
const RIGHT = 14;
const DAY_S = 86_400;

const hour = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'UTC' });
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });

/** Times on the axis, UTC; midnight says the day. */
const timeLabels = (splits: number[]): string[] =>
  splits.map((at) => (at % DAY_S === 0 ? day.format(at * 1000) : hour.format(at * 1000)));

/** Which plots the scene needs, from top to bottom. */
export function plotSpecs(scene: Scene, height: number): PlotSpec[] {
  const specs: PlotSpec[] = [
    {
      name: '°C',
      height,
      channel: 'temp_c',
      main: true,
      last: false,
      range: scene.range,
    },
  ];
  const outside = extent(scene.data, 'ambient_c');
  if (outside) {
    const pad = Math.max((outside[1] - outside[0]) * 0.15, 2);
    specs.push(stripSpec('outside', 'ambient_c', [outside[0] - pad, outside[1] + pad]));
  }
  const tilt = extent(scene.data, 'tilt_deg');
  if (tilt) specs.push(stripSpec('tilt', 'tilt_deg', [-4, Math.max(50, tilt[1] + 6)]));
  const bottom = specs.at(-1) as PlotSpec;
  bottom.last = true;
  bottom.height += 44 * rootScale();
  return specs;
}

const stripSpec = (name: string, channel: Channel, range: [number, number]): PlotSpec => ({
  name,
  height: 46 * rootScale(),
  channel,
  main: false,
  last: false,
  range,
});

function stroke(channel: Channel, colours: Colours): string {
  if (channel === 'temp_c') return colours.cold;
  return channel === 'ambient_c' ? colours.ambient : colours.warning;
}

function seriesOf(spec: PlotSpec, scene: Scene, colours: Colours): uPlot.Series[] {
  return scene.data.loggers.map((_, position): uPlot.Series => ({
    stroke: stroke(spec.channel, colours),
    width: spec.main ? 2 : 1.5,
    ...(position > 0 ? { dash: [5, 3] } : {}),
    spanGaps: false,
    points: { show: false },
  }));
}

/** The columns of a plot, in the order of its series. */
export const columnsOf = (spec: PlotSpec, data: ChartData): uPlot.AlignedData =>
  [data.t, ...data.loggers.map(({ columns }) => columns[spec.channel])] as uPlot.AlignedData;

function axes(
  spec: PlotSpec,
  view: View,
  range: () => [number, number],
  colours: Colours,
): uPlot.Axis[] {
  const font = `500 ${Math.round(11 * rootScale())}px "Inter Variable", system-ui, sans-serif`;
  const x: uPlot.Axis = {
    show: spec.last,
    stroke: colours['ink-3'],
    font,
    size: 44 * rootScale(),
    gap: 22 * rootScale(),
    space: 70,
    grid: { show: false },
    ticks: { show: false },
    values: (_, splits) => timeLabels(splits),
  };
  const y: uPlot.Axis = {
    stroke: colours['ink-3'],
    font,
    size: LEFT * rootScale(),
    gap: 8,
    space: spec.main ? 48 : 200,
    grid: { show: spec.main, stroke: colours.line, width: 1 },
    ticks: { show: false },
    ...(spec.main
      ? { values: (_: uPlot, splits: number[], __: number, ___: number, step: number) =>
            splits.map((value) => formatNumber(value, step < 1 ? 1 : 0)) }
      : { splits: () => [range()[0] + (range()[1] - range()[0]) * 0.68], values: () => [stripWords(spec, view.scene.data)] }),
  };
  return [x, y];
}

interface Last {
  at: number;
  value: number;
}

/** The last value of the first logger. */
function lastOf(data: ChartData, channel: Channel): Last | null {
  const column = data.loggers[0]?.columns[channel] ?? [];
  const index = column.findLastIndex((value) => value !== null && value !== undefined);
  const [at, value] = [data.t[index], column[index]];
  return at === undefined || value === undefined || value === null ? null : { at, value };
}

/** What stands left of a strip: its name and its last value. */
function stripWords(spec: PlotSpec, data: ChartData): string {
  const last = lastOf(data, spec.channel);
  if (!last) return spec.name;
  const value = spec.name === 'tilt' ? `${formatNumber(last.value, 0)}°` : formatTemp(last.value);
  return `${spec.name}\n${value}`;
}

function drawNow(u: uPlot, scene: Scene, colours: Colours): void {
  const last = lastOf(scene.data, 'temp_c');
  if (!last) return;
  const beyond = scene.bands.some((band) => band.certain && band.span[1] >= last.at);
  dotLast(u, last.at, last.value, beyond ? colours.critical : colours.cold);
}

/** What is drawn now: the plots keep it, so that new readings do not make new plots. */
export interface View {
  scene: Scene;
  specs: PlotSpec[];
}

/** True when the same plots can show another scene. */
export const sameShape = (a: View, b: View): boolean =>
  a.scene.data.loggers.length === b.scene.data.loggers.length &&
  a.specs.length === b.specs.length &&
  a.specs.every((spec, at) => spec.name === b.specs[at]?.name && spec.height === b.specs[at]?.height);

/** Everything uPlot needs to draw the plot at this place of the view. */
export function plotOptions(
  view: View,
  place: number,
  colours: Colours,
  width: number,
  on: { hover(index: number | null): void; zoom(fromS: number, toS: number): void },
): uPlot.Options {
  const spec = view.specs[place] as PlotSpec;
  const range = (): [number, number] => view.specs[place]?.range ?? spec.range;
  return {
    width,
    height: spec.height,
    padding: [spec.main ? 8 : 4, RIGHT, spec.last ? 0 : 2, 0],
    tzDate: (at) => uPlot.tzDate(new Date(at * 1000), 'Etc/UTC'),
    legend: { show: false },
    cursor: {
      sync: { key: 'shipment', setSeries: false },
      y: false,
      points: { size: 7 },
      drag: { x: true, y: false, setScale: false },
    },
    select: { show: true, left: 0, top: 0, width: 0, height: 0 },
    scales: {
      x: { time: true, range: () => [view.scene.data.fromS, view.scene.data.toS] },
      y: { range },
    },
    axes: axes(spec, view, range, colours),
    series: [{}, ...seriesOf(spec, view.scene, colours)],
    hooks: {
      drawClear: [
        (u) => {
          const { data, limits, bands } = view.scene;
          if (spec.main) tintForbidden(u, limits, colours);
          hatchGaps(u, data.gaps, colours);
          shadeBands(u, bands, colours);
        },
      ],
      draw: [
        (u) => {
          const { data, limits, bands, marks } = view.scene;
          drawMarks(u, marks, colours, spec.last);
          if (!spec.main) return;
          drawNow(u, view.scene, colours);
          drawLimits(u, limits, colours);
          nameSpans(u, data.gaps, bands, colours);
        },
      ],
      setCursor: [(u) => on.hover(u.cursor.idx ?? null)],
      setSelect: [
        (u) => {
          if (u.select.width < 12) return;
          const [fromS, toS] = [
            u.posToVal(u.select.left, 'x'),
            u.posToVal(u.select.left + u.select.width, 'x'),
          ];
          u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          on.zoom(fromS, toS);
        },
      ],
    },
  };
}
