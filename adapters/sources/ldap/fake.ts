/**
 * A directory by LDAP, for tests: takes one password, filters, gives pages and long lists in parts, and can keep attributes to itself
 * or stop early. The conformance suite asks a real slapd.
 */

import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import {
  AndFilter,
  BerReader,
  BerWriter,
  BindRequest,
  EqualityFilter,
  type Filter,
  NotFilter,
  OrFilter,
  PresenceFilter,
  SearchRequest,
  SubstringFilter,
} from 'ldapts';
import { dnKey } from '../../imports/directories/ldap/entry.ts';

export type FakeEntry = Readonly<Record<string, string | readonly string[] | Buffer>>;

export interface FakeDirectory {
  readonly url: string;
  /** By name; the first is the base. */
  readonly entries: Map<string, FakeEntry>;
  readonly account: { readonly dn: string; readonly password: string };
  /** Attributes (lower case) that the account may not see. */
  readonly hidden: Set<string>;
  /** Names of attributes that were asked for. */
  readonly asked: Set<string>;
  /** More entries than this are not given; null: all are. */
  limit: number | null;
  /** Longer lists come in parts. */
  longest: number;
  readonly close: () => Promise<void>;
}

const BIND = 0x60;
const UNBIND = 0x42;
const SEARCH = 0x63;
const PAGED = '1.2.840.113556.1.4.319';

const textsOf = (value: FakeEntry[string] | undefined): readonly string[] =>
  value === undefined || Buffer.isBuffer(value) ? [] : [value].flat().map(String);

function valuesOf(entry: FakeEntry, name: string): readonly string[] {
  const found = Object.keys(entry).find((one) => one.toLowerCase() === name.toLowerCase());
  return found === undefined ? [] : textsOf(entry[found]);
}

function fits(filter: Filter, entry: FakeEntry): boolean {
  if (filter instanceof AndFilter) return filter.filters.every((one) => fits(one, entry));
  if (filter instanceof OrFilter) return filter.filters.some((one) => fits(one, entry));
  if (filter instanceof NotFilter) return !fits(filter.filter, entry);
  // Only ever asked of `objectClass`, which every entry has; the library reads the name of such a filter wrongly.
  if (filter instanceof PresenceFilter) return true;
  if (filter instanceof EqualityFilter)
    return valuesOf(entry, filter.attribute).some(
      (one) => one.toLowerCase() === String(filter.value).toLowerCase(),
    );
  if (filter instanceof SubstringFilter)
    return valuesOf(entry, filter.attribute).some(
      (one) => one.startsWith(filter.initial) && one.endsWith(filter.final),
    );
  throw new Error('the fake knows no such filter');
}

function message(id: number, operation: number, write: (writer: BerWriter) => void, cookie?: string): Buffer {
  const writer = new BerWriter();
  writer.startSequence();
  writer.writeInt(id);
  writer.startSequence(operation);
  write(writer);
  writer.endSequence();
  if (cookie !== undefined) {
    const control = new BerWriter();
    control.startSequence();
    control.writeInt(0);
    control.writeString(cookie);
    control.endSequence();
    writer.startSequence(0xa0);
    writer.startSequence();
    writer.writeString(PAGED);
    writer.writeBuffer(control.buffer, 0x04);
    writer.endSequence();
    writer.endSequence();
  }
  writer.endSequence();
  return writer.buffer;
}

const result = (code: number, said: string) => (writer: BerWriter) => {
  writer.writeEnumeration(code);
  writer.writeString('');
  writer.writeString(said);
};

/** Size and cookie of the paging that a request asks for; null where it asks for none. */
function pagingIn(reader: BerReader): { readonly size: number; readonly from: number } | null {
  if (reader.peek() !== 0xa0) return null;
  reader.readSequence(0xa0);
  reader.readSequence();
  if (reader.readString() !== PAGED) return null;
  if (reader.peek() === 0x01) reader.readBoolean();
  const value = new BerReader(reader.readString(0x04, true) ?? Buffer.alloc(0));
  value.readSequence();
  return { size: value.readInt() ?? 0, from: Number(value.readString() || 0) };
}

