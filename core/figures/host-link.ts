/**
 * Where a line of code is shown at its code host. A link is made from the address of a remote and a commit, in the host's own
 * form; a host that is not known by its name gets none, as a link that leads nowhere is worse than a path.
 */

export const CODE_HOSTS = [
  'github',
  'gitlab',
  'bitbucket',
  'bitbucket-server',
  'azure-devops',
  'gitea',
] as const;
export type CodeHost = (typeof CODE_HOSTS)[number];

/** Where people look at a repository. */
export interface HostedAt {
  readonly host: CodeHost;
  /** Web address of the repository, without credentials, query or fragment. */
  readonly address: string;
}

/** What a link to a file needs. */
export interface CodeAddress extends HostedAt {
  /** The commit that was judged, in hexadecimal. */
  readonly commit: string;
}

const BY_NAME: ReadonlyMap<string, CodeHost> = new Map([
  ['github.com', 'github'],
  ['gitlab.com', 'gitlab'],
  ['bitbucket.org', 'bitbucket'],
  ['dev.azure.com', 'azure-devops'],
  ['codeberg.org', 'gitea'],
  ['gitea.com', 'gitea'],
]);

/** Hosts of a company are known by a word of their name: `gitlab.example.com`, `git-forgejo.example.com`. */
const BY_WORD: readonly { readonly word: string; readonly host: CodeHost }[] = [
  { word: 'gitlab', host: 'gitlab' },
  { word: 'github', host: 'github' },
  { word: 'ghe', host: 'github' },
  { word: 'bitbucket', host: 'bitbucket-server' },
  { word: 'gitea', host: 'gitea' },
  { word: 'forgejo', host: 'gitea' },
];

/** Other names under which the hosts take connections, and the name under which they show code. */
const SHOWN_AS: ReadonlyMap<string, string> = new Map([
  ['ssh.github.com', 'github.com'],
  ['altssh.gitlab.com', 'gitlab.com'],
  ['altssh.bitbucket.org', 'bitbucket.org'],
]);

/** Hosts by name, as somebody states them who knows a company's own. */
export type NamedHosts = Readonly<Record<string, CodeHost>>;

function hostOf(name: string, named: NamedHosts): CodeHost | null {
  const exact = (Object.hasOwn(named, name) ? named[name] : undefined) ?? BY_NAME.get(name);
  if (exact !== undefined) return exact;
  const words = name.split(/[.-]/);
  return BY_WORD.find(({ word }) => words.includes(word))?.host ?? null;
}

interface Remote {
  readonly protocol: string;
  /** Host with a port that belongs to its web address, as `git.example.com:8443`. */
  readonly authority: string;
  readonly name: string;
  readonly segments: readonly string[];
}

const LONGEST = 2000;

/** The parts of a remote's address; null for a folder, and for what is none. A user name and a password are dropped. */
function partsOf(remote: string): Remote | null {
  if (remote.length > LONGEST) return null;
  const scp = /^(?:[^@/:\s]+@)?([a-z0-9][a-z0-9.-]+):(?!\/\/)([^\s\\]+)$/i.exec(remote);
  const url = scp ? null : URL.parse(remote);
  const protocol = scp ? 'ssh:' : (url?.protocol ?? '');
  if (!/^(?:https?|ssh|git|git\+ssh):$/.test(protocol)) return null;
  const given = (scp?.[1] ?? url?.hostname ?? '').toLowerCase();
  const name = SHOWN_AS.get(given) ?? given;
  // One label is a name of this machine's own, or the letter of a drive.
  if (!/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/.test(name)) return null;
  const web = protocol === 'https:' || protocol === 'http:';
  const segments = segmentsOf(scp?.[2] ?? url?.pathname ?? '');
  if (segments === null) return null;
  const authority = web && url?.port ? `${name}:${url.port}` : name;
  return { protocol: protocol === 'http:' ? protocol : 'https:', authority, name, segments };
}

