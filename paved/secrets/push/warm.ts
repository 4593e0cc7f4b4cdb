/**
 * A push of the package's own source to a repository that is thrown away. The engine makes fast code of what it has run often, on values of the
 * forms that it saw: so what people are not to wait for is asked in the way in which pushes ask.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crypto, zlib } from '../late.ts';
import { hookIn, makeEmpty } from './parcel.ts';
import type { Here, Reply } from './pool.ts';

/** After so many the next push takes no longer than any later one. */
const TIMES = 20;

/** Throws where a push cannot be looked at on this machine: whoever starts the process is there to read why. */
export async function warm(ask: (question: Here) => Promise<Reply>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'macadam-warm-'));
  try {
    const question = ownSourcePushed(folder);
    for (let time = 0; time < TIMES; time++) {
      const reply = await ask(question);
      if ('failed' in reply) throw new Error(`no push can be searched here: ${reply.failed}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function ownSourcePushed(folder: string): Here {
  const [server, quarantine] = [join(folder, 'server.git'), join(folder, 'quarantine')];
  makeEmpty(server);
  const entries = sources().map((text, index) =>
    Buffer.concat([
      Buffer.from(`100644 ${String(index).padStart(4, '0')}.ts\0`),
      stored(quarantine, 'blob', text),
    ]),
  );
  const tree = stored(quarantine, 'tree', Buffer.concat(entries)).toString('hex');
  const person = 'A <a@example.com> 1700000000 +0000';
  const commit = stored(
    quarantine,
    'commit',
    Buffer.from(`tree ${tree}\nauthor ${person}\ncommitter ${person}\n\nBegin\n`),
  ).toString('hex');
  return {
    words: [`--log=${join(folder, 'log')}`, '--repository=warm'],
    ...hookIn(server, quarantine),
    updates: `${'0'.repeat(40)} ${commit} refs/heads/main\n`,
  };
}

/** Text as people write it, in which every keyword stands. */
function sources(): Buffer[] {
  const own = join(import.meta.dirname, '..');
  return readdirSync(own, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.[jt]s$/.test(name) && !/\.test\.ts$/.test(name) && !name.includes('node_modules'))
    .map((name) => readFileSync(join(own, name)));
}

/** As git keeps an object in a file of its own; gives its name. */
function stored(folder: string, type: string, content: Buffer): Buffer {
  const bytes = Buffer.concat([Buffer.from(`${type} ${content.length}\0`), content]);
  const id = crypto().hash('sha1', bytes, 'buffer');
  const name = id.toString('hex');
  mkdirSync(join(folder, name.slice(0, 2)), { recursive: true });
  writeFileSync(join(folder, name.slice(0, 2), name.slice(2)), zlib().deflateSync(bytes));
  return id;
}
