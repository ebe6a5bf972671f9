import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

import { isAvailable } from './ed25519.ts';
import { parsePolicy } from './policy.ts';
import { verifyFile } from './verify.ts';

/**
 * For tests: `node cli.ts README_RECEIPT README_BUNDLE` reads lines `FILE` or `FILE<tab>POLICY` and
 * answers each with one line of JSON, the result of verifying the file.
 */
const read = (path: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(path));

const [receipt = '', bundle = ''] = process.argv.slice(2);
const readmes = { receipt: read(receipt), bundle: read(bundle) };
if (!(await isAvailable())) throw new Error('This Node has no Ed25519.');

for await (const line of createInterface({ input: process.stdin })) {
  const [file = '', policy] = line.split('\t');
  const pinned = policy === undefined ? null : parsePolicy(read(policy));
  const { verification } = await verifyFile(read(file), { readmes, policy: pinned });
  process.stdout.write(`${JSON.stringify(verification)}\n`);
}
