/** What a verification found; the same as that of `custody/verify_result.py`. */

export const TITLES = [
  'File', 'Form', 'Keys', 'Chain', 'Inclusion', 'Checkpoint', 'Witnesses', 'People', 'Rules',
  'Readings', 'Timestamps',
] as const;

export type Severity = 'fault' | 'note';

export type Code =
  | 'file_damaged' | 'unreadable'
  | 'key_chain_broken' | 'key_rule_broken' | 'key_signature_bad' | 'keys_pointer_wrong'
  | 'order_chain_broken' | 'other_log' | 'other_order' | 'order_of_time'
  | 'not_included'
  | 'checkpoint_signature_bad' | 'checkpoint_inconsistent' | 'other_log_key' | 'log_not_pinned'
  | 'witnesses_not_pinned' | 'cosignature_bad' | 'quorum_not_met'
  | 'signature_bad' | 'key_not_valid' | 'signer_differs' | 'key_suspect'
  | 'rule_broken' | 'in_conflict'
  | 'seal_broken' | 'seal_rule_broken' | 'readings_not_shown'
  | 'timestamp_bad' | 'timestamp_not_checked';

export interface Finding {
  code: Code;
  severity: Severity;
  /** Index of the entry concerned, null where none is. */
  index: number | null;
  sentence: string;
}

export interface Step {
  number: number;
  title: string;
  findings: readonly Finding[];
}

export interface Witnessed {
  count: number;
  quorum_met: boolean | null;
  at: string | null;
}

export interface Verification {
  ok: boolean;
  form: 'receipt' | 'bundle' | null;
  log: string | null;
  order: string | null;
  size: number | null;
  root: string | null;
  entries: number;
  witnessed: Witnessed;
  steps: readonly Step[];
}

export const NOT_WITNESSED: Witnessed = { count: 0, quorum_met: null, at: null };

export const fault = (code: Code, index: number | null, sentence: string): Finding => ({
  code,
  severity: 'fault',
  index,
  sentence,
});

export const note = (code: Code, index: number | null, sentence: string): Finding => ({
  code,
  severity: 'note',
  index,
  sentence,
});

/** A step with its findings in order, each code once an index: the first stays. */
export function stepOf(number: number, findings: Iterable<Finding>): Step {
  const first = new Map<string, Finding>();
  for (const finding of findings) {
    const name = `${finding.index} ${finding.code}`;
    if (!first.has(name)) first.set(name, finding);
  }
  const inOrder = [...first.values()].sort(
    (a, b) => (a.index ?? -1) - (b.index ?? -1) || (a.code < b.code ? -1 : 1),
  );
  return { number, title: TITLES[number - 1] ?? '', findings: inOrder };
}

export const hasFault = (step: Step): boolean =>
  step.findings.some(({ severity }) => severity === 'fault');
