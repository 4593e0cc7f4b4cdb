/**
 * What every source keeps, whatever it asks. A source's test calls `sourceContract` with a world that holds at least
 * one asset; the suite collects from it and holds the answer against the kinds of the catalogue.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { CollectRequest, Progress, Source } from '@macadam/adapters/sources/port';
import { CAUSES, type Collection, type Observation } from '@macadam/core/facts/observation';
import { type Kind, kindSchema } from '@macadam/core/kinds/kind';
import { parse } from 'yaml';
import { shapeMistakes } from './shape.ts';

export interface SourceWorld {
  readonly source: Source;
  readonly request: CollectRequest;
  readonly close?: () => Promise<void>;
}

interface Run {
  readonly collection: Collection;
  readonly observations: readonly Observation[];
  readonly progress: readonly Progress[];
}

let loaded: ReadonlyMap<string, Kind> | undefined;

function loadKinds(): ReadonlyMap<string, Kind> {
  if (loaded !== undefined) return loaded;
  const folder = join(import.meta.dirname, '../../kinds');
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  const kinds = files.map((name) => kindSchema.parse(parse(readFileSync(join(folder, name), 'utf8'))));
  loaded = new Map(kinds.map((kind) => [kind.kind, kind]));
  return loaded;
}

async function run({ source, request }: SourceWorld): Promise<Run> {
  const observations: Observation[] = [];
  const progress: Progress[] = [];
  const collection = await source.collect(
    request,
    (observation) => observations.push(observation),
    (step) => progress.push(step),
  );
  return { collection, observations, progress };
}

export function sourceContract(name: string, create: () => Promise<SourceWorld>): void {
  describe(`${name} keeps the contract of a source`, () => {
    let world: SourceWorld;
    let first: Run;
    let second: Run;
    before(async () => {
      world = await create();
      first = await run(world);
      second = await run(world);
    });
    after(async () => world.close?.());

    test('it names itself, and its folder is its id', () => {
      const { id, description, target } = world.source;
      assert.match(id, /^[a-z][a-z0-9-]*$/);
      assert.ok(
        readdirSync(join(import.meta.dirname, '../../adapters/sources')).includes(id),
        `there is no folder sources/${id}`,
      );
      assert.match(description, /^[A-Z].+\.$/);
      assert.match(target, /^[A-Z]+$/);
      assert.equal(first.collection.source, id);
    });

    test('it sees something, and the same ids in the same world', () => {
      const ids = ({ observations }: Run) => observations.map(({ id }) => id).sort();
      assert.ok(first.observations.length > 0, 'the world of the test must hold an asset');
      assert.deepEqual(ids(second), ids(first));
    });

    test('it emits no asset twice', () => {
      const ids = first.observations.map(({ id }) => id);
      assert.deepEqual(
        ids.filter((id, index) => ids.indexOf(id) !== index),
        [],
      );
    });

    test('every observation has the shape of its kind, and a time', () => {
      const kinds = loadKinds();
      const mistakes = first.observations.flatMap((observation) => {
        const kind = kinds.get(observation.kind);
        if (!kind) return [`${observation.id}: there is no kind ${observation.kind}`];
        return shapeMistakes(observation, kind).map((mistake) => `${observation.id}: ${mistake}`);
      });
      assert.deepEqual(mistakes.slice(0, 10), []);
      for (const observation of first.observations) {
        assert.ok(observation.id.startsWith(`${observation.kind}/`), observation.id);
        assert.equal(observation.source, world.source.id);
        assert.ok(Date.parse(observation.observedAt) <= Date.parse(observation.receivedAt), observation.id);
        assert.notEqual(observation.name, '');
      }
    });

    test('it claims a partition for every kind that it emits, and counts what it saw there', () => {
      const seen = new Map<string, number>();
      for (const { kind } of first.observations) seen.set(kind, (seen.get(kind) ?? 0) + 1);
      const claimed = new Map<string, number>();
      for (const { kind, seen: count } of first.collection.partitions) {
        claimed.set(kind, (claimed.get(kind) ?? 0) + count);
      }
      for (const [kind, count] of seen) assert.equal(claimed.get(kind), count, `partitions of ${kind}`);
      const names = first.collection.partitions.map(({ kind, container, format = '' }) =>
        `${kind} in ${container} ${format}`.trimEnd(),
      );
      assert.deepEqual(
        names.filter((each, index) => names.indexOf(each) !== index),
        [],
      );
    });

    test('what is incomplete says why, and every problem has a cause and a remedy', () => {
      for (const partition of first.collection.partitions) {
        if (partition.complete) assert.equal(partition.cause, undefined);
        else {
          assert.ok(
            CAUSES.some((cause) => cause === partition.cause),
            `${partition.kind}: ${partition.cause}`,
          );
          assert.ok((partition.why ?? '').length >= 10, `${partition.kind} in ${partition.containerName}`);
        }
      }
      const unhelpful = first.collection.problems.filter(
        ({ code, cause, message, remedy }) =>
          !/^[a-z][a-z0-9-]*$/.test(code) || !CAUSES.includes(cause) || message.length < 10 || !remedy,
      );
      assert.deepEqual(unhelpful, []);
    });

    test('its status says no more than its partitions and problems do', () => {
      const { status, partitions, problems } = first.collection;
      const whole = problems.length === 0 && partitions.every(({ complete }) => complete);
      assert.equal(status === 'complete', whole);
      if (status === 'failed') assert.equal(first.observations.length, 0);
    });

    test('it reports progress that never runs backwards or past its total', () => {
      let done = 0;
      for (const step of first.progress) {
        assert.ok(step.done >= done || step.total === undefined, `${step.name}: ${step.done} after ${done}`);
        assert.ok(step.total === undefined || step.done <= step.total, step.name);
        done = step.done;
      }
    });

    test('an aborted signal rejects with its reason', async () => {
      const request = { ...world.request, signal: AbortSignal.abort(new Error('stopped on request')) };
      await assert.rejects(run({ ...world, request }), /stopped on request/);
    });

    test('a request without a target is a mistake of the caller', async () => {
      await assert.rejects(run({ ...world, request: { ...world.request, targets: [] } }), TypeError);
    });
  });
}
