/**
 * A company that is made up, as the stories play in it. Nothing of it is real, so what its sources see next is made up too: it is appended,
 * judged and taken in as whatever is measured. How the company states its standards is read from a folder, as any estate's.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DecisionPrincipal, Decisions } from '@macadam/adapters/decisions/port';
import type { Asset } from '@macadam/core/facts/asset';
import type { Observation } from '@macadam/core/facts/observation';
import type { CompiledStandard } from '@macadam/core/verdicts/compiled-standard';
import type { Catalogue } from '@macadam/services/catalogue/load';
import { readDefinitions } from '@macadam/services/measure/definitions';
import { exceptionsInForce } from '@macadam/services/work/exceptions';
import { sourcesTeam } from '@macadam/simulation/decisions/people';
import { SIMULATED_PARAMETERS } from '@macadam/simulation/parameters';
import { HERE } from '../../apps/server/folder.ts';
import { type ServerWork, workHere } from '../../apps/server/jobs/work.ts';
import type { ServerContext } from '../../apps/server/pages/history/pages.ts';
import type { SimulatedSite } from '../../apps/server/simulated.ts';
import { git } from '../readers/built-repository.ts';
import { rolloutAt, write } from './rolled-out.ts';
import type { NewStandard } from './stories.ts';

const READER: DecisionPrincipal = { id: 'reader', divisions: 'all' };
const MINUTE = 60_000;

const ID = 'images-built-apart';
/** As somebody would write it: what runs is built where nobody tries things out. */
const STANDARD: Readonly<Record<string, string>> = {
  'standard.yaml': `id: ${ID}
pillar: engineering
title: Images are built apart from development
label: Images built apart
statement: Whatever makes a container image runs in an environment where nothing is developed or tested.
why: Whoever can try things out beside a build can change what comes out of it.
origin: { report: none, lesson: A tool that was only tried out was in every image of that week. }
scope: { kind: build, where: asset.image_digests.size() > 0 }
check: '!(asset.environment in ["development", "test"])'
reasons:
  - { id: beside, say: "it ran in {asset.environment}", fix: false }
severity: medium
measure: { kind: share }
rollout: { state: draft, on_unknown: warn }
toil: { owner_minutes: 60 }
`,
  'README.md': '# Images are built apart from development\n',
  'examples/apart.yaml':
    'describe: One of production.\nattributes: { image_digests: ["sha256:00"], environment: production }\nexpect: { verdict: pass, reason: meets }\n',
  'examples/beside.yaml':
    'describe: One where things are tried out.\nattributes: { image_digests: ["sha256:00"], environment: test }\nexpect: { verdict: fail, reason: beside }\n',
};

export class SimulatedWorld {
  readonly #company: SimulatedSite;
  readonly #decisions: Decisions;
  readonly #folder: string;
  /** What the server shows. */
  site: ServerContext;

  constructor(company: SimulatedSite, decisions: Decisions, folder: string) {
    this.#company = company;
    this.#decisions = decisions;
    this.#folder = folder;
    this.site = company.site;
  }

