import type { Alert, Entry, Place, ReadingSeries, ShipmentDetail, ShipmentRow } from '../api/types';

/** Values for tests: plain and well, to be bent where a test needs it otherwise. */

const place = (gln: string, name: string, lat: number, lon: number): Place => ({ gln, name, lat, lon });

export function aRow(bent: Partial<ShipmentRow> = {}): ShipmentRow {
  return {
    code: 'U-1',
    therapy_id: 'yescarta',
    therapy_name: 'Yescarta',
    state: 'in_transit',
    order_code: 'A-1',
    outcome: 'within',
    silent: false,
    severity: 'none',
    temp_c: -182,
    temp_at: '2026-11-21T12:00:00Z',
    received_at: '2026-11-21T12:00:05Z',
    ambient_c: 21,
    limit_high_c: -150,
    limit_low_c: null,
    lat: 35.05,
    lon: -89.98,
    position_at: '2026-11-21T12:00:00Z',
    holder: { id: 'polar', name: 'Polar Line' },
    owner: { id: 'maker', name: 'Maker A' },
    origin: place('1', 'Boston', 42.36, -71.06),
    destination: place('2', 'Seattle QTC', 47.61, -122.33),
    next: { what: 'accept', at: '2026-11-22T09:00:00Z', place: 'Seattle QTC' },
    planned_delivery_at: '2026-11-22T09:00:00Z',
    eta_slack_s: null,
    coverage_pct: 100,
    spark: [],
    tilt_deg: 2,
    ...bent,
  };
}

export function aDetail(bent: Partial<ShipmentDetail> = {}): ShipmentDetail {
  return {
    ...aRow(),
    coi_short: '·7Q4K2',
    patient_alias: null,
    shipper: null,
    loggers: [],
    legs: [],
    rules: [],
    profile: null,
    excursions: [],
    verdict: null,
    gaps: [],
    verdicts: [],
    ...bent,
  };
}

export function anAlert(bent: Partial<Alert> = {}): Alert {
  return {
    id: 'a',
    shipment: 'U-1',
    therapy_name: 'Yescarta',
    holder_name: 'Polar Line',
    destination_name: 'Lakeside',
    kind: 'limit',
    severity: 'critical',
    state: 'open',
    headline: '−142.3 °C, limit −150 °C, for 6 min 20 s',
    detail: 'Memphis hub.',
    first_step: 'Set it upright.',
    opened_at: '2026-11-21T12:00:00Z',
    updated_at: '2026-11-21T12:00:00Z',
    due_at: null,
    acknowledged_by: null,
    acknowledged_at: null,
    reason: null,
    comment: null,
    excursion_id: null,
    ...bent,
  };
}

export function anEntry(bent: Partial<Entry> = {}): Entry {
  return {
    index: 0,
    order_sequence: 1,
    kind: 'offer',
    recorded_at: '2026-11-21T12:00:01Z',
    claimed_at: '2026-11-21T12:00:00Z',
    from: 'maker',
    to: 'polar',
    from_name: 'Maker A',
    to_name: 'Polar Line',
    place: null,
    place_name: null,
    signer: 'jb',
    signer_name: 'J. Berg',
    meaning: null,
    seals: [],
    conditions: {},
    verdict: null,
    remarks: null,
    entry_hash: 'ab',
    conflict: false,
    sentence: '',
    statement_id: '01234567-89ab-4def-8123-456789abcdef',
    order: 'A-1',
    items: [],
    shipper: null,
    waybill: null,
    reason: null,
    corrects: null,
    answers: null,
    conflict_with: null,
    signers: [],
    clock: null,
    sealed: null,
    accepted_with_remarks: false,
    witnessed: false,
    ...bent,
  };
}

/** One logger's readings, one a minute from 0 s, with the given temperatures. */
export function aSeries(temps: (number | null)[], times?: number[]): ReadingSeries {
  const t = times ?? temps.map((_, at) => at * 60);
  const none = temps.map(() => null);
  return {
    logger: 'LG-1',
    t,
    received: t.map((at) => at + 5),
    temp_c: temps,
    ambient_c: none,
    tilt_deg: none,
    light_lx: none,
    shock_g: none,
  };
}
