/** Flow logs of networks as AWS delivers them to a bucket: text, packed or not, whose first line names the columns of all others. */
import { gunzipSync } from 'node:zlib';
import type { ExportFile } from '../answer.ts';

/** Several times the largest file that AWS writes, unpacked. */
const LARGEST = 1024 * 2 ** 20;

export interface FlowFileName {
  readonly region: string;
  readonly log: string;
  /** When the newest of its records was, at the latest. */
  readonly at: number;
}

const NAME =
  /(?:^|\/)\d{12}_vpcflowlogs_([a-z]{2}(?:-[a-z]+)+-\d+)_(fl-[0-9a-f]+)_(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)Z_[0-9a-z]+\.log(?:\.gz)?$/i;

/** Of which log a file is, as its name says; null for what AWS did not name. */
export function flowFileName(path: string): FlowFileName | null {
  const [, region, log, year, month, day, hour, minute] = NAME.exec(path) ?? [];
  if (region === undefined || log === undefined) return null;
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:00Z`);
  return Number.isNaN(at) ? null : { region, log, at };
}

export const isFlowFile = (path: string): boolean => /\.log(?:\.gz)?$/i.test(path);

/** One flow of an interface in one direction, for a minute or ten. */
export interface FlowRecord {
  readonly state: 'flow';
  readonly interfaceId: string;
  readonly start: number;
  readonly end: number;
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly protocol: number;
  readonly isAccepted: boolean;
  /** Flags of TCP that were seen; null where the log does not record them. */
  readonly flags: number | null;
  readonly direction: 'ingress' | 'egress' | null;
  /** Null where the log does not record it. */
  readonly subnet: string | null;
}

/** That there was nothing, or that AWS skipped records that there were. */
export interface QuietRecord {
  readonly state: 'none' | 'skipped';
  readonly interfaceId: string;
  readonly start: number;
  readonly end: number;
}

export type FlowLine = FlowRecord | QuietRecord;

/** Without one of these nobody knows who sent what to where, or whether it got through. */
const NEEDED = [
  'interface-id',
  'srcaddr',
  'dstaddr',
  'srcport',
  'dstport',
  'protocol',
  'start',
  'end',
  'action',
  'log-status',
] as const;

/** AWS takes ten minutes together at most. */
const LONGEST_S = 3600;

/** Each record of a file goes to `take`. Null, or why some could not be read. */
export function readFlows({ path, bytes }: ExportFile, take: (line: FlowLine) => void): string | null {
  let plain: Uint8Array;
  try {
    plain = /\.gz$/i.test(path) ? gunzipSync(bytes, { maxOutputLength: LARGEST }) : bytes;
  } catch {
    return `is no gzip of at most ${LARGEST} bytes; save it again`;
  }
  const buffer = Buffer.from(plain.buffer, plain.byteOffset, plain.byteLength);
  if (buffer.length === 0) return 'is empty; save it again';
  // Every part of a file is whole lines: the last one without its end was cut.
  if (buffer.at(-1) !== 0x0a) return 'ends in the middle of a line; save it again';
  let columns: ReadonlyMap<string, number> | null = null;
  let width = 0;
  let number = 0;
  let wrong: string | null = null;
  for (let from = 0; from < buffer.length; ) {
    const end = buffer.indexOf(0x0a, from);
    const cells = buffer.toString('utf8', from, end).trimEnd().split(' ');
    from = end + 1;
    number += 1;
    if (columns === null) {
      columns = new Map(cells.map((name, index) => [name, index] as const));
      width = cells.length;
      const missing = NEEDED.filter((name) => columns?.has(name) === false);
      if (missing.length > 0)
        return `has no column ${missing.map((name) => `\`${name}\``).join(', ')}; let the flow log record it`;
      continue;
    }
    const line = cells.length === width ? lineIn(cells, columns) : 'other columns than its first line names';
    if (typeof line === 'string') wrong ??= `has in line ${number} ${line}; save it again`;
    else take(line);
  }
  return wrong;
}

function lineIn(cells: readonly string[], columns: ReadonlyMap<string, number>): FlowLine | string {
  const cell = (name: string): string | null => {
    const value = cells[columns.get(name) ?? -1];
    return value === undefined || value === '' || value === '-' ? null : value;
  };
  const whole = (name: string, most: number): number | null => {
    const value = cell(name);
    if (value === null || !/^\d+$/.test(value)) return null;
    return Number(value) <= most ? Number(value) : null;
  };
  const interfaceId = cell('interface-id');
  const start = whole('start', 253_402_300_799);
  const end = whole('end', 253_402_300_799);
  if (interfaceId === null || start === null || end === null || end < start || end - start > LONGEST_S)
    return 'no interface, or no times of it';
  const status = cell('log-status');
  if (status === 'NODATA' || status === 'SKIPDATA')
    return { state: status === 'NODATA' ? 'none' : 'skipped', interfaceId, start, end };
  const source = cell('srcaddr');
  const destination = cell('dstaddr');
  const sourcePort = whole('srcport', 65_535);
  const destinationPort = whole('dstport', 65_535);
  const protocol = whole('protocol', 255);
  const action = cell('action');
  if (status !== 'OK') return `\`log-status\` of ${JSON.stringify(status)}`;
  if (action !== 'ACCEPT' && action !== 'REJECT') return `\`action\` of ${JSON.stringify(action)}`;
  if (source === null || destination === null || protocol === null) return 'no addresses or no protocol';
  if (sourcePort === null || destinationPort === null) return 'no ports';
  const flags = whole('tcp-flags', 255);
  const direction = cell('flow-direction');
  return {
    state: 'flow',
    interfaceId,
    start,
    end,
    source,
    destination,
    sourcePort,
    destinationPort,
    protocol,
    isAccepted: action === 'ACCEPT',
    flags,
    direction: direction === 'ingress' || direction === 'egress' ? direction : null,
    subnet: cell('subnet-id'),
  };
}
