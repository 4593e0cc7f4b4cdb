/** An authority for timestamps (RFC 3161) of OpenSSL's: a root, a certificate below it that signs times, and its answers. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface OpensslAuthority {
  /** Its files: `NAME-root.pem`, `NAME.pem`. */
  readonly folder: string;
  readonly openssl: (...words: readonly string[]) => Buffer;
  /** The certificate that vouches for it, PEM. */
  readonly root: string;
  /** What it answers a request. */
  readonly answer: (request: Uint8Array) => Buffer;
  readonly remove: () => void;
}

/** `key`: as `openssl req -newkey` takes it. */
export function opensslAuthority(name: string, key: readonly string[]): OpensslAuthority {
  const folder = mkdtempSync(join(tmpdir(), 'macadam-timestamps-'));
  const openssl = (...words: readonly string[]) =>
    execFileSync('openssl', words, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const [root, own] = [`${name}-root`, name];
  const subject = (common: string) => ['-nodes', '-subj', `/O=Clocks/CN=${common}`];
  openssl(
    'req',
    '-x509',
    '-newkey',
    ...key,
    ...subject(`${name} root`),
    '-days',
    '30',
    '-keyout',
    `${root}.key`,
    '-out',
    `${root}.pem`,
  );
  openssl(
    'req',
    '-newkey',
    ...key,
    ...subject(`${name} clock`),
    '-keyout',
    `${own}.key`,
    '-out',
    `${own}.csr`,
  );
  writeFileSync(join(folder, 'purpose'), 'extendedKeyUsage=critical,timeStamping\n');
  const signed = ['-CA', `${root}.pem`, '-CAkey', `${root}.key`, '-CAcreateserial', '-days', '20'];
  openssl('x509', '-req', '-in', `${own}.csr`, ...signed, '-extfile', 'purpose', '-out', `${own}.pem`);
  const settings = {
    serial: 'serial',
    signer_cert: `${own}.pem`,
    certs: `${root}.pem`,
    signer_key: `${own}.key`,
    signer_digest: 'sha256',
    default_policy: '1.2.3.4',
    digests: 'sha256',
    ess_cert_id_alg: 'sha256',
  };
  const lines = Object.entries(settings).map(([field, value]) => `${field} = ${value}`);
  writeFileSync(join(folder, 'settings'), ['[tsa]', 'default_tsa = own', '[own]', ...lines, ''].join('\n'));
  return {
    folder,
    openssl,
    root: readFileSync(join(folder, `${root}.pem`), 'utf8'),
    answer: (request) => {
      writeFileSync(join(folder, 'asked'), request);
      openssl('ts', '-reply', '-config', 'settings', '-queryfile', 'asked', '-out', 'answered');
      return readFileSync(join(folder, 'answered'));
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
