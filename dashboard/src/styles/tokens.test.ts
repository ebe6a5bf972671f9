import { readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8');

type Theme = 'light' | 'dark';

function token(name: string, theme: Theme): string {
  const found = new RegExp(`--${name}: light-dark\\((#[0-9a-f]{6}), (#[0-9a-f]{6})\\)`).exec(css);
  if (!found) throw new Error(`no token ${name}`);
  return found[theme === 'light' ? 1 : 2] as string;
}

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** WCAG 2 contrast ratio, 1 to 21. */
function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].toSorted((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

const INKS = ['ink', 'ink-2', 'ink-3', 'accent', 'critical', 'warning', 'unknown', 'good'];
const GROUNDS = ['ground', 'surface', 'raised', 'accent-soft'];

describe.each<Theme>(['light', 'dark'])('%s', (theme) => {
  test.each(INKS.flatMap((ink) => GROUNDS.map((ground) => [ink, ground] as const)))(
    'text in %s on %s can be read (4.5:1)',
    (ink, ground) => {
      expect(contrast(token(ink, theme), token(ground, theme))).toBeGreaterThanOrEqual(4.5);
    },
  );

  test.each(['critical', 'warning', 'unknown', 'good'])('%s on its own soft ground can be read', (name) => {
    expect(contrast(token(name, theme), token(`${name}-soft`, theme))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(token('ink-2', theme), token(`${name}-soft`, theme))).toBeGreaterThanOrEqual(4.5);
  });

  test('the words on the primary button can be read', () => {
    expect(contrast(token('accent-ink', theme), token('accent', theme))).toBeGreaterThanOrEqual(4.5);
  });

  test.each(['cold', 'ambient', 'critical', 'warning', 'unknown'])('a line in %s can be seen (3:1)', (name) => {
    expect(contrast(token(name, theme), token('surface', theme))).toBeGreaterThanOrEqual(3);
  });

  test('the edge of a field can be seen (3:1)', () => {
    expect(contrast(token('edge', theme), token('surface', theme))).toBeGreaterThanOrEqual(3);
  });

  test.each(['critical', 'warning', 'unknown', 'ink-3'])('a %s shape on the map can be seen (3:1)', (name) => {
    expect(contrast(token(name, theme), token('land', theme))).toBeGreaterThanOrEqual(3);
    expect(contrast(token(name, theme), token('water', theme))).toBeGreaterThanOrEqual(3);
  });
});
