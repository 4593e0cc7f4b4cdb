/** A mark alone is no token: what follows it has to have the form, and what stands around it may not belong to it. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { findSecrets } from '../index.ts';
import { random } from '../samples.ts';
import { MARKED } from './marked.ts';

const HEX = '0123456789abcdef';
const MIXED = 'ABCDEFGHJKMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789';

/** As they stand in commands, headers and settings, where no name says what they are. */
test('a token is found by its mark where nothing around it says what it is', () => {
  const tokens: Readonly<Record<string, string>> = {
    'axiom-token': `xa${'at'}-1f0c52d7-9b1e-4c0f-8a53-7de0c1b2a394`,
    'confluent-secret': `cf${'lt'}${random(60, MIXED, 'confluent')}`,
    'e2b-key': `e2${'b_'}${random(40, HEX, 'e2b')}`,
    'ramp-secret': `ramp_${'sec'}_${random(48, MIXED, 'ramp')}`,
    'runpod-key': `rp${'a_'}${random(40, 'ABCDEFGHJKLMNPQRSTUVWXYZ0123456789', 'runpod')}`,
    'new-relic-licence-key': `${random(32, HEX, 'relic')}FFFF${'NRAL'}`,
    'trello-token': `AT${'TA'}${random(64, HEX, 'trello')}4F0C19BE`,
    'facebook-app-token': `access_token=271828182845904|${random(27, MIXED, 'facebook')}`,
    'freemius-secret-key': `'secret_key' => 'sk_${random(14, MIXED, 'f1')}#;${random(13, MIXED, 'f2')}'`,
    'authress-key': `scauth_${random(12, 'abcdef23456789', 'a1')}.q7x2.acc-${random(16, HEX, 'a2')}.${random(60, MIXED, 'a3')}`,
  };
  for (const [id, token] of Object.entries(tokens)) {
    for (const text of [token, `  run --with ${token} now\n`, `- ${token}\n`]) {
      const found = findSecrets(text, {}).map(({ detector }) => detector);
      assert.ok(found.includes(id), `${id}: found ${found.join(', ') || 'nothing'}`);
    }
  }
});

test('a mark in a word, a name, an address or a text that is too short is no token', () => {
  for (const text of [
    'import { serialize } from "./ser.js"; const st = ser.serializeEverythingInOne(value);',
    'secret-management-and-rotation-of-service-keys-in-production: see the handbook',
    'auth_oauth: oauth:authorization_code_with_pkce',
    'tk_button.configure(text="start the long running computation")',
    'fig_size = (12, 8); figure_1 = fig_axes_and_labels_of_all_the_subplots_in_one_place()',
    'tr_prod_database_migrations_and_seeds: done',
    'm0-initial-milestone-of-the-roadmap-2026',
    'runs-on: as-a-service; image: e2b_template_python_data_science',
    'access_token=271828182845904|short',
    "'secret_key' => getenv('FREEMIUS_SECRET_KEY')",
  ])
    assert.deepEqual(
      findSecrets(text, {}).map(({ detector }) => detector),
      [],
      text,
    );
});

test('no two rows have one mark and one form', () => {
  const patterns = MARKED.flatMap((detector) => ('pattern' in detector ? [detector.pattern] : []));
  assert.equal(new Set(patterns).size, patterns.length);
});
