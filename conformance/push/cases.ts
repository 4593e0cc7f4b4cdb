/** What can be pushed: each case says whether it holds a secret, and is different for each seed. */
import { findSecrets } from '../../paved/secrets/index.ts';
import { random, samples } from '../../paved/secrets/samples.ts';
import { type Commit, commits, type File, fails, git } from './scene.ts';

export interface Made {
  /** What is given to `git push` behind the address. */
  readonly parameters: readonly string[];
  readonly holds: boolean;
  /** A push of the branch of this case has it as its new tip. */
  readonly tip: string | null;
}

export interface Place {
  readonly clone: string;
  /** Branch that this push is about, and its commit at the server; null while there is none. */
  readonly branch: string;
  readonly parent: string | null;
  /** Between 0 and `below`, a whole number. */
  readonly number: (below: number) => number;
  readonly seed: string;
}

type Make = (place: Place) => Made;

const WORDS =
  'account batch cache detail event field graph header index journal ledger merge node order page'.split(' ');

function lines({ number }: Place, count: number): string[] {
  const word = () => WORDS[number(WORDS.length)] ?? 'word';
  const forms = [
    () => `export function ${word()}(${word()}: string, ${word()}: number): ${word()}[] {`,
    () => `  const ${word()} = await this.${word()}.${word()}(${word()}.id, { ${word()}: ${number(900)} });`,
    () => `The ${word()} of the ${word()} is what its ${word()} named when the ${word()} began.`,
    () => `    password: \${${word().toUpperCase()}_PASSWORD}`,
    () => `  - uses: actions/${word()}@${hex(number, 40)} # v4`,
    () => `const token = process.env.${word().toUpperCase()}_TOKEN;`,
  ];
  return Array.from({ length: count }, () => (forms[number(forms.length)] ?? word)());
}

const hex = (number: Place['number'], length: number) =>
  Array.from({ length }, () => number(16).toString(16)).join('');
const text = (place: Place, count: number) => `${lines(place, count).join('\n')}\n`;

/** The id of a key opens nothing alone, and of bytes that are no text only what is sure is refused. */
const UNSURE = ['aws-access-key', 'google-api-key'];

/** Chance may make a value read like an example, which is told from secrets elsewhere. */
const isSure = (value: string) =>
  findSecrets(`k = "${value}"`).some(({ confidence }) => confidence === 'high');

/** One of the samples for which a push is refused wherever it stands. */
function secret({ number, seed }: Place): string {
  const all = Object.entries(samples(seed)).filter(
    ([rule, value]) => !UNSURE.includes(rule) && isSure(value),
  );
  return all[number(all.length)]?.[1] ?? '';
}

function planted(place: Place, count: number, value: string = secret(place)): string {
  const all = lines(place, count);
  all.splice(place.number(all.length + 1), 0, `  value: "${value}"`);
  return all.join(place.number(4) === 0 ? '\r\n' : '\n') + (place.number(2) === 0 ? '\n' : '');
}

const path = ({ number, seed }: Place, extension = 'ts') =>
  `${['src', 'lib/a b', 'deploy/é', 'test'][number(4)]}/${seed.replaceAll('/', '-')}.${extension}`;
const change = (files: readonly File[], message = 'Change it'): Commit => ({ message, files });
const onBranch = (place: Place, all: readonly Commit[], holds: boolean): Made => {
  const tip = commits(place.clone, place.parent, all);
  return { parameters: [`+${tip}:refs/heads/${place.branch}`], holds, tip };
};
const oneFile = (place: Place, contents: string | Buffer, holds: boolean, name = path(place)): Made =>
  onBranch(place, [change([{ path: name, contents }])], holds);

const large = (place: Place, lineCount: number) => text({ ...place, number: fixed() }, lineCount);
/** The same large file for every push, so that git sends what differs only. */
function fixed(): Place['number'] {
  let state = 7;
  return (below) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor((state / 2147483648) * below);
  };
}

function tagged(place: Place, message: string, holds: boolean, target?: string): Made {
  const of =
    target ?? commits(place.clone, place.parent, [change([{ path: path(place), contents: text(place, 3) }])]);
  const type = git(place.clone, ['cat-file', '-t', of]);
  const body = `object ${of}\ntype ${type}\ntag v${place.seed}\ntagger A <a@example.com> 1700000000 +0000\n\n${message}\n`;
  const tag = git(place.clone, ['mktag'], body);
  return { parameters: [`${tag}:refs/tags/t${place.seed.replaceAll('/', '-')}`], holds, tip: null };
}

const stored = (place: Place, contents: string) =>
  git(place.clone, ['hash-object', '-w', '--stdin'], contents);

