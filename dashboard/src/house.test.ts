import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

import { expect, test } from 'vitest';

const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
  .filter((name) => ['.ts', '.svelte', '.css'].includes(extname(name)) && !name.endsWith('.test.ts'))
  .map((name) => ({ name, text: readFileSync(join(import.meta.dirname, name), 'utf8') }));

test('nothing from the server is ever put in as markup', () => {
  const found = files.filter(({ text }) => /\{@html|innerHTML|insertAdjacentHTML/.test(text));
  expect(found.map(({ name }) => name)).toEqual([]);
});

test('nothing is fetched from another host', () => {
  const found = files.filter(({ text }) => /https?:\/\/(?!www\.w3\.org)/.test(text));
  expect(found.map(({ name }) => name)).toEqual([]);
});

test('a component fits on a few screens', () => {
  const long = files.filter(({ name, text }) => name.endsWith('.svelte') && text.split('\n').length > 200);
  expect(long.map(({ name }) => name)).toEqual([]);
});

test('no sentence shouts', () => {
  const found = files.filter(({ name, text }) => name.endsWith('.svelte') && /[a-z]!["'<]/.test(text));
  expect(found.map(({ name }) => name)).toEqual([]);
});
