/** What the library says of its own use: who validates whose tokens with what, how many, and why some were refused. No token, no person. */
import type { Reason } from './refusal.ts';

/** Name and version under which this library reports itself. */
export const LIBRARY = { name: '@macadam/token', version: '0.1.0' } as const;

export interface AdoptionReport {
  readonly schema: 'macadam.token-adoption/1';
  readonly library: typeof LIBRARY;
  /** As the service calls itself. */
  readonly service: string;
  readonly issuer: string;
  /** The stretch that is counted, in milliseconds since 1970. Each report begins where the one before ended. */
  readonly from: number;
  readonly to: number;
  /** Tokens accepted, by algorithm; those that an issuer vouched for by introspection under `introspection`. */
  readonly accepted: Readonly<Record<string, number>>;
  /** Tokens refused, by reason. */
  readonly refused: Readonly<Partial<Record<Reason, number>>>;
  /** Up to 20 ids of keys that verified a token. */
  readonly keyIds: readonly string[];
}

const SAMPLE = 20;

/** Counts in memory. `nowMs`: when counting begins. */
export function createCounters(service: string, issuer: string, nowMs: number) {
  let from = nowMs;
  const accepted = new Map<string, { count: number }>();
  const refused = new Map<Reason, number>();
  const keyIds = new Set<string>();
  /** Most tokens are of the key of the one before. */
  let lastKeyId: string | undefined;
  return {
    accept(algorithm: string, keyId: string | undefined): void {
      const own = accepted.get(algorithm);
      if (own === undefined) accepted.set(algorithm, { count: 1 });
      else own.count++;
      if (keyId === undefined || keyId === lastKeyId) return;
      lastKeyId = keyId;
      if (keyIds.size < SAMPLE) keyIds.add(keyId);
    },
    refuse(reason: Reason): void {
      refused.set(reason, (refused.get(reason) ?? 0) + 1);
    },
    /** What was counted since the last call; counting begins again. */
    take(to: number): AdoptionReport {
      const report: AdoptionReport = {
        schema: 'macadam.token-adoption/1',
        library: LIBRARY,
        service,
        issuer,
        from,
        to,
        accepted: Object.fromEntries([...accepted].map(([algorithm, { count }]) => [algorithm, count])),
        refused: Object.fromEntries(refused),
        keyIds: [...keyIds],
      };
      from = to;
      accepted.clear();
      refused.clear();
      keyIds.clear();
      lastKeyId = undefined;
      return report;
    },
  };
}

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue: string };
}

const attribute = (key: string, value: string): Attribute => ({ key, value: { stringValue: value } });

/** The report as a body of `POST /v1/metrics` of OTLP in JSON: a sum `token.validations`, delta, by outcome. */
export function toOpenTelemetry(report: AdoptionReport): object {
  const point = (count: number, attributes: readonly Attribute[]) => ({
    attributes: [attribute('token.issuer', report.issuer), ...attributes],
    startTimeUnixNano: `${report.from}000000`,
    timeUnixNano: `${report.to}000000`,
    asInt: String(count),
  });
  const accepted = Object.entries(report.accepted).map(([algorithm, count]) =>
    point(count, [attribute('outcome', 'accepted'), attribute('token.algorithm', algorithm)]),
  );
  const refused = Object.entries(report.refused).map(([reason, count]) =>
    point(count, [attribute('outcome', 'refused'), attribute('token.refusal', reason)]),
  );
  const sum = { aggregationTemporality: 1, isMonotonic: true, dataPoints: [...accepted, ...refused] };
  const metric = { name: 'token.validations', unit: '{token}', sum };
  return {
    resourceMetrics: [
      {
        resource: { attributes: [attribute('service.name', report.service)] },
        scopeMetrics: [{ scope: report.library, metrics: [metric] }],
      },
    ],
  };
}

/** The report as events of OCSF 1.8.0 (Base Event), one an outcome, with the counts in `count`. */
export function toOcsf(report: AdoptionReport): readonly object[] {
  const event = (succeeded: boolean, detail: string, count: number) => ({
    activity_id: 99,
    activity_name: 'Validate tokens',
    category_uid: 0,
    class_uid: 0,
    type_uid: 99,
    severity_id: 1,
    time: report.to,
    start_time: report.from,
    end_time: report.to,
    count,
    status_id: succeeded ? 1 : 2,
    status_detail: detail,
    metadata: {
      version: '1.8.0',
      product: { name: report.library.name, version: report.library.version, vendor_name: 'Macadam' },
    },
    unmapped: { service: report.service, issuer: report.issuer, key_ids: report.keyIds },
  });
  return [
    ...Object.entries(report.accepted).map(([algorithm, count]) => event(true, algorithm, count)),
    ...Object.entries(report.refused).map(([reason, count]) => event(false, reason, count)),
  ];
}
