/** Forged tokens: 10,000 accepted tokens a second held against what their issuer made, a second's reports at a time. */
import { randomBytes } from 'node:crypto';
import { createIssuanceJoin } from '@macadam/core/tokens/issuance-join';
import { FULL, type Row, row, type Size } from './row.ts';

const ISSUER = 'https://login.example.com';
const SERVICES = 50;
const SECOND = 1000;
const LIFE = 3600 * SECOND;

const token = () => randomBytes(32).toString('base64url');

/** Reports of one second, each a JSON line, as they come from a network; the issuer's comes last. */
function secondOf(at: number, perService: number): readonly string[] {
  const used = Array.from({ length: SERVICES }, () => Array.from({ length: perService }, token));
  const accepted = used.map((tokens, service) => ({
    service: `service-${service}`,
    issuer: ISSUER,
    from: at,
    to: at + SECOND,
    // One in each second was never made.
    tokens: { 'key-1': service === 0 ? [...tokens, token()] : tokens },
    dropped: 0,
  }));
  const issued = { issuer: ISSUER, from: at, to: at + SECOND, longestLife: LIFE, tokens: used.flat() };
  return [...accepted, issued].map((one) => JSON.stringify(one));
}

/** Time of the clock and of the processors, in nanoseconds; only the first knows who else uses the machine. */
class Stopwatch {
  wall = 0;
  processor = 0;

  run(work: () => void): void {
    const used = process.cpuUsage();
    const from = process.hrtime.bigint();
    work();
    this.wall += Number(process.hrtime.bigint() - from);
    const { user, system } = process.cpuUsage(used);
    this.processor += (user + system) * 1000;
  }
}

export async function bench({ quick }: Size = FULL): Promise<readonly Row[]> {
  const perService = quick ? 2 : 200;
  const seconds = quick ? 5 : 60;
  const settings = {
    mostIssued: 12_000_000,
    mostWaiting: 1_000_000,
    skew: 2 * SECOND,
    patience: 900 * SECOND,
  };
  const join = createIssuanceJoin(settings);
  const beginning = LIFE + 10 * SECOND;
  join.issued({ issuer: ISSUER, from: 0, to: beginning, longestLife: LIFE, tokens: [] });
  const ours = new Stopwatch();
  const plain = new Stopwatch();
  const all = new Set<string>();
  let found = 0;
  let latest = 0;
  for (let second = 0; second < seconds; second++) {
    const at = beginning + second * SECOND;
    const lines = secondOf(at, perService);
    ours.run(() => {
      for (const line of lines) {
        const report = JSON.parse(line);
        if ('service' in report) join.accepted(report);
        else join.issued(report);
      }
      for (const { acceptedBy, foundAt } of join.advance(at + SECOND)) {
        found++;
        latest = Math.max(latest, foundAt - acceptedBy);
      }
    });
    plain.run(() => {
      const reports = lines.map((line) => JSON.parse(line));
      for (const { service, tokens } of reports)
        if (service === undefined) for (const one of tokens) all.add(one);
      for (const { service, tokens } of reports)
        if (service !== undefined) for (const one of tokens['key-1']) if (!all.has(one)) all.delete(one);
    });
  }
  if (found < seconds - 4) throw new Error(`${found} of ${seconds} forged tokens were found`);
  const tokens = seconds * SERVICES * perService;
  const rowOf = (which: 'wall' | 'processor') =>
    row({
      id: which === 'wall' ? 'forged-join' : 'forged-join-processor',
      what: `accepted tokens of ${SERVICES} services held against the issuer's log, reading JSON included${which === 'wall' ? '' : ', by the time of processors'}; forgeries found within ${latest / SECOND} s of the report; ${Math.round(join.bytes() / 2 ** 20)} MB for ${tokens} digests`,
      unit: 'tokens/s',
      ours: (tokens * 1e9) / ours[which],
      peer: (tokens * 1e9) / plain[which],
      peerName: 'a Set of texts, which forgets nothing and knows no late report',
      goal: { of: 'ours', atLeast: 10_000 },
    });
  // Who shares the machine with others reads the second.
  return [rowOf('wall'), rowOf('processor')];
}
