import type { StyleSpecification } from 'maplibre-gl';

import { withAlpha, type Colours } from '../../styles/colours';
import type { Outline } from './outline';

const EMPTY = { type: 'FeatureCollection' as const, features: [] };
const FONT = ['Inter Variable'];

/** The whole map as data: outlines below, ways, sites, shipments on top. */
export function mapStyle(colours: Colours, outline: Outline, scale: number): StyleSpecification {
  const bySeverity = (otherwise: string): ['match', ...unknown[]] => [
    'match',
    ['get', 'shape'],
    'critical',
    colours.critical,
    'warning',
    colours.warning,
    'unknown',
    colours.unknown,
    otherwise,
  ];
  const wayColour = bySeverity(colours.accent) as never;
  return {
    version: 8,
    sources: {
      countries: { type: 'geojson', data: outline.countries, tolerance: 0.2 },
      states: { type: 'geojson', data: outline.states, tolerance: 0.2 },
      borders: { type: 'geojson', data: outline.borders, tolerance: 0.2 },
      ways: { type: 'geojson', data: EMPTY },
      sites: { type: 'geojson', data: EMPTY },
      shipments: { type: 'geojson', data: EMPTY },
    },
    layers: [
      { id: 'water', type: 'background', paint: { 'background-color': colours.water } },
      {
        id: 'countries',
        type: 'fill',
        source: 'countries',
        paint: { 'fill-color': colours['land-far'], 'fill-antialias': false },
      },
      {
        id: 'far-shore',
        type: 'line',
        source: 'countries',
        paint: { 'line-color': colours.shore, 'line-width': 0.6 },
      },
      {
        id: 'land',
        type: 'fill',
        source: 'states',
        paint: { 'fill-color': colours.land, 'fill-antialias': false },
      },
      {
        id: 'shore',
        type: 'line',
        source: 'states',
        paint: { 'line-color': colours.shore, 'line-width': 0.8 },
      },
      {
        id: 'borders',
        type: 'line',
        source: 'borders',
        paint: { 'line-color': colours.line, 'line-width': 1 },
      },
      {
        id: 'ways-ahead',
        type: 'line',
        source: 'ways',
        filter: ['all', ['==', ['get', 'part'], 'ahead'], ['!', ['get', 'chosen']]],
        paint: {
          'line-color': withAlpha(colours['ink-3'], 0.8),
          'line-width': 1.4,
          'line-dasharray': [3, 3],
        },
      },
      {
        id: 'chosen-ahead',
        type: 'line',
        source: 'ways',
        filter: ['all', ['==', ['get', 'part'], 'ahead'], ['get', 'chosen']],
        paint: { 'line-color': wayColour, 'line-width': 2, 'line-dasharray': [2.5, 2] },
      },
      {
        id: 'chosen-done',
        type: 'line',
        source: 'ways',
        filter: ['==', ['get', 'part'], 'done'],
        layout: { 'line-cap': 'round' },
        paint: { 'line-color': wayColour, 'line-width': 2.4 },
      },
      {
        id: 'sites',
        type: 'circle',
        source: 'sites',
        paint: {
          'circle-radius': ['case', ['get', 'goal'], 5, 2.5],
          'circle-color': ['case', ['get', 'goal'], colours.land, colours['line-strong']],
          'circle-stroke-width': ['case', ['get', 'goal'], 2, 0],
          'circle-stroke-color': colours.accent,
        },
      },
      {
        id: 'site-names',
        type: 'symbol',
        source: 'sites',
        filter: ['any', ['get', 'goal'], ['>=', ['zoom'], 5]],
        layout: {
          'text-field': ['get', 'name'],
          'text-font': FONT,
          'text-size': 11 * scale,
          'text-variable-anchor': ['left', 'right', 'top', 'bottom'],
          'text-radial-offset': 0.8,
          'text-optional': true,
        },
        paint: {
          'text-color': colours['ink-2'],
          'text-halo-color': colours.land,
          'text-halo-width': 1.4,
        },
      },
      {
        id: 'shipments',
        type: 'symbol',
        source: 'shipments',
        layout: {
          'icon-image': ['get', 'shape'],
          'icon-size': scale,
          'icon-allow-overlap': true,
          'icon-ignore-placement': true,
          'symbol-sort-key': ['get', 'rank'],
          'text-field': ['get', 'label'],
          'text-font': FONT,
          'text-size': 12 * scale,
          'text-variable-anchor': ['left', 'right', 'top', 'bottom'],
          'text-radial-offset': 1.1,
          'text-optional': true,
        },
        paint: {
          'text-color': bySeverity(colours['ink-2']) as never,
          'text-halo-color': colours.land,
          'text-halo-width': 1.6,
        },
      },
    ],
  };
}
