/**
 * What the API sends, in its own words. Written from the REST contract by hand; times are
 * ISO-8601 with `Z`, temperatures are °C, durations are seconds, unless the name says otherwise.
 */

export type Outcome = 'within' | 'possible' | 'excursion' | 'indeterminate';
export type Severity = 'none' | 'warning' | 'critical' | 'unknown';
export type ShipmentState =
  | 'planned'
  | 'released'
  | 'in_transit'
  | 'delivered'
  | 'closed'
  | 'cancelled';
export type AlertState = 'open' | 'acknowledged' | 'resolved';

export interface Session {
  username: string;
  display_name: string;
  role: string;
  party_id: string | null;
  site_gln: string | null;
}

export interface PartyRef {
  id: string;
  name: string;
}

export interface Place {
  gln: string;
  name: string;
  lat: number | null;
  lon: number | null;
}

/** One point of the last twelve hours: unix seconds and °C, or null where nothing was said. */
export type SparkPoint = [number, number | null];

/** What the plan says comes next; `what` is one of release, depart, arrive, accept. */
export interface NextStep {
  what: string;
  at: string | null;
  place?: string | null;
}

export interface ShipmentRow {
  code: string;
  therapy_id: string;
  therapy_name: string;
  state: ShipmentState;
  order_code: string;
  outcome: Outcome | null;
  silent: boolean;
  severity: Severity;
  temp_c: number | null;
  temp_at: string | null;
  received_at: string | null;
  ambient_c: number | null;
  limit_high_c: number | null;
  limit_low_c: number | null;
  lat: number | null;
  lon: number | null;
  position_at: string | null;
  holder: PartyRef | null;
  owner: PartyRef | null;
  origin: Place;
  destination: Place;
  next: NextStep | null;
  planned_delivery_at: string | null;
  eta_slack_s: number | null;
  coverage_pct: number | null;
  spark: SparkPoint[];
  tilt_deg: number | null;
}

export interface Alert {
  id: string;
  shipment: string;
  therapy_name: string;
  holder_name: string | null;
  destination_name: string;
  kind: string;
  severity: 'warning' | 'critical';
  state: AlertState;
  headline: string;
  detail: string;
  first_step: string | null;
  opened_at: string;
  updated_at: string;
  due_at: string | null;
  acknowledged_by: string | null;
  acknowledged_at: string | null;
  reason: string | null;
  comment: string | null;
  excursion_id: string | null;
}

/** `silent` overlaps the others; what is left over is unknown. */
export interface Counts {
  quiet: number;
  critical: number;
  warning: number;
  silent: number;
  shipments: number;
}

export interface Board {
  as_of: string;
  counts: Counts;
  alerts: Alert[];
  shipments: ShipmentRow[];
}

export interface Page<T> {
  items: T[];
  next: string | null;
}

export interface AssignedLogger {
  serial: string;
  make?: string | null;
  accuracy_c: number | null;
  calibration_expires_at?: string | null;
  logging_interval_s?: number | null;
  upload_interval_s?: number | null;
  starts_at: string;
  ends_at: string | null;
  last_seen_at: string | null;
}

export interface Leg {
  number: number;
  carrier_party_id: string;
  carrier_name?: string;
  from_gln: string;
  to_gln: string;
  from_name?: string;
  to_name?: string;
  planned_departure_at: string | null;
  planned_arrival_at: string | null;
}

export interface Rule {
  id: string;
  kind: string;
  channel: string | null;
  stage: string | null;
  above: number | null;
  below: number | null;
  dwell_s: number | null;
  source: string | null;
}

export interface Excursion {
  id: string;
  logger?: string;
  rule_id: string;
  certainty: 'confirmed' | 'possible';
  running: boolean;
  started_at: string;
  ended_at: string | null;
  duration_s: number;
  peak_c: number | null;
  limit_c: number | null;
  side: 'above' | 'below' | null;
  excess_degree_min: number | null;
  sentence: string;
}

export interface Verdict {
  version: number;
  outcome: Outcome | null;
  coverage_pct: number | null;
  longest_gap_s: number | null;
  received: number;
  expected: number | null;
  late: number;
  as_of: string;
  engine: string;
  sentence: string;
}

export interface VerdictVersion {
  version: number;
  outcome: Outcome | null;
  as_of: string;
  created_at: string;
}

export interface ProfileRef {
  sha256: string;
  version: number;
  name: string;
  /** The document that the limits come from, the clause in it, and the day it was read. */
  source: string;
  source_clause: string;
  source_read: string;
  minimum_coverage_pct: number;
  max_gap_s: number;
  note: string;
}

export interface Shipper {
  grai: string;
  kind: string;
  qualified_hold_h: number | null;
  conditioned_at: string | null;
}

export interface Unmonitored {
  from: string;
  to: string;
  planned: boolean;
}

export interface ShipmentDetail extends ShipmentRow {
  coi_short: string | null;
  patient_alias: string | null;
  shipper: Shipper | null;
  loggers: AssignedLogger[];
  legs: Leg[];
  rules: Rule[];
  profile: ProfileRef | null;
  excursions: Excursion[];
  verdict: Verdict | null;
  gaps: Unmonitored[];
  verdicts: VerdictVersion[];
}

export type Column = (number | null)[];

