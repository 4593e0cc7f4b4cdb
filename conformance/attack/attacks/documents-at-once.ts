import assert from 'node:assert/strict';
import { BOUNDS } from '@macadam/core/text/bounds';
import { until } from '@macadam/testing/until';
import type { Attack } from '../attack.ts';

/** Tokens, and documents that each sends at once: as many as the server receives of one caller. */
const SENDERS = 3;
const EACH = 4;
/** What the server may grow by: two documents of that size, their text and what was found in them, and what the engine takes for storing it. */
const MOST_MB = 700;
const LOOK_MS = 50;

/** The results of one tool, of exactly so many bytes. */
function documentOf(tool: string, bytes: number): string {
  const begin = `{"version":"2.1.0","runs":[{"tool":{"driver":{"name":${JSON.stringify(tool)}}},"results":[`;
  const end = ']}]}';
  const parts: string[] = [];
  let room = bytes - begin.length - end.length;
  for (let number = 0; ; number += 1) {
    const result = JSON.stringify({
      ruleId: `rule-${number % 50}`,
      level: 'warning',
      message: { text: `${number} ${'x'.repeat(400)}` },
      locations: [{ physicalLocation: { artifactLocation: { uri: `src/file-${number}.ts` } } }],
    });
    if (result.length + 1 > room) break;
    parts.push(result);
    room -= result.length + 1;
  }
  return `${begin}${parts.join(',')}${' '.repeat(bytes - begin.length - end.length - parts.join(',').length)}${end}`;
}

export const attack: Attack = {
  finding: 'A dozen documents, each as large as one may be, were held and read all at once',
  seconds: 900,
  run: async (start) => {
    const server = await start();
    const tokens = await Promise.all(
      Array.from({ length: SENDERS }, (_, at) =>
        server.machine(`scanner-${at}`, {
          roles: ['engineer'],
          scopes: ['Fact::*'],
          sources: Array.from({ length: EACH + 1 }, (__, tool) => ({
            source: `scanner-${at}-${tool}`,
            kinds: ['tool-result'],
          })),
        }),
      ),
    );
    const send = (at: number, tool: number, bytes: number) =>
      server.ask('/api/observations?as=sarif', {
        token: tokens[at] ?? '',
        method: 'POST',
        patience: 400_000,
        raw: documentOf(`scanner-${at}-${tool}`, bytes),
        headers: { 'content-type': 'application/octet-stream' },
      });
    const over = await send(0, EACH, BOUNDS.document + 1);
    assert.equal(over.status, 422, over.text.slice(0, 300));
    assert.match(over.text, /is larger than 33554432 bytes/);
    const before = server.memory();
    let most = before;
    const look = setInterval(() => {
      most = Math.max(most, server.memory());
    }, LOOK_MS);
    const answers = await Promise.all(
      tokens.flatMap((_, at) => Array.from({ length: EACH }, (__, tool) => send(at, tool, BOUNDS.document))),
    ).finally(() => clearInterval(look));
    const statuses = answers.map(({ status }) => status);
    console.log(
      `    ${statuses.join(' ')}; from ${before.toFixed(0)} to ${most.toFixed(0)} MB; the slowest took ${(Math.max(...answers.map(({ took }) => took)) / 1000).toFixed(0)} s`,
    );
    assert.ok(statuses.includes(201), `none was taken: ${answers[0]?.text.slice(0, 300)}`);
    for (const { status, headers, text } of answers)
      assert.ok(
        status === 201 || (status === 503 && headers['retry-after'] !== undefined),
        `${status} ${text.slice(0, 300)}`,
      );
    assert.ok(most - before < MOST_MB, `it grew by ${(most - before).toFixed(0)} MB`);
    await until(
      'it answers as before',
      async () => (await server.ask('/api/me')).status === 200,
      () => server.said().slice(-500),
    );
  },
};
