// PostgreSQL's frontend/backend protocol, version 3: frames and the few messages we make or change.
// https://www.postgresql.org/docs/17/protocol-message-formats.html

export const NO_BYTES = Buffer.alloc(0);

/** Return a message: type letter, length, body. */
export function frame(type, body = NO_BYTES) {
  const head = Buffer.alloc(5);
  head.write(type, 0, 'latin1');
  head.writeInt32BE(4 + body.length, 1);
  return Buffer.concat([head, body]);
}

/** Return a string as the protocol writes it: UTF-8 and a zero byte. */
export const text = (string) => Buffer.from(`${string}\0`);

/** Return the type letter of a message. */
export const typeOf = (message) => String.fromCharCode(message[0]);

/** Return a zero-terminated string from `offset`, and where the next field begins. */
export function readText(message, offset) {
  const end = message.indexOf(0, offset);
  return [message.toString('utf8', offset, end), end + 1];
}

/** Return the messages in a buffer of whole messages. */
export function* messagesIn(buffer) {
  for (let at = 0; at + 5 <= buffer.length; ) {
    const next = at + 1 + buffer.readInt32BE(at + 1);
    yield buffer.subarray(at, next);
    at = next;
  }
}

/** Return the SQL that a Query or Parse message carries, '' for any other message. */
export function sqlOf(message) {
  if (typeOf(message) === 'Q') return readText(message, 5)[0];
  if (typeOf(message) === 'P') return readText(message, readText(message, 5)[1])[0];
  return '';
}

/** Return the same Query or Parse message with other SQL. */
export function withSql(message, sql) {
  if (typeOf(message) === 'Q') return frame('Q', text(sql));
  const [name, sqlAt] = readText(message, 5);
  const [, restAt] = readText(message, sqlAt);
  return frame('P', Buffer.concat([text(name), text(sql), message.subarray(restAt)]));
}

/** Return the name of the prepared statement that a Parse or Close message is about, or ''. */
export function statementOf(message) {
  if (typeOf(message) === 'P') return readText(message, 5)[0];
  if (typeOf(message) === 'C' && message[5] === 0x53) return readText(message, 6)[0];
  return '';
}

/** Return the message that forgets a prepared statement. */
export const closeStatement = (name) => frame('C', Buffer.concat([Buffer.from('S'), text(name)]));

/** Return the message with the prepared statement's name put through `rename`. */
export function renameStatement(message, rename) {
  switch (typeOf(message)) {
    case 'P': {
      const [name, rest] = readText(message, 5);
      return frame('P', Buffer.concat([text(rename(name)), message.subarray(rest)]));
    }
    case 'B': {
      const [portal, nameAt] = readText(message, 5);
      const [name, rest] = readText(message, nameAt);
      return frame('B', Buffer.concat([text(portal), text(rename(name)), message.subarray(rest)]));
    }
    case 'D':
    case 'C': {
      if (message[5] !== 0x53) return message; // a portal: it lives in one transaction only
      const name = rename(readText(message, 6)[0]);
      return frame(typeOf(message), Buffer.concat([Buffer.from('S'), text(name)]));
    }
    default:
      return message;
  }
}

/** Return what a server says after a start-up message it accepts without a password. */
export function greeting(id, serverVersion) {
  const settings = {
    server_version: serverVersion,
    server_encoding: 'UTF8',
    client_encoding: 'UTF8',
    DateStyle: 'ISO, MDY',
    IntervalStyle: 'postgres',
    TimeZone: 'UTC',
    integer_datetimes: 'on',
    standard_conforming_strings: 'on',
    is_superuser: 'on',
  };
  const key = Buffer.alloc(8);
  key.writeInt32BE(id, 0);
  key.writeInt32BE(id, 4);
  return Buffer.concat([
    frame('R', Buffer.from([0, 0, 0, 0])),
    ...Object.entries(settings).map(([name, value]) =>
      frame('S', Buffer.concat([text(name), text(value)])),
    ),
    frame('K', key),
    frame('Z', Buffer.from('I')),
  ]);
}
