import { hex, refuse, textOf } from './bytes.ts';
import { COSIGNATURE_V1, ED25519, parseVkey, type VerifierKey } from './note.ts';

/** Whom to trust: logs, witnesses, and how many of them (C2SP tlog-policy). */
export interface Policy {
  logs: readonly VerifierKey[];
  /** By their names in this file, which need not be those of their keys. */
  witnesses: ReadonlyMap<string, VerifierKey>;
  groups: ReadonlyMap<string, Group>;
  quorum: string;
}

interface Group {
  threshold: number;
  members: readonly string[];
}

export const NO_QUORUM = 'none';

/** The policy of a file. */
export function parsePolicy(data: Uint8Array): Policy {
  if (data.length > 2 ** 20) refuse('The policy is longer than 1 MiB.');
  // Names are octets that are only ever compared, so each byte is one character here.
  let whole = '';
  for (const byte of data) whole += String.fromCharCode(byte);
  if (/[\x00-\x08\x0b-\x1f\x7f]/.test(whole)) refuse('The policy holds a control character.');
  const draft = new Draft();
  for (const line of whole.split('\n')) {
    const words = line.split(/[ \t]+/).filter((word) => word !== '');
    if (words.length > 0 && !words[0]?.startsWith('#')) draft.read(words);
  }
  return draft.finish();
}

/** A policy of one log and no witness: what somebody pins who knows the log's key only. */
export const policyOfLog = (vkey: string): Policy => ({
  logs: [checked(parseVkey(vkey), ED25519)],
  witnesses: new Map(),
  groups: new Map(),
  quorum: NO_QUORUM,
});

/** Whether the quorum is met when these witnesses, by their names in the policy, cosigned. */
export function isMetBy(policy: Policy, names: ReadonlySet<string>): boolean {
  const present = new Set([NO_QUORUM, ...[...policy.witnesses.keys()].filter((n) => names.has(n))]);
  for (const [name, { threshold, members }] of policy.groups) {
    if (members.filter((member) => present.has(member)).length >= threshold) present.add(name);
  }
  return present.has(policy.quorum);
}

function checked(key: VerifierKey, type: number): VerifierKey {
  return key.type === type ? key : refuse(`The key ${key.name} is not of the type needed here.`);
}

/** A policy as far as it has been read. */
class Draft {
  readonly logs: VerifierKey[] = [];
  readonly witnesses = new Map<string, VerifierKey>();
  readonly groups = new Map<string, Group>();
  quorum: string | null = null;
  readonly #members = new Set<string>();

  read([verb, ...words]: readonly string[]): void {
    const [first = '', second = '', ...rest] = words;
    if (verb === 'log' && (words.length === 1 || words.length === 2)) {
      this.logs.push(this.#key(first, ED25519, this.logs));
    } else if (verb === 'witness' && (words.length === 2 || words.length === 3)) {
      const key = this.#key(second, COSIGNATURE_V1, [...this.witnesses.values()]);
      this.witnesses.set(this.#newName(first), key);
    } else if (verb === 'group' && rest.length > 0) {
      const group = this.#group(second, rest);
      this.groups.set(this.#newName(first), group);
    } else if (verb === 'quorum' && words.length === 1 && this.quorum === null) {
      this.quorum = first === NO_QUORUM ? first : this.#defined(first);
    } else {
      refuse(`A line of the policy is no log, witness or group, nor the only quorum: ${verb}.`);
    }
  }

  finish(): Policy {
    const { logs, witnesses, groups, quorum } = this;
    if (quorum === null) return refuse('The policy has no quorum.');
    return { logs, witnesses, groups, quorum };
  }

  #key(vkey: string, type: number, others: readonly VerifierKey[]): VerifierKey {
    const octets = Uint8Array.from(vkey, (character) => character.charCodeAt(0));
    const key = checked(parseVkey(textOf(octets)), type);
    const known = hex(key.public);
    if (others.some((other) => hex(other.public) === known)) refuse(`${key.name} stands here twice.`);
    return key;
  }

  #group(threshold: string, members: readonly string[]): Group {
    for (const member of members) {
      if (this.#members.has(this.#defined(member))) refuse(`${member} is in a group already.`);
      this.#members.add(member);
    }
    const all = threshold === 'all' ? String(members.length) : threshold;
    const needed = threshold === 'any' ? '1' : all;
    if (!/^[1-9][0-9]{0,5}$/.test(needed) || Number(needed) > members.length) {
      refuse(`A group asks for ${threshold} of ${members.length} members.`);
    }
    return { threshold: Number(needed), members };
  }

  #newName(name: string): string {
    if (name === NO_QUORUM || this.witnesses.has(name) || this.groups.has(name)) {
      refuse(`The policy gives the name ${name} a second time.`);
    }
    return name;
  }

  #defined(name: string): string {
    if (!this.witnesses.has(name) && !this.groups.has(name)) {
      refuse(`The policy refers to ${name}, which no line before defines.`);
    }
    return name;
  }
}
