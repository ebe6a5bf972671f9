import { expect, test } from 'vitest';

import { aRow } from '../../support/samples';
import { positionOf, routeLines, shipmentPoints } from './features';
import { distanceKm, greatCircle, unwrap } from './geometry';

test('a way over the date line does not run around the world', () => {
  const line = greatCircle([139.7, 35.7], [-122.3, 47.6]);
  for (let at = 1; at < line.length; at += 1) {
    expect(Math.abs((line[at]?.[0] ?? 0) - (line[at - 1]?.[0] ?? 0))).toBeLessThan(30);
  }
});

test('a great circle starts and ends where it was told to', () => {
  const line = greatCircle([-71, 42], [-122, 47]);
  expect(line[0]?.[0]).toBeCloseTo(-71);
  expect(line.at(-1)?.[1]).toBeCloseTo(47);
  expect(unwrap(-179, 179)).toBe(181);
});

test('Boston and Seattle are four thousand kilometres apart', () => {
  expect(distanceKm([-71.06, 42.36], [-122.33, 47.61])).toBeCloseTo(4000, -2);
});

test('a shipment that has not spoken waits at its origin, a delivered one is at its goal', () => {
  const mute = { lat: null, lon: null };
  expect(positionOf(aRow(mute))).toEqual([-71.06, 42.36]);
  expect(positionOf(aRow({ ...mute, state: 'delivered' }))).toEqual([-122.33, 47.61]);
});

test('only what needs somebody, or is chosen, has a way drawn', () => {
  expect(routeLines([aRow()], new Map(), null).features).toHaveLength(0);
  expect(routeLines([aRow()], new Map(), 'U-1').features).toHaveLength(2);
  expect(routeLines([aRow({ severity: 'critical' })], new Map(), null).features).toHaveLength(1);
});

test('a silent shipment is drawn as unknown, and the worst on top', () => {
  const rows = [aRow({ silent: true }), aRow({ code: 'U-2', severity: 'critical' })];
  const points = shipmentPoints(rows, new Map(), null).features.map((one) => one.properties);
  expect(points[0]?.['shape']).toBe('unknown');
  expect(points[1]?.['rank']).toBeGreaterThan(points[0]?.['rank'] as number);
});
