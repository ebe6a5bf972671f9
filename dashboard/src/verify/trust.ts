import { bytesOf, Malformed } from './bytes.ts';
import { parsePolicy, policyOfLog, type Policy } from './policy.ts';

/** Whom a reader trusts, from what they typed or chose: the log's key, or a policy file's text. */
export type Trust = { policy: Policy | null } | { problem: string };

export function trustOf(text: string): Trust {
  const words = text.trim();
  if (words === '') return { policy: null };
  try {
    return { policy: /\s/.test(words) ? parsePolicy(bytesOf(text)) : policyOfLog(words) };
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return { problem: error.message };
  }
}
