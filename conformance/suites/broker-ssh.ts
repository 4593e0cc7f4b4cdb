/** Certificates of `@macadam/broker` at a real sshd: what they open, what not, and the table of it in the README. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Access, developmentSigner } from '../../paved/broker/index.ts';
import { brokerScene, loginOf, type Row, type Said, tableLacking } from '../broker/scene.ts';
import { findSshd, personOf, sshCommand, sshServer } from '../push/transports.ts';
import type { Case, Suite } from '../suite.ts';

interface Tried extends Row {
  /** Null where it came as it has to. */
  readonly wrong: string | null;
}

async function tried(): Promise<readonly Tried[]> {
  const scene = await brokerScene([personOf().name]);
  const { folder, broker, behind, run } = scene;
  const list = join(folder, 'revoked');
  writeFileSync(list, broker.revocationList());
  const other = scene.brokerOf(developmentSigner());
  await run('git', ['init', '-q', 'clone']);
  await run('git', ['-C', 'clone', 'commit', '-q', '--allow-empty', '-m', 'one']);
  const server = await sshServer(folder, (at) => {
    writeFileSync(join(at, 'authorities'), broker.authorities());
    return [`TrustedUserCAKeys ${join(at, 'authorities')}`, 'AuthorizedKeysFile none', `RevokedKeys ${list}`];
  });
  const rows: Tried[] = [];
  const file = join(server.keys, 'person');
  const publicKey = readFileSync(`${file}.pub`, 'utf8');
  const GIT_SSH_COMMAND = sshCommand(file);
  const certified = async (access: Access, by = broker) => {
    const given = await by.certificate(loginOf('ann'), publicKey, { repositories: ['acme/shop'], access });
    assert.ok(given.ok, JSON.stringify(given));
    writeFileSync(`${file}-cert.pub`, given.certificate);
    return given;
  };
  const at = (repository: string) => `ssh://${server.person}@127.0.0.1:${server.port}/${repository}.git`;
  const reads = (repository: string) => run('git', ['ls-remote', at(repository)], { GIT_SSH_COMMAND });
  const pushes = () =>
    run('git', ['-C', 'clone', 'push', at('acme/shop'), 'HEAD:refs/heads/ssh'], { GIT_SSH_COMMAND });
  const shell = () => {
    const [program = 'ssh', ...parameters] = GIT_SSH_COMMAND.replaceAll("'", '').split(' ');
    return run(program, [...parameters, '-p', String(server.port), `${server.person}@127.0.0.1`, 'id']);
  };
  const row = (what: string, { works, said }: Said, expected: boolean): void => {
    const byCommand = /macadam-broker: this certificate /.test(said);
    const answer = works ? 'works' : byCommand ? 'refused by the command' : 'refused by sshd';
    rows.push({
      what,
      answer,
      wrong: works === expected ? null : `it ${answer}: ${said.trim().slice(0, 300)}`,
    });
  };
  try {
    row('a key without a certificate', await reads('acme/shop'), false);
    await certified('read');
    row('a certificate to read reads its repository', await reads('acme/shop'), true);
    row('it pushes', await pushes(), false);
    row('another repository', await reads('acme/lib'), false);
    row('the repository by a path around its name', await reads('acme/shop/../lib'), false);
    row('another command than git', await shell(), false);
    const write = await certified('write');
    row('a certificate to write pushes', await pushes(), true);
    await scene.switchedOff();
    row('the same with the broker switched off', await reads('acme/shop'), true);
    broker.revoke({ id: write.id });
    row('taken back, before the server has the new list', await reads('acme/shop'), true);
    writeFileSync(list, broker.revocationList());
    row('taken back, at the next connection after that', await reads('acme/shop'), false);
    behind.seconds = 3_601;
    await certified('read');
    row('a second after its end', await reads('acme/shop'), false);
    behind.seconds = -50;
    await certified('read');
    row('the clock of the server 50 seconds behind that of the broker', await reads('acme/shop'), true);
    behind.seconds = -3_600;
    await certified('read');
    row('the clock of the server an hour behind', await reads('acme/shop'), false);
    behind.seconds = 0;
    await certified('read', other);
    row('a certificate of an authority that the server does not trust', await reads('acme/shop'), false);
  } finally {
    await server.close();
    await scene.close();
  }
  return rows;
}

export const suite: Suite = {
  name: 'broker-ssh',
  proves:
    'certificates of the broker at OpenSSH: repositories, reading and writing, clocks, revocation, a broker that is off',
  vectors: [],
  lacks: () =>
    findSshd() === null
      ? 'there is no sshd: install openssh-server, or name the program in MACADAM_SSHD'
      : null,
  runsPeer: true,
  load: async () => {
    const rows = await tried();
    return [
      ...rows.map(({ what, wrong }): Case => ({ id: what, run: () => wrong })),
      { id: 'the table in the README', run: () => tableLacking(rows) },
    ];
  },
};
