/*
 * Verifies a sample of evidence without anything of Macadam, with Node 18 or newer and nothing else:
 *
 *     node verify-sample.mjs SAMPLE.json [LOG.ndjson] [PUBLIC-KEY.pem]
 *
 * Digests are SHA-256 in hexadecimal; canonical text is JSON with the keys of every object sorted and no spaces. Checked
 * are: each entry of the audit log against its own digests, and with LOG.ndjson (see verify-log.mjs) that it stands there and
 * that the draw was the seed's and nobody's choice; of each observation that it is of the asset that was drawn, that it is under
 * the Merkle root (RFC 6962) of its collection's manifest, that the manifest is what its digest names, and with a key that it is
 * signed (Ed25519).
 *
 * What could not be derived again is listed with the reason, and is never counted as held: what comes without an observation,
 * and of every verdict the judging itself, which takes the standard's check and is done by `macadam audit judge SAMPLE.json`.
 *
 * Exits 0 where all of it was derived again and holds, 1 where something does not hold, 2 where a file cannot be read, 3 where
 * nothing is wrong and something could not be derived again.
 */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';

const [file, ...more] = process.argv.slice(2);
const log = more.find((name) => name.endsWith('.ndjson'));
const pem = more.find((name) => name.endsWith('.pem'));
const sha256 = (data) => createHash('sha256').update(data).digest('hex');
const canonical = (value) =>
  typeof value !== 'object' || value === null
    ? JSON.stringify(value)
    : Array.isArray(value)
      ? `[${value.map(canonical)}]`
      : `{${Object.keys(value)
          .sort()
          .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`)}}`;
const node = (left, right) => sha256(Buffer.from(`01${left}${right}`, 'hex'));
const read = (name) => {
  try {
    return readFileSync(name, 'utf8');
  } catch (error) {
    console.log(error.message);
    return process.exit(2);
  }
};

const sample = JSON.parse(read(file ?? ''));
const key = pem && createPublicKey(read(pem));
const faults = [];
const entries =
  log &&
  read(log)
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
    .filter(({ head }) => head === undefined);

const manifests = new Map();
for (const { manifest, digest, signature } of sample.manifests) {
  const text = canonical(manifest);
  const { collection, root, quarantinedRoot } = manifest;
  const name = `manifest ${manifest.sequence} of ${manifest.source}`;
  if (sha256(text) !== digest) faults.push(`${name} is not what its digest names`);
  if (sha256(canonical({ collection, root, quarantinedRoot })) !== manifest.digest)
    faults.push(`${name} names another collection`);
  if (key && !(signature && verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64'))))
    faults.push(`${name} is not signed with this key`);
  manifests.set(manifest.digest, manifest);
}

/** What could not be derived again, each with its reason. */
const open = [];
for (const { sort, key: drawnBy, entry, verdict, definition, observations, missing } of sample.drawn) {
  const name = `${sort} ${drawnBy.replace('\n', ' ')}`;
  const ofLog = sort !== 'verdict';
  const asset = sort === 'closure' ? drawnBy.slice(drawnBy.indexOf('\n') + 1) : verdict?.asset;
  if (ofLog ? !entry : !verdict) faults.push(`${name}: it comes without what was drawn`);
  if (entry) {
    const { number, previous, at, content, contentDigest, digest } = entry;
    if (
      sha256(content) !== contentDigest ||
      sha256([number, previous, at, contentDigest].join('\n')) !== digest
    )
      faults.push(`${name}: its entry is not what its digest names`);
    if (entries && entries[number - 1]?.digest !== digest)
      faults.push(`${name}: its entry is not in the log`);
    if (drawnBy.split('\n')[0] !== String(number)) faults.push(`${name}: it was drawn by another number`);
  }
  if (verdict) {
    const number = BigInt(`0x${sha256(verdict.asset).slice(0, 16)}`);
    if (drawnBy !== `${verdict.standard}\n${number}`) faults.push(`${name}: it was drawn by another name`);
  }
  for (const { observation, collection, steps } of observations) {
    const { receivedAt: _, ...came } = observation;
    let digest = sha256(`\0${canonical(came)}`);
    for (const { side, digest: beside } of steps)
      digest = side === 'left' ? node(beside, digest) : node(digest, beside);
    if (manifests.get(collection)?.root !== digest)
      faults.push(`${name}: an observation of ${observation.source} is not under its manifest's root`);
    if (observation.id !== asset) faults.push(`${name}: an observation is of another asset`);
  }
  if (asset !== undefined && observations.length === 0)
    open.push(`${name}: ${missing || 'it comes without an observation'}`);
  else if (verdict && !definition) open.push(`${name}: it comes without the standard's definition`);
  else if (verdict)
    open.push(`${name}: its observations hold; that they mean \`${verdict.state}\` was not judged`);
  else if (missing) open.push(`${name}: ${missing}`);
}

// The draw: of each sort those whose digest of seed and key is the least.
const ranks = (keys) => keys.map((one) => sha256(`${sample.seed}\n${one}`)).sort();
const drawn = (sort) => sample.drawn.filter((one) => one.sort === sort).map((one) => one.key);
const said = entries?.map((entry) => ({ number: entry.number, ...JSON.parse(entry.content) }));
const done = said?.filter(({ outcome }) => outcome === 'done');
const wanted = said && {
  decision: said.map(({ number }) => String(number)),
  exception: done.filter(({ action }) => action === 'exception.approve').map(({ number }) => String(number)),
  closure: done
    .filter(({ action, detail }) => action === 'batch.leave' && Array.isArray(detail))
    .flatMap(({ number, detail }) => detail.map(({ asset }) => `${number}\n${asset}`)),
};
if (entries && entries.at(-1)?.digest !== sample.log.digest && sample.log.entries > 0)
  faults.push('the log is not the one that the sample was drawn from');
for (const [sort, keys] of Object.entries(wanted ?? {}))
  if (String(ranks(keys).slice(0, sample.n)) !== String(ranks(drawn(sort))))
    faults.push(`what was drawn of sort ${sort} is not what the seed draws`);

for (const fault of faults) console.log(fault);
for (const one of open) console.log(`not derived again: ${one}`);
const shown = sample.drawn.reduce((sum, { observations }) => sum + observations.length, 0);
const drawnCount = sample.drawn.length;
const result =
  faults.length > 0
    ? `${faults.length} faults`
    : open.length > 0
      ? `nothing is wrong, and ${open.length} of ${drawnCount} could not be derived again`
      : 'all holds';
const unchecked = [
  ...(log ? [] : ['without the log the draw is not checked']),
  ...(key ? [] : ['without a key no signature is checked']),
];
console.log(
  [
    `${result}: ${drawnCount} drawn, ${shown} observations, ${sample.manifests.length} manifests`,
    ...unchecked,
  ].join('; '),
);
process.exit(faults.length > 0 ? 1 : open.length > 0 ? 3 : 0);
