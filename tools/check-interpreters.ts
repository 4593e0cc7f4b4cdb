/**
 * Nothing that was put together becomes a program: no line of a shell, no code, no SQL with a value in its text; and no digest that
 * somebody can forge. Why: this is what turns the words of strangers into acts, and no test of a route can look everywhere. Where one is
 * needed, the file stands here with what makes it safe.
 */
import {
  codeOnly,
  finish,
  isSource,
  isTest,
  matches,
  type Offence,
  type Rule,
  type SourceFile,
  withoutComments,
} from './repository.ts';

interface Danger {
  readonly pattern: RegExp;
  readonly what: string;
  /** Strings are looked at, too. */
  readonly strings?: true;
  readonly under?: RegExp;
  readonly except?: Readonly<Record<string, string>>;
}

const CODE = {
  'core/cel/generate/code.ts':
    'its lines are made of a tree that the checker of types has passed; constants are bound, never written',
  'core/facts/data.ts': 'names of fields, each written by JSON.stringify',
};

const CONSTANTS = 'of constants of its own file alone';
const ESCAPED_GLOB = 'a glob, of which all but its stars is escaped';

/** Patterns that are put together, and why no text of strangers means more in them than it says. */
const PATTERNS = {
  'core/cel/runtime/semver.ts': CONSTANTS,
  'adapters/facts/sql/lists.ts': 'names that this compiler gave itself: letters, digits and underscores',
  'adapters/identity/token.ts': CONSTANTS,
  'adapters/readers/places/match.ts': ESCAPED_GLOB,
  'adapters/readers/dependencies/text.ts': CONSTANTS,
  'adapters/readers/dependencies/formats/nuget.ts': 'names of elements that its own file gives',
  'adapters/readers/pipelines/platforms.ts': ESCAPED_GLOB,
  'adapters/readers/pipelines/github/scripts.ts': 'another pattern of its own file, with other flags',
  'adapters/readers/pipelines/github/checkouts.ts': 'the name of a folder, escaped',
  'adapters/readers/pipelines/github/habits.ts': CONSTANTS,
  'adapters/readers/pipelines/github/publishers.ts': CONSTANTS,
  'adapters/readers/git/directory.ts': 'names of settings that its own file gives',
  'adapters/readers/files/extract.ts': ESCAPED_GLOB,
  'adapters/readers/ownership/codeowners.ts': CONSTANTS,
  'adapters/imports/directories/api.ts': 'addresses of its own file, escaped',
  'adapters/sources/exclusion.ts': ESCAPED_GLOB,
  'adapters/trackers/github/fake.ts': CONSTANTS,
  'apps/server/http/app.ts': 'addresses of our own routes, escaped',
  'standards/engineering/pipeline-leaves-no-token/get/fix.ts': 'names of keys that its own file gives',
  'standards/engineering/pipeline-no-untrusted-code/get/fix.ts':
    'numbers, and the name of a variable that it made of letters',
  'paved/secrets/requirement.ts': 'a part of a published detector, which is a pattern itself',
  'paved/secrets/detectors/marked.ts': 'a part of a published detector, which is a pattern itself',
};

const DANGERS: readonly Danger[] = [
  { pattern: /\bshell:\s*true\b/g, what: 'starts a shell; give a program and a list of arguments' },
  {
    pattern: /import\s*\{[^}]*\bexec(Sync)?\b[^}]*\}\s*from\s*'node:child_process'/g,
    what: 'starts a shell; use spawn or execFile',
    strings: true,
  },
  { pattern: /\bnew Function\(|(?<![.\w])eval\(/g, what: 'makes code of text', except: CODE },
  { pattern: /from\s*'node:vm'/g, what: 'makes code of text', strings: true },
  { pattern: /\bsql\.(raw|lit)\(/g, what: 'writes a value into SQL; bind it' },
  {
    pattern: /'\$\{[^{}]*\}'/g,
    what: 'writes a value into SQL between quotes; bind it',
    strings: true,
    under: /^(adapters\/(decisions|facts)|services\/(ownership|work))\//,
    except: {
      'adapters/facts/clickhouse/chdb.ts':
        'settings of our own, and the one place that escapes parameters for chDB',
      'adapters/facts/clickhouse/table.ts': 'names and descriptions of our own tables',
      'adapters/facts/simulated.ts': 'the name of a table of ours',
      'adapters/facts/clickhouse/frozen.ts': 'a name of random letters of our own',
      'adapters/facts/sql/text.ts':
        'names of kinds, standards and reasons, and the one place that escapes them',
      'adapters/facts/sql/overloads.ts': 'numbers and names of types that the compiler holds itself',
    },
  },
  {
    pattern: /(?:\bcreate(?:Hash|Hmac)|(?<![\w.])hash)\((?!\s*'sha(?:256|384|512)')/g,
    what: 'may use a digest that can be forged; name sha256, sha384 or sha512',
    strings: true,
    except: {
      'adapters/readers/git/objects.ts':
        'an object of git is named by SHA-1 or SHA-256, as its repository says',
      'testing/readers/pack-file.ts': 'the objects of git that tests make are named by SHA-1',
      'paved/secrets/signatures/ssh-signature.ts':
        'the signature names it, and is refused unless SHA-256 or SHA-512',
      'paved/secrets/ignore-files.ts':
        'detect-secrets names what it passes over by SHA-1; nothing is trusted by it',
      'adapters/sources/certificates/pkcs12.ts':
        'a password opens an old store by SHA-1 (RFC 7292); nothing is trusted by it',
    },
  },
  {
    pattern: /\bnew RegExp\((?!\s*(?:'[^']*'|`[^`$]*`)\s*[,)])/g,
    what: 'makes a pattern of text; write it as a pattern, or escape the text and say so in this check',
    strings: true,
    except: PATTERNS,
  },
  {
    pattern: /\bcreateCipher|\bcreateDecipher/g,
    what: 'encrypts; docs/asvs.yaml names the places that do (11.3)',
    except: {
      'services/sources/credentials.ts': 'AES-256-GCM of credentials of sources that are kept sealed',
      'adapters/sources/certificates/pkcs12.ts':
        'opens stores of others to name what is in them; nothing is encrypted',
      'paved/dumps/sealed.ts': 'AES-256-GCM of cleaned dumps, each under a key of its own',
      'paved/dumps/quarantine.ts':
        'AES-256-CTR of what one process alone writes and reads, under a key that ends with it',
    },
  },
];

export function checkInterpreters(files: readonly SourceFile[]): Offence[] {
  return files
    .filter((file) => isSource(file) && !isTest(file) && !/^(tools|conformance)\//.test(file.path))
    .flatMap(({ path, text }) =>
      DANGERS.flatMap(({ pattern, what, strings, under, except = {} }) =>
        Object.hasOwn(except, path) || under?.test(path) === false
          ? []
          : matches(strings ? withoutComments(text) : codeOnly(text), pattern).map(({ line }) => ({
              path,
              line,
              what,
            })),
      ),
    );
}

export const rule: Rule = {
  name: 'interpreters',
  offences: (files) => checkInterpreters(files),
};

if (import.meta.main) finish(rule);