function manyBranches(place: Place, holding: number | null): Made {
  const tip = commits(place.clone, place.parent, [change([{ path: path(place), contents: text(place, 5) }])]);
  const other =
    holding === null
      ? tip
      : commits(place.clone, place.parent, [change([{ path: path(place), contents: planted(place, 5) }])]);
  const branches = Array.from(
    { length: 1_000 },
    (_, n) => `${n === holding ? other : tip}:refs/heads/many/${n}`,
  );
  return {
    parameters: ['--atomic', ...branches.map((each) => `+${each}`)],
    holds: holding !== null,
    tip: null,
  };
}

function history(place: Place, holding: number, length: number): Commit[] {
  const name = path(place);
  return Array.from({ length }, (_, n) =>
    change([{ path: name, contents: n === holding ? planted(place, 20) : text(place, 20) }], `Step ${n}`),
  );
}

/** By name. Those that take long are drawn rarely. */
export const CASES: Readonly<Record<string, Make>> = {
  'clean text': (place) => oneFile(place, text(place, 1 + place.number(200)), false),
  'clean lock file': (place) =>
    oneFile(
      place,
      `api_token: ${hex(place.number, 64)}\nsha512-${hex(place.number, 86)}==\n`,
      false,
      'yarn.lock',
    ),
  'clean pointer of LFS': (place) =>
    oneFile(
      place,
      `version https://git-lfs.github.com/spec/v1\noid sha256:${hex(place.number, 64)}\nsize ${place.number(1e9)}\n`,
      false,
      path(place, 'psd'),
    ),
  'clean submodule': (place) =>
    onBranch(
      place,
      [{ message: 'Take it in', files: [], links: [{ path: 'vendor/key', commit: hex(place.number, 40) }] }],
      false,
    ),
  'clean bytes that are no text': (place) =>
    oneFile(place, Buffer.from(hex(place.number, 4_000), 'hex'), false, path(place, 'png')),
  'clean and allowed with a reason': (place) =>
    oneFile(place, `key = "${secret(place)}" # macadam:allow-secret made up for a test\n`, false),
  'clean difference to a large file': (place) =>
    oneFile(place, `${large(place, 4_000)}${text(place, 2)}`, false, 'large.txt'),
  'clean removal and renaming': (place) =>
    onBranch(
      place,
      [
        change([{ path: 'moved/from.ts', contents: text(place, 9) }]),
        {
          message: 'Move it',
          removed: ['moved/from.ts'],
          files: [{ path: 'moved/to.ts', contents: text(place, 9) }],
        },
      ],
      false,
    ),
  'clean history thrown away': (place) =>
    onBranch({ ...place, parent: null }, [change([{ path: path(place), contents: text(place, 9) }])], false),
  'clean tag': (place) => tagged(place, 'A release', false),
  'clean empty file, link and program': (place) =>
    onBranch(
      place,
      [
        change([
          { path: path(place), contents: '' },
          { path: `${place.seed.replaceAll('/', '-')}.sh`, contents: '#!/bin/sh\n', mode: '100755' },
          { path: 'link', contents: `../${hex(place.number, 5)}`, mode: '120000' },
        ]),
      ],
      false,
    ),
  'clean deletion of a branch': (place) => ({
    parameters: [place.parent === null ? `:refs/heads/none-${place.seed}` : `:refs/heads/${place.branch}`],
    holds: false,
    tip: null,
  }),
  'clean thousand branches': (place) => manyBranches(place, null),
  'clean huge file': (place) =>
    oneFile(place, `${large(place, 260_000)}${text(place, 4)}`, false, 'huge.txt'),

  'secret in a file': (place) => oneFile(place, planted(place, 1 + place.number(300)), true),
  'secret alone': (place) => oneFile(place, secret(place), true),
  'secret in one long line': (place) =>
    oneFile(
      place,
      `${'a = 1; '.repeat(place.number(40_000))}k="${secret(place)}";${' b = 2;'.repeat(9_000)}`,
      true,
    ),
  'secret in a file that is moved': (place) =>
    onBranch(
      place,
      [
        change([{ path: 'moved/a.env', contents: planted(place, 9) }]),
        {
          message: 'Move it',
          removed: ['moved/a.env'],
          files: [{ path: 'moved/b.md', contents: text(place, 3) }],
        },
      ],
      true,
    ),
  'secret deep in the history': (place) => {
    const length = 2 + place.number(60);
    return onBranch(place, history(place, place.number(length - 1), length), true);
  },
  'secret in a difference': (place) =>
    oneFile(place, large(place, 4_000).replace(/\n/, `\nk: "${secret(place)}"\n`), true, 'large.txt'),
  'secret beside bytes that are no text': (place) =>
    oneFile(place, Buffer.concat([Buffer.from([0, 1, 2]), Buffer.from(`\nk="${secret(place)}"\n`)]), true),
  'secret in UTF-16': (place) =>
    oneFile(
      place,
      Buffer.from(`${place.number(2) === 0 ? '\ufeff' : ''}k="${secret(place)}"\n`, 'utf16le'),
      true,
    ),
  'secret in a message': (place) =>
    onBranch(
      place,
      [change([{ path: path(place), contents: text(place, 3) }], `Begin\n\nwith "${secret(place)}"\n`)],
      true,
    ),
  'secret in the message of a tag': (place) => tagged(place, `It is "${secret(place)}"`, true),
  'secret in a tag of a file': (place) => tagged(place, 'A file', true, stored(place, planted(place, 9))),
  'secret in the name of a file': (place) => oneFile(place, 'nothing\n', true, `keys/${namable(place)}.txt`),
  'secret in the name of a branch': (place) => {
    const tip = commits(place.clone, place.parent, [
      change([{ path: path(place), contents: text(place, 3) }]),
    ]);
    return { parameters: [`${tip}:refs/heads/${namable(place)}`], holds: true, tip: null };
  },
  'secret in a merge': (place) => {
    const side = commits(place.clone, null, [change([{ path: 'side.ts', contents: text(place, 4) }])]);
    return onBranch(
      place,
      [
        change([{ path: path(place), contents: text(place, 3) }]),
        { message: 'Merge', merged: side, files: [{ path: path(place), contents: planted(place, 3) }] },
      ],
      true,
    );
  },
  'secret in a history thrown away': (place) =>
    onBranch(
      { ...place, parent: null },
      [change([{ path: path(place), contents: planted(place, 9) }])],
      true,
    ),
  'secret behind a link': (place) =>
    onBranch(place, [change([{ path: 'link', contents: secret(place), mode: '120000' }])], true),
  'secret of a lock file elsewhere': (place) => {
    const digest = () => `secret_key: "${hex(place.number, 64)}"\n`;
    // A folder comes before what is in it, so one that holds both is another way than two that hold one each, and than one behind another lock file.
    const [lock = '', other = '', before] =
      [
        ['a/yarn.lock', 'b/settings.yaml'],
        ['yarn.lock', 'z.yaml'],
        ['b/yarn.lock', 'b/z.yaml', 'a/yarn.lock'],
      ][place.number(3)] ?? [];
    const contents = digest();
    const files = [lock, other].map((path) => ({ path, contents }));
    return onBranch(
      place,
      [change(before === undefined ? files : [...files, { path: before, contents: digest() }])],
      true,
    );
  },
  'secret in notes': (place) => {
    const tip = commits(place.clone, null, [
      change([{ path: hex(place.number, 40), contents: planted(place, 2) }]),
    ]);
    return { parameters: [`+${tip}:refs/notes/n${place.number(9)}`], holds: true, tip: null };
  },
  'secret in what replaces another': (place) => {
    const blob = stored(place, planted(place, 4));
    return { parameters: [`${blob}:refs/replace/${hex(place.number, 40)}`], holds: true, tip: null };
  },
  'secret in one of a thousand branches': (place) => manyBranches(place, place.number(1_000)),
  'secret in a huge file': (place) => {
    const half = place.number(260_000);
    return oneFile(
      place,
      `${large(place, half)}k="${secret(place)}"\n${large(place, 260_000 - half)}`,
      true,
      'huge.txt',
    );
  },
};

