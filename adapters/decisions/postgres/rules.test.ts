/** What the database holds by itself, whatever a query of ours leaves out. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { preparedPlace } from '@macadam/testing/decisions/prepared';
import { batch, north, request, system } from '@macadam/testing/decisions/sample';
import { asOwner, trialFolder, trialsOn } from '@macadam/testing/decisions/test-database';
import type { Client } from 'pg';
import { verifyAudit } from '../audit.ts';
import type { Decisions } from '../port.ts';
import { startEngine } from './engine.ts';

const root = trialFolder();
const engine = await startEngine(preparedPlace(join(root, 'store')), { fleeting: true });
const trials = trialsOn(engine.address);
const { decisions, address } = await trials.open();
after(async () => {
  await decisions.close();
  await engine.stop();
  rmSync(root, { recursive: true });
});
await fill(decisions);

/** Something in every table, of both divisions where it has one. */
async function fill(store: Decisions): Promise<void> {
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  for (const division of ['north', 'south'])
    await store.transaction(system, async (tx) => {
      const person = `${division}-person`;
      await tx.organisation.putPerson({ id: person, name: 'P' });
      await tx.organisation.recordEvents(
        [{ effectiveOn: '2026-01-01', kind: 'created', body: {} }],
        division,
      );
      await tx.organisation.decideOwner({
        asset: `${division}-1`,
        act: 'assign',
        team: division,
        previousTeam: null,
        division,
        reason: 'it runs there',
      });
      await tx.work.open([batch(division, [`${division}-1`], division)]);
      await tx.work.comment(division, 'secret');
      await tx.work.dispute(division, {
        assets: [`${division}-1`],
        reason: 'secret',
        untilOn: new Date().toISOString().slice(0, 10),
      });
      await tx.failing.recordPass(
        { subject: `standard/${division}`, valid: expiresAt, known: 7, opened: 1 },
        {},
      );
      await tx.faults.open([
        {
          id: `source/${division}/1`,
          subjectOf: 'source',
          subject: division,
          team: null,
          division,
          causes: { stale: 3 },
          dueOn: expiresAt.slice(0, 10),
        },
      ]);
      await tx.handovers.begin(
        { assets: [`${division}-1`], fromTeam: division, division },
        {
          what: 'asked',
          why: 'secret',
          state: 'asked',
          toTeam: 'x',
          toDivision: division,
          bounces: 0,
        },
      );
      await tx.permissions.request(request(division, division));
      await tx.permissions.proposeStandard({
        standard: division,
        digest: 'a',
        definition: '',
        rollout: {},
        fromAt: expiresAt,
      });
      await tx.access.grant({ person, role: 'reader', division });
      await tx.access.startSession({
        digest: (division === 'north' ? 'a' : 'b').repeat(64),
        person,
        expiresAt,
      });
      await tx.login.sessionUsed((division === 'north' ? 'a' : 'b').repeat(64));
      await tx.access.link({ issuer: 'i', subject: division, person });
      await tx.delivery.post({ destination: 'd', division, subject: division, body: {} });
      const tracker = {
        id: `${division}-tracker`,
        kind: 'github',
        division,
        team: '',
        active: true,
        options: {},
        baseUrl: 'https://tracker.example',
        project: 'p/q',
        secret: 'env:TOKEN',
      };
      await tx.trackers.put(tracker);
      const issue = {
        batch: division,
        division,
        tracker: tracker.id,
        key: '1',
        url: 'https://tracker.example/1',
        marker: division,
        open: true,
        digest: null,
        commentsUntil: '2026-01-01T00:00:00.000Z',
      };
      await tx.trackers.putIssue(issue);
      await tx.trackers.commentIn({ ...issue, linkedAt: tx.at }, '1', 'secret');
      const url = 'https://hook.example/';
      await tx.webhooks.put({ id: `${division}-hook`, url, events: ['*'], division, active: true });
      await tx.delivery.claimKey(division, 'r');
    });
  for (const division of ['north', 'south'])
    await store.transaction({ id: `${division}-person`, divisions: [] }, async (tx) => {
      await tx.access.issueToken({
        id: division,
        person: `${division}-person`,
        digest: (division === 'north' ? 'a' : 'b').repeat(64),
        name: 'n',
        scopes: [],
        expiresAt,
      });
      await tx.login.tokenUsed(division);
    });
  const approver = { id: 'approver', divisions: 'all' } as const;
  for (const id of ['north', 'south'])
    await store.transaction(approver, (tx) =>
      tx.permissions.approve(id, [{ asset: `${id}-1`, accepted: null }]),
    );
}

