export interface PlaceInApp {
  path: string;
  name: string;
}

/** The pages one can go to from anywhere. */
export const PLACES: PlaceInApp[] = [
  { path: '/', name: 'Board' },
  { path: '/shipments', name: 'Shipments' },
  { path: '/quarantine', name: 'Quarantine' },
];

/** A shipment's page lies under Shipments. */
export const isHere = (place: PlaceInApp, path: string): boolean =>
  place.path === '/' ? path === '/' : path === place.path || path.startsWith(`${place.path}/`);
