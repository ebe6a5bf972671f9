import type { Feature, FeatureCollection, LineString, Point } from 'geojson';

import type { Place, ShipmentRow } from '../../api/types';
import { severityShape } from '../../marks/words';
import { distanceKm, greatCircle, type Position } from './geometry';

const at = (place: Place): Position | null =>
  place.lon === null || place.lat === null ? null : [place.lon, place.lat];

/** Where a shipment is; before it has spoken, where it waits. */
export function positionOf(row: ShipmentRow): Position | null {
  if (row.lon !== null && row.lat !== null) return [row.lon, row.lat];
  return row.state === 'delivered' ? at(row.destination) : at(row.origin);
}

const RANK = { critical: 3, warning: 2, unknown: 1, well: 0 };

/** One point a shipment; `rank` draws the worst on top. */
export function shipmentPoints(
  rows: ShipmentRow[],
  positions: Map<string, Position>,
  selected: string | null,
): FeatureCollection<Point> {
  const features = rows.flatMap((row): Feature<Point>[] => {
    const coordinates = positions.get(row.code) ?? positionOf(row);
    if (!coordinates) return [];
    const shape = severityShape(row.severity, row.silent);
    const properties = {
      code: row.code,
      shape: row.code === selected && shape === 'well' ? 'chosen' : shape,
      rank: RANK[shape] + (row.code === selected ? 10 : 0),
      label: shape === 'well' || row.code === selected ? '' : row.code,
    };
    return [{ type: 'Feature', properties, geometry: { type: 'Point', coordinates } }];
  });
  return { type: 'FeatureCollection', features };
}

/** Ways to go: of each shipment that needs somebody, and of the selected one. */
export function routeLines(
  rows: ShipmentRow[],
  positions: Map<string, Position>,
  selected: string | null,
): FeatureCollection<LineString> {
  const features = rows.flatMap((row): Feature<LineString>[] => {
    const shape = severityShape(row.severity, row.silent);
    const chosen = row.code === selected;
    if (shape === 'well' && !chosen) return [];
    const here = positions.get(row.code) ?? positionOf(row);
    const [from, to] = [at(row.origin), at(row.destination)];
    const line = (part: string, a: Position | null, b: Position | null): Feature<LineString>[] =>
      a && b
        ? [
            {
              type: 'Feature',
              properties: { shape, part, chosen },
              geometry: { type: 'LineString', coordinates: greatCircle(a, b) },
            },
          ]
        : [];
    return [...(chosen ? line('done', from, here) : []), ...line('ahead', here, to)];
  });
  return { type: 'FeatureCollection', features };
}

/** The sites between which things move, each once; the selected shipment's goal is marked. */
export function sitePoints(
  rows: ShipmentRow[],
  selected: string | null,
): FeatureCollection<Point> {
  const chosen = rows.find((row) => row.code === selected);
  const here = chosen && positionOf(chosen);
  const there = chosen && at(chosen.destination);
  // A goal that has been reached is named by the shipment's own chip.
  const goal = here && there && distanceKm(here, there) > 80 ? chosen.destination.gln : undefined;
  const sites = new Map<string, Place>();
  for (const row of rows) {
    sites.set(row.origin.gln, row.origin);
    sites.set(row.destination.gln, row.destination);
  }
  const features = [...sites.values()].flatMap((site): Feature<Point>[] => {
    const coordinates = at(site);
    if (!coordinates) return [];
    const properties = { name: site.name, goal: site.gln === goal };
    return [{ type: 'Feature', properties, geometry: { type: 'Point', coordinates } }];
  });
  return { type: 'FeatureCollection', features };
}
