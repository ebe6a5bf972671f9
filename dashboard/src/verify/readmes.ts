import bundle from '../../../custody/readme_bundle.md?raw';
import receipt from '../../../custody/readme_receipt.md?raw';

import { bytesOf } from './bytes.ts';
import type { Readmes } from './members.ts';

/** The README texts, built in: this page asks no server for anything. */
export const README_TEXTS: Readmes = { receipt: bytesOf(receipt), bundle: bytesOf(bundle) };
