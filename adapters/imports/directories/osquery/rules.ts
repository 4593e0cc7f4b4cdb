/** Rules of the company for a device, each by the table of osquery that shows whether it is met. */
import { z } from 'zod';
import { type Json, textIn } from '../answer.ts';

export const rulesSchema = z
  .strictObject({
    encryption: z.literal(true).optional(),
    screen_lock: z.strictObject({ within_seconds: z.int().min(0) }).optional(),
    os_version: z
      .record(z.string().min(1), z.string().regex(/^\d+(\.\d+)*$/, 'is no version such as 15.1'))
      .optional(),
    secure_boot: z.literal(true).optional(),
    firewall: z.literal(true).optional(),
  })
  .refine((rules) => Object.keys(rules).length > 0, 'names no rule');
export type Rules = z.infer<typeof rulesSchema>;

/** Tables that are read, by the names of osquery's schema. */
export const TABLES = [
  'system_info',
  'os_version',
  'disk_encryption',
  'mounts',
  'bitlocker_info',
  'screenlock',
  'secureboot',
  'alf',
  'windows_security_center',
] as const;
export type QueriedTable = (typeof TABLES)[number];

/** The newest result of each table on one host. */
export interface Host {
  readonly rows: (table: QueriedTable) => readonly Json[] | null;
}

/** `needs`: the tables that decided. */
export type Outcome =
  | { readonly isMet: boolean; readonly needs: readonly QueriedTable[] }
  | { readonly why: string };

/** A column as osquery writes it, a text even where it is a number; null where the row does not have it. */
export function cell(row: Json | undefined, column: string): string | null {
  const value = row?.[column];
  if (typeof value === 'number') return String(value);
  return textIn(value);
}

const lacks = (table: QueriedTable, column?: string): Outcome => ({
  why: `no result says ${column === undefined ? '' : `\`${column}\` of `}\`${table}\`; schedule \`select * from ${table}\` as a snapshot`,
});

/** Whether one column of a table of one row has one of two values. */
function flagOf(host: Host, table: QueriedTable, column: string): Outcome {
  const rows = host.rows(table);
  if (rows === null) return lacks(table);
  const said = rows.length === 1 ? cell(rows[0], column) : null;
  return said === '1' || said === '0' ? { isMet: said === '1', needs: [table] } : lacks(table, column);
}

export function platformOf(host: Host): 'windows' | 'macos' | 'linux' | null {
  const [row] = host.rows('os_version') ?? [];
  const platform = cell(row, 'platform');
  if (platform === 'windows') return 'windows';
  if (platform === 'darwin') return 'macos';
  const family = `${platform ?? ''} ${cell(row, 'platform_like') ?? ''}`;
  return LINUX.test(family) ? 'linux' : null;
}

const LINUX = /\b(?:debian|ubuntu|rhel|centos|fedora|suse|opensuse|sles|arch|amzn|gentoo|alpine|linux)\b/;

/** Where the system and what people keep lies: there what is not encrypted can be read out of a stolen device. */
function isEncrypted(host: Host): Outcome {
  const platform = platformOf(host);
  if (platform === null) return lacks('os_version', 'platform');
  if (platform === 'windows') {
    const drives = host.rows('bitlocker_info');
    if (drives === null || drives.length === 0) return lacks('bitlocker_info');
    const said = drives.map((row) => cell(row, 'protection_status'));
    if (said.includes('0')) return { isMet: false, needs: ['bitlocker_info'] };
    return said.every((one) => one === '1')
      ? { isMet: true, needs: ['bitlocker_info'] }
      : lacks('bitlocker_info', 'protection_status');
  }
  const mounts = host.rows('mounts');
  const disks = host.rows('disk_encryption');
  if (mounts === null) return lacks('mounts');
  if (disks === null) return lacks('disk_encryption');
  const roots = mounts.filter((row) => cell(row, 'path') === '/');
  const [root] = roots;
  if (root === undefined || roots.length > 1) return lacks('mounts', 'path');
  // Linux mounts a disk by another name than the one that it is encrypted under.
  const names = [cell(root, 'device'), cell(root, 'device_alias')];
  const disk = disks.find((row) => cell(row, 'name') !== null && names.includes(cell(row, 'name')));
  const said = cell(disk, 'encrypted');
  return said === '1' || said === '0'
    ? { isMet: said === '1', needs: ['mounts', 'disk_encryption'] }
    : lacks('disk_encryption', 'encrypted');
}

function isLocked(host: Host, within: number): Outcome {
  const enabled = flagOf(host, 'screenlock', 'enabled');
  if ('why' in enabled || !enabled.isMet) return enabled;
  const grace = cell(host.rows('screenlock')?.[0], 'grace_period');
  // -1 where nobody could read it.
  return grace !== null && /^\d+$/.test(grace)
    ? { isMet: Number(grace) <= within, needs: ['screenlock'] }
    : lacks('screenlock', 'grace_period');
}

function isCurrent(host: Host, least: Readonly<Record<string, string>>): Outcome {
  const rows = host.rows('os_version');
  const [row] = rows ?? [];
  const platform = cell(row, 'platform');
  const version = /^\d+(?:\.\d+)*/.exec(cell(row, 'version') ?? '')?.[0];
  if (rows?.length !== 1 || platform === null) return lacks('os_version', 'platform');
  if (version === undefined) return lacks('os_version', 'version');
  const asked = Object.hasOwn(least, platform) ? least[platform] : undefined;
  return asked === undefined
    ? {
        why: `nothing says which version of \`${platform}\` is asked for; name it under \`rules.os_version\``,
      }
    : { isMet: compared(version, asked) >= 0, needs: ['os_version'] };
}

/** By numbers: 10.9 is before 10.10. */
function compared(one: string, other: string): number {
  const [a, b] = [one, other].map((text) => text.split('.').map(Number));
  for (let at = 0; at < Math.max(a?.length ?? 0, b?.length ?? 0); at += 1) {
    const difference = (a?.[at] ?? 0) - (b?.[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function hasFirewall(host: Host): Outcome {
  if (platformOf(host) !== 'windows') {
    const state = cell(host.rows('alf')?.[0], 'global_state');
    // 1: exceptions for signed software; 2: nothing but what has to come in.
    return state !== null && /^[012]$/.test(state)
      ? { isMet: state !== '0', needs: ['alf'] }
      : lacks('alf', 'global_state');
  }
  const state = cell(host.rows('windows_security_center')?.[0], 'firewall');
  if (state === 'Good') return { isMet: true, needs: ['windows_security_center'] };
  return state === 'Poor' || state === 'Snoozed'
    ? { isMet: false, needs: ['windows_security_center'] }
    : lacks('windows_security_center', 'firewall');
}

/** Each rule that the company has, with what is known of it. */
export function outcomesOf(host: Host, rules: Rules): readonly (readonly [string, Outcome])[] {
  return [
    ...(rules.encryption === undefined ? [] : [['encryption', isEncrypted(host)] as const]),
    ...(rules.screen_lock === undefined
      ? []
      : [['screen_lock', isLocked(host, rules.screen_lock.within_seconds)] as const]),
    ...(rules.os_version === undefined ? [] : [['os_version', isCurrent(host, rules.os_version)] as const]),
    ...(rules.secure_boot === undefined
      ? []
      : [['secure_boot', flagOf(host, 'secureboot', 'secure_boot')] as const]),
    ...(rules.firewall === undefined ? [] : [['firewall', hasFirewall(host)] as const]),
  ];
}
