import { describe, expect, test } from 'vitest';

import type { Board } from '../api/types';
import { aRow, anAlert } from '../support/samples';
import {
  countRows,
  isNewCritical,
  matchesSearch,
  patchAlerts,
  patchBoard,
  patchShipments,
  sortAlerts,
  sortShipments,
} from './patch';

const aBoard = (bent: Partial<Board> = {}): Board => {
  const shipments = bent.shipments ?? [aRow(), aRow({ code: 'U-2' })];
  return { as_of: '2026-11-21T12:00:00Z', alerts: [], shipments, counts: countRows(shipments), ...bent };
};

describe('shipments', () => {
  test('a message changes its row and no other', () => {
    const board = aBoard();
    const next = patchBoard(board, { shipment: aRow({ code: 'U-2', temp_c: -140 }) });
    expect(next.shipments[0]).toBe(board.shipments[0]);
    expect(next.shipments[1]?.temp_c).toBe(-140);
    expect(board.shipments[1]?.temp_c).toBe(-182);
  });

  test('an older report never overwrites a newer one', () => {
    const rows = [aRow({ received_at: '2026-11-21T12:05:00Z', temp_c: -140 })];
    expect(patchShipments(rows, aRow({ received_at: '2026-11-21T12:04:00Z' }))).toBe(rows);
  });

  test('custody news with the same reading is taken', () => {
    const next = patchShipments([aRow()], aRow({ holder: { id: 'q', name: 'Lakeside' } }));
    expect(next[0]?.holder?.name).toBe('Lakeside');
  });

  test('a shipment not seen before joins the board, a closed one leaves it', () => {
    const grown = patchBoard(aBoard(), { shipment: aRow({ code: 'U-3' }) });
    expect(grown.counts.shipments).toBe(3);
    const shrunk = patchBoard(grown, { shipment: aRow({ code: 'U-3', state: 'closed' }) });
    expect(shrunk.shipments.map((row) => row.code)).toEqual(['U-1', 'U-2']);
  });

  test('counts follow the rows', () => {
    const board = patchBoard(aBoard(), {
      shipment: aRow({ severity: 'unknown', silent: true, outcome: 'within' }),
    });
    expect(board.counts).toEqual({ shipments: 2, quiet: 1, critical: 0, warning: 0, silent: 1 });
  });

  test('the same messages in any order end in the same board', () => {
    const early = aRow({ received_at: '2026-11-21T12:01:00Z', temp_c: -170 });
    const late = aRow({ received_at: '2026-11-21T12:02:00Z', temp_c: -160 });
    const forth = [early, late].reduce(patchShipments, [aRow()]);
    const back = [late, early].reduce(patchShipments, [aRow()]);
    expect(forth).toEqual(back);
  });

  test('the worst is first, then the least time in hand', () => {
    const rows = [
      aRow({ code: 'U-1' }),
      aRow({ code: 'U-2', severity: 'warning' }),
      aRow({ code: 'U-3', severity: 'critical' }),
      aRow({ code: 'U-4', severity: 'unknown' }),
      aRow({ code: 'U-5', eta_slack_s: -60 }),
    ];
    expect(sortShipments(rows).map((row) => row.code)).toEqual(['U-3', 'U-4', 'U-2', 'U-5', 'U-1']);
  });

  test('every word of a search must be found', () => {
    expect(matchesSearch(aRow(), 'yescarta polar')).toBe(true);
    expect(matchesSearch(aRow(), 'yescarta northway')).toBe(false);
  });
});

describe('alerts', () => {
  test('one that grows stays one', () => {
    const grown = anAlert({ headline: 'for 7 min', updated_at: '2026-11-21T12:01:00Z' });
    expect(patchAlerts([anAlert()], grown)).toEqual([grown]);
  });

  test('an older report does not undo an acknowledgement', () => {
    const taken = [anAlert({ state: 'acknowledged', updated_at: '2026-11-21T12:01:00Z' })];
    expect(patchAlerts(taken, anAlert())).toBe(taken);
  });

  test('a resolved one leaves the board', () => {
    const resolved = anAlert({ state: 'resolved', updated_at: '2026-11-21T12:01:00Z' });
    expect(patchAlerts([anAlert()], resolved)).toEqual([]);
    expect(patchAlerts([], resolved)).toEqual([]);
  });

  test('only an open critical alert that was not critical before is spoken', () => {
    expect(isNewCritical([], anAlert())).toBe(true);
    expect(isNewCritical([anAlert()], anAlert())).toBe(false);
    expect(isNewCritical([anAlert({ severity: 'warning' })], anAlert())).toBe(true);
    expect(isNewCritical([], anAlert({ severity: 'warning' }))).toBe(false);
    expect(isNewCritical([], anAlert({ state: 'acknowledged' }))).toBe(false);
  });

  test('unanswered comes first, then critical, then soonest due', () => {
    const alerts = [
      anAlert({ id: 'taken', state: 'acknowledged' }),
      anAlert({ id: 'warning', severity: 'warning' }),
      anAlert({ id: 'later', due_at: '2026-11-21T15:00:00Z' }),
      anAlert({ id: 'sooner', due_at: '2026-11-21T13:00:00Z' }),
    ];
    expect(sortAlerts(alerts).map((alert) => alert.id)).toEqual([
      'sooner',
      'later',
      'warning',
      'taken',
    ]);
  });
});
