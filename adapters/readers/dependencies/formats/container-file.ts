/** Base images of Dockerfiles and Containerfiles. Format: https://docs.docker.com/reference/dockerfile/#from */
import { compact } from '../../../compact.ts';
import { type DependencyFormat, type FileReading, MEBIBYTE, type Package } from '../format.ts';
import { conflict, eachLine } from '../text.ts';

/** Whether a file is one by its name. */
export function isContainerFile(_path: string, name: string): boolean {
  return (
    /^(?:[\w.-]+\.)?(?:Dockerfile|Containerfile)(?:\.[\w.-]+)?$/i.test(name) &&
    !/\.(md|txt|dockerignore)$/i.test(name)
  );
}

/** A tag can be moved to another image at any time, so only a digest is a version. */
function parseContainerFile(source: string): FileReading {
  const unfinished = conflict(source);
  if (unfinished) return { packages: [], problems: [unfinished] };
  const stages = new Set(['scratch']);
  const defaults = new Map<string, string>();
  const packages: Package[] = [];
  let started = false;
  eachLine(source, (raw, line) => {
    if (raw.length > 2_000) return;
    const [instruction, ...words] = raw.trim().split(/\s+/);
    const name = instruction?.toUpperCase();
    if (name === 'ARG' && !started) {
      const [, key, value] = /^(\w+)=["']?([^"']*)["']?$/.exec(words[0] ?? '') ?? [];
      if (key !== undefined && value !== undefined) defaults.set(key, value);
    }
    if (name !== 'FROM') return;
    started = true;
    const [written, as, stage] = words.filter((word) => !word.startsWith('--'));
    if (written === undefined) return;
    if (/\{\{|<%|\{%/.test(raw)) {
      packages.push(
        openImage(raw.trim(), 'a template decides which image it is; look at what is made of it', line),
      );
      return;
    }
    const reference = substituted(written.replaceAll(/["']/g, ''), defaults);
    if (reference === undefined || !stages.has(reference.toLowerCase()))
      packages.push(imageOf(reference, written, line));
    if (as?.toUpperCase() === 'AS' && stage !== undefined) stages.add(stage.toLowerCase());
  });
  return { packages, problems: [] };
}

/** `$NAME`, `${NAME}` and `${NAME:-default}` by the defaults that the file gives; undefined where it gives none. */
function substituted(reference: string, defaults: ReadonlyMap<string, string>): string | undefined {
  let open = false;
  const text = reference.replaceAll(
    /\$(?:(\w+)|\{(\w+)(?::[-+]([^}]*))?\})/g,
    (_, bare, braced, otherwise) => {
      const value = defaults.get(bare ?? braced) ?? otherwise;
      if (value === undefined) open = true;
      return value ?? '';
    },
  );
  return open ? undefined : text;
}

const openImage = (name: string, undecided: string, line: number): Package => ({
  ...IMAGE,
  name,
  undecided,
  line,
});

const IMAGE = { type: 'docker', direct: true, development: false, origin: 'registry' } as const;

function imageOf(reference: string | undefined, written: string, line: number): Package {
  if (reference === undefined)
    return openImage(
      written,
      `whoever builds decides by an argument what \`${written}\` is; give the argument a default with a digest`,
      line,
    );
  const [image = reference, digest] = reference.split('@');
  const colon = image.indexOf(':', image.lastIndexOf('/') + 1);
  const tag = colon < 0 ? undefined : image.slice(colon + 1);
  return compact<Package>({
    ...IMAGE,
    line,
    name: colon < 0 ? image : image.slice(0, colon),
    version: digest === undefined ? undefined : (tag ?? digest),
    integrity: digest,
    requirement: tag ?? 'latest',
  });
}

export const containerFile: DependencyFormat = {
  id: 'container-file',
  family: 'docker',
  ecosystem: 'docker',
  role: 'both',
  matches: isContainerFile,
  limit: MEBIBYTE,
  parse: parseContainerFile,
};
