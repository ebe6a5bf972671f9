import { byBytes, bytesOf, concat, isSame, refuse, textOf, type Bytes } from './bytes.ts';

/**
 * The one ZIP that holds given members: stored, sorted by name, nothing optional. Its bytes are a
 * function of the members, so reading means: take the members out, make the ZIP again, compare.
 */

export type Members = ReadonlyMap<string, Bytes>;

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const VERSION = 20;
const UNIX = 3;
const FIRST_DAY = 0x21; // 1980-01-01
const READABLE = (0o644 << 16) >>> 0;
const LOCAL_LENGTH = 30;

/** The members of a container, or a refusal of anything that is not its bytes exactly. */
export function readContainer(data: Bytes): Members {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const members = new Map<string, Bytes>();
  let at = 0;
  while (at + LOCAL_LENGTH <= data.length && view.getUint32(at, true) === LOCAL) {
    const nameAt = at + LOCAL_LENGTH;
    const contentAt = nameAt + view.getUint16(at + 26, true);
    const end = contentAt + view.getUint32(at + 18, true);
    if (end > data.length) refuse('The file ends in the middle of a member.');
    const name = textOf(data.subarray(nameAt, contentAt));
    if (members.has(name)) refuse(`${name} is in the file twice.`);
    members.set(name, data.slice(contentAt, end));
    at = end;
  }
  if (!isSame(makeContainer(members), data)) refuse('This is not a container, byte for byte.');
  return members;
}

/** The bytes of the container with these members. */
export function makeContainer(members: Members): Bytes {
  const files: Bytes[] = [];
  const directory: Bytes[] = [];
  let offset = 0;
  for (const [name, content] of [...members].sort(([a], [b]) => byBytes(a, b))) {
    const title = bytesOf(name);
    const facts = [0, 0, FIRST_DAY];
    const sizes = [crc32(content), content.length, content.length];
    const local = header([LOCAL], [VERSION, 0, ...facts], sizes, [title.length, 0]);
    const file = concat(local, title, content);
    directory.push(
      header([CENTRAL], [VERSION | (UNIX << 8), VERSION, 0, ...facts], sizes, [title.length, 0, 0, 0, 0]),
      header([READABLE, offset], [], [], []),
      title,
    );
    files.push(file);
    offset += file.length;
  }
  const index = concat(...directory);
  const end = header([END], [0, 0, members.size, members.size], [index.length, offset], [0]);
  return concat(...files, index, end);
}

/** Little-endian fields: 32 bits, 16 bits, 32 bits, 16 bits. */
function header(a: number[], b: number[], c: number[], d: number[]): Bytes {
  const bytes = new Uint8Array(4 * (a.length + c.length) + 2 * (b.length + d.length));
  const view = new DataView(bytes.buffer);
  let at = 0;
  const put = (values: number[], width: 2 | 4): void => {
    for (const value of values) {
      if (width === 4) view.setUint32(at, value, true);
      else view.setUint16(at, value, true);
      at += width;
    }
  };
  put(a, 4);
  put(b, 2);
  put(c, 4);
  put(d, 2);
  return bytes;
}

const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit += 1) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
  return rest >>> 0;
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let at = 0; at < bytes.length; at += 1) {
    crc = (CRC[(crc ^ (bytes[at] as number)) & 0xff] as number) ^ (crc >>> 8);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
