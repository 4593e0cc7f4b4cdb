/**
 * One standard, one asset, one verdict. Never throws: what cannot be decided is `unknown` with every cause. Evidence is
 * aged once, here, for scope, check and reasons alike: what is older than allowed is unobserved before logic runs.
 */
import type { Asset } from './asset.ts';
import { elements } from './cel/compile.ts';
import { fieldType } from './cel/type.ts';
import {
  type CauseAt,
  type Datum,
  datum,
  display,
  duration,
  type Fields,
  isUnknown,
  timestamp,
  timestampOfDate,
  unknown,
} from './cel/value.ts';
import type { CompiledReason, CompiledStandard } from './compiled-standard.ts';
import type { AttributeDefinition } from './kind.ts';
import {
  type Assurance,
  CAUSES,
  type Cause,
  isUnobserved,
  type Known,
  type Location,
  weakestAssurance,
} from './observation.ts';
import type { Evidence, VerdictName } from './scan.ts';
import { fill } from './template.ts';

/** Two clocks: `asOf` may lie in the future ("who would fail on 1 March") while evidence keeps its real age. */
export interface Clock {
  readonly asOf: Date;
  readonly real: Date;
}

export interface Verdict {
  readonly standard: string;
  readonly asset: Asset;
  readonly verdict: VerdictName;
  /** A reason of the standard, a cause for `unknown`, `meets` for a pass, `out-of-scope` for not applicable. */
  readonly reason: string;
  readonly message: string;
  readonly assurance: Assurance | null;
  readonly evidence: readonly Evidence[];
  readonly location: Location | null;
  /** Of an unknown: every cause, first the one that is shown. */
  readonly causes: readonly CauseAt[];
}

export function evaluate(standard: CompiledStandard, asset: Asset, clock: Clock): Verdict {
  const bindings = {
    asset: known(standard, asset, clock),
    params: standard.paramValues,
    now: timestampOfDate(clock.asOf),
  };
  const scope = standard.where.run(bindings);
  if (scope === false) {
    return verdict(standard, asset, 'not-applicable', 'out-of-scope', 'outside the scope of the standard');
  }
  // An undecided scope is in scope and unknown: its causes come before the check's, and a fail would be a guess.
  const result = isUnknown(scope) ? scope : standard.check.run(bindings);
  if (isUnknown(result)) return undecided(standard, asset, result.causes);
  if (result === true) return verdict(standard, asset, 'pass', 'meets', 'meets the standard');
  const reason = standard.reasons.find(({ when }) => when.run(bindings) === true);
  return reason ? failed(standard, asset, reason, bindings) : undecided(standard, asset, NO_REASON);
}

/** Only a standard whose last reason is not `true` could get here, and such a standard does not load. */
const NO_REASON: readonly CauseAt[] = [
  { cause: 'undefined', path: 'reasons', why: 'no reason of the standard holds' },
];

/** The asset as an expression sees it, with everything that is too old, too weak or never said turned unknown. */
function known(standard: CompiledStandard, asset: Asset, clock: Clock): Fields {
  const { kind, definition } = standard;
  const maxAge = duration(definition.evidence.max_age ?? kind.fresh_for)?.nanos ?? 0n;
  const measuredAt = timestampOfDate(new Date(Math.min(clock.asOf.getTime(), clock.real.getTime()))).nanos;
  const fields = new Map<string, Datum>();
  for (const [name, about] of Object.entries(kind.attributes)) {
    const path = `asset.${name}`;
    const held = asset.attributes.get(name);
    const statement = held?.statement ?? { unobserved: 'unobserved', why: 'nobody looked' };
    if (isUnobserved(statement)) {
      const zero = about.set_by === 'approval' ? zeroValue(about) : undefined;
      fields.set(name, zero ?? unknown(statement.unobserved, path, statement.why));
      continue;
    }
    const seen = held?.observedAt ? timestamp(held.observedAt) : null;
    if (!about.immutable && seen && measuredAt - seen.nanos > maxAge) {
      const allowed = definition.evidence.max_age ?? kind.fresh_for;
      fields.set(name, unknown('stale', path, `last seen ${held?.observedAt}, more than ${allowed} ago`));
    } else if ('value' in statement) {
      fields.set(name, datum(statement.value, fieldType(about, path), path, statement.complete ?? true));
    }
  }
  return { is: 'record', fields, complete: true, path: 'asset' };
}

