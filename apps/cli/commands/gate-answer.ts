/** How a gate's answer is written: for people, and as `macadam.gate/1` for programs. */
import { stripVTControlCharacters } from 'node:util';
import { counted } from '@macadam/adapters/report-formats/figures';
import { isSelfAttested } from '@macadam/core/verdicts/exception';
import { EFFECTS, type Effect, type GateDecision, stronger } from '@macadam/core/verdicts/gate';
import { readGate } from '@macadam/services/catalogue/gate';
import type { CatalogueStandard } from '@macadam/services/catalogue/load';
import { VERSION } from '../version.ts';
import type { AskedExceptions } from './gate-exceptions.ts';

export interface Answer {
  readonly kind: string;
  readonly asOf: Date;
  readonly now: Date;
  readonly catalogue: string;
  readonly decisions: readonly GateDecision[];
  readonly standards: ReadonlyMap<string, CatalogueStandard>;
  /** What a server said of approved exceptions; null where none was asked. */
  readonly asked: AskedExceptions | null;
  /** Whether a server was told what was stopped, with why not; null where none was asked. */
  readonly reported: { readonly why: string | null } | null;
}

const strongest = (decisions: readonly GateDecision[]): Effect =>
  decisions.reduce<Effect>((effect, one) => stronger(effect, one.effect), 'allow');

/** How the owner mends it: the command where the standard has a fix for the reason, else what explains it. */
function remedyOf({ verdict, standard }: GateDecision, from: CatalogueStandard | undefined): string | null {
  if (verdict.verdict === 'pass' || verdict.verdict === 'not-applicable') return null;
  const reason = standard.definition.reasons.find(({ id }) => id === verdict.reason);
  const { id } = standard.definition;
  if (verdict.verdict !== 'fail' || !from?.fix || !reason?.fix) return `macadam explain ${id}`;
  return `macadam fix --standard ${id}${reason.fix === true ? '' : ` ${reason.fix}`}`;
}

/** What the standard's gate says to whom it stops; null where it says nothing. */
function sayOf(from: CatalogueStandard | undefined): string | null {
  const gate = from ? readGate(from.folder) : null;
  return gate && 'value' in gate ? gate.value.say : null;
}

export function asJson(answer: Answer): string {
  const { kind, asOf, now, catalogue, decisions, standards, asked, reported } = answer;
  const lines = decisions.map((decision) => {
    const { standard, verdict, effect, exception, step, ring, ringUndecided } = decision;
    const { id, title, severity, rollout } = standard.definition;
    const from = standards.get(id);
    const { asset, evidence, location, causes, assurance } = verdict;
    const stopped = verdict.verdict === 'fail' || verdict.verdict === 'unknown';
    return {
      standard: id,
      title,
      severity,
      state: rollout.state,
      step,
      ...(ring !== null && { ring }),
      ...(ringUndecided && { ringUndecided }),
      asset: { id: asset.id, kind: asset.kind, name: asset.name },
      verdict: verdict.verdict,
      reason: verdict.reason,
      message: verdict.message,
      effect,
      assurance,
      ...(verdict.reasons && { reasons: verdict.reasons }),
      evidence,
      location,
      causes,
      ...(stopped && { say: sayOf(from), remedy: remedyOf(decision, from) }),
      ...(exception && {
        exception: {
          reason: exception.reason,
          approver: exception.approver,
          until: exception.until,
          ...(isSelfAttested(exception) && { selfAttested: true }),
        },
      }),
    };
  });
  const head = { schema: 'macadam.gate/1', engine: `macadam ${VERSION}`, catalogue, kind };
  const times = { judgedAt: now.toISOString(), asOf: asOf.toISOString() };
  const server = asked && { exceptionsAsked: { server: asked.server, why: asked.why }, reported };
  return JSON.stringify(
    { ...head, ...times, ...server, effect: strongest(decisions), decisions: lines },
    null,
    2,
  );
}

export function asTable({ decisions, standards, kind }: Answer): string {
  const several = new Set(decisions.map(({ verdict }) => verdict.asset.id)).size > 1;
  const told = decisions
    .filter(({ verdict }) => verdict.verdict === 'fail' || verdict.verdict === 'unknown')
    .toSorted((a, b) => EFFECTS.indexOf(b.effect) - EFFECTS.indexOf(a.effect));
  const lines = told.flatMap((decision) => {
    const { standard, verdict, effect, exception, step, ring, ringUndecided } = decision;
    const { id, title, severity } = standard.definition;
    const from = standards.get(id);
    const name = several ? `${verdict.asset.name}: ` : '';
    return [
      `${effect.padEnd(6)} ${name}${title} (${id}, ${severity}, ${step}${ring === null ? '' : ` in ring ${ring}`})`,
      ...(ringUndecided ? [RING_UNDECIDED] : []),
      `       ${verdict.verdict}, ${verdict.reason}: ${verdict.message}`,
      ...verdict.evidence.slice(0, EVIDENCE).map(({ location, text }) => {
        const line = location?.line ? `:${location.line}` : '';
        return `         ${location ? `${location.path}${line}  ` : ''}${text}`;
      }),
      ...(exception
        ? [
            `       excepted until ${exception.until} by ${exception.approver}${isSelfAttested(exception) ? ', self-attested in the estate’s file' : ''}: ${exception.reason}`,
          ]
        : []),
      ...(sayOf(from) ? [`       ${sayOf(from)}`] : []),
      `       → ${remedyOf(decision, from)}`,
      '',
    ];
  });
  return clean([...lines, summary(decisions, kind)].join('\n'));
}

const RING_UNDECIDED =
  '       its ring is not known, because no `owners` are given; the step is that of whoever is in no ring';

/** Pieces of evidence that are shown of one decision; JSON has all of them. */
const EVIDENCE = 5;

function summary(decisions: readonly GateDecision[], kind: string): string {
  if (decisions.length === 0) return `No standard about ${kind} is at warn or enforce, so nothing was asked.`;
  const count = (name: string) => decisions.filter(({ verdict }) => verdict.verdict === name).length;
  const effect = strongest(decisions);
  const said = {
    allow: 'It may go on',
    warn: 'It may go on, with warnings',
    ask: 'Somebody has to be asked',
    block: 'It is blocked',
  };
  const outside = count('not-applicable');
  const parts = [`${count('pass')} met`, `${count('fail')} failing`, `${count('unknown')} undecided`];
  if (outside > 0) parts.push(`${outside} out of scope`);
  return `${said[effect]}: ${counted(decisions.length, 'standard')} asked, ${parts.join(', ')}.`;
}

const clean = (text: string) => stripVTControlCharacters(text).replaceAll(/(?!\n)\p{Cc}/gu, '\ufffd');