/** Any SQL, under the same conditions as our own; rolled back. */
const raw = <T>(body: (client: Client) => Promise<T>, { divisions = '{south}', principal = 'saul' } = {}) =>
  asOwner(address, async (client) => {
    await client.query('begin; set local role macadam_application');
    await client.query(
      `select set_config('macadam.principal', $1, true), set_config('macadam.divisions', $2, true)`,
      [principal, divisions],
    );
    return body(client);
  });

const tables = await asOwner(address, async (client) => {
  const { rows } = await client.query<{ name: string; secured: boolean; divided: boolean }>(
    `select relname as name, relrowsecurity as secured, exists (select from pg_attribute
      where attrelid = pg_class.oid and attname = 'division') as divided
    from pg_class where relnamespace = 'macadam'::regnamespace and relkind in ('r', 'p') order by 1`,
  );
  return rows;
});
const divided = tables.filter((table) => table.divided).map(({ name }) => name);

test('every table is under row-level security, and whoever asks can neither own nor bypass it', async () => {
  assert.deepEqual(
    tables.filter(({ secured }) => !secured),
    [],
  );
  assert.ok(divided.length >= 9, `${divided}`);
  const [role] = await raw(
    async (client) =>
      (
        await client.query(
          `select rolsuper, rolbypassrls, rolcanlogin, exists (select from pg_class where relowner = pg_roles.oid) as owns
          from pg_roles where rolname = current_user`,
        )
      ).rows,
  );
  assert.deepEqual(role, { rolsuper: false, rolbypassrls: false, rolcanlogin: false, owns: false });
});

for (const table of divided)
  test(`a query of ${table} without its filter sees one’s own division only`, async () => {
    const seen = await raw(
      async (client) => (await client.query(`select division from macadam.${table}`)).rows,
    );
    assert.ok(seen.length > 0, 'nothing to be seen: the test shows nothing');
    assert.deepEqual([...new Set(seen.map(({ division }) => division))], ['south']);
    const all = await raw(async (client) => (await client.query(`select from macadam.${table}`)).rowCount, {
      divisions: '*',
    });
    assert.ok((all ?? 0) > seen.length, 'there is nothing else to be hidden');
    const none = await raw(async (client) => (await client.query(`select from macadam.${table}`)).rowCount, {
      divisions: '',
    });
    assert.equal(none, 0);
  });

test('a change without its filter changes one’s own division only', async () => {
  const changed = await raw(async (client) => [
    (await client.query('update macadam.batch set snoozed_until = current_date')).rowCount,
    (
      await client.query(
        "update macadam.exception set ended_at = macadam.clock(), ended_by = 'saul', end_reason = 'x'",
      )
    ).rowCount,
    (await client.query("update macadam.outbox set attempts = 9 where destination = 'd'")).rowCount,
  ]);
  assert.deepEqual(changed, [1, 1, 1]);
  await assert.rejects(
    raw((client) => client.query("update macadam.batch set division = 'north'")),
    /violates row-level security policy/,
  );
});

test('tokens, sessions and keys are seen by their person only', async () => {
  const counts = (principal: string) =>
    raw(
      async (client) => {
        const seen: (number | null)[] = [];
        for (const table of ['api_token', 'token_use', 'session', 'session_use', 'idempotency'])
          seen.push((await client.query(`select from macadam.${table}`)).rowCount);
        return seen;
      },
      { principal },
    );
  assert.deepEqual(await counts('north-person'), [1, 1, 1, 1, 0]);
  assert.deepEqual(await counts('somebody'), [0, 0, 0, 0, 0]);
  assert.deepEqual(await counts('system'), [0, 0, 0, 0, 2]);
});

test('links and log-ins that were begun are seen by the server’s own part only', async () => {
  await decisions.transaction(system, async (tx) => {
    const at = new Date(Date.now() + 60_000).toISOString();
    await tx.login.putLink({ digest: 'e'.repeat(64), person: 'south-person', expiresAt: at });
    await tx.login.putPending({ digest: 'f'.repeat(64), issuer: 'i', returnTo: '/', expiresAt: at });
  });
  for (const table of ['login_link', 'login_pending']) {
    const rows = (divisions: string) =>
      raw(async (client) => (await client.query(`select from macadam.${table}`)).rowCount, {
        divisions,
        principal: 'south-person',
      });
    assert.deepEqual([await rows('{south}'), await rows('*')], [0, 1], table);
  }
});

