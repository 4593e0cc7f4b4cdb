/** What a suite asks of a server that measures what changes beside it. */
import type { StartedServer } from '@macadam/testing/server/started-server';
import { until } from '@macadam/testing/until';
import type { Case } from '../../suite.ts';

export interface WorkItem {
  readonly id: string;
  readonly team: string;
  readonly standard: string;
  readonly closedAt: string | null;
  readonly remaining: readonly string[];
}

interface Changed {
  readonly asset: string;
  readonly cell: string;
}

/** A server that measures directories, and what it shows after each measurement. */
export class LiveEstate {
  readonly #server: StartedServer;

  constructor(server: StartedServer) {
    this.#server = server;
  }

  /** Waits for the measurement with which a server begins. */
  async begun(): Promise<void> {
    await until(
      'it has measured',
      async () => {
        const { last, collected } = await this.#server.json('/api/measuring');
        if (last?.problem) throw new Error(last.problem);
        return collected !== null;
      },
      () => this.#server.said.slice(-2000),
    );
  }

  /** Has everything measured, and waits until it is shown. */
  async measured(): Promise<void> {
    const asked = Date.now();
    const answer = await this.#server.ask('/api/measuring', { method: 'POST' });
    if (answer.status !== 204) throw new Error(`it does not measure: ${answer.status}`);
    await until(
      'it has measured since',
      async () => {
        // What was decided meanwhile may have been judged after it, so that it is not the last any more.
        const { last, collected, running } = await this.#server.json('/api/measuring');
        if (last?.problem) throw new Error(last.problem);
        return running === null && collected !== null && Date.parse(collected.startedAt) >= asked;
      },
      () => this.#server.said.slice(-2000),
    );
  }

  async post(path: string, body: unknown): Promise<void> {
    const answer = await this.#server.ask(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });
    if (!answer.ok) throw new Error(`${path} answers ${answer.status}: ${await answer.text()}`);
  }

  async text(path: string): Promise<string> {
    return (await this.#server.ask(path)).text();
  }

  /** Open work of a standard, with what remains of it. */
  async open(standard: string): Promise<readonly WorkItem[]> {
    const { items } = await this.#server.json(`/api/work-items?standard=${standard}&open=true`);
    return Promise.all(items.map(({ id }: { id: string }) => this.item(id)));
  }

  async item(id: string): Promise<WorkItem> {
    return this.#server.json(`/api/work-items/${id}`);
  }

  async verdicts(standard: string): Promise<ReadonlyMap<string, string>> {
    const { items } = await this.#server.json(`/api/standards/${standard}/assets?limit=500`);
    return new Map(
      items.map(
        ({ asset, verdict, exceptedNow }: { asset: string; verdict: string; exceptedNow: boolean }) => [
          asset,
          exceptedNow ? 'excepted' : verdict,
        ],
      ),
    );
  }

  /** What changed by the newest measurement: asset and causes. */
  async changes(standard: string): Promise<ReadonlyMap<string, readonly string[]>> {
    const { items } = await this.#server.json(`/api/standards/${standard}/changes?limit=500`);
    const byAsset = Map.groupBy(items as readonly Changed[], ({ asset }) => asset);
    return new Map([...byAsset].map(([asset, all]) => [asset, all.map(({ cell }) => cell).toSorted()]));
  }
}

export const settled = (id: string, said: string | null): Case => ({ id, run: () => said });
export const same = (found: unknown, wanted: unknown): string | null =>
  JSON.stringify(found) === JSON.stringify(wanted)
    ? null
    : `it is ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`;
