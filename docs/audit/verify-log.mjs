/*
 * Verifies an exported audit log without anything of Macadam, with Node 18 or newer and nothing else:
 *
 *     node verify-log.mjs LOG.ndjson [NUMBER:DIGEST …]
 *
 * Each line is one entry. Its digest is SHA-256, in hexadecimal, of the UTF-8 text of four lines joined by a newline: its
 * number (1, 2, 3 …), the digest of the entry before (64 zeros before the first), its time, and the SHA-256 of its
 * content. The last line is no entry: it names the newest one, so that a file that broke off is seen to have.
 * NUMBER:DIGEST are anchors that were noted earlier, elsewhere: without one, a log whose end was taken away with intent, or
 * that was written anew from some entry on, cannot be told from an honest one.
 *
 * Exits 0 where every entry is what was written, 1 where one is not, 2 where the file cannot be read or is empty.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

const sha256 = (text) => createHash('sha256').update(text, 'utf8').digest('hex');
const [file, ...noted] = process.argv.slice(2);
const anchors = new Map(noted.map((one) => [Number(one.split(':')[0]), one.split(':')[1]]));
const end = (code, text) => {
  console.log(text);
  process.exit(code);
};
if (!file) end(2, 'usage: node verify-log.mjs LOG.ndjson [NUMBER:DIGEST …]');

const input = createReadStream(file).on('error', ({ message }) => end(2, message));
let number = 0;
let previous = '0'.repeat(64);
let head = null;
for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
  if (line.trim() === '') continue;
  const at = number + 1;
  const broken = (why) => end(1, `broken at entry ${at}: ${why}`);
  let entry;
  try {
    entry = JSON.parse(line);
  } catch {
    broken('it is not JSON');
  }
  if (head) broken('something comes after the line that ends the log');
  if (entry?.head) {
    head = entry.head;
    continue;
  }
  number += 1;
  if (entry?.number !== number) broken(`entry ${entry?.number} stands in its place`);
  if (typeof entry.content !== 'string' || sha256(entry.content) !== entry.contentDigest)
    broken('its content was changed');
  if (entry.previous !== previous) broken('it does not follow from the entry before it');
  if (sha256([number, previous, entry.at, entry.contentDigest].join('\n')) !== entry.digest)
    broken('its time or digest was changed');
  if (anchors.has(number) && anchors.get(number) !== entry.digest)
    broken('it is not the entry whose digest was noted');
  previous = entry.digest;
}
const rest = (why) => end(1, `broken at entry ${number + 1}: ${why}`);
if (number === 0 && !head) end(2, `${file} is empty: there is no log in it`);
const last = Math.max(0, ...anchors.keys());
if (last > number) rest(`it and those up to ${last} are missing`);
if (!head && !anchors.has(number)) rest('the line that ends a log is missing: the file was cut off here');
if (head && (head.number !== number || head.digest !== previous))
  rest(`the line that ends the log names another entry, ${head.number}, as the newest`);
const digest = `the newest has the digest ${previous}`;
if (anchors.size > 0 && last === number) end(0, `whole: ${number} entries; ${digest}`);
end(0, `whole up to entry ${number}; whether more followed cannot be told from the file; ${digest}`);
