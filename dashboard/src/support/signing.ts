import type { Custody, SigningKey } from '../api/types';

/** Values for tests: an order that a courier offers to a pharmacy. */

export const aKey = (bent: Partial<SigningKey> = {}): SigningKey => ({
  key: 'ab'.repeat(32),
  public: 'cd'.repeat(32),
  user: 'ann',
  name: 'Ann Ödegård',
  party: 'pharmacy',
  approver: false,
  enrolled_index: 3,
  revoked_index: null,
  suspect_since: null,
  ...bent,
});

export const aCustody = (bent: Partial<Custody> = {}): Custody => ({
  log: 'unbroken/test',
  order: 'A-1',
  seen: { sequence: 7, hash: 'ef'.repeat(32) },
  holder: 'courier',
  owner: 'maker',
  site: null,
  offer: {
    statement: '12'.repeat(32),
    entry: '34'.repeat(32),
    giver: 'courier',
    receiver: 'pharmacy',
    items: ['item.1'],
  },
  items: [{ id: 'item.1', state: 'packed', held: false }],
  in_transit: null,
  released: ['U-1'],
  sealed: { shipper: 'S-1', waybill: 'W-1', seals: ['88-1', '88-2'] },
  coi_commitment: '56'.repeat(32),
  erased: false,
  steps: [
    {
      kind: 'accept',
      at: 'destination',
      checklist: [
        { id: 'case', key: 'case', question: 'Case intact?', expected: 'yes' },
        { id: 'probe', key: 'probe', question: 'Number of the probe', expected: 'text' },
      ],
      people: 2,
    },
  ],
  ...bent,
});
