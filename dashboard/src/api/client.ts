import type {
  Alert,
  AskedSteps,
  Board,
  Entry,
  LedgerHead,
  Page,
  Problem,
  QuarantineItem,
  Readings,
  ReplayRequested,
  Session,
  ShipmentDetail,
  ShipmentRow,
} from './types';

const PREFIX = '/api/v1';

/** The server answered, and said no. `status` decides what the person can do about it. */
export class Answered extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem,
  ) {
    super(problem.detail ?? problem.title ?? `The server answered ${status}.`);
    this.name = 'Answered';
  }
}

/** No answer came: no network, no server, or a page in between that is not ours. */
export class Unreachable extends Error {
  constructor() {
    super('The server did not answer.');
    this.name = 'Unreachable';
  }
}

async function readProblem(response: Response): Promise<Problem> {
  try {
    return (await response.json()) as Problem;
  } catch {
    return { title: `The server answered ${response.status}.` };
  }
}

/** An answer as a clock: what it said of the time, and when it was asked for and came. */
export interface Timed {
  date: string | null;
  askedMs: number;
  cameMs: number;
}

let last: Timed | null = null;

/** The last answer of the server, whatever it was about. */
export const lastAnswer = (): Timed | null => last;

export async function send<T>(method: string, path: string, body?: unknown): Promise<T> {
  const init: RequestInit = { method, headers: { Accept: 'application/json' } };
  if (method !== 'GET') {
    init.headers = {
      Accept: 'application/json',
      'Content-Type': 'application/json',
      'X-Unbroken-Csrf': '1',
    };
    init.body = JSON.stringify(body ?? {});
  }
  let response: Response;
  const askedMs = Date.now();
  try {
    response = await fetch(PREFIX + path, { ...init, credentials: 'same-origin', cache: 'no-store' });
    last = { date: response.headers.get('date'), askedMs, cameMs: Date.now() };
  } catch {
    throw new Unreachable();
  }
  if (!response.ok) throw new Answered(response.status, await readProblem(response));
  if (response.status === 204) return undefined as T;
  // A captive portal answers 200 with a page of its own: that is no answer of ours.
  if (!(response.headers.get('content-type') ?? '').includes('json')) throw new Unreachable();
  return (await response.json()) as T;
}

const code = encodeURIComponent;

/** Lists come either bare or as a page `{items, next}`; the dashboard wants the page. */
function asPage<T>(answer: T[] | Page<T>): Page<T> {
  return Array.isArray(answer) ? { items: answer, next: null } : answer;
}

export const fetchSession = (): Promise<Session> => send('GET', '/session');

export const signIn = async (username: string, password: string): Promise<Session> => {
  const answer = await send<Session | { user: Session }>('POST', '/session', {
    username,
    password,
  });
  return 'user' in answer ? answer.user : answer;
};

export const signOut = (): Promise<void> => send('DELETE', '/session');

export const fetchBoard = (): Promise<Board> => send('GET', '/board');

export async function fetchShipments(
  state: string | null,
  cursor: string | null,
): Promise<Page<ShipmentRow>> {
  const query = new URLSearchParams();
  if (state) query.set('state', state);
  if (cursor) query.set('cursor', cursor);
  const suffix = query.size > 0 ? `?${query}` : '';
  return asPage(await send<ShipmentRow[] | Page<ShipmentRow>>('GET', `/shipments${suffix}`));
}

export const fetchShipment = (shipment: string): Promise<ShipmentDetail> =>
  send('GET', `/shipments/${code(shipment)}`);

export function fetchReadings(
  shipment: string,
  range: { from: Date; to: Date } | null,
  points = 2000,
): Promise<Readings> {
  const query = new URLSearchParams({ points: String(points) });
  if (range) {
    query.set('from', range.from.toISOString());
    query.set('to', range.to.toISOString());
  }
  return send('GET', `/shipments/${code(shipment)}/readings?${query}`);
}

export async function fetchEntries(shipment: string): Promise<Entry[]> {
  return asPage(await send<Entry[] | Page<Entry>>('GET', `/shipments/${code(shipment)}/entries`))
    .items;
}

/** Every entry of the order, oldest first: custody is the order's, whatever shipment it is on. */
export async function fetchOrderEntries(order: string): Promise<Entry[]> {
  return asPage(await send<Entry[] | Page<Entry>>('GET', `/orders/${code(order)}/entries`)).items;
}

export const fetchLedger = (): Promise<LedgerHead> => send('GET', '/ledger');

export const fetchQuestions = (order: string): Promise<AskedSteps> =>
  send('GET', `/orders/${code(order)}/custody`);

export const receiptPath = (index: number): string => `${PREFIX}/ledger/entries/${index}/receipt`;
export const bundlePath = (order: string): string => `${PREFIX}/orders/${code(order)}/bundle`;
export const certificatePath = (shipment: string): string =>
  `${PREFIX}/shipments/${code(shipment)}/certificate`;

export const acknowledge = (id: string, reason: string, comment: string): Promise<Alert> =>
  send('POST', `/alerts/${code(id)}/acknowledgement`, { reason, comment });

export const resolve = (id: string, reason: string, comment: string): Promise<Alert> =>
  send('POST', `/alerts/${code(id)}/resolution`, { reason, comment });

/** What is set aside: what waits first, at most 200. */
export async function fetchQuarantine(): Promise<QuarantineItem[]> {
  return asPage(await send<QuarantineItem[] | Page<QuarantineItem>>('GET', '/quarantine')).items;
}

export const replay = (id: string): Promise<ReplayRequested> =>
  send('POST', `/quarantine/${code(id)}/replay`);
