/** What was so at a moment, as judging needs it: assets, what they refer to, how whole that was listed, and where they stood. */
import type { Asset } from '@macadam/core/facts/asset';
import { claimed, type Enumerated, newestEnumerations, wholeKinds } from '@macadam/core/facts/enumeration';
import { relatedIn } from '@macadam/core/facts/related';
import type { Side, Stood } from '@macadam/core/figures/tick';
import type { Kind } from '@macadam/core/kinds/kind';
import type { Driver } from '../clickhouse/driver.ts';
import type { Collected, Facts } from '../port.ts';
import { assetsAt } from './read.ts';
import { type Moment, seconds } from './record.ts';

/** Where everything stands under a standard. */
export async function stoodAt(driver: Driver, moment: Moment, standard: string): Promise<Map<string, Stood>> {
  const stood = new Map<string, Stood>();
  const limit = 100_000;
  for (let after = ''; ; ) {
    const page = await assetsAt(driver, moment, { standard }, { limit, after });
    for (const { asset, state, team, reason } of page) stood.set(asset, { state, team, reason });
    const last = page.at(-1)?.asset;
    if (last === undefined || page.length < limit) return stood;
    after = last;
  }
}

/** Assets of a kind at moments, each read once. */
export class Sides {
  readonly #facts: Facts;
  readonly #kinds: ReadonlyMap<string, Kind>;
  readonly #held = new Map<string, Promise<ReadonlyMap<string, Asset>>>();
  readonly #collected = new Map<string, Promise<readonly Collected[]>>();

  /** `known`: of now. */
  readonly #known: number | undefined;

  constructor(facts: Facts, kinds: ReadonlyMap<string, Kind>, known?: number) {
    this.#facts = facts;
    this.#kinds = kinds;
    this.#known = known;
  }

  get kinds(): Iterable<string> {
    return this.#kinds.keys();
  }

  /** Kinds at the other ends of its relations. */
  around(kind: string): readonly string[] {
    const relations = Object.values(this.#kinds.get(kind)?.relations ?? {});
    return [...new Set(relations.flatMap(({ to, from }) => to ?? from ?? []))];
  }

  assets(kind: string, moment?: Moment): Promise<ReadonlyMap<string, Asset>> {
    const key = moment ? `${kind} ${seconds(moment.valid)} ${moment.known}` : kind;
    let held = this.#held.get(key);
    if (!held) {
      const read = moment
        ? this.#facts.assetsAsOf(kind, { valid: moment.valid.toISOString(), known: moment.known })
        : this.#facts.assets(kind);
      held = gather(read);
      this.#held.set(key, held);
    }
    return held;
  }

  at = (kind: string, moment: Moment): Promise<Side> => this.#side(kind, moment.valid, moment);
  now = (kind: string, at: Date): Promise<Side> => this.#side(kind, at);

  async #side(kind: string, at: Date, moment?: Moment): Promise<Side> {
    const assets = await this.assets(kind, moment);
    const others = this.around(kind);
    if (others.length === 0) return { assets, at };
    const around = [...assets.values()];
    for (const other of others) around.push(...(await this.assets(other, moment)).values());
    const whole = wholeKinds(await this.enumerated(at, moment?.known));
    return { assets, at, related: relatedIn(this.#kinds, around, whole) };
  }

  /** The newest enumeration of each partition by then. What began later, or counts no more, says nothing. */
  async enumerated(at: Date, known = this.#known): Promise<readonly Enumerated[]> {
    const key = String(known);
    const asked = this.#collected.get(key) ?? this.#facts.collections(known === undefined ? {} : { known });
    this.#collected.set(key, asked);
    return newestEnumerations(
      (await asked)
        .filter(
          ({ retracted, retired }) => !retracted && (retired === null || Date.parse(retired) > at.getTime()),
        )
        .flatMap(enumerationsOf)
        .filter((one) => one.at <= at.getTime()),
    );
  }
}

/** Everything of a kind as it is at the moment, with what it refers to. Reads all of them. */
export const sideNow = (
  facts: Facts,
  kinds: ReadonlyMap<string, Kind>,
  kind: string,
  at: Date,
): Promise<Side> => new Sides(facts, kinds).now(kind, at);

/** A collection's partitions as the store judged them among their neighbours. */
const enumerationsOf = ({ collection, completeness }: Collected): Enumerated[] =>
  collection.partitions.flatMap((given, index) => {
    const said = completeness[index];
    const { source, startedAt } = collection;
    const partition = claimed(collection, given);
    return said ? [{ source, partition, at: Date.parse(startedAt), completeness: said }] : [];
  });

async function gather(read: AsyncIterable<Asset>): Promise<ReadonlyMap<string, Asset>> {
  const assets = new Map<string, Asset>();
  for await (const asset of read) assets.set(asset.id, asset);
  return assets;
}
