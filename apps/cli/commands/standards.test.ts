/** `macadam standards check` over a catalogue in which much is wrong: all of it is told, and where. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { startCommandLine } from '@macadam/testing/command-line';

const commandLine = startCommandLine();

function standards(
  context: TestContext,
  files: Readonly<Record<string, string>>,
  ...words: readonly string[]
) {
  const folder = mkdtempSync(join(tmpdir(), 'macadam-standards-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const all = { 'macadam.yaml': 'catalogue: [own]\n', 'own/.keep': '', ...files };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const args = ['standards', 'check', ...words];
  const { status, stdout, stderr } = commandLine.run({ args, cwd: folder });
  return { code: status, out: stdout, err: stderr };
}

const STANDARD = (id: string, check: string, kind = 'repository') => `id: ${id}
pillar: engineering
title: A thing is as it should be
statement: Every thing of the estate is as it should be.
why: What is not as it should be is soon something else.
origin: { report: none, lesson: Things that nobody looks at change. }
scope: { kind: ${kind} }
check: ${check}
reasons: [{ id: wrong, when: "true", say: it is wrong }]
severity: high
measure: { kind: share }
rollout: { state: warn, on_unknown: warn }
toil: { owner_minutes: 1 }
omits: { start: nothing to begin with here, stay: nothing to hold here, get: nothing to bring here }
`;
const README = `# Thing\n${['Avoid', 'Prefer', 'Why', 'Exceptions', 'Fix', 'Measured by'].map((name) => `\n## ${name}\n\n\`wrong\`\n`).join('')}`;
const EXAMPLE = (attributes: string, verdict: string, reason: string) =>
  `describe: An example of a thing.\nattributes: ${attributes}\nexpect: { verdict: ${verdict}, reason: ${reason} }\n`;

test('the catalogue of the repository is without mistakes, and each check has its cost', (context) => {
  const { code, out } = standards(context, {});
  assert.equal(code, 0, out);
  assert.match(out, /^pipeline-uses-pinned +[\d,]+ steps$/m);
  assert.match(out, /^\d+ standards, \d+ kinds, \d+ frameworks: 0 mistakes$/m);
});

test('every mistake of every file is told in one run, with its place and the nearest right name', (context) => {
  const at = 'own/standards/engineering';
  const { code, out } = standards(context, {
    'own/kinds/shed.yaml':
      'kind: shed\ndescription: A shed of the estate.\nkey: [name]\nfresh_for: 7d\natributes: {}\n',
    'own/frameworks/house.yaml':
      'framework: house-1\ntitle: House rules\nrequirements:\n  one: [thing-one, pipeline-uses-pined]\n',
    [`${at}/thing-one/standard.yaml`]: STANDARD('thing-one', '"has(asset.codeowners) && asset.archivd"'),
    [`${at}/thing-two/standard.yaml`]: STANDARD('thing-too', 'asset.nme == 1'),
    [`${at}/thing-three/standard.yaml`]: STANDARD('thing-three', '"true"', 'shd'),
    [`${at}/thing-four/standard.yaml`]: STANDARD('thing-four', '"!asset.archived"'),
    [`${at}/thing-four/README.md`]: README.replace('## Why', '## Wherefore'),
    [`${at}/thing-four/examples/pass.yaml`]: EXAMPLE('{ archved: false }', 'pass', 'meets'),
    [`${at}/thing-four/examples/open.yaml`]: EXAMPLE('{ archived: "no" }', 'unknown', 'forbiden'),
  });
  assert.equal(code, 1);
  const expected = [
    'own/kinds/shed.yaml:5:1: `atributes`: there is no such field, did you mean `attributes`?',
    `${at}/thing-two/standard.yaml:1:1: \`id\`: \`thing-too\` and the name of its folder or file differ; rename one of them`,
    `${at}/thing-four/README.md:1:1: README.md lacks the headings Why`,
    `${at}/thing-four/examples:1:1: none fails as wrong; add one`,
    `${at}/thing-four/examples/open.yaml:3:1: \`expect.reason\`: a unknown has no reason \`forbiden\`, did you mean \`forbidden\`?`,
  ];
  const first = `${at}/thing-one/standard.yaml:8:40: \`check\`: repository has no \`archivd\`, did you mean \`archived\`?`;
  for (const line of [first, ...expected]) assert.ok(out.includes(line), `${line}\n${out}`);
  assert.match(
    out,
    /house\.yaml:4:1: `requirements\.one\.1`: there is no standard `pipeline-uses-pined`, did you mean `pipeline-uses-pinned`\?/,
  );
  assert.match(out, /thing-two\/standard\.yaml:8:\d+: `check`: repository has no `nme`/);
  assert.match(out, /thing-three\/standard\.yaml:7:1: `scope\.kind`: there is no kind `shd`/);
  assert.match(
    out,
    /pass\.yaml:2:1: `attributes\.archved`: the kind repository has no attribute `archved`, did you mean `archived`\?/,
  );
  assert.match(out, /open\.yaml:2:1: `attributes\.archived`: "no" is no bool; write true or false/);
  assert.doesNotMatch(out, /house.*thing-one/, 'a standard that does not load is there all the same');
});

test('a mistake of the document hides none of its expressions', (context) => {
  const at = 'own/standards/engineering/thing-one/standard.yaml';
  const broken = STANDARD('thing-one', 'asset.nme == params.mots')
    .replace('severity: high', 'severity: hihg\nparams: { most: 2 }')
    .replace('say: it is wrong', 'say: "{asset.nme} is wrong", when: asset.archivd, fxi: true')
    .replace('when: "true", ', '')
    .replace('kind: repository }', 'kind: repository, where: "asset.arhcived" }');
  const { code, out } = standards(context, { [at]: broken }, 'thing-one');
  assert.equal(code, 1);
  for (const [field, reason] of [
    ['severity', /it is none of what it can be; write one of critical, high, medium, low/],
    ['reasons.0.fxi', /there is no such field, did you mean `fix`\?/],
    ['check', /repository has no `nme`/],
    ['scope.where', /repository has no `arhcived`, did you mean `archived`\?/],
    ['reasons.0.when', /repository has no `archivd`, did you mean `archived`\?/],
    ['reasons.0.say', /nme/],
  ] as const) {
    const line = out.split('\n').find((one) => one.startsWith(at) && one.includes(`\`${field}\`: `));
    assert.match(line ?? `${field} is not told\n${out}`, reason);
  }
  // Where parameters cannot be read, nothing is said of what rests on them.
  const params = STANDARD('thing-one', 'params.most == 1').replace(
    'severity: high',
    'params: { most: null }',
  );
  assert.doesNotMatch(standards(context, { [at]: params }, 'thing-one').out, /`check`/);
});

test('ids choose, those too that do not load', (context) => {
  const at = 'own/standards/engineering';
  const files = {
    [`${at}/thing-one/standard.yaml`]: STANDARD('thing-one', 'asset.nme == 1'),
    [`${at}/thing-two/standard.yaml`]: STANDARD('thing-two', 'asset.nme == 1'),
  };
  const { code, out } = standards(context, files, 'thing-one');
  assert.equal(code, 1);
  assert.match(out, /thing-one\/standard\.yaml:8/);
  assert.doesNotMatch(out, /thing-two/);
  assert.equal(standards(context, files, 'pipeline-uses-pinned').code, 0);
  const wrong = standards(context, files, 'thing-on');
  assert.equal(wrong.code, 2);
  assert.match(wrong.err, /there is no standard `thing-on`, did you mean `thing-one`\?/);
});
