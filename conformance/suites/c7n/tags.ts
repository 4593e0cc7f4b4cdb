/** Tags come in a resource, by its ARN or number, or in an answer of its own; policies see a list of Key and Value. */
import { type Answer, isRecord, type Json } from './answers.ts';
import { fit } from './identity.ts';
import { stemsOf } from './words.ts';

interface Tag {
  readonly Key: string;
  readonly Value: string;
}

export function withTags(rows: readonly Json[], answers: readonly Answer[]): Json[] {
  const given = rows.map((row) => new Map(own(row).map((tag) => [tag.Key, tag])));
  const add = (index: number, tags: readonly Tag[]) => {
    for (const tag of tags) given[index]?.set(tag.Key, tag);
  };
  let next = 0;
  for (const answer of answers.filter(({ failed }) => !failed)) {
    const { addressed, plain } = read(answer.data);
    for (const [target, tags] of addressed) {
      const fits = rows.map((row) => fit(row, target));
      const best = Math.max(0, ...fits);
      if (best > 0) add(fits.indexOf(best), tags);
    }
    // An answer that names nobody belongs to the resource that was asked about: they were asked about in order.
    if (addressed.length === 0 && answer.service !== 'tagging') add(next++, plain);
  }
  return rows.map((row, index) => {
    const tags = [...(given[index]?.values() ?? [])];
    return tags.length > 0 || 'Tags' in row ? { ...row, Tags: tags } : row;
  });
}

function own(row: Json): readonly Tag[] {
  for (const [key, value] of Object.entries(row)) {
    const words = stemsOf(key);
    if (!words.includes('tag') || !words.every((word) => ['tag', 'list', 'set', 'resourc'].includes(word)))
      continue;
    const tags = tagsOf(value);
    if (tags.length > 0) return tags;
  }
  return [];
}

/** A list of keys and values, whatever they are called, or a map of them. */
function tagsOf(value: unknown): readonly Tag[] {
  if (Array.isArray(value)) return value.flatMap((each) => (isRecord(each) ? tagOf(each) : []));
  if (!isRecord(value)) return [];
  const texts = Object.entries(value).filter(([, each]) => typeof each === 'string');
  return texts.map(([Key, each]) => ({ Key, Value: String(each) }));
}

function tagOf(record: Json): readonly Tag[] {
  const find = (...names: readonly string[]) =>
    names.map((name) => record[name]).find((each) => typeof each === 'string');
  const Key = find('Key', 'key', 'TagKey', 'tagKey');
  const Value = find('Value', 'value', 'TagValue', 'tagValue');
  return typeof Key === 'string' ? [{ Key, Value: typeof Value === 'string' ? Value : '' }] : [];
}

/** Tags with whom they belong to, and those of an answer that does not say. */
function read(data: Json): {
  readonly addressed: readonly [string, readonly Tag[]][];
  readonly plain: readonly Tag[];
} {
  const addressed: [string, readonly Tag[]][] = [];
  const whole = addressee(data);
  let plain: readonly Tag[] = [];
  for (const value of Object.values(data)) {
    const rows = Array.isArray(value) ? value.filter(isRecord) : [];
    const named = rows.filter((row) => addressee(row) !== undefined);
    for (const row of named) {
      const inside = Object.entries(row).find(([key]) => /^tag(s|list)?$/i.test(key))?.[1];
      const tags = isRecord(inside) && tagOf(inside).length > 0 ? tagOf(inside) : tagsOf(inside);
      addressed.push([addressee(row) ?? '', inside === undefined ? tagOf(row) : tags]);
    }
    if (named.length === 0 && typeof value === 'object') plain = [...plain, ...tagsOf(value)];
  }
  return whole === undefined
    ? { addressed, plain }
    : { addressed: [...addressed, [whole, plain]], plain: [] };
}

function addressee(row: Json): string | undefined {
  const found = Object.entries(row).find(
    ([key, value]) =>
      typeof value === 'string' && /(arn|id|name)$/i.test(key) && !/^(tag)?(key|value)$/i.test(key),
  );
  return found === undefined ? undefined : String(found[1]);
}