/** The segments of a path, decoded; null where one of them would lead elsewhere. */
function segmentsOf(path: string): readonly string[] | null {
  try {
    const segments = path
      .replace(/\.git\/*$/i, '')
      .split('/')
      .filter((segment) => segment !== '')
      .map(decodeURIComponent);
    const plain = segments.every((segment) => /^(?!\.{1,2}$)[^/\\\p{Cc}]+$/u.test(segment));
    return plain ? segments : null;
  } catch {
    return null;
  }
}

/** Organisation, project and repository, however Azure DevOps writes them. */
function azureSegments({ name, segments }: Remote): readonly string[] | null {
  const over = name.endsWith('visualstudio.com');
  const ssh = name === 'ssh.dev.azure.com' || name === 'vs-ssh.visualstudio.com';
  if (ssh) return segments[0] === 'v3' && segments.length === 4 ? segments.slice(1) : null;
  const at = segments.indexOf('_git');
  const repository = segments[at + 1];
  if (at < 0 || repository === undefined || segments.length !== at + 2) return null;
  const before = segments.slice(0, at).filter((segment) => segment !== 'DefaultCollection');
  const whole = over ? [name.split('.')[0] ?? '', ...before] : before;
  const [organisation, project = repository] = whole;
  return organisation === undefined || whole.length > 2 ? null : [organisation, project, repository];
}

const isAzure = (name: string) =>
  name === 'dev.azure.com' || name === 'ssh.dev.azure.com' || /(?:^|\.)visualstudio\.com$/.test(name);

const encoded = (segments: readonly string[]) => segments.map(encodeURIComponent).join('/');

/**
 * Where the repository of a remote is shown, without credentials; null for a folder and for a host that is not known.
 */
export function hostedAt(remote: string, named: NamedHosts = {}): HostedAt | null {
  const parts = partsOf(remote.trim());
  if (parts === null) return null;
  const { protocol, authority, name, segments } = parts;
  const host = isAzure(name) ? 'azure-devops' : hostOf(name, named);
  if (host === null) return null;
  if (host === 'azure-devops' && !isAzure(name)) {
    // A company's own server has its collection where the cloud has the organisation, and shows it at its own address.
    const at = segments.indexOf('_git');
    if (at < 1 || segments.length !== at + 2) return null;
    return { host, address: `${protocol}//${authority}/${encoded(segments)}` };
  }
  if (host === 'azure-devops') {
    const [organisation, project, repository] = azureSegments(parts) ?? [];
    if (organisation === undefined || project === undefined || repository === undefined) return null;
    return { host, address: `https://dev.azure.com/${encoded([organisation, project, '_git', repository])}` };
  }
  if (host === 'bitbucket-server') {
    const [key, repository, ...rest] = segments[0] === 'scm' ? segments.slice(1) : segments;
    if (key === undefined || repository === undefined || rest.length > 0) return null;
    const owner = key.startsWith('~') ? ['users', key.slice(1)] : ['projects', key.toUpperCase()];
    return { host, address: `${protocol}//${authority}/${encoded([...owner, 'repos', repository])}` };
  }
  const fits = host === 'gitlab' ? segments.length >= 2 : segments.length === 2;
  return fits ? { host, address: `${protocol}//${authority}/${encoded(segments)}` } : null;
}

/** The page that shows a line of a file as it was at a commit; null where address or commit are none. */
export function lineLink(
  { host, address, commit }: CodeAddress,
  { path, line }: { readonly path: string; readonly line?: number },
): string | null {
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol) || !/^[0-9a-f]{40,64}$/.test(commit)) return null;
  const file = encoded(path.split('/'));
  const mark = (before: string) => (line === undefined ? '' : `${before}${line}`);
  // Documents are shown as they look, without lines, unless their text is asked for.
  const document = line !== undefined && /\.(?:md|markdown|rst|adoc|asciidoc|org)$/i.test(path);
  switch (host) {
    case 'github':
      return `${address}/blob/${commit}/${file}${document ? '?plain=1' : ''}${mark('#L')}`;
    case 'gitlab':
      return `${address}/-/blob/${commit}/${file}${document ? '?plain=1' : ''}${mark('#L')}`;
    case 'gitea':
      return `${address}/src/commit/${commit}/${file}${document ? '?display=source' : ''}${mark('#L')}`;
    case 'bitbucket':
      return `${address}/src/${commit}/${file}${mark('#lines-')}`;
    case 'bitbucket-server':
      return `${address}/browse/${file}?at=${commit}${mark('#')}`;
    case 'azure-devops': {
      const place = `${address}?path=${encodeURIComponent(`/${path}`)}&version=GC${commit}`;
      if (line === undefined) return place;
      return `${place}&line=${line}&lineEnd=${line + 1}&lineStartColumn=1&lineEndColumn=1`;
    }
  }
}
