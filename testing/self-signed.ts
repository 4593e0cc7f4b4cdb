/** A server on this machine whose certificate is right in everything, but that nobody vouches for it. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface SelfSigned {
  readonly url: string;
  /** PEM: whoever is told to trust it, may. */
  readonly certificate: string;
  /** Requests that came through. */
  readonly asked: () => number;
  readonly close: () => Promise<void>;
}

/** Answers 200 with an empty JSON object. */
export async function selfSigned(): Promise<SelfSigned> {
  const { certificate, key } = madeCertificate();
  let count = 0;
  const server = createServer({ cert: certificate, key }, (request, response) => {
    count += 1;
    request.resume();
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  // A client that turns back is no fault of the server's.
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}`,
    certificate,
    asked: () => count,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** DER: a tag, the length, the content. */
export function der(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  const { length: size } = body;
  const long = size < 256 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  const length = Buffer.from(size < 128 ? [size] : long);
  return Buffer.concat([Buffer.from([tag]), length, body]);
}

const SEQUENCE = 0x30;
const bytes = (...values: readonly number[]) => Buffer.from(values);
const text = (tag: number, value: string) => der(tag, Buffer.from(value));

/** Of 127.0.0.1, by a key of its own (X.509 v3, Ed25519), good from 2020 to 2049. */
export function madeCertificate(commonName = 'localhost'): {
  readonly certificate: string;
  readonly key: string;
} {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const algorithm = der(SEQUENCE, der(0x06, bytes(0x2b, 0x65, 0x70)));
  const name = der(
    SEQUENCE,
    der(0x31, der(SEQUENCE, der(0x06, bytes(0x55, 0x04, 0x03)), text(0x0c, commonName))),
  );
  const validity = der(SEQUENCE, text(0x17, '200101000000Z'), text(0x17, '491231235959Z'));
  const address = der(SEQUENCE, der(0x87, bytes(127, 0, 0, 1)));
  const names = der(SEQUENCE, der(0x06, bytes(0x55, 0x1d, 0x11)), der(0x04, address));
  const signed = der(
    SEQUENCE,
    der(0xa0, der(0x02, bytes(2))),
    der(0x02, bytes(1)),
    algorithm,
    name,
    validity,
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(SEQUENCE, names)),
  );
  const signature = der(0x03, bytes(0), sign(null, signed, privateKey));
  const whole = der(SEQUENCE, signed, algorithm, signature).toString('base64');
  const lines = whole.match(/.{1,64}/g) ?? [];
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
    key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
  };
}
