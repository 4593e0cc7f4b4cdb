/** What the source is called with. What it does is loaded when it is asked: most commands measure nothing. */
import type { Source } from '../port.ts';

export const source: Source = {
  id: 'git',
  description: 'Folders of git repositories, read without a checkout and without obeying anything in them.',
  target: 'PATH',
  options: [],
  collect: async (request, emit, report) => (await import('./collect.ts')).collect(request, emit, report),
  files: (request) => {
    let loaded: Promise<ReturnType<typeof import('./files.ts').filesOf>> | undefined;
    const files = () => {
      loaded ??= import('./files.ts').then(({ filesOf }) => filesOf(request));
      return loaded;
    };
    return {
      texts: async (asked) => (await files()).texts(asked),
      open: async (repository) => (await files()).open(repository),
    };
  },
  mark: async (request) => (await import('./mark.ts')).markOf(request),
};
