import { mayHaveKey, maySeeQuarantine } from '../state/rights';

export interface PlaceInApp {
  path: string;
  name: string;
}

const PLACES: PlaceInApp[] = [
  { path: '/', name: 'Board' },
  { path: '/shipments', name: 'Shipments' },
  { path: '/quarantine', name: 'Quarantine' },
  { path: '/my-key', name: 'My key' },
];

/** The pages that somebody of this role can go to from anywhere. */
export const placesFor = (role: string | undefined): PlaceInApp[] =>
  PLACES.filter(({ path }) => {
    if (path === '/quarantine') return maySeeQuarantine(role);
    return path !== '/my-key' || mayHaveKey(role);
  });

/** A shipment's page lies under Shipments. */
export const isHere = (place: PlaceInApp, path: string): boolean =>
  place.path === '/' ? path === '/' : path === place.path || path.startsWith(`${place.path}/`);
