/** Random edits of an estate: each changes the truth and the disk alike, and says in words what it did. */
import type { Random } from '../differential/random.ts';
import * as disk from './disk.ts';
import type { Listing } from './people.ts';
import { draw, linesOf } from './people.ts';
import { type Estate, type File, pathFor, type Repository } from './truth.ts';

export interface RunningServer {
  unseen: number;
  /** Gives a file to the server as a person would. */
  readonly ingest: (text: string) => void;
}

export interface World {
  readonly folder: string;
  readonly estate: Estate;
  readonly random: Random;
  /** Counts up with every edit, so that names and commits differ. */
  number: number;
  /** The time of the next commit. */
  clock: Date;
  /**
   * Whether a server runs, and how many edits were made since it last looked. What takes something out of its sight comes first
   * after a look: then it is certain what the server remembers, and how much goes at once.
   */
  server: RunningServer | null;
  /** What two directories said of people, beside what is measured. */
  readonly listings: Listing[];
}

/** Throws where the server may not have seen yet what would be hidden from it. Says whether one remembers it. */
function hides({ server }: World): boolean {
  if (server !== null && server.unseen > 0)
    throw new RangeError('the server has not looked since the last edit');
  return server !== null;
}

function tick(world: World): Date {
  world.number += 1;
  world.clock = new Date(world.clock.getTime() + 1000);
  return world.clock;
}

function aFile(random: Random, number: number): File {
  const sort = random.pick([
    'workflow',
    'workflow',
    'workflow',
    'manifest',
    'plain',
    'secret',
    'updates',
    'codeowners',
  ] as const);
  if (sort === 'workflow')
    return {
      is: 'workflow',
      pinned: random.chance(50),
      token: random.chance(60) ? 'none' : 'write-all',
      injected: random.chance(30),
    };
  if (sort === 'manifest') return { is: 'manifest', locked: random.chance(50) };
  if (sort === 'secret') return { is: 'secret', number };
  if (sort === 'plain') return { is: 'plain', words: `words ${number}` };
  return { is: sort };
}

/** Repositories in which something can be changed: nothing of them is damaged. */
const sound = ({ estate }: World) =>
  estate.repositories.filter(
    ({ headless, damaged, excluded }) => !headless && damaged === null && excluded === null,
  );

/** Repositories of an estate at most: a look takes as long as there are many. */
const MOST = 12;

function addRepository(world: World): string {
  if (world.estate.repositories.length >= MOST) throw new RangeError('there are enough');
  const at = tick(world);
  const repository: Repository = {
    seed: world.number,
    folder: world.random.chance(30) ? `group/r${world.number}` : `r${world.number}`,
    files: new Map(),
    clones: [],
    headless: false,
    damaged: null,
    excluded: null,
    remembered: false,
    branched: false,
  };
  for (let count = world.random.int(6); count >= 0; count--) {
    const file = aFile(world.random, world.number * 10 + count);
    repository.files.set(pathFor(file, world.number * 10 + count), file);
  }
  world.estate.repositories.push(repository);
  disk.commit(world.folder, repository, at);
  return `added repository ${repository.folder}`;
}

function removeRepository(world: World): string | null {
  if (world.estate.repositories.length < 3) return null;
  hides(world);
  tick(world);
  const at = world.random.int(world.estate.repositories.length);
  const [gone] = world.estate.repositories.splice(at, 1);
  if (gone === undefined) return null;
  for (const folder of [gone.folder, ...gone.clones]) disk.remove(world.folder, folder);
  disk.configure(world.folder, world.estate);
  return `removed repository ${gone.folder}`;
}

function renameRepository(world: World): string | null {
  // Its exclusion names it by its folder.
  const repository = world.random.pick(world.estate.repositories.filter(({ excluded }) => excluded === null));
  hides(world);
  tick(world);
  const to = `renamed${world.number}`;
  const from = repository.folder;
  disk.move(world.folder, from, to);
  repository.folder = to;
  // Nobody can tell that this is what was there before.
  if (repository.headless) repository.remembered = false;
  return `renamed repository ${from} to ${to}`;
}

