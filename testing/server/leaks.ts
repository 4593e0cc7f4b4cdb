/** Leaks of pipes: an estate whose standards count by all measures but `share`, with days that differ by a seed. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pastOf } from '@macadam/adapters/facts/history/retrospect';
import { openStores } from '@macadam/adapters/facts/open';
import type { Collection, Observation } from '@macadam/core/facts/observation';
import type { ReviewMinutes } from '@macadam/core/figures/review';
import { seeded } from '@macadam/core/figures/seeded';
import { type CatalogueStandard, loadCatalogue } from '@macadam/services/catalogue/load';
import type { ReviewSource } from '@macadam/services/progress/freeze';

const CASE_KIND = `kind: leak
description: A leak of a pipe, for tests of measures.
key: [name]
fresh_for: 30d
attributes:
  name: { type: string, immutable: true, description: What it is called. }
  tight: { type: bool, description: Whether it is tight. }
  litres: { type: int, description: What runs out of it in a day. }
  found_at: { type: timestamp, description: When it was found. }
  mended_at: { type: timestamp, optional: true, description: When it was mended. }
  owners: { type: list, of: string, description: Who answers for it. }
`;
const caseStandard = (id: string, where: string, check: string, measure: string) => `id: ${id}
pillar: engineering
title: Leaks and the standard ${id}
statement: Every leak of the estate keeps to ${id}.
why: What runs out of a pipe is soon somewhere else.
origin: { report: none, lesson: Water finds its way. }
scope: { kind: leak, where: '${where}' }
check: '${check}'
params: { within: 48h }
reasons: [{ id: no, say: it does not }]
severity: high
measure: ${measure}
rollout: { state: warn, on_unknown: warn }
toil: { owner_minutes: 1 }
target: { share: 0.9, by: 2027-03-31 }
`;
const STANDARDS = {
  'water-kept': caseStandard(
    'water-kept',
    'true',
    'asset.tight',
    '{ kind: weighted, by: asset.litres, unit: litres a day }',
  ),
  'leaks-gone': caseStandard(
    'leaks-gone',
    'true',
    'asset.tight',
    '{ kind: elimination, since: 2026-11-01, unit: leaks }',
  ),
  'mended-in-time': caseStandard(
    'mended-in-time',
    'has(asset.mended_at) || now - asset.found_at > params.within',
    'has(asset.mended_at) && asset.mended_at - asset.found_at <= params.within',
    '{ kind: duration, took: "(has(asset.mended_at) ? asset.mended_at : now) - asset.found_at", pending: "!has(asset.mended_at) && now - asset.found_at <= params.within", unit: leaks }',
  ),
};

/** Minutes that have everything that minutes can hold. */
export const FULL_MINUTES: ReviewMinutes = {
  attendance: [
    { person: 'ann', present: true },
    { person: 'bob', present: false },
  ],
  decisions: [
    { question: 'Are two pipes enough?', decided: 'They are.', by: 'ann' },
    { question: 'Who pays for the third?', decided: null, by: null },
  ],
  actions: [{ id: '1.1', what: 'Buy pipes', owner: 'bob', due: '2026-12-01', state: 'open' }],
  exceptions: {
    asked: [{ id: 'exception-1', standard: 'water-kept', until: '2026-12-31' }],
    approved: [{ id: 'exception-2', standard: 'leaks-gone', until: '2027-01-31' }],
  },
  council: [
    { of: 'company', for: 'company', person: 'ann', name: 'Ann', present: true },
    { of: 'division', for: 'North', person: null, name: null, present: null },
  ],
  misses: [
    { standard: 'water-kept', due: '2026-11-01', reason: 'deployment-delay', note: 'frozen', saidBy: 'bob' },
    { standard: 'leaks-gone', due: '2026-11-02', reason: 'other', note: null, saidBy: 'ann' },
  ],
};

export interface LeakEstate {
  readonly source: ReviewSource;
  readonly standards: readonly CatalogueStandard[];
  /** Days of the estate, in order. */
  readonly days: readonly Date[];
  /** One more look on such a day, and its tick: leaks that are gone stay away. What was observed. */
  readonly look: (
    at: Date,
    gone: ReadonlySet<string>,
    /** Whose a leak is, by its number; left out: all are the plumbers'. */
    ownerOf?: (index: number) => string,
  ) => Promise<readonly Observation[]>;
  readonly remove: () => Promise<void>;
}

