/** What a chat or a store of documents exported, searched for secrets: each file is a posted text, with the values that were found. */

import type { Observation, Value } from '@macadam/core/facts/observation';
import { findSecrets, type Match } from '@macadam/secrets';
import { compact } from '../../compact.ts';
import { type ExportRead, type ExportRequest, observationOf } from '../directories/export.ts';
import { type ListingGap, listingGap } from '../directories/listing.ts';
import { readOf, scopeOf } from '../directories/reading.ts';
import { stretchesOf } from './text.ts';

/** Values to keep of one text at most. */
const MOST = 1000;

const SOURCE = 'posted-texts';

export function readPostedTexts(request: ExportRequest): ExportRead {
  const missing =
    'does not say of which chat or store it is; name it by `--subject`, such as `--subject chat.example.com`';
  const named = scopeOf(SOURCE, request, [], missing);
  if ('mistakes' in named) return named;
  const { scope } = named;
  const gaps: ListingGap[] = [];
  const observations: Observation[] = [];
  for (const { path, bytes } of request.files) {
    const found = secretsIn(path, Buffer.from(bytes));
    if ('why' in found) gaps.push(listingGap('text-unread', 'failed', `${path} ${found.why}`));
    else
      observations.push(
        observationOf(scope, {
          kind: 'posted-text',
          key: [scope.directory, path],
          name: path,
          assurance: 'effective',
          attributes: {
            system: { value: scope.directory },
            text_id: { value: path },
            secrets: { value: found.secrets, complete: found.complete },
          },
        }),
      );
  }
  return readOf({ scope, listed: [{ kind: 'posted-text', observations, gaps }] });
}

/** Distinct values of one file, each with where it stands first; or why the file cannot be read. */
function secretsIn(
  path: string,
  bytes: Buffer,
):
  | { readonly secrets: readonly Record<string, Value>[]; readonly complete: boolean }
  | { readonly why: string } {
  const stretches = stretchesOf(path, bytes);
  if ('why' in stretches) return stretches;
  const byValue = new Map<string, Record<string, Value>>();
  // One search over all of them: the stretches of JSON are many and short.
  const starts: number[] = [];
  let text = '';
  for (const stretch of stretches) {
    starts.push(text.length);
    text += `${stretch.text}\n`;
  }
  const matches = findSecrets(text, { limit: MOST + 1 });
  for (const match of matches.slice(0, MOST)) {
    if (byValue.has(match.fingerprint)) continue;
    const at = stretches[lastBefore(starts, match.start)]?.at ?? null;
    byValue.set(match.fingerprint, secretOf(match, at === null ? `line ${match.line}` : at));
  }
  return { secrets: [...byValue.values()], complete: matches.length <= MOST };
}

/** Index of the last start that is not after `offset`. */
function lastBefore(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

const secretOf = (match: Match, where: string): Record<string, Value> =>
  compact({
    digest: match.fingerprint,
    detector: match.detector,
    preview: match.preview,
    confidence: match.confidence,
    checked: match.checked,
    where,
    expires_at: match.expires,
  });
