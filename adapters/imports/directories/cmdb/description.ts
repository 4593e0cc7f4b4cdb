/** What tables of an inventory tell, by a mapping that the company writes. */
import { APPROVED, type Delivery, from, type SourceDescription } from '../description.ts';
import { MAPPING } from '../mapping.ts';

export const SERVICES = 'services.csv';
export const NETWORK_DEVICES = 'network-devices.csv';
export const APPLICATIONS = 'applications.csv';
export const DEVICES = 'devices.csv';
export const DISCOVERED = 'discovered-devices.csv';
export const CONNECTIONS = 'network-connections.csv';

const ELSEWHERE = 'a catalogue of services does not know events; the central store of logs says it';
const DIRECTORY = 'the directory itself says it';
const MANAGEMENT = 'the management of devices says it';
const DEVICE = 'an inventory does not know it; what reads the device does';
const common = (table: string): Readonly<Record<string, Delivery>> => ({
  environment: from([table, MAPPING], 'the values that the mapping names'),
  owners: from([table], 'the column of owners; empty where the cell is'),
});

export const cmdbDescription: SourceDescription = {
  id: 'cmdb',
  title: 'Tables of the inventory: services, network devices, connections, applications and devices',
  intro:
    'Reads tables that a catalogue or inventory (CMDB) exported: `macadam ingest --format cmdb DIR`. They say what there is, which teams answer for it, and what nobody but the inventory knows: who is called at night, what a device was issued as, which firmware is approved.',
  saving: [
    'A folder with `mapping.json` and a table for each part of it, with a line of names of columns. `services.csv`: a row for each service. `mapping.json` says what the columns mean: `{"catalogue": "cmdb.example.com", "service_id": "Number", "name": "Name", "owners": {"column": "Owned by", "separator": ";"}, "environment": {"column": "Used for", "production": ["Production"], "test": ["QA", "Staging"]}, "dns_names": {"column": "Names", "separator": " "}, "customer_facing": {"column": "Customers", "yes": ["true"], "no": ["false"]}}`. All but `catalogue` may be left out, and so may every table that the mapping does not describe.',
    '`network-devices.csv`, by a part `"network_devices": {"serial": "Serial", "owners": …, "environment": …, "hostname": "Host", "site": "Site", "firmware": {"model": "Model", "version": "Runs", "supported_until": "Fixes until", "approved": {"EX4400-24T": ["22.4R3-S2"]}}, "access_list": {"baseline": "Baseline", "deviations": {"column": "Differs", "separator": ";"}, "none": "compliant"}}`. `approved` is the company’s list by model. What a device runs and how its access list differs, its automation reads from the device and writes into the table; an empty cell is nothing that was compared.',
    '`discovered-devices.csv`, by `"discovered": {"serial": "Serial", "site": "Site", "environment": …}` inside of `network_devices`: what discovery saw on the network (neighbour tables, leases, scans), a row for each device, whether the inventory knows it or not. Without it nobody compared the inventory with the network.',
    '`applications.csv`, by `"applications": {"directory": "Tenant", "client_id": "Client", "owners": …, "emergency_contact": {"reach": "Called at night", "confirmed_at": "Last answer"}}`, with the ids that the directory gave. `devices.csv`, by `"devices": {"directory": "Tenant", "device_id": "Device", "profile": {"column": "Issued as", "locked_down": ["Production workstation"], "standard": ["Laptop"]}}`.',
    '`network-connections.csv`, by `"network_connections": {"network": "Network", "connection_id": "Connection", "owners": …, "environment": …, "review": {"at": "Decided", "reviewer": "Reviewer", "asked_by": "Asked by", "approved": {"column": "Decision", "yes": ["approved"], "no": ["refused"]}, "reaches": {"column": "Leads to", "separator": " "}}}`, with the ids that the cloud gave, a row for each connection with its newest review. `Decided` is a time, and not a day: it shows whether others were decided in the same minute.',
    'A value that the mapping does not name is unknown. A row with nothing under the column of owners has none: that is what the inventory says.',
  ],
  endpoints: [
    { path: SERVICES, permission: 'the export itself', gives: 'services and who answers for them' },
    {
      path: NETWORK_DEVICES,
      permission: 'the export itself',
      gives: 'network devices, owners, firmware and access lists',
    },
    {
      path: DISCOVERED,
      permission: 'the export itself',
      gives: 'which devices are on the network, whoever recorded them',
    },
    {
      path: APPLICATIONS,
      permission: 'the export itself',
      gives: 'owners and emergency contacts of applications',
    },
    { path: DEVICES, permission: 'the export itself', gives: 'what each device was issued as' },
    {
      path: CONNECTIONS,
      permission: 'the export itself',
      gives: 'who reviewed which connection of networks, and what it led to then',
    },
    { path: MAPPING, permission: 'written by the company', gives: 'what the columns mean' },
  ],
  kinds: {
    service: {
      catalogue: from([MAPPING], '`catalogue`'),
      service_id: from([SERVICES], "the column of the catalogue's own id"),
      ...common(SERVICES),
      dns_names: from([SERVICES], 'the column of names, as attested: others may lead there too'),
      customer_facing: from([SERVICES, MAPPING], 'the values that the mapping names'),
      security_operations: ELSEWHERE,
      audit_library_supported: 'its lockfile says it',
      customer_logs: 'what customers can read is not in a catalogue',
    },
    'network-device': {
      inventory: from([MAPPING], '`catalogue`'),
      serial: from([NETWORK_DEVICES], 'the column of serial numbers'),
      ...common(NETWORK_DEVICES),
      hostname: from([NETWORK_DEVICES], 'the column of hostnames'),
      addresses: DEVICE,
      role: 'what it does its configuration says',
      site: from([NETWORK_DEVICES], 'the column of sites'),
      recorded: from(
        [NETWORK_DEVICES, DISCOVERED],
        'true for what discovery saw and the inventory has, false for what discovery alone saw, unknown for what the inventory alone has: a table says of each of its rows that it is recorded',
      ),
      firmware: from(
        [NETWORK_DEVICES, MAPPING],
        'the version in the table beside those that the mapping approves for the model; unknown for a model that it does not name',
      ),
      credentials: 'the vault that changes them knows their age',
      access_list: from(
        [NETWORK_DEVICES, MAPPING],
        'the baseline and how the device differs from it, as its automation compared; unknown where the cell is empty',
      ),
      path_reviewed_at: 'reviews of topology are not in an inventory',
    },
    application: {
      directory: from([APPLICATIONS], 'the column of the directory'),
      client_id: from([APPLICATIONS], 'the column of the id that the directory gave'),
      tenant: DIRECTORY,
      ...common(APPLICATIONS),
      owner_accounts: DIRECTORY,
      emergency_contact: from(
        [APPLICATIONS],
        'the columns of who is called and of the last answer; absent where nobody is named',
      ),
      enabled: DIRECTORY,
      break_glass: APPROVED,
      created_at: DIRECTORY,
      last_used_at: DIRECTORY,
      credentials: DIRECTORY,
      trusts: DIRECTORY,
      entrances: DIRECTORY,
      machines: DIRECTORY,
      client_libraries: 'its code is in no directory; lockfiles say it (`token-clients`)',
      multi_tenant: DIRECTORY,
      consent: DIRECTORY,
      instances_locked: DIRECTORY,
      privileges: DIRECTORY,
    },
    'network-connection': {
      network: from([CONNECTIONS], 'the column of the network'),
      connection_id: from([CONNECTIONS], 'the column of the id that the cloud gave'),
      ...common(CONNECTIONS),
      type: 'the cloud itself says it',
      reaches: 'where routes lead the cloud itself says',
      review: from(
        [CONNECTIONS, MAPPING],
        'the columns of the review; absent where nothing stands under the time, the reviewer and the decision. `hurried` counts rows of the same reviewer within two minutes, and is unknown where one of theirs has a day and no hour',
      ),
    },
    device: {
      directory: from([DEVICES], 'the column of the directory'),
      device_id: from([DEVICES], 'the column of the id that the directory gave'),
      ...common(DEVICES),
      hostname: MANAGEMENT,
      platform: MANAGEMENT,
      profile: from([DEVICES, MAPPING], 'what it was issued as, by the values that the mapping names'),
      compliant: MANAGEMENT,
      evaluated_at: MANAGEMENT,
      broken_rules: MANAGEMENT,
      reached_production_at: 'sign-ins are in the log of the directory',
    },
  },
  limits: ['A table is its own list: what is not in it is gone from the inventory, not from the company.'],
};