const REFUSED: readonly (readonly [what: string, sql: string, says: RegExp])[] = [
  [
    'somebody gives out a token in the name of another',
    "insert into macadam.api_token (id, person, digest, name, scopes, expires_at) values ('x', 'south-person', repeat('9', 64), 'n', '{}', macadam.clock() + interval '1 day')",
    /violates (check constraint "api_token_own"|row-level security policy)/,
  ],
  ['a due date moves', 'update macadam.batch set due_on = due_on + 1', /permission denied/],
  ['a batch reopens in the past', "update macadam.batch set opened_at = '2026-01-01'", /permission denied/],
  [
    'a batch is opened in the past',
    "insert into macadam.batch (id, standard, team, division, opened_at, due_on) values ('x', 's', 't', 'south', '2026-01-01', '2026-01-15')",
    /opened_at is not the time at which it happens/,
  ],
  [
    'a batch is opened in another name',
    "insert into macadam.batch (id, standard, team, division, opened_by, due_on) values ('x', 's', 't', 'south', 'nora', current_date)",
    /opened_by is not who asks/,
  ],
  [
    'a member joins later',
    "insert into macadam.batch_member (batch, asset, standard, division, failing_since) values ('south', 'late', 'devices-are-patched', 'south', now())",
    /members of a batch are frozen when it opens/,
  ],
  [
    'what is to be done is forgotten',
    "set constraints all immediate; delete from macadam.failing_asset where asset = 'south-1'",
    /batch_member_fails/,
  ],
  [
    'a pass goes back',
    "update macadam.work_pass set known = 6 where subject = 'standard/south'",
    /a pass over standard\/south is older than the last one/,
  ],
  [
    'a batch is snoozed a third time',
    `update macadam.batch set snoozed_until = due_on - 3; update macadam.batch set snoozed_until = due_on - 2;
    update macadam.batch set snoozed_until = due_on - 1`,
    /batch_snoozes_limit/,
  ],
  [
    'a fault closes by itself',
    "update macadam.fault_item set closed_at = now(), closed_by = 'saul'",
    /fault_item_observed/,
  ],
  [
    'a hand-over forgets who refused',
    "update macadam.handover set divisions = '{}'",
    /who was asked and refused is not forgotten/,
  ],
  [
    'a hand-over is begun for others',
    "insert into macadam.handover (assets, from_team, division, divisions, state) values ('{a}', 'n', 'north', '{north}', 'returned')",
    /violates row-level security/,
  ],
  [
    'a step of a hand-over is edited',
    "update macadam.handover_step set why = 'another'",
    /permission denied|append-only/,
  ],
  [
    'a batch closes over failures',
    "update macadam.batch set closed_at = now(), closed_by = 'saul'",
    /members that still fail/,
  ],
  [
    'an exception is born approved',
    `insert into macadam.exception (id, standard, division, selectors, reason, until, requested_by, requested_at, approved_at, approved_by)
      values ('x', 's', 'south', '{a}', 'long enough', current_date, 'saul', now(), now(), 'eve')`,
    /asked for before it is answered/,
  ],
  [
    'an exception is asked for in another name',
    `insert into macadam.exception (id, standard, division, selectors, reason, until, requested_by)
      values ('x', 's', 'south', '{a}', 'long enough', current_date, 'nora')`,
    /requested_by is not who asks/,
  ],
  [
    'an exception is asked for in the past',
    `insert into macadam.exception (id, standard, division, selectors, reason, until, requested_at)
      values ('x', 's', 'south', '{a}', 'long enough', current_date, now() - interval '1 second')`,
    /requested_at is not the time/,
  ],
  ['an exception lives longer', 'update macadam.exception set until = until + 1', /permission denied/],
  [
    'an approval is taken back',
    'update macadam.exception set approved_at = null, approved_by = null',
    /approved_at was recorded already/,
  ],
  [
    'assets join later',
    "insert into macadam.exception_asset (exception, asset, division) values ('south', 'late', 'south')",
    /frozen when it is approved/,
  ],
  ['an accepted value changes', "update macadam.exception_asset set accepted = 'x'", /permission denied/],
  [
    'a log entry is written by hand',
    "insert into macadam.audit (number, at, previous, content, content_digest, digest) values (999, '', '', '{}', '', '')",
    /permission denied/,
  ],
  [
    'a log entry is in another name',
    `select macadam.audit_append(array['{"principal":"nora","action":"x","outcome":"done"}'])`,
    /in the name of somebody else/,
  ],
  [
    'a log entry says nothing',
    `select macadam.audit_append(array['{"principal":"saul","outcome":"done"}'])`,
    /audit_complete/,
  ],
  ['a log entry is edited', "update macadam.audit set content = '{}'", /permission denied/],
  ['the head of the log is turned back', 'update macadam.audit_head set number = 0', /permission denied/],
  ['a real store becomes a simulation', 'update macadam.store set simulated = true', /permission denied/],
];
for (const [what, sql, says] of REFUSED)
  test(`refused: ${what}`, async () => {
    await assert.rejects(
      raw((client) => client.query(sql)),
      says,
    );
  });

