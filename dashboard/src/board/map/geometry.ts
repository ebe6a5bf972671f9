export type Position = [lon: number, lat: number];

const RAD = Math.PI / 180;
const EARTH_KM = 6371.0088;

/** Great-circle distance, km. */
export function distanceKm(a: Position, b: Position): number {
  const dLat = (b[1] - a[1]) * RAD;
  const dLon = (b[0] - a[0]) * RAD;
  const h =
    Math.sin(dLat / 2) ** 2 +
    Math.cos(a[1] * RAD) * Math.cos(b[1] * RAD) * Math.sin(dLon / 2) ** 2;
  return 2 * EARTH_KM * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** The longitude nearest to `near` that is the same meridian, so that no line jumps the date line. */
export const unwrap = (lon: number, near: number): number =>
  lon + 360 * Math.round((near - lon) / 360);

/** Points along the great circle from `a` to `b`, both ends included. */
export function greatCircle(a: Position, b: Position, steps = 32): Position[] {
  const angle = distanceKm(a, b) / EARTH_KM;
  if (angle < 1e-6) return [a, b];
  const [lon1, lat1, lon2, lat2] = [a[0] * RAD, a[1] * RAD, b[0] * RAD, b[1] * RAD];
  const line: Position[] = [];
  for (let step = 0; step <= steps; step += 1) {
    const f = step / steps;
    const p = Math.sin((1 - f) * angle) / Math.sin(angle);
    const q = Math.sin(f * angle) / Math.sin(angle);
    const x = p * Math.cos(lat1) * Math.cos(lon1) + q * Math.cos(lat2) * Math.cos(lon2);
    const y = p * Math.cos(lat1) * Math.sin(lon1) + q * Math.cos(lat2) * Math.sin(lon2);
    const z = p * Math.sin(lat1) + q * Math.sin(lat2);
    const lon = Math.atan2(y, x) / RAD;
    const lat = Math.atan2(z, Math.hypot(x, y)) / RAD;
    line.push([unwrap(lon, line.at(-1)?.[0] ?? a[0]), lat]);
  }
  return line;
}

/** South-west and north-east corners around all positions, or null for none. */
export function boundsOf(positions: Position[]): [Position, Position] | null {
  if (positions.length === 0) return null;
  const lons = positions.map(([lon]) => lon);
  const lats = positions.map(([, lat]) => lat);
  return [
    [Math.min(...lons), Math.min(...lats)],
    [Math.max(...lons), Math.max(...lats)],
  ];
}
