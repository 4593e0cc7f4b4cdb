/**
 * What a gate is asked about: one asset as people and programs write it, its attributes as plain data in JSON or YAML,
 * or whole observations, one a line. Every mistake has its line, its field, the reason and the nearest right name.
 */

import {
  collectionFrom,
  impliedCollection,
  isRecord,
  type LineMistake,
  observationFrom,
  parsed,
} from '@macadam/adapters/facts/line';
import { type Asset, assetsOf } from '@macadam/core/facts/asset';
import { arrivals, enumerations, newestEnumerations, wholeKinds } from '@macadam/core/facts/enumeration';
import { ingest } from '@macadam/core/facts/ingest';
import { assetId, type Collection, type Observation } from '@macadam/core/facts/observation';
import { diagnose, statementOf } from '@macadam/core/kinds/diagnose';
import type { Kind } from '@macadam/core/kinds/kind';
import type { Diagnostic, FileDiagnostic } from '@macadam/core/text/diagnostic';
import { readDocument } from '@macadam/core/text/document';
import { z } from 'zod';

export interface Subjects {
  /** Every asset that was described, those of other kinds too: relations lead to them. */
  readonly assets: readonly Asset[];
  /** Since when kinds are listed to their end. */
  readonly whole: ReadonlyMap<string, number>;
}

export interface SubjectRequest {
  readonly text: string;
  /** What mistakes call the text. */
  readonly file: string;
  readonly kind: Kind;
  readonly kinds: ReadonlyMap<string, Kind>;
  /** What people call an asset of which only attributes are given. */
  readonly name: string;
  readonly now: Date;
}

type Read = Subjects | { readonly mistakes: readonly FileDiagnostic[] };

export function subjectsOf(given: SubjectRequest): Read {
  // Some editors put a mark of the byte order before a text; it is no part of it.
  const request = { ...given, text: given.text.replace(/^\uFEFF/, '') };
  return isObservations(request.text) ? observed(request) : described(request);
}

/** Lines of JSON that say of themselves what they are. */
function isObservations(text: string): boolean {
  const first = text.split('\n', 4).find((line) => line.trim() !== '');
  try {
    const record: unknown = JSON.parse(first ?? '');
    return isRecord(record) && ('collection' in record || ('attributes' in record && 'kind' in record));
  } catch {
    return false;
  }
}

const attributesSchema = z.record(z.string(), z.unknown());

/** Attributes as plain data: what is given is so now, and what is left out nobody looked at. */
function described({ text, file, kind, kinds, name, now }: SubjectRequest): Read {
  const document = readDocument(text, file, attributesSchema);
  if ('mistakes' in document) return document;
  const wrong = [...diagnose(kind, document.value), ...approvals(kind, document.value)];
  if (wrong.length > 0) {
    return {
      mistakes: wrong.map(({ path, reason }) => ({
        file,
        line: document.lineOf(path),
        column: 1,
        field: path.join('.'),
        reason,
      })),
    };
  }
  const at = now.toISOString();
  const observation: Observation = {
    kind: kind.kind,
    id: assetId(kind.kind, [name]),
    name,
    source: 'gate',
    observedAt: at,
    receivedAt: at,
    assurance: 'configured',
    attributes: Object.fromEntries(
      Object.entries(document.value).map(([attribute, given]) => [attribute, statementOf(given)]),
    ),
  };
  return { assets: assetsOf(kinds, [observation]), whole: new Map() };
}

/** Who describes a thing does not approve it. */
function approvals(kind: Kind, given: Readonly<Record<string, unknown>>): Diagnostic[] {
  return Object.keys(given).flatMap((name) =>
    Object.hasOwn(kind.attributes, name) && kind.attributes[name]?.set_by === 'approval'
      ? [{ path: [name], reason: 'only an approval sets it: leave it out' }]
      : [],
  );
}

function observed({ text, file, kinds, now }: SubjectRequest): Read {
  const wrong: LineMistake[] = [];
  const say = (mistake: LineMistake) => wrong.push(mistake);
  const observations: Observation[] = [];
  const collected: { readonly collection: Collection; readonly observations: Observation[] }[] = [];
  const received = now.toISOString();
  let collection: Collection | null = null;
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const number = index + 1;
    const record = parsed({ number, bytes: Buffer.from(line) }, say);
    if (record === undefined) continue;
    if (isRecord(record) && 'collection' in record) {
      collection = collectionFrom(record.collection, number, received, say);
      if (collection) collected.push({ collection, observations: [] });
      continue;
    }
    const own = collection ?? impliedCollection(record, received);
    const observation = observationFrom({
      record,
      line: number,
      collection: own,
      receivedAt: received,
      mistake: say,
    });
    if (!observation) continue;
    const taken = fitting(observation, kinds, number, say);
    observations.push(...taken);
    if (collection) collected.at(-1)?.observations.push(...taken);
  }
  if (wrong.length > 0) return { mistakes: wrong.map((one) => ({ ...one, file, column: 1 })) };
  const runs = collected.flatMap((one) =>
    enumerations(one.collection, arrivals(one.collection, one.observations)),
  );
  return { assets: assetsOf(kinds, observations), whole: wholeKinds(newestEnumerations(runs)) };
}

function fitting(
  observation: Observation,
  kinds: ReadonlyMap<string, Kind>,
  line: number,
  say: (mistake: LineMistake) => unknown,
): Observation[] {
  const kind = kinds.get(observation.kind);
  const { attributes } = observation;
  const wrong = kind ? [...diagnose(kind, attributes), ...approvals(kind, attributes)] : [];
  for (const { path, reason } of wrong) say({ line, field: ['attributes', ...path].join('.'), reason });
  const taken = ingest(kinds, observation);
  if (wrong.length === 0) for (const { message } of taken.problems) say({ line, field: '', reason: message });
  return taken.observation ? [taken.observation] : [];
}
