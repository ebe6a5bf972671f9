import type { Alert, Board, Counts, Severity, ShipmentRow } from '../api/types';

/** Shipments that the board no longer shows. */
const OFF_BOARD: ReadonlySet<string> = new Set(['closed', 'cancelled']);

const isOlder = (candidate: string | null, known: string | null): boolean =>
  candidate !== null && known !== null && Date.parse(candidate) < Date.parse(known);

/** The rows with one put in its place; an older report of the same shipment changes nothing. */
export function patchShipments(rows: ShipmentRow[], row: ShipmentRow): ShipmentRow[] {
  const at = rows.findIndex((known) => known.code === row.code);
  const known = rows[at];
  if (!known) return [...rows, row];
  return isOlder(row.received_at, known.received_at) ? rows : rows.with(at, row);
}

const without = (rows: ShipmentRow[], code: string): ShipmentRow[] =>
  rows.some((row) => row.code === code) ? rows.filter((row) => row.code !== code) : rows;

/** The alerts with one put in its place; a resolved one leaves, an older report changes nothing. */
export function patchAlerts(alerts: Alert[], alert: Alert): Alert[] {
  const at = alerts.findIndex((known) => known.id === alert.id);
  const known = alerts[at];
  if (known && isOlder(alert.updated_at, known.updated_at)) return alerts;
  if (alert.state === 'resolved') return known ? alerts.toSpliced(at, 1) : alerts;
  return known ? alerts.with(at, alert) : [...alerts, alert];
}

/** True when this alert is news that must be spoken: critical, open, not seen before. */
export function isNewCritical(alerts: Alert[], alert: Alert): boolean {
  if (alert.severity !== 'critical' || alert.state !== 'open') return false;
  const known = alerts.find((one) => one.id === alert.id);
  return known === undefined || known.severity !== 'critical';
}

/** How many shipments are in which condition, counted as the server counts them. */
export function countRows(rows: ShipmentRow[]): Counts {
  const of = (severity: Severity): number =>
    rows.filter((row) => row.severity === severity).length;
  return {
    shipments: rows.length,
    quiet: of('none'),
    warning: of('warning'),
    critical: of('critical'),
    silent: rows.filter((row) => row.silent).length,
  };
}

const SEVERITY_RANK: Record<string, number> = { critical: 0, unknown: 1, warning: 2, none: 3 };

/** Worst first, then least time in hand, then by code, so that rows do not dance. */
export function sortShipments(rows: ShipmentRow[]): ShipmentRow[] {
  const slack = (row: ShipmentRow): number => row.eta_slack_s ?? Number.POSITIVE_INFINITY;
  return rows.toSorted(
    (a, b) =>
      (SEVERITY_RANK[a.severity] ?? 3) - (SEVERITY_RANK[b.severity] ?? 3) ||
      (slack(a) === slack(b) ? 0 : slack(a) - slack(b)) ||
      a.code.localeCompare(b.code),
  );
}

const due = (alert: Alert): number => (alert.due_at ? Date.parse(alert.due_at) : Infinity);

/** Unanswered first, then critical, then soonest due, then the one open longest. */
export function sortAlerts(alerts: Alert[]): Alert[] {
  return alerts.toSorted(
    (a, b) =>
      Number(a.state !== 'open') - Number(b.state !== 'open') ||
      (SEVERITY_RANK[a.severity] ?? 3) - (SEVERITY_RANK[b.severity] ?? 3) ||
      (due(a) === due(b) ? 0 : due(a) - due(b)) ||
      a.opened_at.localeCompare(b.opened_at) ||
      a.id.localeCompare(b.id),
  );
}

/** The board after a message, or the same board when the message changes nothing. */
export function patchBoard(
  board: Board,
  change: { shipment: ShipmentRow } | { alert: Alert },
): Board {
  if ('alert' in change) {
    const alerts = patchAlerts(board.alerts, change.alert);
    return alerts === board.alerts ? board : { ...board, alerts };
  }
  const row = change.shipment;
  const shipments = OFF_BOARD.has(row.state)
    ? without(board.shipments, row.code)
    : patchShipments(board.shipments, row);
  return shipments === board.shipments
    ? board
    : { ...board, shipments, counts: countRows(shipments) };
}

/** True when every word of the query is found in what people call this shipment. */
export function matchesSearch(row: ShipmentRow, query: string): boolean {
  const hay = [
    row.code,
    row.order_code,
    row.therapy_name,
    row.holder?.name,
    row.owner?.name,
    row.origin.name,
    row.destination.name,
    row.next?.what,
    row.next?.place,
    row.outcome,
    row.silent ? 'silent' : '',
  ]
    .join(' ')
    .toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => hay.includes(word));
}
