/** What results of osquery tell of devices, by rules that the company writes, and what they do not. */
import { from, type SourceDescription } from '../description.ts';
import { MAPPING } from '../mapping.ts';

export const DEVICES = 'devices.csv';

const RULES = [
  'disk_encryption',
  'mounts',
  'bitlocker_info',
  'screenlock',
  'os_version',
  'secureboot',
  'alf',
  'windows_security_center',
];

export const osqueryDescription: SourceDescription = {
  id: 'osquery',
  title: 'osquery: whether a device meets the rules of the company',
  intro:
    'Reads what osquery found on devices: `macadam ingest --format osquery DIR`. The rules are the company’s own, and the results show whether a device meets them, as it is and not as somebody configured it. Certificates among the results are read by `macadam scan --certificates`.',
  saving: [
    'A folder with `mapping.json` and results in files that end in .json. Lines of the log of snapshots, as osquery or a fleet of it writes them: `{"snapshot": [{…}], "name": "pack_base_os_version", "hostIdentifier": "…", "unixTime": 1793491200}`; the name of the query ends in the name of the table. Or what the shell prints, a folder for each host: `osqueryi --json "select * from os_version" > HOST/os_version.json`. Results of what changed are refused: what did not change is not in them.',
    '`mapping.json`: `{"directory": "osquery.example.com", "rules": {"encryption": true, "screen_lock": {"within_seconds": 300}, "os_version": {"darwin": "15.1", "windows": "10.0.22631", "ubuntu": "24.04"}, "secure_boot": true, "firewall": true}, "devices": {"serial": "Serial", "directory": "Tenant", "device_id": "Device"}}`. `rules` name what is asked, and any of them may be left out; `os_version` is the least version by `platform` of osquery.',
    '`devices.csv`, where `devices` describes it, joins a device to the directory where it is registered, by `hardware_serial`. Without it a device is one of `directory`, by its `uuid`.',
  ],
  endpoints: [
    { path: 'system_info', permission: 'scheduled by the fleet', gives: 'which device it is' },
    ...RULES.map((path) => ({ path, permission: 'scheduled by the fleet', gives: 'whether a rule is met' })),
    {
      path: DEVICES,
      permission: 'the export itself',
      gives: 'which device of the directory has which serial number',
    },
    { path: MAPPING, permission: 'written by the company', gives: 'the rules' },
  ],
  kinds: {
    device: {
      directory: from([MAPPING, DEVICES], '`directory`, or that of the row with its serial number'),
      device_id: from(['system_info', DEVICES], '`uuid`, or the id of the row with its serial number'),
      environment: 'a device does not know what it was issued for; the inventory says it (`cmdb`)',
      owners: 'the inventory says it (`cmdb`)',
      hostname: from(['system_info'], '`hostname`; absent where it is empty'),
      platform: from(['os_version'], '`platform` and `platform_like`'),
      profile: 'as what a device was issued the inventory says (`cmdb`)',
      compliant: from(
        RULES,
        'true where every rule is met, false where one is broken, whatever is not known beside it',
      ),
      evaluated_at: from(RULES, 'when the oldest result was written that decided a rule'),
      broken_rules: from(
        RULES,
        'names of the rules that are broken; open where one is not known. `encryption`: every drive in `bitlocker_info`, or the disk of `/`; `screen_lock` and `firewall` as far as osquery has tables, the first on macOS alone',
      ),
      reached_production_at: 'sign-ins are in the log of the directory',
    },
  },
  unused: {
    users: 'accounts of a device are none of a directory',
    listening_ports: 'no kind has what a device listens on',
  },
  limits: [
    'Which devices there are a fleet of osquery does not know: one that never reported is in no result. The list is never whole.',
    'A device says this of itself. Whoever administers one can let it say anything.',
  ],
};
