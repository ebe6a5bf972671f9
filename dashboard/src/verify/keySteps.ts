import type { Bytes } from './bytes.ts';
import { verify } from './ed25519.ts';
import { signedBytes, type Entry } from './entry.ts';
import { NO_ENTRY } from './form.ts';
import { applyKeys, type KeyLog } from './keyLog.ts';
import type { KeyStatement } from './keyStatement.ts';
import { shown, type Opened } from './read.ts';
import { Conflict, conflict } from './requirements.ts';
import { fault, type Finding } from './result.ts';

/** Step 3: who had which key when, replayed from the keys' chain. */

/** What is wrong with the keys' chain, and the keys as its statements leave them. */
export async function checkKeys(opened: Opened): Promise<{ findings: Finding[]; keys: KeyLog }> {
  const findings: Finding[] = [];
  const named = new Map<string, Bytes>();
  let keys: KeyLog = new Map();
  let founded = false;
  for (const [at, entry] of opened.keys.entries()) {
    const { index, said } = entry;
    for (const key of said.keys) named.set(key.id, key.public);
    if (!follows(entry, opened.keys, at)) {
      findings.push(fault('key_chain_broken', index, `Entry ${index} does not follow the entry about keys in front of it: one was left out, put in or changed.`));
    }
    for (const user of await badSigners(entry, named)) {
      findings.push(fault('key_signature_bad', index, `The signature of ${user} in entry ${index} does not belong to what it says about keys.`));
    }
    try {
      checkSeen(said, opened.keys, at);
      keys = applyKeys(keys, said, index, founded);
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
      findings.push(fault('key_rule_broken', index, error.message));
    }
    founded = true;
  }
  return { findings: [...findings, ...pointers(opened)], keys };
}

/** The users whose signatures fail under the keys given; unknown keys are passed over. */
export async function badSigners(
  entry: Entry,
  keys: ReadonlyMap<string, Bytes>,
): Promise<string[]> {
  const message = signedBytes(entry);
  const bad: string[] = [];
  for (const [at, { keyId, signature }] of entry.envelope.signatures.entries()) {
    const key = keys.get(keyId);
    if (key && !(await verify(key, signature, message))) {
      bad.push(entry.said.signers[at]?.user ?? keyId);
    }
  }
  return bad;
}

function follows(entry: Entry, chain: readonly Entry[], at: number): boolean {
  return entry.sequence === at + 1 && entry.previous === (chain[at - 1]?.hash ?? NO_ENTRY);
}

function checkSeen({ seen }: KeyStatement, chain: readonly Entry[], at: number): void {
  if (seen && (seen.sequence > at || chain[seen.sequence - 1]?.hash !== seen.hash)) {
    conflict(`Its signers saw an entry ${seen.sequence} about keys that is not in this chain.`);
  }
}

function pointers(opened: Opened): Finding[] {
  return shown(opened)
    .filter((entry) => {
      const before = opened.keys.findLast(({ index }) => index < entry.index);
      return entry.keys !== (before?.hash ?? NO_ENTRY);
    })
    .map(({ index }) => fault('keys_pointer_wrong', index, `Entry ${index} was recorded under other keys than those shown.`));
}
