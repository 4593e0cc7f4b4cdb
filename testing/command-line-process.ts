/** The process behind `command-line.ts`: a question a line comes in, an answer a line goes out; it ends with the questions. */
import { createReadStream, openSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { run } from '../apps/cli/program.ts';

interface Question {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly input: string;
}

const [questions = '', answers = ''] = process.argv.slice(2);
const own = process.cwd();

/** Collects what is written to a stream of this process until it is given back. */
function capture(stream: NodeJS.WriteStream): { text: () => string; release: () => void } {
  const parts: Buffer[] = [];
  const write = stream.write;
  stream.write = ((
    chunk: string | Uint8Array,
    encoding?: BufferEncoding | ((error?: Error | null) => void),
    done?: (error?: Error | null) => void,
  ) => {
    parts.push(Buffer.from(chunk as Uint8Array));
    const callback = typeof encoding === 'function' ? encoding : done;
    if (callback !== undefined) process.nextTick(callback);
    return true;
  }) as typeof stream.write;
  return {
    text: () => Buffer.concat(parts).toString(),
    release: () => {
      stream.write = write;
    },
  };
}

async function answer({ args, cwd, env, input }: Question): Promise<object> {
  const before = { ...process.env };
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, env);
  process.chdir(cwd);
  Object.defineProperty(process, 'stdin', {
    value: Readable.from([Buffer.from(input, 'base64')], { objectMode: false }),
    configurable: true,
  });
  const out = capture(process.stdout);
  const error = capture(process.stderr);
  try {
    process.exitCode = undefined;
    const status = await run([...args]);
    return { status: process.exitCode ?? status, stdout: out.text(), stderr: error.text() };
  } catch (thrown) {
    const trace = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    return { status: 1, stdout: out.text(), stderr: `${error.text()}${trace}\n` };
  } finally {
    out.release();
    error.release();
    process.exitCode = undefined;
    process.chdir(own);
    for (const name of Object.keys(process.env)) delete process.env[name];
    Object.assign(process.env, before);
  }
}

// In the order in which the other side opens them: each waits for its other end.
const asked = openSync(questions, 'r');
const out = openSync(answers, 'w');
const lines = createInterface({ input: createReadStream('', { fd: asked }) });
for await (const line of lines)
  writeSync(out, `${JSON.stringify(await answer(JSON.parse(line) as Question))}\n`);
process.exit();