function cloneRepository(world: World): string | null {
  const from = world.random.pick(
    sound(world).filter(({ branched, clones }) => !branched && clones.length < 2),
  );
  const at = tick(world);
  const to = `clone${world.number}`;
  disk.clone(world.folder, from.folder, to, at);
  from.clones.push(to);
  return `cloned ${from.folder} to ${to}`;
}

function removeClone(world: World): string | null {
  const of = world.random.pick(world.estate.repositories.filter(({ clones }) => clones.length > 0));
  tick(world);
  const folder = of.clones.pop();
  if (folder === undefined) return null;
  disk.remove(world.folder, folder);
  return `removed clone ${folder} of ${of.folder}`;
}

/** A clone is as old as its last fetch; so that the newest tip is known, a repository with clones is not changed. */
const changeable = (world: World) => sound(world).filter(({ clones }) => clones.length === 0);

function addFile(world: World): string {
  const repository = world.random.pick(changeable(world));
  const at = tick(world);
  const file = aFile(world.random, world.number);
  const path = pathFor(file, world.number);
  repository.files.set(path, file);
  disk.commit(world.folder, repository, at);
  return `added ${path} to ${repository.folder}`;
}

function removeFile(world: World): string {
  const repository = world.random.pick(changeable(world).filter(({ files }) => files.size > 0));
  const at = tick(world);
  const path = world.random.pick([...repository.files.keys()]);
  repository.files.delete(path);
  disk.commit(world.folder, repository, at);
  return `removed ${path} from ${repository.folder}`;
}

function changeFile(world: World): string {
  const repository = world.random.pick(
    changeable(world).filter(({ files }) => [...files.values()].some(({ is }) => is === 'workflow')),
  );
  const at = tick(world);
  const path = world.random.pick(
    [...repository.files].filter(([, { is }]) => is === 'workflow').map(([name]) => name),
  );
  const file = repository.files.get(path);
  if (file?.is !== 'workflow') throw new TypeError(`${path} is no workflow`);
  const what = world.random.pick(['pinned', 'token', 'injected'] as const);
  const changed = {
    ...file,
    pinned: what === 'pinned' ? !file.pinned : file.pinned,
    token: what === 'token' ? (file.token === 'none' ? 'write-all' : 'none') : file.token,
    injected: what === 'injected' ? !file.injected : file.injected,
  } as const;
  repository.files.set(path, changed);
  disk.commit(world.folder, repository, at);
  return `changed ${what} of ${path} in ${repository.folder}`;
}

function renameFile(world: World): string {
  const repository = world.random.pick(
    changeable(world).filter(({ files }) => [...files.values()].some(({ is }) => is === 'workflow')),
  );
  const at = tick(world);
  const from = world.random.pick(
    [...repository.files].filter(([, { is }]) => is === 'workflow').map(([name]) => name),
  );
  const file = repository.files.get(from);
  if (file === undefined) throw new TypeError(`${from} is not there`);
  const to = pathFor(file, world.number);
  repository.files.delete(from);
  repository.files.set(to, file);
  disk.commit(world.folder, repository, at);
  return `renamed ${from} to ${to} in ${repository.folder}`;
}

function breakHead(world: World): string {
  const repository = world.random.pick(
    sound(world).filter(({ clones, branched }) => clones.length === 0 && !branched),
  );
  repository.remembered = hides(world);
  tick(world);
  repository.headless = true;
  disk.setHeadless(world.folder, repository);
  return `made ${repository.folder} unreadable`;
}

function mendHead(world: World): string {
  const repository = world.random.pick(world.estate.repositories.filter(({ headless }) => headless));
  tick(world);
  repository.headless = false;
  disk.setHeadless(world.folder, repository);
  return `made ${repository.folder} readable again`;
}

