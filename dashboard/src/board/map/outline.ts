import type { FeatureCollection } from 'geojson';
import { feature, mesh } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import statesUrl from 'us-atlas/states-10m.json?url';
import countriesUrl from 'world-atlas/countries-50m.json?url';

const UNITED_STATES = '840';
const ANTARCTICA = '010';

async function topology(url: string): Promise<Topology<Record<string, GeometryCollection>>> {
  const response = await fetch(url);
  if (!response.ok) throw new Error('The outlines could not be fetched.');
  return (await response.json()) as Topology<Record<string, GeometryCollection>>;
}

export interface Outline {
  /** Land of the lane's country: filled nearer, with its inner borders. */
  states: FeatureCollection;
  borders: FeatureCollection;
  countries: FeatureCollection;
}

const collection = (geometry: GeoJSON.Geometry): FeatureCollection => ({
  type: 'FeatureCollection',
  features: [{ type: 'Feature', properties: {}, geometry }],
});

/** The outlines of states and countries, from files of our own. No tiles, no other host. */
export async function loadOutline(): Promise<Outline> {
  const [us, world] = await Promise.all([topology(statesUrl), topology(countriesUrl)]);
  const states = us.objects['states'] as GeometryCollection;
  const all = world.objects['countries'] as GeometryCollection;
  const countries = {
    ...all,
    geometries: all.geometries.filter((one) => one.id !== UNITED_STATES && one.id !== ANTARCTICA),
  };
  return {
    states: feature(us, states) as FeatureCollection,
    borders: collection(mesh(us, states, (a, b) => a !== b)),
    countries: feature(world, countries) as FeatureCollection,
  };
}
