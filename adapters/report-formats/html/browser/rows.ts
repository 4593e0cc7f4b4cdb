/**
 * The rows of the page's list, and which of them a selection shows. Pure; its source is also sent to the browser, so
 * `rows` refers to nothing outside.
 */
import type { Finding, FoundAsset, Scan, Severity } from '@macadam/core/figures/scan';
import type { Settled } from '../../port.ts';
import type { Selection } from './address.ts';

/** What the page carries for its script. */
export interface Payload {
  readonly scan: Scan;
  /** Verdicts that are no findings: standard → verdict → positions in `assets`. */
  readonly settled: Readonly<
    Record<string, Readonly<Partial<Record<Settled['verdict'], readonly number[]>>>>
  >;
  readonly assets: readonly (FoundAsset & { readonly owner: string | null })[];
  /** Fingerprints of what each blind spot hides. */
  readonly blind: readonly (readonly string[])[];
  /** Fingerprint → what a comparison says of it. */
  readonly changes: Readonly<Record<string, string>>;
  readonly fixable: readonly string[];
}

export interface Row extends Partial<Omit<Finding, 'verdict'>> {
  readonly standard: string;
  readonly asset: Finding['asset'];
  readonly owner: string | null;
  readonly verdict: 'pass' | 'fail' | 'unknown' | 'not-applicable';
  readonly severity: Severity;
  readonly repository: string;
  readonly change: string;
}

export interface Rows {
  readonly all: readonly Row[];
  select(selection: Selection): readonly Row[];
  /** Rows by what `group` names, largest group first. */
  group(selected: readonly Row[], group: string): readonly { name: string; rows: readonly Row[] }[];
}

export function rows(payload: Payload): Rows {
  const weight: Readonly<Record<string, number>> = { critical: 0, high: 1, medium: 2, low: 3 };
  const severities = new Map(payload.scan.standards.map((standard) => [standard.id, standard.severity]));
  const settled = Object.entries(payload.settled).flatMap(([standard, verdicts]) =>
    Object.entries(verdicts).flatMap(([verdict, positions]) =>
      positions.flatMap((position): Settled[] => {
        const asset = payload.assets[position];
        if (asset === undefined) return [];
        return [{ standard, verdict: verdict as Settled['verdict'], asset, owner: asset.owner }];
      }),
    ),
  );
  const row = (item: Finding | Settled): Row => ({
    ...item,
    severity: ('severity' in item ? item.severity : severities.get(item.standard)) ?? 'low',
    repository: item.asset.container ?? item.asset.name,
    change: ('fingerprint' in item ? payload.changes[item.fingerprint] : undefined) ?? '',
  });
  const all = [...payload.scan.findings, ...settled].map(row);
  const rank = (item: Row): number =>
    (item.verdict === 'fail' ? 0 : 10) + (weight[item.severity] ?? 4) + (item.exception ? 5 : 0);
  all.sort((a, b) => rank(a) - rank(b));
  const haystacks = new Map<Row, string>();
  const haystack = (item: Row): string => {
    let text = haystacks.get(item);
    if (text === undefined) {
      const evidence = item.evidence?.map((piece) => `${piece.location?.path ?? ''} ${piece.text}`) ?? [];
      text = [item.asset.name, item.standard, item.owner, item.reason, item.message, item.repository]
        .concat(item.location?.path, evidence)
        .join('\n')
        .toLowerCase();
      haystacks.set(item, text);
    }
    return text;
  };
  const isFinding = (item: Row): boolean => item.verdict === 'fail' || item.verdict === 'unknown';
  return {
    all,
    select: (selection) => {
      const words = (selection.search ?? '').toLowerCase().split(/\s+/).filter(Boolean);
      const hidden =
        selection.blind === undefined ? null : new Set(payload.blind[Number(selection.blind) - 1]);
      const fits = (wanted: string | undefined, actual: string | undefined | null): boolean =>
        wanted === undefined || wanted === (actual ?? '');
      return all.filter(
        (item) =>
          (selection.verdict === undefined ? isFinding(item) : item.verdict === selection.verdict) &&
          fits(selection.standard, item.standard) &&
          fits(selection.reason, item.reason) &&
          fits(selection.owner, item.owner) &&
          fits(selection.kind, item.asset.kind) &&
          fits(selection.repository, item.repository) &&
          fits(selection.place, item.asset.place) &&
          fits(selection.change, item.change) &&
          fits(selection.finding, item.fingerprint) &&
          (selection.excepted === undefined ||
            (selection.excepted === 'yes') === (item.exception !== undefined)) &&
          (hidden === null || hidden.has(item.fingerprint ?? '')) &&
          words.every((word) => haystack(item).includes(word)),
      );
    },
    group: (selected, group) => {
      const groups = Map.groupBy(selected, (item) => {
        if (group === 'owner') return item.owner ?? '';
        return group === 'standard' ? item.standard : item.repository;
      });
      return [...groups]
        .map(([name, members]) => ({ name, rows: members }))
        .sort((a, b) => b.rows.length - a.rows.length || (a.name < b.name ? -1 : 1));
    },
  };
}