function damage(world: World): string {
  const repository = world.random.pick(
    changeable(world).filter(({ files }) => [...files.values()].some(({ is }) => is === 'workflow')),
  );
  tick(world);
  const workflows = [...repository.files].filter(([, { is }]) => is === 'workflow');
  const path = world.random.pick(workflows.map(([name]) => name));
  // Two files of the same bytes are one object: then both would be damaged.
  const same = workflows.filter(
    ([, file]) => JSON.stringify(file) === JSON.stringify(repository.files.get(path)),
  );
  if (same.length > 1) throw new RangeError('two files share the object');
  repository.remembered = hides(world);
  disk.setDamaged(world.folder, repository, path, true);
  repository.damaged = path;
  return `damaged ${path} in ${repository.folder}`;
}

function mend(world: World): string {
  const repository = world.random.pick(world.estate.repositories.filter(({ damaged }) => damaged !== null));
  tick(world);
  const path = repository.damaged ?? '';
  disk.setDamaged(world.folder, repository, path, false);
  repository.damaged = null;
  return `mended ${path} in ${repository.folder}`;
}

/** A line of `excludes` for one workflow: it stays in scope, and nobody looks at it. */
function exclude(world: World): string {
  const repository = world.random.pick(
    changeable(world).filter(({ files }) => [...files.values()].some(({ is }) => is === 'workflow')),
  );
  repository.remembered = hides(world);
  tick(world);
  const workflows = [...repository.files].filter(([, { is }]) => is === 'workflow');
  repository.excluded = world.random.pick(workflows.map(([path]) => path));
  disk.configure(world.folder, world.estate);
  return `left ${repository.excluded} of ${repository.folder} out`;
}

function include(world: World): string {
  const repository = world.random.pick(world.estate.repositories.filter(({ excluded }) => excluded !== null));
  tick(world);
  const path = repository.excluded;
  repository.excluded = null;
  disk.configure(world.folder, world.estate);
  return `took ${path} of ${repository.folder} in again`;
}

function checkOutBranch(world: World): string {
  const repository = world.random.pick(
    sound(world).filter(({ clones, branched }) => clones.length === 0 && !branched),
  );
  const at = tick(world);
  disk.branch(world.folder, repository, at);
  repository.branched = true;
  return `checked out another branch of ${repository.folder}`;
}

function changeDefinition(world: World): string {
  tick(world);
  world.estate.trusted = world.estate.trusted.length === 0 ? ['actions'] : [];
  disk.configure(world.folder, world.estate);
  return `set the trusted owners to [${world.estate.trusted.join(', ')}]`;
}

function listPeople(world: World): string {
  if (world.server === null) throw new RangeError('nobody takes it in');
  const listing = draw(world.random, world.listings, Date.now());
  world.server.ingest(linesOf(listing));
  world.listings.push(listing);
  return `${listing.directory} listed ${listing.people.size} people ${listing.complete ? 'whole' : 'in part'}`;
}

function listAgain(world: World): string {
  if (world.server === null) throw new RangeError('nobody takes it in');
  const listing = world.random.pick(world.listings);
  world.server.ingest(linesOf(listing));
  return `${listing.directory} said again what it said`;
}

const EDITS: readonly ((world: World) => string | null)[] = [
  addRepository,
  addRepository,
  removeRepository,
  renameRepository,
  cloneRepository,
  removeClone,
  addFile,
  addFile,
  removeFile,
  changeFile,
  changeFile,
  changeFile,
  renameFile,
  breakHead,
  mendHead,
  damage,
  mend,
  exclude,
  include,
  checkOutBranch,
  changeDefinition,
  listPeople,
  listPeople,
  listAgain,
];

/** One edit that was possible, in words. */
export function edit(world: World): string {
  for (;;) {
    if (world.estate.repositories.length < 2) return addRepository(world);
    try {
      const said = world.random.pick(EDITS)(world);
      if (said !== null) return said;
    } catch (error) {
      // Nothing that this edit could be made of; another one is drawn.
      if (!(error instanceof RangeError)) throw error;
    }
  }
}
