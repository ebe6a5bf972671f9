import type { Map as MapLibre } from 'maplibre-gl';

import type { Colours } from '../../styles/colours';

const SIZE = 28;
const RATIO = 2;

type Draw = (pen: CanvasRenderingContext2D) => void;

/** The severity shapes of the list, drawn for the map; each has a rim against the ground. */
function drawings(colours: Colours): Record<string, Draw> {
  const rim = colours.land;
  return {
    critical: (pen) => {
      pen.fillStyle = colours.critical;
      pen.strokeStyle = rim;
      pen.lineWidth = 1.5;
      pen.beginPath();
      pen.moveTo(14, 3);
      pen.lineTo(25, 14);
      pen.lineTo(14, 25);
      pen.lineTo(3, 14);
      pen.closePath();
      pen.fill();
      pen.stroke();
      pen.strokeStyle = colours.surface;
      pen.lineWidth = 2.2;
      pen.lineCap = 'round';
      pen.beginPath();
      pen.moveTo(14, 9.5);
      pen.lineTo(14, 14.8);
      pen.moveTo(14, 18.4);
      pen.lineTo(14, 18.6);
      pen.stroke();
    },
    warning: (pen) => {
      pen.fillStyle = rim;
      pen.strokeStyle = colours.warning;
      pen.lineWidth = 2.2;
      pen.lineJoin = 'round';
      pen.beginPath();
      pen.moveTo(14, 5.5);
      pen.lineTo(23, 21.5);
      pen.lineTo(5, 21.5);
      pen.closePath();
      pen.fill();
      pen.stroke();
    },
    unknown: (pen) => {
      pen.fillStyle = rim;
      pen.strokeStyle = colours.unknown;
      pen.lineWidth = 2.2;
      pen.setLineDash([3.4, 2.6]);
      pen.beginPath();
      pen.arc(14, 14, 7.5, 0, 2 * Math.PI);
      pen.fill();
      pen.stroke();
    },
    well: (pen) => {
      pen.fillStyle = colours['ink-3'];
      pen.strokeStyle = rim;
      pen.lineWidth = 1.5;
      pen.beginPath();
      pen.arc(14, 14, 4.75, 0, 2 * Math.PI);
      pen.fill();
      pen.stroke();
    },
    chosen: (pen) => {
      pen.fillStyle = colours.accent;
      pen.strokeStyle = rim;
      pen.lineWidth = 1.5;
      pen.beginPath();
      pen.arc(14, 14, 6.5, 0, 2 * Math.PI);
      pen.fill();
      pen.stroke();
    },
  };
}

/** Puts the shapes into the map under their names, replacing those of another theme. */
export function addSymbols(map: MapLibre, colours: Colours): void {
  for (const [name, draw] of Object.entries(drawings(colours))) {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = SIZE * RATIO;
    const pen = canvas.getContext('2d');
    if (!pen) continue;
    pen.scale(RATIO, RATIO);
    draw(pen);
    if (map.hasImage(name)) map.removeImage(name);
    map.addImage(name, pen.getImageData(0, 0, canvas.width, canvas.height), { pixelRatio: RATIO });
  }
}