/** What an attribute that only an approval sets is worth while no approval is in force. */
function zeroValue(definition: AttributeDefinition): Datum | undefined {
  switch (definition.type) {
    case 'bool':
      return false;
    case 'int':
      return 0n;
    case 'double':
      return 0;
    case 'string':
      return '';
    case 'list':
      return { is: 'list', items: [], complete: true, path: '' };
    default:
      return undefined;
  }
}

function failed(
  standard: CompiledStandard,
  asset: Asset,
  reason: CompiledReason,
  bindings: Readonly<Record<string, Datum>>,
): Verdict {
  const { definition, at } = reason;
  const items = at ? elements(at, bindings) : [];
  const evidence =
    items.length > 0
      ? items.map((it) => point(definition.point ?? '{it}', it, bindings, asset))
      : lookedAt(standard, asset);
  const message = fill(definition.say, { ...bindings, count: BigInt(items.length) });
  const location = evidence.find((one) => one.location)?.location ?? asset.location ?? null;
  return { ...verdict(standard, asset, 'fail', definition.id, message), evidence, location };
}

/** One element at fault: where it stands is its own `path` and `line`, else the asset's. */
function point(text: string, it: Datum, bindings: Readonly<Record<string, Datum>>, asset: Asset): Evidence {
  const field = (name: string): Datum | undefined =>
    typeof it === 'object' && it?.is === 'record' ? it.fields.get(name) : undefined;
  const ownPath = field('path');
  const line = field('line');
  const path = typeof ownPath === 'string' ? ownPath : asset.location?.path;
  const shown = fill(text, { ...bindings, it });
  if (path === undefined) return { text: shown };
  const known = typeof line === 'bigint' && line > 0n;
  return { text: shown, location: known ? { path, line: Number(line) } : { path } };
}

function undecided(standard: CompiledStandard, asset: Asset, causes: readonly CauseAt[]): Verdict {
  const ordered = causes.toSorted(
    (a, b) =>
      CAUSES.indexOf(a.cause) - CAUSES.indexOf(b.cause) ||
      (a.path < b.path ? -1 : a.path > b.path ? 1 : a.why < b.why ? -1 : 1),
  );
  const first = ordered[0];
  const reason: Cause = first?.cause ?? 'unobserved';
  const message = first ? `${first.path}: ${first.why}` : 'nobody looked';
  const evidence = ordered.map(({ path, cause, why }) => ({ text: `${path} is ${cause}: ${why}` }));
  return { ...verdict(standard, asset, 'unknown', reason, message), evidence, causes: ordered };
}

function verdict(
  standard: CompiledStandard,
  asset: Asset,
  name: VerdictName,
  reason: string,
  message: string,
): Verdict {
  return {
    standard: standard.definition.id,
    asset,
    verdict: name,
    reason,
    message,
    assurance: name === 'pass' || name === 'fail' ? assuranceOf(standard, asset) : null,
    evidence: name === 'pass' ? lookedAt(standard, asset) : [],
    location: asset.location ?? null,
    causes: [],
  };
}

/** A verdict is as strong as the weakest statement that scope or check read. */
function assuranceOf(standard: CompiledStandard, asset: Asset): Assurance | null {
  return weakestAssurance(standard.reads.flatMap((name) => asset.attributes.get(name)?.assurance ?? []));
}

const MAX_SHOWN = 160;

/** What was looked at: each attribute that scope or check read, with its value, source and time. */
export function lookedAt(standard: CompiledStandard, asset: Asset): Evidence[] {
  return standard.reads.map((name) => {
    const held = asset.attributes.get(name);
    const about = standard.kind.attributes[name];
    const text = `${name}: ${held && about ? said(held.statement, about) : 'nobody looked'}`;
    const short = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN - 1)}…` : text;
    return held?.source && held.observedAt
      ? { text: short, source: held.source, observedAt: held.observedAt }
      : { text: short };
  });
}

function said(
  statement: Known | { absent: true } | { unobserved: Cause; why: string },
  about: AttributeDefinition,
): string {
  if ('unobserved' in statement) return `${statement.unobserved} (${statement.why})`;
  if ('absent' in statement) return 'none';
  const value = statement.value;
  if (Array.isArray(value)) return `${value.length}${statement.complete === false ? ' or more' : ''}`;
  return display(datum(value, fieldType(about, ''), ''));
}
