/** A small estate with a past of three looks, kept in a real store: for tests of what is served. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pastOf } from '@macadam/adapters/facts/history/retrospect';
import { openStores, type Stores } from '@macadam/adapters/facts/open';
import type { Observation } from '@macadam/core/facts/observation';
import type { CompiledStandard } from '@macadam/core/verdicts/compiled-standard';
import { loadCatalogue } from '@macadam/services/catalogue/load';
import type { ReviewSource } from '@macadam/services/progress/freeze';
import type { ServerContext } from '../../apps/server/pages/history/pages.ts';
import { SHEDS_PLACE } from './sheds-place.ts';

const KIND = `kind: shed
description: A shed of an estate, for tests of its past.
key: [name]
fresh_for: 30h
runbook: Change the lock, and take the spare key from the board.
attributes:
  name: { type: string, immutable: true, description: What it is called. }
  locked: { type: bool, description: Whether it is locked. }
  owners: { type: list, of: string, description: Who answers for it. }
`;
const STANDARD = `id: sheds-locked
pillar: engineering
title: Sheds are <locked> & "kept" so
statement: Every shed of the estate is locked at night.
why: What lies in an open shed is soon somewhere else.
origin: { report: none, lesson: Open sheds are empty sheds. }
scope: { kind: shed }
check: asset.locked
reasons: [{ id: open, say: it is open }]
severity: high
measure: { kind: share }
rollout: { state: warn, on_unknown: warn }
toil: { owner_minutes: 1 }
`;

export const SHEDS = 230;
/** Text that means harm where it is written into a page. */
export const HOSTILE = '<script>alert(1)</script>\u202e';

const DAYS = ['2026-11-01T12:00:00Z', '2026-11-02T12:00:00Z', '2026-11-03T12:00:00Z'].map(
  (day) => new Date(day),
);

/** On the second day every tenth is fixed and some are new; some are out of sight from then on, and two change hands on the third. */
function shed(index: number, day: number): Observation | null {
  if (day === 0 && index >= SHEDS - 20) return null;
  const name = index === 7 ? HOSTILE : `shed-${String(index).padStart(3, '0')}`;
  const locked = index % 3 === 0 || (day > 0 && index % 10 === 1);
  const blind = day > 0 && index % 50 === 0;
  const team = day === 2 && index < 2 ? 'team-moved' : `team-${String(index % 60).padStart(2, '0')}`;
  const at = DAYS[day]?.toISOString() ?? '';
  return {
    kind: 'shed',
    id: `shed/${encodeURI(name)}`,
    name,
    source: 'round',
    observedAt: at,
    receivedAt: at,
    assurance: 'effective',
    container: 'estate',
    // Two doors are of one lock: one change mends both.
    location: { path: `rows/${Math.floor(index / 120)}.yaml` },
    attributes: {
      name: { value: name },
      locked: blind ? { unobserved: 'forbidden', why: 'no key to it' } : { value: locked },
      owners: { value: [team] },
    },
  };
}

export interface KeptSheds {
  readonly site: ServerContext;
  readonly stores: Stores;
  readonly folder: string;
  /** What reviews are frozen from. */
  readonly source: ReviewSource;
  /** One more look, on another day: every shed as on the last day but for `change`. */
  readonly look: (
    at: Date,
    change: (shed: Observation, index: number) => Observation | null,
    /** In place of those of the sample. */
    judging?: readonly CompiledStandard[],
  ) => Promise<void>;
  readonly remove: () => Promise<void>;
}

/** Makes the store that others are copied from. Rejects as the engine does. */
export async function makeSheds(place: string): Promise<void> {
  const sheds = await kept();
  try {
    await sheds.stores.close();
    copied(join(sheds.folder, 'data'), place);
  } finally {
    rmSync(sheds.folder, { recursive: true, force: true });
  }
}

/** By no process: to begin one copies the tables of the memory of this one, which has the engine. */
const copied = (from: string, to: string) => cpSync(from, to, { recursive: true, verbatimSymlinks: true });

export async function kept(more: Partial<ServerContext> = {}): Promise<KeptSheds> {
  const folder = mkdtempSync(join(tmpdir(), 'macadam-past-'));
  const made = process.env[SHEDS_PLACE];
  if (made !== undefined) copied(made, join(folder, 'data'));
  const own = join(folder, 'own');
  mkdirSync(join(own, 'kinds'), { recursive: true });
  mkdirSync(join(own, 'standards/engineering/sheds-locked'), { recursive: true });
  writeFileSync(join(own, 'kinds/shed.yaml'), KIND);
  writeFileSync(join(own, 'standards/engineering/sheds-locked/standard.yaml'), STANDARD);
  writeFileSync(join(own, 'standards/engineering/sheds-locked/README.md'), '# Sheds\n');
  const { kinds, standards, mistakes, digest } = loadCatalogue([own]);
  if (standards.length === 0) throw new Error(mistakes.map(({ reason }) => reason).join('; '));
  const now = () => new Date('2026-11-03T13:00:00Z');
  const stores = await openStores(join(folder, 'data'), { kinds, now });
  const compiled = standards.map((one) => one.compiled);
  const listed = async (
    observations: readonly Observation[],
    at: Date,
    judging: readonly CompiledStandard[] = compiled,
  ) => {
    const partition = { kind: 'shed', container: 'estate', containerName: 'estate', complete: true };
    const seen = observations.length;
    await stores.facts.append(
      {
        source: 'round',
        startedAt: at.toISOString(),
        finishedAt: at.toISOString(),
        status: 'complete',
        partitions: [{ ...partition, seen, witness: { id: 'list', count: seen } }],
        problems: [],
      },
      observations,
      at,
    );
    await stores.history.tick({ facts: stores.facts, kinds, standards: judging, exceptions: [], at });
  };
  const days = (await stores.history.ticks()).length > 0 ? [] : DAYS;
  for (const [day, at] of days.entries()) {
    const all = Array.from({ length: SHEDS }, (_, index) => shed(index, day));
    await listed(
      all.filter((one) => one !== null),
      at,
    );
  }
  const look: KeptSheds['look'] = async (at, change, judging) => {
    const time = at.toISOString();
    const all = Array.from({ length: SHEDS }, (_, index) => {
      const last = shed(index, DAYS.length - 1);
      return last && change({ ...last, observedAt: time, receivedAt: time }, index);
    });
    await listed(
      all.filter((one) => one !== null),
      at,
      judging,
    );
  };
  const site: ServerContext = {
    past: pastOf(stores.history),
    facts: stores.facts,
    simulated: null,
    divisions: new Map(),
    title: 'sheds',
    now,
    standards: new Map(standards.map((one) => [one.id, one])),
    stores: { driver: stores.driver, facts: stores.facts, kinds },
    ...more,
  };
  const remove = async () => {
    await stores.close();
    rmSync(folder, { recursive: true, force: true });
  };
  const source: ReviewSource = {
    stores,
    past: site.past,
    kinds,
    standards,
    commitments: site.commitments ?? {},
    engine: 'macadam test',
    catalogue: digest,
    shared: '',
  };
  return { site, stores, folder, source, look, remove };
}
