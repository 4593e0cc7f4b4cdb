/** The definition of a standard as a page, the assets that a change of it would move, and that change as a patch. */
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import { count, counted } from '@macadam/adapters/report-formats/figures';
import { html, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { plural } from '@macadam/adapters/report-formats/html/words';
import {
  type Draft,
  type DraftMistake,
  draftOf,
  draftPatch,
  exampleResults,
  pathInCatalogue,
  textsOf,
} from '@macadam/services/judge/draft';
import { type WhatIf, whatIf } from '@macadam/services/judge/what-if';
import { progressAt } from '@macadam/services/progress/status';
import { z } from 'zod';
import { anAsset, anId, idOrNone } from '../../http/bounds.ts';
import { HttpProblem } from '../../http/problem.ts';
import { answer, type RawAnswer } from '../../http/route.ts';
import { ownedStores, siteOf } from '../../server-context.ts';
import { permitTeam, teamsSeen } from '../../session/visibility.ts';
import { scannedSpan } from '../../time-range.ts';
import { EDITOR_SCRIPT, TRY_SCRIPT } from '../files.ts';
import { listBody } from '../history/lists.ts';
import type { ServerContext } from '../history/pages.ts';
import { pillarName } from '../overview/words.ts';
import { shownPage, standingPage, type Visit } from '../page.ts';
import { changedOnly, type DraftQuery, definitionAt, draftQuery, isTried, typedOver } from './address.ts';
import { type DefinitionPage, definitionBody, moveWords, type Tried } from './body.ts';

type Asked<Q = Partial<DraftQuery>> = Visit & {
  readonly params: { readonly id: string };
  readonly query: Q;
};

function standardOf({ parts, params: { id } }: Asked<unknown>) {
  const site = siteOf(parts);
  const standard = site.standards.get(id);
  if (standard === undefined)
    throw new HttpProblem(404, `there is no standard ${id}; all standards are at /standards`);
  return { site, standard, stores: ownedStores(parts) };
}

/** What is tried; mistakes where it cannot be read. */
function triedIn(call: Asked): Draft | { readonly mistakes: readonly DraftMistake[] } {
  const { standard, stores } = standardOf(call);
  return draftOf(standard, typedOver(textsOf(standard), call.query), stores.kinds);
}

async function judged(call: Asked, draft: Draft, tx: DecisionTransaction) {
  const { site, standard, stores } = standardOf(call);
  return whatIf({
    stores,
    today: standard.compiled,
    changed: draft.standard.compiled,
    at: site.judgedAt ?? call.now,
    teams: await teamsSeen(call, tx),
  });
}

/** Teams that are named with what fails of them now. */
const FAILING = 12;

async function definitionPage(call: Asked, tx: DecisionTransaction): Promise<RawAnswer> {
  const { site, standard, stores } = standardOf(call);
  const { id, definition } = standard;
  const before = textsOf(standard);
  const typed = typedOver(before, call.query);
  const tries = isTried(call.query);
  const draft = tries ? triedIn(call) : { standard, edits: [], setByEstate: [] };
  const mistakes = 'mistakes' in draft ? draft.mistakes : [];
  const found = tries && !('mistakes' in draft) ? await judged(call, draft, tx) : null;
  const tried: Tried | null =
    found === null || 'tooCostly' in found || 'mistakes' in draft
      ? null
      : {
          whatIf: found,
          patch: await draftPatch(standard, draft.edits),
          file: pathInCatalogue(standard),
          setByEstate: draft.setByEstate,
        };
  const noun = definition.scope.kind.replaceAll('-', ' ');
  const page: DefinitionPage = {
    id,
    noun,
    kind: standard.compiled.kind,
    before,
    typed,
    query: changedOnly(before, call.query),
    mistakes,
    examples: await exampleResults('mistakes' in draft ? standard : draft.standard, stores.kinds),
    ...(await standsNow(site, id)),
    tried,
    tooCostly: found !== null && 'tooCostly' in found ? found.tooCostly : null,
    minutes: definition.toil.owner_minutes,
    divisions: site.divisions,
  };
  return standingPage(call, {
    section: 'standards',
    title: `Definition of ${definition.title}`,
    heading: headingOf(page),
    when: html`${definition.title}. ${tries ? 'As it would be; what is in force judges as before.' : definition.statement === definition.title ? '' : definition.statement}`,
    trail: trailOf(standard),
    acts: tries && html`<a class="btn" href="${definitionAt(id)}">Throw away</a>`,
    scripts: [TRY_SCRIPT.href, EDITOR_SCRIPT.href],
    body: definitionBody(page),
  });
}

const trailOf = ({
  id,
  definition: { pillar },
}: ReturnType<typeof standardOf>['standard']): readonly {
  readonly href: string;
  readonly label: Markup | string;
}[] => [
  { href: '/standards', label: 'Standards' },
  { href: `/standards?pillar=${pillar}`, label: pillarName(pillar) },
  { href: `/standards/${encodeURIComponent(id)}`, label: html`<code>${id}</code>` },
];

async function standsNow(
  site: ServerContext,
  id: string,
): Promise<Pick<DefinitionPage, 'now' | 'failing' | 'target'>> {
  const between = await scannedSpan(site.past, {});
  const progress = await progressAt(site.past, between, site.standards.values(), site.commitments ?? {});
  const figures = await site.past.figures(between, id);
  const teams = await site.past.teams(between, id);
  return {
    now: {
      pass: figures.pass,
      fail: figures.fail,
      unknown: figures.unknown,
      notApplicable: 0,
      unnamed: figures.unnamed ?? 0,
    },
    target: progress.get(id)?.target?.share ?? null,
    failing: teams
      .filter(({ fail }) => fail > 0)
      .toSorted((a, b) => b.fail - a.fail || ((a.team ?? '') < (b.team ?? '') ? -1 : 1))
      .slice(0, FAILING)
      .map(({ team = '', fail }) => ({ team, fail })),
  };
}

/** What it comes to, in one sentence. */
function headingOf({ tried, mistakes, tooCostly, now, noun }: DefinitionPage): string {
  if (mistakes.length > 0)
    return `This cannot be read: ${plural(mistakes.length, 'mistake')}. Nothing is saved.`;
  if (tooCostly !== null) return 'What would change is unknown. Nothing is saved.';
  if (tried === null) {
    const scope = now.pass + now.fail + now.unknown;
    return scope === 0
      ? 'Nothing is in scope of this check today.'
      : `${count(now.fail)} of ${counted(scope, noun)} fail this check today.`;
  }
  return changeSentence(tried.whatIf, noun);
}

function changeSentence({ today, changed, teams, transitions }: WhatIf, noun: string): string {
  if (transitions.length === 0) return 'Nothing would change.';
  const more = changed.fail - today.fail;
  const concerned = `${plural(teams.length, 'team')} ${teams.length === 1 ? 'is' : 'are'} concerned`;
  const counts = (number: number, word: string) => counted(number, noun).replace(/^(\S+) /, `$1 ${word} `);
  if (more > 0) return `${counts(more, 'more')} would fail; ${concerned}. Nothing is saved yet.`;
  if (more < 0) return `${counts(-more, 'fewer')} would fail; ${concerned}. Nothing is saved yet.`;
  const moved = transitions.reduce((sum, { count: number }) => sum + number, 0);
  return `As many would fail, ${counted(moved, noun)} would change; ${concerned}. Nothing is saved yet.`;
}

const verdicts = z.enum(['pass', 'fail', 'unknown', 'na']);
const PAGE = 100;
const changesQuery = {
  ...draftQuery,
  from: verdicts.optional(),
  to: verdicts.optional(),
  team: idOrNone.optional(),
  after: anAsset.optional(),
};
type ChangesQuery = Partial<DraftQuery> & {
  readonly from?: z.output<typeof verdicts> | undefined;
  readonly to?: z.output<typeof verdicts> | undefined;
  readonly team?: string | undefined;
  readonly after?: string | undefined;
};

const CAN = { pass: 'pass', fail: 'fail', unknown: 'unknown', na: 'out of scope' } as const;

async function changesPage(call: Asked<ChangesQuery>, tx: DecisionTransaction): Promise<RawAnswer> {
  const { standard } = standardOf(call);
  const { from, to, team, after, ...query } = call.query;
  if (team !== undefined) await permitTeam(call, tx, team);
  const asked: Asked = { ...call, query };
  const draft = triedIn(asked);
  if ('mistakes' in draft) return definitionPage(asked, tx);
  const found = await judged(asked, draft, tx);
  if ('tooCostly' in found) return definitionPage(asked, tx);
  const rows = await found.changes(
    {
      teams: team === undefined ? null : [team],
      from,
      to,
    },
    { after: after ?? '', limit: PAGE + 1 },
  );
  const shown = rows.slice(0, PAGE);
  const address = (next: string | undefined) =>
    definitionAt(standard.id, query, '/changes', { from, to, team, after: next });
  const of = team === undefined ? '' : ` of ${team}`;
  const what =
    from !== undefined && to !== undefined ? moveWords({ from, to }) : 'would have another verdict';
  const more = rows.length > PAGE || after !== undefined;
  return standingPage(call, {
    section: 'standards',
    title: `What would change: ${standard.definition.title}`,
    heading: `${plural(shown.length, 'asset')}${more ? ' on this page' : ''}${of} ${what}.`,
    when: 'If the standard were changed. Nothing is saved.',
    trail: [...trailOf(standard), { href: definitionAt(standard.id, query), label: 'change' }],
    body: listBody(
      'Judged now, by what the store holds.',
      shown.map((row) => ({
        asset: row.asset,
        team: row.team,
        what: `${CAN[row.from]}, would be ${CAN[row.to]}`,
      })),
      rows.length > PAGE ? address(shown.at(-1)?.asset) : null,
      after === undefined ? null : address(undefined),
    ),
  });
}

async function patchFile(call: Asked): Promise<RawAnswer> {
  const { standard } = standardOf(call);
  const draft = triedIn(call);
  const patch = 'mistakes' in draft ? '' : await draftPatch(standard, draft.edits);
  if (patch === '')
    throw new HttpProblem(404, 'there is no patch of this', [
      {
        field: 'query',
        reason: 'mistakes' in draft ? 'it cannot be read' : 'nothing of the file changes',
        fix: `look at ${definitionAt(standard.id, call.query)}`,
      },
    ]);
  return {
    headers: {
      'content-type': 'text/x-patch; charset=utf-8',
      'content-disposition': `attachment; filename="${standard.id}.patch"`,
    },
    body: patch,
  };
}

const PATH = '/standards/:id/definition';
const params = { id: anId };

export const definitionPages = [
  shownPage({
    path: PATH,
    summary: 'Show the definition of a standard, and what would change if it said something else',
    action: 'Fact::read',
    of: 'anywhere',
    params,
    query: draftQuery,
    does: (call, tx) => definitionPage(call, tx),
  }),
  shownPage({
    path: `${PATH}/changes`,
    summary: 'Show the assets whose verdict a change of a standard would move',
    action: 'Fact::read',
    of: 'anywhere',
    params,
    query: changesQuery,
    does: (call, tx) => changesPage(call, tx),
  }),
  answer({
    method: 'GET',
    path: `${PATH}/patch`,
    summary: 'Give a change of a standard as a patch to its file',
    media: 'text/x-patch',
    action: 'Fact::read',
    of: 'anywhere',
    params,
    query: draftQuery,
    does: (call) => patchFile(call),
  }),
];
