/** Stores of both sorts, a clock that is played, and things that somebody locks or does not: for tests. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DecisionPrincipal, DecisionTransaction } from '@macadam/adapters/decisions/port';
import { startEngine } from '@macadam/adapters/decisions/postgres/engine';
import { openStores } from '@macadam/adapters/facts/open';
import type { Collection, Observation } from '@macadam/core/facts/observation';
import { type Kind, kindSchema } from '@macadam/core/kinds/kind';
import { type CompiledStandard, compileStandard } from '@macadam/core/verdicts/compiled-standard';
import { standardSchema } from '@macadam/core/verdicts/standard';
import { evidenceIn } from '@macadam/services/work/evidence';
import { exceptionsInForce } from '@macadam/services/work/exceptions';
import { judgeIn } from '@macadam/services/work/judge';
import type { WorkOptions } from '@macadam/services/work/tick';
import type { OpenedDecisions } from '../decisions/contract.ts';
import { preparedPlace } from '../decisions/prepared.ts';
import { trialFolder, trialsOn } from '../decisions/test-database.ts';
import { cy, playedTeams } from './sample.ts';

const kind: Kind = kindSchema.parse({
  kind: 'thing',
  description: 'A thing for tests.',
  key: ['name'],
  fresh_for: '1d',
  attributes: {
    name: { type: 'string', immutable: true, description: 'What it is called.' },
    locked: { type: 'bool', description: 'Whether it is locked.' },
    colour: { type: 'string', description: 'How it looks.' },
    owners: { type: 'list', of: 'string', description: 'Who answers for it.' },
  },
});
const kinds = new Map([[kind.kind, kind]]);

function standard(id: string, check: string): CompiledStandard {
  const definition = standardSchema.parse({
    id,
    pillar: 'engineering',
    title: 'Things are locked',
    statement: 'Every thing is locked at night.',
    why: 'What is open is walked into.',
    scope: { kind: 'thing' },
    check,
    severity: 'high',
    origin: { report: 'none', lesson: 'Open things were walked into.' },
    reasons: [{ id: 'open', when: 'true', say: 'it is open and {asset.colour}' }],
    measure: { kind: 'share' },
    rollout: { state: 'warn', on_unknown: 'allow' },
    toil: { owner_minutes: 0 },
  });
  const compiled = compileStandard(definition, kind, { file: id, lineOf: () => 1 });
  if ('mistakes' in compiled) throw new TypeError(compiled.mistakes[0]?.reason);
  return compiled;
}
const locked = standard('locked', 'asset.locked');

type Said = Readonly<Record<string, { locked?: boolean; colour?: string; owner?: string; path?: string }>>;
export const DAY = 86_400_000;
const FIRST = Date.parse('2026-03-02T08:00:00Z');

export interface Stage {
  /** Stores of their own; the engine of facts has one at a time in a process. */
  readonly scene: () => Promise<Scene>;
  /** For what looks at no facts. */
  readonly opened: () => Promise<OpenedDecisions>;
  readonly end: () => Promise<void>;
}
export type Scene = Awaited<ReturnType<typeof sceneIn>>;

/** One server of decisions for many scenes. */
export async function stage(): Promise<Stage> {
  const root = trialFolder();
  const engine = await startEngine(preparedPlace(join(root, 'decisions')), { fleeting: true });
  const trials = trialsOn(engine.address);
  let count = 0;
  return {
    scene: () => {
      count += 1;
      return sceneIn(trials, join(root, `facts-${count}`));
    },
    opened: () => trials.open(),
    end: async () => {
      await engine.stop();
      rmSync(root, { recursive: true });
    },
  };
}

async function sceneIn(trials: ReturnType<typeof trialsOn>, folder: string) {
  let now = FIRST;
  const stores = await openStores(folder, { kinds, now: () => new Date(now) });
  const opened = await trials.open({ simulated: true });
  const { decisions } = opened;
  let standards: readonly CompiledStandard[] = [locked];
  const judge: WorkOptions['judge'] = (...asked) =>
    judgeIn({ driver: stores.driver, facts: stores.facts, kinds, standards, now: () => new Date(now) })(
      ...asked,
    );
  const options = (): WorkOptions => ({
    decisions,
    history: stores.history,
    evidence: evidenceIn(stores.driver),
    standards,
    judge,
    teams: playedTeams(),
    at: new Date(now),
  });
  const as = <T>(who: DecisionPrincipal, body: (tx: DecisionTransaction) => Promise<T>): Promise<T> =>
    decisions.transaction(who, body, { at: new Date(now) });
  return {
    decisions,
    stores,
    as,
    judge,
    options,
    now: () => new Date(now),
    wait: (days: number) => {
      now += days * DAY;
    },
    define: (next: readonly CompiledStandard[]) => {
      standards = next;
    },
    /** `ago`: days since it was true; it is only learned now. */
    saw: async (things: Said, { complete = true, ago = 0 } = {}) => {
      now += 60_000;
      const at = new Date(now - ago * DAY).toISOString();
      const observations = Object.entries(things).map(
        ([name, { locked: closed, colour = 'red', owner = 'n1', path }]): Observation => ({
          kind: 'thing',
          id: `thing/${name}`,
          name,
          source: 'rounds',
          assurance: 'effective',
          container: 'house',
          observedAt: at,
          receivedAt: at,
          ...(path !== undefined && { location: { path } }),
          attributes: {
            name: { value: name },
            locked:
              closed === undefined ? { unobserved: 'forbidden', why: 'behind a door' } : { value: closed },
            colour: { value: colour },
            owners: { value: [owner] },
          },
        }),
      );
      const seen = observations.length;
      const collection: Collection = {
        source: 'rounds',
        startedAt: at,
        finishedAt: at,
        problems: [],
        status: complete ? 'complete' : 'incomplete',
        partitions: [
          {
            kind: 'thing',
            container: 'house',
            containerName: 'the house',
            complete,
            seen,
            ...(complete
              ? { witness: { id: 'register', count: seen } }
              : { cause: 'incomplete', why: 'dark' }),
          },
        ],
      };
      const { collection: digest } = await stores.facts.append(collection, observations, new Date(now));
      return digest;
    },
    tick: async () => {
      now += 60_000;
      const exceptions = await as(cy, (tx) => exceptionsInForce(tx));
      return stores.history.tick({ facts: stores.facts, kinds, standards, exceptions, at: new Date(now) });
    },
    close: async () => {
      await decisions.close();
      await stores.close();
    },
  };
}
