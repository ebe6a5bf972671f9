export interface Reason {
  code: string;
  words: string;
}

/** What an acknowledgement means. The code is recorded with name and time. */
export const ACKNOWLEDGE_REASONS: Reason[] = [
  { code: 'acting', words: 'I am acting on it' },
  { code: 'site_told', words: 'The site or carrier has been told' },
  { code: 'known', words: 'Known, somebody else is acting' },
  { code: 'planned', words: 'Planned handling' },
  { code: 'other', words: 'Other, see comment' },
];

/** Why an alert may be closed. */
export const RESOLVE_REASONS: Reason[] = [
  { code: 'mended', words: 'The cause is mended' },
  { code: 'handed_to_qa', words: 'Handed to QA for disposition' },
  { code: 'planned', words: 'It was planned handling' },
  { code: 'sensor', words: 'The logger was wrong, with evidence' },
  { code: 'other', words: 'Other, see comment' },
];

/** The words of a code, or the code itself when another program chose it. */
export function reasonWords(code: string | null): string {
  const known = [...ACKNOWLEDGE_REASONS, ...RESOLVE_REASONS].find((one) => one.code === code);
  return known?.words ?? (code ?? '').replaceAll('_', ' ');
}