/** The readings of one logger as columns of equal length; `t` and `received` in unix seconds. */
export interface ReadingSeries {
  logger: string;
  t: number[];
  received: Column;
  temp_c: Column;
  ambient_c: Column;
  tilt_deg: Column;
  light_lx: Column;
  shock_g: Column;
  gaps?: [number, number][];
}

export interface Readings {
  columns?: string[];
  series: ReadingSeries[];
  gaps?: [number, number][];
}

export interface Entry {
  index: number;
  order_sequence: number;
  kind: string;
  shipment?: string | null;
  recorded_at: string;
  claimed_at: string;
  from: string | null;
  to: string | null;
  from_name: string | null;
  to_name: string | null;
  place: string | null;
  place_name: string | null;
  signer: string | null;
  signer_name: string | null;
  meaning: string | null;
  seals: string[] | null;
  conditions: Record<string, string> | null;
  verdict: { outcome: Outcome | null; version: number } | null;
  remarks: string | null;
  entry_hash: string;
  conflict: boolean;
  sentence: string;
}

export interface QuarantineItem {
  id: string;
  received_at: string;
  topic: string;
  reason: string;
  detail: string;
  payload_preview: string;
  size: number;
  replay_requested_at: string | null;
  replayed_at: string | null;
  outcome: string | null;
}

/** A replay is done by ingest; its outcome comes with the next look at the quarantine. */
export interface ReplayRequested {
  state: 'requested';
}

/** DSSE on the wire: exactly these fields, padded base64. */
export interface SignedEnvelope {
  payload: string;
  payloadType: string;
  signatures: { keyid: string; sig: string }[];
}

export interface MissingSigner {
  user: string;
  name: string;
  role: string;
  key: string;
}

export interface Recorded {
  state: 'recorded';
  index: number;
  order_sequence: number;
  entry_hash: string;
  recorded_at: string;
  conflict_with: string | null;
}

/** Signed, and not recorded while signatures are missing. */
export interface Awaiting {
  state: 'awaiting';
  missing: MissingSigner[];
}

export interface SignedStatement {
  id: string;
  state: 'awaiting' | 'recorded';
  envelope: SignedEnvelope;
  missing: MissingSigner[];
  index: number | null;
}

export interface SigningKey {
  key: string;
  public: string;
  user: string;
  name: string;
  party: string | null;
  approver: boolean;
  enrolled_index: number;
  revoked_index: number | null;
  suspect_since: string | null;
}

export interface KeysHead {
  log: string;
  founded: boolean;
  sequence: number;
  hash: string | null;
}

export interface Check {
  id: string;
  key: string;
  question: string;
  expected: 'yes' | 'text';
}

export interface Step {
  kind: string;
  at: string | null;
  checklist: Check[];
  people: number;
}

/** Where an order stands, and what must be known to sign the next statement about it. */
export interface Custody {
  log: string;
  order: string;
  seen: { sequence: number; hash: string } | null;
  holder: string | null;
  owner: string | null;
  site: string | null;
  offer: {
    statement: string;
    entry: string | null;
    giver: string;
    receiver: string;
    items: string[];
  } | null;
  items: { id: string; state: string; held: boolean }[];
  in_transit: string | null;
  released: string[];
  sealed: { shipper: string; waybill: string | null; seals: string[] } | null;
  coi_commitment: string;
  erased: boolean;
  steps: Step[];
}

/** RFC 9457: the one shape of every failure. */
export interface Problem {
  type?: string;
  title?: string;
  status?: number;
  detail?: string;
  instance?: string;
  errors?: unknown;
}

/* The custody record: what an entry says beyond the lines above, and how far the log is signed. */

export interface EntrySigner {
  user: string;
  name: string;
  party: string | null;
  party_name: string | null;
  role: 'signer' | 'confirmer' | 'verifier';
  key: string;
  meaning: string;
}

/** What the signer's device knew of its clock: `offset_ms` is the server's less the device's. */
export interface DeviceClock {
  offset_ms: number;
  error_ms: number;
  synced_at: string;
}

export interface SealedReadings {
  leg: number;
  from: string | null;
  until: string;
  count: number;
  root: string;
  /** Hash of the entry with this leg's seal before, when late readings made a new one. */
  earlier: string | null;
}

export interface Entry {
  statement_id: string;
  order: string;
  items: string[];
  shipper: string | null;
  waybill: string | null;
  reason: string | null;
  corrects: string | null;
  /** SHA-256 of the offer's statement; not the hash of its entry. */
  answers: string | null;
  conflict_with: string | null;
  signers: EntrySigner[];
  clock: DeviceClock | null;
  sealed: SealedReadings | null;
  accepted_with_remarks: boolean;
  witnessed: boolean;
}

/** How far the log is signed and witnessed; `k` of `n` witnesses are asked for. */
export interface LedgerHead {
  origin: string;
  size: number;
  root: string;
  founded: boolean;
  checkpoint: { size: number; root: string; signed_at: string; note: string } | null;
  witnessed: {
    size: number;
    age_s: number | null;
    at: string | null;
    k: number;
    n: number;
    witnesses: { name: string; size: number | null; at: string | null }[];
  } | null;
}

/** The questions that an order's therapy asks at its steps. */
export interface AskedSteps {
  steps: { kind: string; checklist: { key: string; question: string }[] }[];
}
