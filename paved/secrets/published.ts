/**
 * Secrets that stand in public documentation, standards and emulators on purpose, so that everybody may use them: they
 * open nothing of anybody. Kept as digests, so that neither this file nor a search through it holds one of them.
 */
import { crypto } from './late.ts';

/** Of longer ones the beginning tells: their keys are printed with and without line breaks. */
const BEGINNING = 56;

/** First 64 bits of the SHA-256 of the beginning, in hexadecimal. */
const PUBLISHED: ReadonlySet<string> = new Set([
  // Keys of RFC 7515, 7516, 7517, 7520 and 8037.
  '5a6b99c5a56d8a7e',
  '5b6eff51cddd4d13',
  '5e156bd3b96c9648',
  'f0fc5986d350fbb4',
  'c10838189a432c83',
  '8580dd90707d8c51',
  'be4597a4c853d1f1',
  '0330b11998cbc9ab',
  'ac6abaa6be4d5b99',
  '94db036e87e58a08',
  '190edf59d5736c3b',
  'fde65288758ade65',
  '79bd8cb5ce94f16b',
  '9aa059af1b4a2010',
  '07226472b99a81f8',
  'f05b4f008a0e0dde',
  'a013d06aad5ed68c',
  'b2aea23f96b01cdc',
  '5ccf2edb4f070f0b',
  'a45404ae333dd955',
  // The private keys that jwt.io shows: RS256, ES256, ES384, ES512.
  '1d03d038d5782391',
  '49eae39ea03698f3',
  '1b710631e346d553',
  'df54772d9ad56dad',
  // Vagrant's insecure key.
  '21175b63d227bf11',
  // Emulators of Azure Storage and Cosmos DB.
  'b10320c2ffa1efdc',
  '408fdf21bb21f6be',
  // Accounts of local test chains (Anvil, Hardhat, Ganache).
  '22453d84210aeb51',
  '439118f43ad117f4',
  'f0510fc82d093f29',
  '8669818c566d450e',
  '063b2d9f3e83366e',
  '3fecabee008a76a3',
  '4c157cffc4657fad',
  '0e77483de966d84b',
  'ecab14af272437d8',
  '4125e904a9cfbd97',
  '02ce0d7b2030437d',
  'a7bc996ec862ac46',
  'e523a5a423b638aa',
  '894c4a7c6f551f27',
  'd6a19d688d443ecf',
  'bcf25c0fab74a711',
  'fea97ba050dd9867',
  'e12cc557f2fefcd0',
  '7d6313144584e6f2',
  '834c5254029efb18',
  // The test secret of reCAPTCHA, MinIO's public playground, Stripe's documentation, RFC 7617, one-time passwords.
  'f5e95c9954635b65',
  '1bbb9293c38acc5e',
  'df452eef23e8cf2c',
  '2cafc0970149a84f',
  'f2d6ca16515033e5',
  '2d1f7723aabc5c7a',
  'ad62d48d8b069026',
  'cf4d418ed3de92d7',
  '8be5d113c0871ce1',
  // The token by which manuals of bots of Discord show its form, and the users in the manuals of charts: their passwords are bar and test.
  'a497172c2d840843',
  '4640b686a09bee81',
  '0925c3f79dfb11ca',
]);

/** True for a secret that was published on purpose. `value` is what is the same wherever it is written. */
export function isPublished(value: string): boolean {
  const digest = crypto().createHash('sha256').update(value.slice(0, BEGINNING)).digest('hex');
  return PUBLISHED.has(digest.slice(0, 16));
}
