/** Debian's slapd with a directory of its own, and what an administrator does in it. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@macadam/testing/until';
import { Attribute, Change, Client } from 'ldapts';

const PROGRAM = '/usr/sbin/slapd';
const SCHEMA = '/etc/ldap/schema';
const MODULES = '/usr/lib/ldap';

/** Null where it is there, or could be had. */
export function lacksSlapd(): string | null {
  const isThere = () => existsSync(PROGRAM) && existsSync(join(SCHEMA, 'inetorgperson.schema'));
  if (isThere()) return null;
  const got = spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'slapd'], {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return got.status === 0 && isThere()
    ? null
    : `slapd (${got.error?.message ?? got.stderr.trim().split('\n').at(-1)})`;
}

export const READER = { name: 'uid=macadam', password: 'canary-of-the-reader-91c4' };
const ADMIN = { name: 'cn=admin', password: 'canary-of-the-admin-91c4' };

/** The reader sees what the documents list, and no password; `closed` keeps one attribute from it. */
const configuration = (folder: string, base: string, closed: string | null): string => `
include ${SCHEMA}/core.schema
include ${SCHEMA}/cosine.schema
include ${SCHEMA}/inetorgperson.schema
include ${SCHEMA}/nis.schema
modulepath ${MODULES}
moduleload back_mdb
moduleload ppolicy
pidfile ${folder}/pid
sizelimit unlimited
database mdb
maxsize 268435456
suffix "${base}"
rootdn "${ADMIN.name},${base}"
rootpw ${ADMIN.password}
directory ${folder}/data
lastbind on
overlay ppolicy
ppolicy_hash_cleartext
ppolicy_default "cn=policy,${base}"
access to attrs=userPassword by anonymous auth by * none
${closed === null ? '' : `access to attrs=${closed} by * none\n`}access to * by dn.exact="${READER.name},${base}" read by anonymous auth by * none
`;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export class Slapd {
  readonly base: string;
  readonly #folder: string;
  readonly #port: number;
  #child: ChildProcess | null = null;
  #said = '';

  private constructor(base: string, port: number) {
    this.base = base;
    this.#port = port;
    this.#folder = mkdtempSync(join(tmpdir(), 'macadam-slapd-'));
    mkdirSync(join(this.#folder, 'data'));
  }

  get server(): string {
    return `ldap://127.0.0.1:${this.#port}`;
  }
  get url(): string {
    return `${this.server}/${this.base}`;
  }
  get reader(): string {
    return `${READER.name},${this.base}`;
  }

  static async started(base: string): Promise<Slapd> {
    const made = new Slapd(base, await freePort());
    await made.begin(null);
    return made;
  }

  /** Starts it, with one attribute closed to the reader. */
  async begin(closed: string | null): Promise<void> {
    const file = join(this.#folder, 'slapd.conf');
    writeFileSync(file, configuration(this.#folder, this.base, closed));
    this.#child = spawn(PROGRAM, ['-f', file, '-h', this.server, '-d', '0']);
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#said += text;
    });
    await until(
      'slapd answers',
      async () => {
        if (this.#child?.exitCode !== null) throw new Error(`slapd ended: ${this.#said}`);
        const client = new Client({ url: this.server });
        const answers = await client.bind(`${ADMIN.name},${this.base}`, ADMIN.password).then(
          () => true,
          () => false,
        );
        await client.unbind().catch(() => {});
        return answers;
      },
      () => this.#said,
    );
  }

  async pause(): Promise<void> {
    const child = this.#child;
    if (child === null || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGTERM');
    await ended;
  }

  async end(): Promise<void> {
    await this.pause();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async admin(does: (client: Client) => Promise<void>): Promise<void> {
    const client = new Client({ url: this.server });
    await client.bind(`${ADMIN.name},${this.base}`, ADMIN.password);
    try {
      await does(client);
    } finally {
      await client.unbind();
    }
  }

  async signIn(name: string, password: string): Promise<void> {
    const client = new Client({ url: this.server });
    await client.bind(`${name},${this.base}`, password);
    await client.unbind();
  }

  async set(name: string, type: string, values: readonly string[]): Promise<void> {
    const modification = new Attribute({ type, values: [...values] });
    await this.admin((client) =>
      client.modify(`${name},${this.base}`, new Change({ operation: 'replace', modification })),
    );
  }

  async add(name: string, entry: Readonly<Record<string, string | readonly string[]>>): Promise<void> {
    const attributes = Object.entries(entry).map(
      ([type, values]) => new Attribute({ type, values: [values].flat() as string[] }),
    );
    await this.admin((client) => client.add(name === '' ? this.base : `${name},${this.base}`, attributes));
  }

  person(uid: string): Promise<void> {
    return this.add(`uid=${uid}`, {
      objectClass: ['inetOrgPerson'],
      uid,
      cn: uid,
      sn: uid,
      employeeType: 'employee',
      userPassword: 'canary-of-a-person-91c4',
    });
  }

  /** Two people, a program that signed in, and a group of power with one inside of it. */
  async fill(): Promise<void> {
    const dc = /^dc=([^,]+)/.exec(this.base)?.[1] ?? '';
    await this.add('', { objectClass: ['dcObject', 'organization'], dc, o: dc });
    // Only a policy that limits the age of passwords has the directory keep since when they are there.
    await this.add('cn=policy', {
      objectClass: ['organizationalRole', 'pwdPolicy'],
      cn: 'policy',
      pwdAttribute: 'userPassword',
      pwdMaxAge: '31536000',
    });
    await this.add(READER.name, {
      objectClass: ['account', 'simpleSecurityObject'],
      uid: 'macadam',
      userPassword: READER.password,
    });
    await this.add('uid=billing', {
      objectClass: ['account', 'simpleSecurityObject'],
      uid: 'billing',
      userPassword: 'canary-of-billing-91c4',
    });
    for (const uid of ['ann', 'bob']) await this.person(uid);
    await this.add('cn=operators', {
      objectClass: 'groupOfNames',
      cn: 'operators',
      member: [`uid=bob,${this.base}`],
    });
    await this.add('cn=admins', {
      objectClass: 'groupOfNames',
      cn: 'admins',
      member: [`uid=ann,${this.base}`, `cn=operators,${this.base}`],
    });
    await this.signIn('uid=billing', 'canary-of-billing-91c4');
  }
}
