import { expect, test } from 'vitest';

import { matchRoute, safeNext, shipmentPath } from './router.svelte';

test('each address names its page', () => {
  expect(matchRoute('/')).toEqual({ page: 'board' });
  expect(matchRoute('/shipments')).toEqual({ page: 'shipments' });
  expect(matchRoute('/shipments/U-2291')).toEqual({ page: 'shipment', code: 'U-2291' });
  expect(matchRoute('/quarantine')).toEqual({ page: 'quarantine' });
  expect(matchRoute('/sign-in')).toEqual({ page: 'sign-in' });
  expect(matchRoute('/shipments/U-1/else')).toEqual({ page: 'missing' });
  expect(matchRoute('/else')).toEqual({ page: 'missing' });
});

test('a code survives the way into the address and out', () => {
  for (const code of ['U-2291', 'a b', 'ü/ö', '100%']) {
    expect(matchRoute(shipmentPath(code))).toEqual({ page: 'shipment', code });
  }
});

test('an address that cannot be decoded is no error', () => {
  expect(matchRoute('/shipments/%E0%A4%A')).toEqual({ page: 'shipment', code: '%E0%A4%A' });
});

test('signing in never leads to another site', () => {
  for (const next of ['//evil.example', '/\\evil.example', 'https://evil.example', '/sign-in', null]) {
    expect(safeNext(next)).toBe('/');
  }
  expect(safeNext('/shipments/U-1?range=all')).toBe('/shipments/U-1?range=all');
});