export async function fakeDirectory(
  entries: ReadonlyMap<string, FakeEntry>,
  account: FakeDirectory['account'],
): Promise<FakeDirectory> {
  const sockets = new Set<Socket>();
  const state = {
    url: '',
    entries: new Map(entries),
    account,
    hidden: new Set<string>(),
    asked: new Set<string>(),
    limit: null as number | null,
    longest: 1500,
  };

  let lastFound: readonly (readonly [string, FakeEntry])[] = [];

  function matching({ baseDN, scope, filter }: SearchRequest): typeof lastFound {
    const base = dnKey(baseDN);
    return [...state.entries].filter(
      ([dn, entry]) =>
        (dnKey(dn) === base || (scope === 'sub' && dnKey(dn).endsWith(`,${base}`))) && fits(filter, entry),
    );
  }

  function search(id: number, reader: BerReader): readonly Buffer[] {
    const request = new SearchRequest({ messageId: id, filter: new PresenceFilter({ attribute: 'x' }) });
    request.parseMessage(reader);
    const paging = pagingIn(reader);
    for (const name of request.attributes) state.asked.add(name);
    // A page that follows another is of what was found then.
    const found = paging !== null && paging.from > 0 ? lastFound : matching(request);
    lastFound = found;
    const given = state.limit === null ? found : found.slice(0, state.limit);
    const from = paging?.from ?? 0;
    const size = paging?.size ?? found.length;
    const page = given.slice(from, from + size);
    const isCut = given.length < found.length && from + size >= given.length;
    const next = !isCut && from + size < given.length ? String(from + size) : '';
    return [
      ...page.map(([dn, entry]) =>
        message(id, 0x64, (writer) => writeEntry(writer, dn, entry, request.attributes)),
      ),
      message(id, 0x65, isCut ? result(4, 'size limit exceeded') : result(0, ''), next),
    ];
  }

  function writeEntry(writer: BerWriter, dn: string, entry: FakeEntry, asked: readonly string[]): void {
    writer.writeString(dn);
    writer.startSequence();
    for (const [name, value] of Object.entries(entry)) {
      const wanted = asked.find((one) => one.split(';')[0] === name.toLowerCase());
      if (wanted === undefined || state.hidden.has(name.toLowerCase())) continue;
      const all = Buffer.isBuffer(value) ? [value] : textsOf(value).map((one) => Buffer.from(one));
      const from = Number(/;range=(\d+)-/.exec(wanted)?.[1] ?? 0);
      const part = all.slice(from, from + state.longest);
      const end = from + part.length >= all.length ? '*' : String(from + part.length - 1);
      const isPart = from > 0 || part.length < all.length;
      writer.startSequence();
      writer.writeString(isPart ? `${name};range=${from}-${end}` : name);
      writer.startSequence(0x31);
      for (const one of part) writer.writeBuffer(one, 0x04);
      writer.endSequence();
      writer.endSequence();
    }
    writer.endSequence();
  }

  function answers(data: Buffer): readonly Buffer[] | null {
    const reader = new BerReader(data);
    reader.readSequence();
    const id = reader.readInt() ?? 0;
    const operation = reader.readSequence();
    if (operation === UNBIND) return null;
    if (operation === SEARCH) return search(id, reader);
    if (operation !== BIND) return [message(id, 0x78, result(2, 'not known'))];
    const bind = new BindRequest({ messageId: id });
    bind.parseMessage(reader);
    const isRight = dnKey(bind.dn) === dnKey(account.dn) && bind.password === account.password;
    return [message(id, 0x61, isRight ? result(0, '') : result(49, `wrong password ${bind.password}`))];
  }

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (data: Buffer) => {
      const given = answers(data);
      if (given === null) socket.end();
      else for (const one of given) socket.write(one);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  state.url = `ldap://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(state, {
    close: () =>
      new Promise<void>((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  });
}

/** A company as OpenLDAP keeps it: two people, one program, and a group of power with one inside of it. */
export function sampleEntries(base: string): ReadonlyMap<string, FakeEntry> {
  const uuid = (number: number) => `${base.length}0000000-0000-4000-8000-00000000000${number}`;
  const person = (number: number, uid: string): FakeEntry => ({
    objectClass: ['inetOrgPerson', 'person'],
    entryUUID: uuid(number),
    uid,
    employeeType: 'employee',
    pwdChangedTime: '20260701120000Z',
    pwdLastSuccess: '20261031120000.123456Z',
    userPassword: '{SSHA}value-of-a-password-hush-wren', // macadam:allow-secret a stand-in's, which no reader may keep
  });
  return new Map<string, FakeEntry>([
    [base, { objectClass: ['organization'], entryUUID: uuid(0) }],
    [`uid=ann,ou=people,${base}`, person(1, 'ann')],
    [`uid=bo,ou=people,${base}`, { ...person(2, 'bo'), pwdAccountLockedTime: '000001010000Z' }],
    [
      `uid=billing,ou=services,${base}`,
      {
        objectClass: ['account', 'simpleSecurityObject'],
        entryUUID: uuid(3),
        uid: 'billing',
        pwdChangedTime: '20250101000000Z',
        createTimestamp: '20250101000000Z',
        authTimestamp: '20260501000000Z',
      },
    ],
    [
      `cn=server-admins,ou=groups,${base}`,
      {
        objectClass: 'groupOfNames',
        entryUUID: uuid(4),
        cn: 'server-admins',
        member: [`UID=ann, ou=people, ${base}`, `cn=operators,ou=groups,${base}`],
      },
    ],
    [
      `cn=operators,ou=groups,${base}`,
      {
        objectClass: 'groupOfNames',
        entryUUID: uuid(5),
        cn: 'operators',
        member: [
          `uid=bo,ou=people,${base}`,
          `uid=billing,ou=services,${base}`,
          `cn=server-admins,ou=groups,${base}`,
        ],
      },
    ],
    [
      `cn=readers,ou=groups,${base}`,
      { objectClass: 'groupOfNames', entryUUID: uuid(6), cn: 'readers', member: `uid=ann,ou=people,${base}` },
    ],
  ]);
}
