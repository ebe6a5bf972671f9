import type uPlot from 'uplot';

import { formatRough } from '../../format/duration';
import { rootScale, withAlpha, type Colours } from '../../styles/colours';
import type { Span } from '../gaps';
import type { Hatch } from './prepare';

export interface Limit {
  value: number;
  side: 'above' | 'below';
  label: string;
}

export interface Band {
  span: Span;
  certain: boolean;
  label: string;
}

export interface Mark {
  at: number;
  label: string;
}

const FONT = (weight: number): string =>
  `${weight} ${11 * rootScale() * devicePixelRatio}px "Inter Variable", system-ui, sans-serif`;

interface Strip {
  left: number;
  width: number;
}

/** The part of a time span inside the plot, in canvas pixels; null when outside. */
function strip(u: uPlot, [from, to]: Span): Strip | null {
  const left = Math.max(u.bbox.left, u.valToPos(from, 'x', true));
  const right = Math.min(u.bbox.left + u.bbox.width, u.valToPos(to, 'x', true));
  return right > left ? { left, width: right - left } : null;
}

/** Tints the side of a limit where the product must not be. */
export function tintForbidden(u: uPlot, limits: Limit[], colours: Colours): void {
  const { left, top, width, height } = u.bbox;
  u.ctx.fillStyle = withAlpha(colours.critical, 0.07);
  for (const { value, side } of limits) {
    const y = Math.max(top, Math.min(top + height, u.valToPos(value, 'y', true)));
    if (side === 'above') u.ctx.fillRect(left, top, width, y - top);
    else u.ctx.fillRect(left, y, width, top + height - y);
  }
}

/** Hatches spans in which nothing was measured. */
export function hatchGaps(u: uPlot, gaps: Hatch[], colours: Colours): void {
  const { ctx } = u;
  const { top, height } = u.bbox;
  for (const { span } of gaps) {
    const box = strip(u, span);
    if (!box) continue;
    ctx.save();
    ctx.beginPath();
    ctx.rect(box.left, top, box.width, height);
    ctx.clip();
    ctx.strokeStyle = withAlpha(colours.unknown, 0.35);
    ctx.lineWidth = 1.3 * devicePixelRatio;
    const pitch = 8 * devicePixelRatio;
    ctx.beginPath();
    for (let x = box.left - height; x < box.left + box.width; x += pitch) {
      ctx.moveTo(x, top + height);
      ctx.lineTo(x + height, top);
    }
    ctx.stroke();
    ctx.restore();
  }
}

/** Shades excursions as the detector found them; a possible one is lighter, with dashed edges. */
export function shadeBands(u: uPlot, bands: Band[], colours: Colours): void {
  const { ctx } = u;
  const { top, height } = u.bbox;
  for (const { span, certain } of bands) {
    const box = strip(u, span);
    if (!box) continue;
    const width = Math.max(box.width, 2 * devicePixelRatio);
    ctx.fillStyle = withAlpha(certain ? colours.critical : colours.warning, certain ? 0.16 : 0.12);
    ctx.fillRect(box.left, top, width, height);
    if (certain) continue;
    ctx.save();
    ctx.strokeStyle = colours.warning;
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
    ctx.strokeRect(box.left, top, width, height);
    ctx.restore();
  }
}

/** Draws limit lines with the source they come from. */
export function drawLimits(u: uPlot, limits: Limit[], colours: Colours): void {
  const { ctx } = u;
  const { left, width } = u.bbox;
  for (const { value, side, label } of limits) {
    const y = Math.round(u.valToPos(value, 'y', true));
    ctx.save();
    ctx.strokeStyle = colours.critical;
    ctx.lineWidth = 1.4 * devicePixelRatio;
    ctx.beginPath();
    ctx.moveTo(left, y);
    ctx.lineTo(left + width, y);
    ctx.stroke();
    ctx.font = FONT(500);
    ctx.textAlign = 'left';
    ctx.textBaseline = side === 'above' ? 'bottom' : 'top';
    write(u, label, left + 6 * devicePixelRatio, y + (side === 'above' ? -4 : 4) * devicePixelRatio, colours.critical, colours);
    ctx.restore();
  }
}

