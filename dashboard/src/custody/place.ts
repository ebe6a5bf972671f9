import type { Session, ShipmentDetail } from '../api/types';

export interface PlaceChoice {
  gln: string;
  name: string;
}

/** Where a statement about a shipment can have been made: the own site first, then its way. */
export function placesOf(detail: ShipmentDetail, sites: readonly PlaceChoice[], user: Session): PlaceChoice[] {
  const names = new Map(sites.map(({ gln, name }) => [gln, name]));
  const glns = [
    user.site_gln,
    detail.origin.gln,
    ...detail.legs.flatMap(({ from_gln, to_gln }) => [from_gln, to_gln]),
    detail.destination.gln,
  ];
  const known = new Set(glns.filter((gln) => gln !== null));
  return [...known].map((gln) => ({ gln, name: names.get(gln) ?? gln }));
}