  /** Of which some fail, with their images: by id. */
  async #builds(): Promise<readonly { readonly image: string; readonly team: string }[]> {
    const found: { image: string; team: string }[] = [];
    for await (const asset of this.#company.stores.facts.assets('build')) {
      const [image] = textsOf(asset, 'image_digests');
      const [team] = textsOf(asset, 'owners');
      const [environment = ''] = textsOf(asset, 'environment');
      if (image !== undefined && team !== undefined && ['development', 'test'].includes(environment))
        found.push({ image: `registry.example/it@${image}`, team });
    }
    return found;
  }

  /** `admits`: asks the gate of the running server. */
  standard(admits: (image: string) => Promise<boolean>): NewStandard {
    const failing = async () => {
      const [first, ...others] = await this.#builds();
      const other = others.find(({ team }) => team !== first?.team);
      assert.ok(first && other, 'builds of two teams fail');
      return { first, other };
    };
    const own = join(this.#folder, 'security');
    return {
      id: ID,
      title: 'Images are built apart from development',
      typed: 'Images built',
      stricter: ' && has(asset.template)',
      states: async (step, patch) => {
        if (step === 'draft') write(join(own, 'standards/engineering', ID), STANDARD);
        if (patch !== undefined) {
          writeFileSync(join(this.#folder, 'own.patch'), patch);
          git(own, ['apply', join(this.#folder, 'own.patch')]);
        }
        const { first } = await failing();
        const stated = {
          catalogue: ['security'],
          parameters: SIMULATED_PARAMETERS,
          rollouts: {
            // Of its own day nothing here may depend.
            'builds-from-governed-templates': { state: 'warn' },
            ...rolloutAt(ID, step, first.team),
          },
        };
        write(this.#folder, { 'macadam.yaml': JSON.stringify(stated) });
        // How far a standard is rolled out is no part of what decides a verdict.
        if (step === 'draft' || patch !== undefined) await this.look([]);
        else await this.#stated();
      },
      stopped: async () => {
        const { first, other } = await failing();
        return [!(await admits(first.image)), !(await admits(other.image))];
      },
    };
  }

  /** What a source sees next of assets, by which each of them is as one that passes. */
  async asPassing(
    standard: string,
    assets: readonly string[],
    passing: string,
  ): Promise<readonly Observation[]> {
    const { facts } = this.#company.stores;
    const checked = this.checkedBy(standard);
    const model = await facts.observations(passing);
    const saidOf = (source: string) =>
      model.findLast(({ observation }) => observation.source === source)?.observation.attributes;
    const seen: Observation[] = [];
    for (const asset of assets) {
      const newest = new Map(
        (await facts.observations(asset)).map(({ observation }) => [observation.source, observation]),
      );
      for (const one of newest.values()) {
        const said = Object.entries(saidOf(one.source) ?? {}).filter(([name]) => checked.has(name));
        seen.push({ ...one, attributes: { ...one.attributes, ...Object.fromEntries(said) } });
      }
    }
    return seen;
  }

  /** Attributes that a check reads. */
  checkedBy(standard: string): ReadonlySet<string> {
    const check = this.site.standards.get(standard)?.definition.check ?? '';
    return new Set([...String(check).matchAll(/\basset\.(\w+)/g)].map(([, name = '']) => name));
  }

  /** The next look: an hour after the one before, by the standards as the folder states them now. */
  async look(seen: readonly Observation[]): Promise<void> {
    const { facts, history } = this.#company.stores;
    const last = (await history.ticks()).at(-1);
    assert.ok(last);
    const at = new Date(last.valid.getTime() + 60 * MINUTE);
    const observedAt = new Date(at.getTime() - MINUTE).toISOString();
    for (const [source, own] of Map.groupBy(seen, (one) => one.source))
      await facts.append(
        {
          source,
          startedAt: observedAt,
          finishedAt: observedAt,
          status: 'complete',
          partitions: [],
          problems: [],
        },
        own.map((one) => ({ ...one, observedAt, receivedAt: observedAt })),
        new Date(observedAt),
      );
    const { kinds, standards } = this.#read(at);
    const exceptions = await this.#decisions.transaction(READER, (tx) => exceptionsInForce(tx), {
      readOnly: true,
    });
    const ticked = await history.tick({ facts, kinds, standards, exceptions, at });
    await this.#work(at).takeIn(ticked);
  }

  /** What the folder states is in force, and time has its way. */
  async #stated(): Promise<void> {
    const at = this.#company.site.now();
    this.#read(at);
    await this.#work(at).pass();
  }

  #read(at: Date): { readonly kinds: Catalogue['kinds']; readonly standards: readonly CompiledStandard[] } {
    const read = readDefinitions({
      estateFolder: this.#folder,
      catalogueRoots: [HERE],
      standards: [],
      pillars: [],
      cacheDirectory: join(this.#folder, 'cache'),
      now: () => at,
    });
    const mistakes = 'mistakes' in read ? read.mistakes : read.catalogue.mistakes;
    if ('mistakes' in read || mistakes.length > 0)
      throw new Error(mistakes.map(({ reason }) => reason).join('; '));
    const { kinds, standards } = read.catalogue;
    this.site = { ...this.site, standards: new Map(standards.map((one) => [one.id, one])) };
    return { kinds, standards: standards.map(({ compiled }) => compiled) };
  }

  #work(at: Date): ServerWork {
    const { stores, site } = this.#company;
    const standards = [...this.site.standards.values()].map(({ compiled }) => compiled);
    const kinds = site.stores?.kinds ?? new Map();
    const mark = stores.simulated();
    return workHere({
      stores,
      decisions: this.#decisions,
      kinds,
      standards,
      exceptions: [],
      now: () => at,
      sources: mark === null ? null : sourcesTeam(mark),
    });
  }
}

function textsOf({ attributes }: Asset, name: string): readonly string[] {
  const statement = attributes.get(name)?.statement;
  const value = statement !== undefined && 'value' in statement ? [statement.value].flat() : [];
  return value.filter((one): one is string => typeof one === 'string');
}