export const SLOW: readonly string[] = [
  'clean thousand branches',
  'secret in one of a thousand branches',
  'clean huge file',
  'secret in a huge file',
];

/** A name may not have every character, and only what is surely a secret is refused in one. */
const namable = ({ seed }: Place) => samples(seed)['github-token'] ?? '';

/** Objects that break rules of git. The client or git's own checks may refuse them; the hook must not let a secret in by them. */
export function invalid(place: Place): Made {
  const blob = stored(place, planted(place, 3));
  const entry = (mode: string, name: string) =>
    Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(blob, 'hex')]);
  const trees = [
    [entry('100644', 'b'), entry('100644', 'a')],
    [entry('100644', 'a'), entry('100644', 'a')],
    [entry('100664', 'a')],
    [entry('0100644', '..')],
    [entry('100644', '.git')],
    [entry('100644', ''), Buffer.from('100644 cut')],
  ];
  const tree = git(
    place.clone,
    ['hash-object', '-w', '-t', 'tree', '--literally', '--stdin'],
    Buffer.concat(trees[place.number(trees.length)] ?? []),
  );
  const body = `tree ${tree}\nauthor A <a@example.com> 1700000000 +0000\ncommitter nobody\n\n${random(5, 'abc', place.seed)}\n`;
  const tip = git(place.clone, ['hash-object', '-w', '-t', 'commit', '--literally', '--stdin'], body);
  return { parameters: [`${tip}:refs/heads/invalid-${place.number(1e6)}`], holds: true, tip: null };
}

export const exists = (server: string, name: string): boolean => !fails(server, ['cat-file', '-e', name]);
