/** Exchanges with a fake as cases: one for each sort of request and status. */
import type { SceneExchange } from '@macadam/testing/trackers/fake';
import type { Case } from '../../suite.ts';
import type { Judge } from '../github-api/judge.ts';

export interface ExchangeReading {
  /** How the description would have it: where it is known to be wrong about what the tracker does. */
  readonly path?: (path: string) => string;
  readonly answer?: (exchange: SceneExchange) => unknown;
  /** Faults that are the description's own. */
  readonly known?: (fault: string) => boolean;
}

export function exchangeCases(
  name: string,
  judge: Pick<Judge, 'faults'>,
  exchanges: readonly SceneExchange[],
  { path: pathOf = (path) => path, answer = (one) => one.answer, known = () => false }: ExchangeReading = {},
): Case[] {
  const distinct = new Map(
    exchanges.map((one) => [
      `${name}: ${one.method} ${one.path.replaceAll(/\d{2,}/g, 'N')} ${one.status}`,
      one,
    ]),
  );
  const faultsOf = async (one: SceneExchange, body: unknown, told: unknown): Promise<readonly string[]> => {
    const { method, path, status } = one;
    const headers = Object.entries(one.headers).filter(([header]) => header !== 'authorization');
    const request = {
      method,
      path: pathOf(path),
      body,
      headers: Object.fromEntries(headers.map(([header, value]) => [header, String(value)])),
    };
    const faults = await judge.faults(request, { status, body: told });
    return faults.filter((fault) => !known(fault));
  };
  const cases = [...distinct].map(([id, one]) => ({
    id,
    run: async () => {
      const faults = await faultsOf(one, one.sent, answer(one));
      return faults.length === 0 ? null : faults.slice(0, 5).join('; ');
    },
  }));
  return [
    ...cases,
    {
      id: `${name}: a wrong request and a wrong answer are objected to`,
      run: async () => {
        const made = exchanges.find(({ method }) => method === 'POST');
        if (!made) return 'nothing was made';
        const request = (await faultsOf(made, 7, answer(made))).some((fault) => fault.startsWith('request:'));
        const reply = (await faultsOf(made, made.sent, 7)).some((fault) => fault.startsWith('answer:'));
        return request && reply ? null : `request: ${request}, answer: ${reply}`;
      },
    },
  ];
}