test('a setting moves no clock in a real store', async () => {
  const moved = await raw(async (client) => {
    await client.query("select set_config('macadam.clock', '2020-01-01T00:00:00Z', true)");
    return (await client.query('select macadam.clock() = now() as real')).rows[0].real;
  });
  assert.equal(moved, true);
});

test('the owner of the tables, too, can change neither the log nor what was frozen', async () => {
  const refused = (sql: string, says: RegExp) =>
    assert.rejects(
      asOwner(address, (client) => client.query(sql)),
      says,
    );
  await refused("update macadam.audit set at = 'x'", /audit is append-only: update is refused/);
  await refused('delete from macadam.audit where number = 1', /audit is append-only: delete is refused/);
  await refused('truncate macadam.audit', /audit is append-only: truncate is refused/);
  await refused("update macadam.exception set until = '2030-01-01'", /what was asked for does not change/);
  await refused('delete from macadam.org_event', /org_event is append-only/);
  await refused("update macadam.owner_rules set rules = '[]'", /owner_rules is append-only/);
});

const UNLOGGED: readonly (readonly [table: string, sql: string])[] = [
  ['batch', "update macadam.batch set claimed_by = 'saul'"],
  [
    'batch_comment',
    "insert into macadam.batch_comment (batch, division, text) values ('south', 'south', 'x')",
  ],
  [
    'exception',
    "insert into macadam.exception (id, standard, division, selectors, reason, until) values ('x', 's', 'south', '{a}', 'long enough', current_date)",
  ],
  ['person', "update macadam.person set name = 'x'"],
  ['person_group', "insert into macadam.person_group (id, name) values ('g', 'g')"],
  ['org_event', "insert into macadam.org_event (effective_on, kind, body) values (current_date, 'x', '{}')"],
];
for (const [table, sql] of UNLOGGED)
  test(`a change of ${table} that is not in the log does not happen`, async () => {
    await assert.rejects(
      raw(async (client) => {
        await client.query(sql);
        await client.query('commit');
      }),
      new RegExp(`a change of ${table} is not in the audit log`),
    );
  });

test('when the log cannot be written, nothing happens', async () => {
  const trial = await trials.open();
  const full = (to: string) =>
    asOwner(trial.address, (client) =>
      client.query(`alter table macadam.audit ${to} constraint no_room check (number < 2) not valid`),
    );
  const put = (id: string) =>
    trial.decisions.transaction(north, (tx) => tx.organisation.putPerson({ id, name: 'N' }));
  await put('one');
  await full('add');
  await assert.rejects(put('two'), /no_room/);
  const people = await trial.decisions.transaction(north, (tx) => tx.organisation.people());
  assert.deepEqual(
    people.map(({ id }) => id),
    ['one'],
  );
  await trial.decisions.close();
});

test('what somebody with every right does to the log is found, with its place', async () => {
  const sabotage = (sql: string) =>
    asOwner(address, (client) =>
      client.query(
        `alter table macadam.audit disable trigger all; ${sql}; alter table macadam.audit enable trigger all`,
      ),
    );
  const verdict = async () => {
    const found = await verifyAudit(decisions.auditLog());
    return found.whole ? 'whole' : `${found.number}: ${found.why}`;
  };
  assert.equal(await verdict(), 'whole');
  const edit = (from: string, to: string) =>
    sabotage(`update macadam.audit set content = replace(content, '${from}', '${to}') where number = 4`);
  await edit('batch.open', 'batch.shut');
  assert.equal(await verdict(), '4: its content was changed');
  await edit('batch.shut', 'batch.open');
  assert.equal(await verdict(), 'whole');
  await sabotage('delete from macadam.audit where number = 4');
  assert.equal(await verdict(), '4: entry 4 is missing: 5 comes in its place');
});
