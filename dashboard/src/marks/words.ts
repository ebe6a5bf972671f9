import type { Alert, Outcome, Severity, ShipmentRow } from '../api/types';

/** The four shapes. Each severity is told by shape, word and colour; any one suffices. */
export type Shape = 'critical' | 'warning' | 'unknown' | 'well';

export interface Judgement {
  shape: Shape;
  word: string;
}

const OUTCOMES: Record<Outcome, Judgement> = {
  within: { shape: 'well', word: 'within' },
  possible: { shape: 'warning', word: 'possible' },
  excursion: { shape: 'critical', word: 'excursion' },
  indeterminate: { shape: 'unknown', word: 'indeterminate' },
};

/** The shape and word of an outcome; no outcome yet is unknown, never well. */
export function judgeOutcome(outcome: Outcome | null | undefined): Judgement {
  return outcome ? OUTCOMES[outcome] : { shape: 'unknown', word: 'not judged yet' };
}

/** What the table says of a row: an excursion outranks silence, silence outranks "within". */
export function judgeRow(row: Pick<ShipmentRow, 'outcome' | 'silent'>): Judgement {
  if (row.outcome === 'excursion') return OUTCOMES.excursion;
  return row.silent ? { shape: 'unknown', word: 'silent' } : judgeOutcome(row.outcome);
}

/** The shape drawn for a severity; silence is never drawn as well. */
export function severityShape(severity: Severity | 'none', silent = false): Shape {
  if (severity === 'critical' || severity === 'warning' || severity === 'unknown') return severity;
  return silent ? 'unknown' : 'well';
}

/** The shape of an alert: a silence keeps the shape of the unknown until it is critical. */
export function alertShape(alert: { kind: string; severity: 'warning' | 'critical' }): Shape {
  if (alert.severity === 'critical') return 'critical';
  return alert.kind === 'silence' ? 'unknown' : 'warning';
}

export const SHAPE_WORD: Record<Shape, string> = {
  critical: 'critical',
  warning: 'warning',
  unknown: 'unknown',
  well: 'well',
};

/** "in_transit" is for programs; people read "in transit". */
export const plainWord = (word: string): string => word.replaceAll('_', ' ');

/** "Zolgensma" of "Zolgensma (onasemnogene abeparvovec)": what fits into a row. */
export const shortTherapy = (name: string): string => name.replace(/ \(.*\)$/, '');

type Named = Pick<Alert, 'shipment' | 'therapy_name' | 'detail' | 'holder_name' | 'destination_name'>;

/** Why an alert is open, who holds the shipper and for whom; what stands beside it is not said twice. */
export function alertWhy(alert: Named): string {
  const named = `${alert.shipment} · ${alert.therapy_name}. `;
  const why = alert.detail.startsWith(named) ? alert.detail.slice(named.length) : alert.detail;
  const holder = alert.holder_name ? `With ${alert.holder_name}, for` : 'For';
  return `${why} ${holder} ${alert.destination_name}.`;
}

/** What comes next, in words: "arrive Memphis hub", "accept at Seattle QTC". */
export function nextWords(next: { what: string; place?: string | null }): string {
  if (!next.place) return next.what;
  const at = next.what === 'accept' || next.what === 'release' ? ' at' : '';
  return `${plainWord(next.what)}${at} ${next.place}`;
}

/** The heading of a verdict, as a statement somebody could sign. */
export function verdictHeading(outcome: Outcome | null, running: boolean): string {
  switch (outcome) {
    case 'within':
      return 'Within limits so far';
    case 'possible':
      return running ? 'Possibly beyond the limit, still running' : 'Possibly beyond the limit';
    case 'excursion':
      return running ? 'Excursion, confirmed and still running' : 'Excursion, confirmed';
    case 'indeterminate':
      return 'Indeterminate: too little was measured to judge';
    case null:
      return 'Not judged yet';
  }
}
