import { byBytes, bytesOf, hex, isSame, refuse, type Bytes } from './bytes.ts';
import { sha256 } from './hash.ts';
import { readContainer, type Members } from './zip.ts';

/** Step 1: is the file what its maker handed over? Hashing and comparing; nothing is interpreted. */

export type Form = 'receipt' | 'bundle';

/** The fixed text of each form's README, byte for byte. */
export type Readmes = Readonly<Record<Form, Bytes>>;

const FIXED = ['README.md', 'SHA256SUMS', 'about.json', 'checkpoint.txt', 'policy.txt'];
const PARTS = {
  'entries/.json': 'entries',
  'keys/.json': 'keys',
  'proofs/.txt': 'proofs',
  'timestamps/.tsr': 'timestamps',
  'checkpoints/.txt': 'checkpoints',
  'checkpoints/.consistency': 'consistency',
  'readings/.jsonl': 'readings',
} as const;

/** A kind of numbered members. */
export type Part = (typeof PARTS)[keyof typeof PARTS];

const OF_RECEIPT: readonly Part[] = ['entries', 'keys', 'proofs', 'timestamps'];
const NUMBERED = /^([a-z]+\/)([0-9]{10})(\.[a-z]+)$/;
const BY_HAND =
  /^hand\/(statement\.json|statement\.pae|log\.pem|checkpoint\.body|checkpoint\.sig|signature-[1-9][0-9]?\.bin|signer-[1-9][0-9]?\.pem)$/;

export const isByHand = (name: string): boolean => BY_HAND.test(name);

function partOf(name: string): { part: Part; number: number } | null {
  const [, folder = '', number = '', ending = ''] = NUMBERED.exec(name) ?? [];
  const pattern = folder + ending;
  if (!Object.hasOwn(PARTS, pattern)) return null;
  return { part: PARTS[pattern as keyof typeof PARTS], number: Number(number) };
}

/** The numbered members by kind and number, ascending. */
export function byNumber(members: Members): Readonly<Record<Part, ReadonlyMap<number, Bytes>>> {
  const of: Record<Part, Map<number, Bytes>> = {
    entries: new Map(),
    keys: new Map(),
    proofs: new Map(),
    timestamps: new Map(),
    checkpoints: new Map(),
    consistency: new Map(),
    readings: new Map(),
  };
  for (const name of [...members.keys()].sort(byBytes)) {
    const numbered = partOf(name);
    if (numbered) of[numbered.part].set(numbered.number, members.get(name) as Bytes);
  }
  return of;
}

/** What kind of file it is, and its members; a changed byte is refused. */
export function openFile(data: Bytes, readmes: Readmes): { form: Form; members: Members } {
  const members = readContainer(data);
  const missing = FIXED.find((name) => !members.has(name));
  if (missing !== undefined) refuse(`The file has no ${missing}.`);
  const readme = members.get('README.md') as Bytes;
  const form = (['receipt', 'bundle'] as const).find((each) => isSame(readmes[each], readme));
  if (!form) return refuse('Its README is not the one that receipts or bundles carry.');
  const entries = checkNames(members, form);
  if (entries === 0 || (form === 'receipt' && entries > 1)) {
    refuse(`The file has ${entries} entries; a receipt has one, a bundle at least one.`);
  }
  if (!isSame(sumsOf(members), members.get('SHA256SUMS') as Bytes)) {
    refuse("A member's SHA-256 is not the one in SHA256SUMS.");
  }
  return { form, members };
}

/** How many members are entries; a name that does not belong there is refused. */
function checkNames(members: Members, form: Form): number {
  let entries = 0;
  for (const name of members.keys()) {
    if (FIXED.includes(name)) continue;
    const part = partOf(name)?.part;
    const belongs =
      form === 'bundle'
        ? part !== undefined
        : isByHand(name) || (part !== undefined && OF_RECEIPT.includes(part));
    if (!belongs) refuse(`${name} does not belong into a ${form}.`);
    if (part === 'entries') entries += 1;
  }
  return entries;
}

/** `SHA256SUMS` for the other members, as `sha256sum --check` reads it. */
export function sumsOf(members: Members): Bytes {
  const lines = [...members.keys()]
    .filter((name) => name !== 'SHA256SUMS')
    .sort(byBytes)
    .map((name) => `${hex(sha256(members.get(name) as Bytes))}  ${name}\n`);
  return bytesOf(lines.join(''));
}