/** Text on a halo of the surface, so that a line behind it never makes it unreadable. */
function write(u: uPlot, text: string, x: number, y: number, ink: string, colours: Colours): void {
  u.ctx.lineJoin = 'round';
  u.ctx.lineWidth = 3.5 * devicePixelRatio;
  u.ctx.strokeStyle = colours.surface;
  u.ctx.strokeText(text, x, y);
  u.ctx.fillStyle = ink;
  u.ctx.fillText(text, x, y);
}

/** Names the hatched spans and the bands where there is room for the words. */
export function nameSpans(u: uPlot, gaps: Hatch[], bands: Band[], colours: Colours): void {
  const { ctx } = u;
  const { left, top, width, height } = u.bbox;
  ctx.save();
  ctx.font = FONT(500);
  ctx.textAlign = 'center';
  for (const { span, planned } of gaps) {
    const box = strip(u, span);
    const words = `${planned ? 'planned quiet' : 'no data'} ${formatRough(span[1] - span[0])}`;
    const room = ctx.measureText(words).width;
    if (!box || box.width < 22 * devicePixelRatio) continue;
    const middle = Math.max(left + room / 2, Math.min(left + width - room / 2, box.left + box.width / 2));
    ctx.textBaseline = 'middle';
    write(u, words, middle, top + height * 0.55, colours.unknown, colours);
  }
  ctx.font = FONT(600);
  ctx.textBaseline = 'top';
  let free = left + width;
  for (const { span, certain, label } of bands.toReversed()) {
    const box = strip(u, span);
    if (!box) continue;
    const room = ctx.measureText(label).width;
    const beside = box.left - 6 * devicePixelRatio;
    const toLeft = beside - room >= left;
    const x = toLeft ? beside : box.left + box.width + 6 * devicePixelRatio;
    const end = toLeft ? x : x + room;
    if (end > free || (!toLeft && end > left + width)) continue;
    ctx.textAlign = toLeft ? 'right' : 'left';
    write(u, label, x, top + 6 * devicePixelRatio, certain ? colours.critical : colours.warning, colours);
    free = Math.min(box.left, toLeft ? x - room : x);
  }
  ctx.restore();
}

/** A dot where the line ends now. */
export function dotLast(u: uPlot, at: number, value: number, ink: string): void {
  const { ctx } = u;
  const x = u.valToPos(at, 'x', true);
  if (x < u.bbox.left || x > u.bbox.left + u.bbox.width) return;
  ctx.save();
  ctx.fillStyle = ink;
  ctx.beginPath();
  ctx.arc(x, u.valToPos(value, 'y', true), 4 * devicePixelRatio, 0, 2 * Math.PI);
  ctx.fill();
  ctx.restore();
}

/** Handoffs as vertical lines; with `names`, their words under the plot, as far as they fit. */
export function drawMarks(u: uPlot, marks: Mark[], colours: Colours, names: boolean): void {
  const { ctx } = u;
  const { left, top, width, height } = u.bbox;
  ctx.save();
  ctx.strokeStyle = colours['line-strong'];
  ctx.lineWidth = devicePixelRatio;
  ctx.font = FONT(500);
  ctx.textAlign = 'left';
  ctx.textBaseline = 'top';
  let free = left;
  for (const { at, label } of marks.toSorted((a, b) => a.at - b.at)) {
    const x = Math.round(u.valToPos(at, 'x', true));
    if (x < left || x > left + width) continue;
    const below = names ? 16 * rootScale() * devicePixelRatio : 0;
    ctx.setLineDash([2 * devicePixelRatio, 4 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(x, top);
    ctx.lineTo(x, top + height + below);
    ctx.stroke();
    ctx.setLineDash([]);
    const room = ctx.measureText(label).width + 10 * devicePixelRatio;
    if (!names || x < free || x + room > left + width + 40 * devicePixelRatio) continue;
    ctx.fillStyle = colours['ink-3'];
    ctx.fillText(label, x + 4 * devicePixelRatio, top + height + 4 * devicePixelRatio);
    free = x + room;
  }
  ctx.restore();
}
