/** What a Java store of the older format (JKS) holds. Its certificates are not encrypted, and the key of an entry is the one of its first certificate, so no password is needed. */

export interface JavaEntry {
  readonly alias: string;
  /** Each as X.509 in DER, the entry's own first. */
  readonly certificates: readonly Buffer[];
  /** Whether the private key of the first certificate stands beside it. */
  readonly hasKey: boolean;
}

const JKS = 0xfeedfeed;
const JCEKS = 0xcececece;

export const isJavaStore = (bytes: Buffer): boolean =>
  bytes.length >= 12 && [JKS, JCEKS].includes(bytes.readUInt32BE(0));

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  number(): number {
    this.#at += 4;
    return this.#bytes.readUInt32BE(this.#at - 4);
  }

  take(length: number): Buffer {
    if (length > this.#bytes.length - this.#at) throw new RangeError('it ends too early');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  text(): string {
    return this.take(this.take(2).readUInt16BE(0)).toString('utf8');
  }
}

/** Throws RangeError where it is damaged, or holds an entry of another sort (a secret key of JCEKS), after which nothing can be read. */
export function readJavaStore(bytes: Buffer): readonly JavaEntry[] {
  const reader = new Reader(bytes);
  reader.number();
  const version = reader.number();
  const count = reader.number();
  const certificate = () => {
    if (version > 1) reader.text();
    return reader.take(reader.number());
  };
  const entries: JavaEntry[] = [];
  for (let index = 0; index < count; index++) {
    const sort = reader.number();
    const alias = reader.text();
    reader.take(8);
    if (sort === 2) entries.push({ alias, certificates: [certificate()], hasKey: false });
    else if (sort === 1) {
      reader.take(reader.number());
      const length = reader.number();
      if (length > 100) throw new RangeError(`entry ${alias} has a chain of ${length} certificates`);
      const certificates = Array.from({ length }, certificate);
      entries.push({ alias, certificates, hasKey: true });
    } else throw new RangeError(`entry ${alias} is of a sort (${sort}) that cannot be read`);
  }
  return entries;
}
