/*
 * Verifies the manifests of every collection of facts without anything of Macadam, with Node 18 or newer and nothing else:
 *
 *     node verify-manifests.mjs MANIFESTS.ndjson [PUBLIC-KEY.pem …] [SOURCE=DIGEST …]
 *
 * Each line is one signed manifest: which source was collected when, how complete it was, and the Merkle root (RFC 6962) over what
 * came. A manifest's digest is SHA-256, in hexadecimal, of its canonical text: JSON with the keys of every object sorted and no
 * spaces. Those of a source are numbered 1, 2, 3 … and each names the digest of the one before; with a key they are signed (Ed25519).
 * The last line is no manifest: it names the newest of each source, so that a file that broke off is seen to have.
 * SOURCE=DIGEST are newest manifests that were noted earlier, elsewhere: without one, a chain whose end was taken away with intent
 * cannot be told from an honest one. Several keys may be named, where the key was replaced.
 *
 * Exits 0 where every chain holds, 1 where one does not, 2 where the file or a key cannot be read or there is no manifest in it.
 */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const sha256 = (data) => createHash('sha256').update(data).digest('hex');
const canonical = (value) =>
  typeof value !== 'object' || value === null
    ? JSON.stringify(value)
    : Array.isArray(value)
      ? `[${value.map(canonical)}]`
      : `{${Object.keys(value)
          .sort()
          .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`)}}`;
const keyId = (key) => sha256(key.export({ type: 'spki', format: 'der' }));

/**
 * Everything that is wrong with the chains, a sentence each. `keys`: public keys that are trusted; without one no signature is
 * checked. `heads`: pairs of a source and the digest of a manifest that has to be in its chain.
 */
export function faultsOf(manifests, keys, heads) {
  const trusted = new Map(keys.map((key) => [keyId(key), key]));
  const faults = [];
  const chains = new Map();
  for (const signed of manifests) {
    const { source } = signed.manifest;
    chains.set(source, [...(chains.get(source) ?? []), signed]);
  }
  for (const [source, chain] of chains) {
    let previous = null;
    let sequence = 0;
    for (const signed of [...chain].sort((a, b) => a.manifest.sequence - b.manifest.sequence)) {
      const { manifest, digest, signature } = signed;
      const { collection, root, quarantinedRoot } = manifest;
      const name = `manifest ${manifest.sequence} of ${source}`;
      const text = canonical(manifest);
      if (sha256(text) !== digest) faults.push(`${name} is not what its digest was taken of`);
      const key = trusted.get(signed.key ?? '');
      if (keys.length === 0) {
        // Said once for all of them, where the file is read.
      } else if (signature === null) faults.push(`${name} is not signed`);
      else if (!key) faults.push(`${name} is signed with key ${signed.key}, which is not trusted`);
      else if (!verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64')))
        faults.push(`the signature of ${name} is not of its text`);
      sequence += 1;
      if (manifest.sequence !== sequence) {
        faults.push(`${name} follows manifest ${sequence - 1}: one is missing or stands twice`);
        sequence = manifest.sequence;
      } else if (manifest.previous !== previous)
        faults.push(`${name} does not follow the manifest before it`);
      if (sha256(canonical({ collection, root, quarantinedRoot })) !== manifest.digest)
        faults.push(`${name} names a collection that is not its own`);
      previous = digest;
    }
  }
  for (const [source, head] of heads)
    if (!chains.get(source)?.some(({ digest }) => digest === head))
      faults.push(`the chain of ${source} no longer holds the manifest ${head}`);
  return faults;
}

function verifyFile([file, ...words]) {
  const end = (code, text) => {
    console.log(text);
    process.exit(code);
  };
  const read = (name) => {
    try {
      return readFileSync(name, 'utf8');
    } catch (error) {
      return end(2, error.message);
    }
  };
  if (!file) end(2, 'usage: node verify-manifests.mjs MANIFESTS.ndjson [PUBLIC-KEY.pem …] [SOURCE=DIGEST …]');
  const noted = words.filter((word) => /=[0-9a-f]{64}$/.test(word));
  const heads = noted.map((word) => [word.slice(0, -65), word.slice(-64)]);
  const keys = words
    .filter((word) => !noted.includes(word))
    .map((name) => {
      try {
        return createPublicKey(read(name));
      } catch (error) {
        return end(2, `${name} holds no public key (${error.message})`);
      }
    });
  const manifests = [];
  let newest = null;
  for (const [index, line] of read(file).split('\n').entries()) {
    if (line.trim() === '') continue;
    const broken = (why) => end(1, `broken at line ${index + 1}: ${why}`);
    let one;
    try {
      one = JSON.parse(line);
    } catch {
      broken('it is not JSON');
    }
    if (newest) broken('something comes after the line that ends the file');
    if (one?.heads) newest = Object.entries(one.heads);
    else if (typeof one?.manifest?.source === 'string' && Number.isInteger(one.manifest.sequence))
      manifests.push(one);
    else broken('it is no manifest');
  }
  if (manifests.length === 0 && !newest) end(2, `${file} is empty: there is no manifest in it`);
  const faults = faultsOf(manifests, keys, [...heads, ...(newest ?? [])]);
  if (!newest) faults.push('the line that ends the file is missing: it was cut off');
  for (const fault of faults) console.log(fault);
  if (faults.length > 0) end(1, `${faults.length} faults`);
  const signed =
    keys.length > 0 ? 'signed with a key that you trust' : 'without a key no signature is checked';
  console.log(`all holds: ${manifests.length} manifests of ${newest.length} sources; ${signed}`);
  for (const [source, digest] of newest) console.log(`note elsewhere: ${source}=${digest}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) verifyFile(process.argv.slice(2));
