/** Addresses of the definition of a standard: what somebody tries is part of them, so that it can be sent to others. */
import type { DraftTexts } from '@macadam/services/judge/draft';
import { z } from 'zod';
import { idOrNone } from '../../http/bounds.ts';

/** Parameters of a standard that can be tried, by their order in it. */
const MOST_PARAMETERS = 12;
/** An address holds all of them. */
const EXPRESSION = 4000;
const parameterNames = Array.from({ length: MOST_PARAMETERS }, (_, index) => `p${index}`);

/** Fields of the form, each left out where nothing else is tried. */
export const draftQuery = {
  statement: z.string().max(300).optional(),
  where: z.string().max(EXPRESSION).optional(),
  check: z.string().max(EXPRESSION).optional(),
  p0: idOrNone.optional(),
  p1: idOrNone.optional(),
  p2: idOrNone.optional(),
  p3: idOrNone.optional(),
  p4: idOrNone.optional(),
  p5: idOrNone.optional(),
  p6: idOrNone.optional(),
  p7: idOrNone.optional(),
  p8: idOrNone.optional(),
  p9: idOrNone.optional(),
  p10: idOrNone.optional(),
  p11: idOrNone.optional(),
};
export type DraftQuery = { readonly [Name in keyof typeof draftQuery]: string | undefined };

/** The field of a parameter; null beyond those that an address holds. */
export const parameterField = (names: readonly string[], name: string): keyof DraftQuery | null =>
  (parameterNames[names.indexOf(name)] as keyof DraftQuery | undefined) ?? null;

export const isTried = (query: Partial<DraftQuery>): boolean =>
  Object.keys(draftQuery).some((name) => query[name as keyof DraftQuery] !== undefined);

/** What is typed, and what is in force where nothing is. Browsers send line breaks as those of another age. */
export function typedOver(before: DraftTexts, query: Partial<DraftQuery>): DraftTexts {
  const names = Object.keys(before.params);
  const plain = (text: string | undefined) => text?.replaceAll('\r\n', '\n');
  return {
    statement: plain(query.statement) ?? before.statement,
    where: plain(query.where) ?? before.where,
    check: plain(query.check) ?? before.check,
    params: Object.fromEntries(
      names.map((name) => {
        const field = parameterField(names, name);
        return [name, (field && query[field]) ?? before.params[name] ?? ''];
      }),
    ),
  };
}

/** What of it differs from what is in force: a form sends every field. */
export function changedOnly(before: DraftTexts, query: Partial<DraftQuery>): Partial<DraftQuery> {
  const names = Object.keys(before.params);
  const inForce: Readonly<Record<string, string | undefined>> = {
    statement: before.statement,
    where: before.where,
    check: before.check,
    ...Object.fromEntries(names.map((name) => [parameterField(names, name), before.params[name]])),
  };
  return Object.fromEntries(
    Object.entries(query).filter(
      ([name, value]) => value !== undefined && value.replaceAll('\r\n', '\n') !== inForce[name],
    ),
  );
}

/** Below a standard's definition, with what is tried. `more`: what else the address says. */
export function definitionAt(
  id: string,
  query: Partial<DraftQuery> = {},
  part: '' | '/changes' | '/patch' = '',
  more: Readonly<Record<string, string | undefined>> = {},
): string {
  const given: Readonly<Record<string, string | undefined>> = { ...query, ...more };
  const pairs = [...Object.keys(draftQuery), ...Object.keys(more)].flatMap((name) =>
    given[name] === undefined ? [] : [`${name}=${encodeURIComponent(given[name])}`],
  );
  const path = `/standards/${encodeURIComponent(id)}/definition${part}`;
  return pairs.length === 0 ? path : `${path}?${pairs.join('&')}`;
}
