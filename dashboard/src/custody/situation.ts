import type { Custody, ShipmentDetail, SigningKey } from '../api/types';
import type { Filled, Situation } from './draft';
import { stepsFor, type ActForm } from './kinds';
import type { Names } from './words';

export interface Known {
  form: ActForm;
  custody: Custody;
  detail: ShipmentDetail;
  me: SigningKey;
  keys: readonly SigningKey[];
  filled: Filled;
  names: Names;
}

/** Everything that a statement is made of beside what somebody fills in. */
export function situationOf(known: Known): Situation {
  const { form, custody, detail, me, keys, filled, names } = known;
  const steps = stepsFor(custody, form.kind, isAtDestination(known));
  const two = steps.some(({ people }) => people > 1);
  const other = form.kind === 'offer' ? filled.receiver : (custody.offer?.giver ?? '');
  return {
    form,
    custody,
    shipment: detail.code,
    me,
    second: two ? (seconds(keys, me).find((one) => one.key === filled.second) ?? null) : null,
    people: two ? 2 : 1,
    verdict: detail.verdict,
    checks: steps.flatMap(({ checklist }) => checklist),
    otherName: other ? names.party(other) : 'the other party',
  };
}

const isAtDestination = ({ form, detail, filled }: Known): boolean =>
  form.place !== 'no' && filled.place === detail.destination.gln;

/** Who can sign as the second person: other people of the own party whose keys count. */
export const seconds = (keys: readonly SigningKey[], me: SigningKey): SigningKey[] =>
  keys.filter(
    (one) => one.revoked_index === null && one.party === me.party && one.user !== me.user,
  );
