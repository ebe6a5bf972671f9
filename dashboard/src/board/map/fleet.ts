import * as maplibregl from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';

import type { ShipmentRow } from '../../api/types';
import { readColours, rootScale } from '../../styles/colours';
import { positionOf, routeLines, shipmentPoints, sitePoints } from './features';
import { boundsOf, type Position } from './geometry';
import { Motion } from './motion';
import type { Outline } from './outline';
import { mapStyle } from './style';
import { addSymbols } from './symbols';

maplibregl.setWorkerUrl(workerUrl);

/** The contiguous states: shown when there is nothing to show. */
const HOME: [Position, Position] = [
  [-124.5, 25],
  [-67, 49.3],
];

const still = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches;

/** The map of the fleet: shows rows, tells what was clicked. Knows nothing of the page. */
export class Fleet {
  readonly map: maplibregl.Map;
  private rows: ShipmentRow[] = [];
  private selected: string | null = null;
  private ready = false;
  private fitted = false;
  private readonly motion = new Motion(() => this.draw());

  constructor(
    private readonly host: HTMLElement,
    private readonly outline: Outline,
    onpick: (code: string | null) => void,
    private readonly onmove: () => void,
  ) {
    this.map = new maplibregl.Map({
      container: host,
      style: mapStyle(readColours(host), outline, rootScale()),
      bounds: HOME,
      fitBoundsOptions: { padding: 28 },
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      renderWorldCopies: true,
      maxZoom: 9,
      minZoom: 1,
      fadeDuration: still() ? 0 : 150,
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    this.map.on('styledata', () => this.dress());
    this.map.on('move', onmove);
    this.map.on('click', (event) => {
      const around: [maplibregl.PointLike, maplibregl.PointLike] = [
        [event.point.x - 10, event.point.y - 10],
        [event.point.x + 10, event.point.y + 10],
      ];
      const hits = this.map.queryRenderedFeatures(around, { layers: ['shipments'] });
      const worst = hits.toSorted((a, b) => b.properties['rank'] - a.properties['rank'])[0];
      onpick((worst?.properties['code'] as string | undefined) ?? null);
    });
    this.map.on('mousemove', 'shipments', () => (this.map.getCanvas().style.cursor = 'pointer'));
    this.map.on('mouseleave', 'shipments', () => (this.map.getCanvas().style.cursor = ''));
  }

  show(rows: ShipmentRow[], selected: string | null): void {
    this.rows = rows;
    this.selected = selected;
    const target = new Map<string, Position>();
    for (const row of rows) {
      const position = positionOf(row);
      if (position) target.set(row.code, position);
    }
    this.motion.to(target, still());
    this.fit(target);
  }

  /** Where a shipment is on the screen, px, or null when it has no place. */
  pixelOf(code: string): { x: number; y: number } | null {
    const position = this.motion.positions.get(code);
    return position ? this.map.project(position) : null;
  }

  repaint(): void {
    this.ready = false;
    this.map.setStyle(mapStyle(readColours(this.host), this.outline, rootScale()), { diff: false });
  }

  home(): void {
    this.fitted = false;
    this.fit(this.motion.positions);
  }

  remove(): void {
    this.motion.stop();
    this.map.remove();
  }

  private dress(): void {
    if (this.ready || !this.map.getSource('shipments')) return;
    this.ready = true;
    addSymbols(this.map, readColours(this.host));
    this.draw();
  }

  private fit(target: Map<string, Position>): void {
    const bounds = boundsOf([...target.values()]);
    if (this.fitted || !bounds) return;
    this.fitted = true;
    const [sw, ne] = bounds;
    // Never closer than the home country while the fleet is inside it.
    const inside = sw[0] > HOME[0][0] - 2 && ne[0] < HOME[1][0] + 2 && sw[1] > HOME[0][1] - 2 && ne[1] < HOME[1][1] + 2;
    this.map.fitBounds(inside ? HOME : bounds, { padding: inside ? 28 : 48, animate: false, maxZoom: 5 });
  }

  private draw(): void {
    if (!this.ready) return;
    const positions = this.motion.positions;
    const put = (source: string, data: GeoJSON.GeoJSON): void => {
      void this.map.getSource<maplibregl.GeoJSONSource>(source)?.setData(data);
    };
    put('shipments', shipmentPoints(this.rows, positions, this.selected));
    put('ways', routeLines(this.rows, positions, this.selected));
    put('sites', sitePoints(this.rows, this.selected));
    this.onmove();
  }
}