/** A process has one store at a time. Throws where the catalogue does not load. */
export async function leakEstate(): Promise<LeakEstate> {
  const folder = mkdtempSync(join(tmpdir(), 'macadam-measures-'));
  mkdirSync(join(folder, 'kinds'));
  writeFileSync(join(folder, 'kinds/leak.yaml'), CASE_KIND);
  for (const [id, text] of Object.entries(STANDARDS)) {
    mkdirSync(join(folder, 'standards/engineering', id), { recursive: true });
    writeFileSync(join(folder, 'standards/engineering', id, 'standard.yaml'), text);
    writeFileSync(join(folder, 'standards/engineering', id, 'README.md'), '# Leaks\n');
  }
  const { kinds, standards, mistakes, digest } = loadCatalogue([folder]);
  if (mistakes.length > 0) throw new Error(mistakes.map(({ reason }) => reason).join('; '));
  const days = [1, 2, 3, 5].map((day) => new Date(`2026-11-0${day}T12:00:00Z`));
  const stores = await openStores(join(folder, 'data'), { kinds, now: () => days.at(-1) ?? new Date(0) });
  const random = seeded(7);
  const compiled = standards.map((one) => one.compiled);
  return {
    standards,
    days,
    source: {
      stores,
      past: pastOf(stores.history),
      kinds,
      standards,
      commitments: {},
      engine: 'macadam test',
      catalogue: digest,
      shared: '',
    },
    look: async (at, gone, ownerOf = () => 'plumbers') => {
      const seen = leaksOn(at, { random, gone, all: at === days[0] });
      const observations = seen.map((one) => ({
        ...one,
        attributes: { ...one.attributes, owners: { value: [ownerOf(Number(one.name.slice(5)))] } },
      }));
      await stores.facts.append(collectionOf(at, observations.length), observations, at);
      await stores.history.tick({ facts: stores.facts, kinds, standards: compiled, exceptions: [], at });
      return observations;
    },
    remove: async () => {
      await stores.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface LeakDraw {
  readonly random: () => number;
  readonly gone: ReadonlySet<string>;
  /** Whether every leak is there; else one in ten is not. */
  readonly all: boolean;
}

function leaksOn(at: Date, { random, gone, all }: LeakDraw): readonly Observation[] {
  const time = at.toISOString();
  return Array.from({ length: 60 }, (_, index) => `leak-${index}`)
    .filter((name) => !gone.has(name) && (all || random() > 0.1))
    .map((name): Observation => {
      const draw = random();
      const litres =
        random() < 0.1
          ? { unobserved: 'failed' as const, why: 'no meter' }
          : { value: Math.floor(random() * 500) };
      const tight = draw < 0.15 ? { unobserved: 'forbidden' as const, why: 'no key' } : { value: draw < 0.5 };
      const mended =
        random() < 0.4
          ? { value: new Date(at.getTime() - Math.floor(random() * 90) * 3_600_000).toISOString() }
          : { absent: true as const };
      const found = new Date(
        at.getTime() - (90 + Math.floor(random() * 30) * (random() < 0.5 ? 0 : 1)) * 3_600_000,
      );
      return {
        kind: 'leak',
        id: `leak/${name}`,
        name,
        source: 'round',
        observedAt: time,
        receivedAt: time,
        assurance: 'effective',
        container: 'estate',
        attributes: {
          name: { value: name },
          tight,
          litres,
          found_at: { value: (random() < 0.3 ? new Date(at.getTime() - 3_600_000) : found).toISOString() },
          mended_at: mended,
        },
      };
    });
}

function collectionOf(at: Date, seen: number): Collection {
  const time = at.toISOString();
  const partition = { kind: 'leak', container: 'estate', containerName: 'estate', complete: true, seen };
  return {
    source: 'round',
    startedAt: time,
    finishedAt: time,
    status: 'complete',
    partitions: [{ ...partition, witness: { id: 'list', count: seen } }],
    problems: [],
  };
}
