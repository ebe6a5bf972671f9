/** The tokens that canvas and WebGL need as plain colours. */
const NAMES = [
  'ink',
  'ink-2',
  'ink-3',
  'line',
  'line-strong',
  'surface',
  'raised',
  'accent',
  'critical',
  'critical-soft',
  'warning',
  'unknown',
  'good',
  'cold',
  'ambient',
  'water',
  'land',
  'land-far',
  'shore',
] as const;

export type Colours = Record<(typeof NAMES)[number], string>;

/** The tokens as the browser resolves them now, for this theme. */
export function readColours(host: HTMLElement): Colours {
  const probe = document.createElement('span');
  probe.hidden = true;
  host.append(probe);
  const colours = {} as Colours;
  for (const name of NAMES) {
    probe.style.color = `var(--${name})`;
    colours[name] = getComputedStyle(probe).color;
  }
  probe.remove();
  return colours;
}

/** How much larger than at a desk everything is drawn: 1, or more on a wall screen. */
export const rootScale = (): number =>
  Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;

/** "rgb(1, 2, 3)" with an alpha. */
export const withAlpha = (rgb: string, alpha: number): string =>
  rgb.replace(/^rgba?\(([^,]+),([^,]+),([^,)]+).*\)$/, `rgba($1,$2,$3, ${alpha})`);
